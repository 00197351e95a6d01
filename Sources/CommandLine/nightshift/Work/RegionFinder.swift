import Files
import Foundation
import Pipeline
import Publish
import RegionIndex

/// Looks words up in a line's index of regions.
package struct RegionFinder: Sendable {
    /// Which regions are looked at.
    package struct Wish: Sendable {
        package var limit = 20
        package var minimum = -1.0
        /// Runs that began then or later, ISO 8601 down to the day or the second; nil = all.
        package var since: String?
        /// Ids; empty = all.
        package var runs: [String] = []
        package var camera: String?

        package init() {}
    }

    /// What a search found, and what it did not look at.
    package struct Answer: Sendable {
        package let found: [FoundRegion]
        /// Regions and runs that were compared.
        package let regions: Int
        package let searchedRuns: Int
        /// Seconds from the open index to the ranked regions.
        package let seconds: Double
        /// Runs in the index whose folders are gone.
        package let deletedRuns: Int
        /// Runs with described regions that are not in the index.
        package let missingRuns: [String]
        /// Bytes at the end that are no whole batch: a run is writing them, or was ended while it did.
        package let tornBytes: Int
    }

    /// Matches beyond so many are no longer looked through for some that differ: a line where they are all the same.
    private static let mostTaken = 20_000

    package let lineFolder: String
    package let index: RegionIndexFile

    /// - Parameter lineFolder: `runs/<line>`.
    package init(lineFolder: String, index: RegionIndexFile) {
        self.lineFolder = lineFolder
        self.index = index
    }

    /// The regions nearest to an embedding of unit length, nearest first; what one part shows twice is one of them.
    package func find(_ embedding: [Float], _ wish: Wish, workers: Int) throws(VerbError) -> Answer {
        let start = ContinuousClock.now
        let present: Set<String>
        do { present = try RegionIndexing.names(lineFolder: lineFolder) } catch { throw .failed(error.description) }
        let wanted = index.batches.indices.filter { number in
            let batch = index.batches[number]
            guard present.contains(batch.run) else { return false }
            // ISO 8601 of one form sorts as time does; a day is the beginning of its seconds.
            if let since = wish.since, batch.start < since { return false }
            return wish.runs.isEmpty || wish.runs.contains(batch.run)
        }
        for run in wish.runs where !index.batches.contains(where: { $0.run == run }) {
            throw .failed(
                "--run: expected the id of a run in the index, got \(run.debugDescription); runs/LINE holds the runs, "
                    + "named by their ids")
        }
        let found = try nearest(embedding, wish, batches: wanted, workers: workers)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let indexed = Set(index.batches.map(\.run))
        return Answer(
            found: found, regions: wanted.reduce(0) { $0 + index.batches[$1].count }, searchedRuns: wanted.count,
            seconds: seconds, deletedRuns: indexed.subtracting(present).count,
            missingRuns: RegionIndexing.missing(lineFolder: lineFolder, indexed: indexed, present: present),
            tornBytes: index.size - index.end)
    }

    /// Takes as many matches as it needs until enough are left once those that show the same are one.
    private func nearest(
        _ embedding: [Float], _ wish: Wish, batches: [Int], workers: Int
    ) throws(VerbError) -> [FoundRegion] {
        var taken = 2 * wish.limit + 32
        while true {
            let matches: [RegionMatch]
            do {
                matches = try index.nearest(
                    to: embedding, limit: taken, minimum: Float(wish.minimum), batches: batches, camera: wish.camera,
                    workers: workers)
            } catch {
                throw .failed(error.description)
            }
            let found = try folded(matches, limit: wish.limit)
            if found.count == wish.limit || matches.count < taken || taken >= Self.mostTaken { return found }
            taken *= 8
        }
    }

    private func folded(_ matches: [RegionMatch], limit: Int) throws(VerbError) -> [FoundRegion] {
        var found: [FoundRegion] = []
        var embeddings: [[Float]] = []
        for match in matches {
            let candidate = try read(match)
            let embedding: [Float]
            do { embedding = try index.embedding(match.row, of: match.batch) } catch {
                throw .failed(error.description)
            }
            let twin = found.indices.first { place in
                let cosine = zip(embeddings[place], embedding).reduce(0) { $0 + $1.0 * $1.1 }
                return candidate.shows(sameAs: found[place], similarity: cosine)
            }
            if let twin {
                found[twin].alike += 1
            } else if found.count < limit {
                found.append(candidate)
                embeddings.append(embedding)
            } else {
                break
            }
        }
        return found
    }

    /// The verdict that a match stands in.
    private func read(_ match: RegionMatch) throws(VerbError) -> FoundRegion {
        let batch = index.batches[match.batch]
        let place = index.region(match.row, of: match.batch)
        let folder = RunFolder(path: lineFolder + "/" + batch.run)
        let line: Data
        do { line = try Self.line(of: folder.verdicts, at: place.verdictOffset) } catch {
            throw .failed(error.description)
        }
        guard let record = try? JSONDecoder().decode(VerdictRecord.self, from: line),
            record.regions.indices.contains(place.region)
        else {
            throw .failed(
                "\(folder.verdicts): expected a verdict with a region \(place.region) at byte \(place.verdictOffset), as the "
                    + "index says, found none: the run was changed since; `nightshift verify` says how, `nightshift "
                    + "search LINE --rebuild` makes the index fit")
        }
        return FoundRegion(
            similarity: Double(match.similarity), run: batch.run, folder: folder, record: record, number: place.region)
    }

    /// The line that begins at a byte of a file, without its end. Throws `FileError`.
    static func line(of path: String, at offset: Int) throws(FileError) -> Data {
        let file = try Descriptor(path: path, flags: O_RDONLY)
        var line = Data()
        // A verdict has some kilobytes; one that has no end in a megabyte is none.
        while line.count < 1 << 20 {
            let piece = try file.read(1 << 14, at: offset + line.count)
            if let end = piece.firstIndex(of: 10) { return line + piece[piece.startIndex..<end] }
            if piece.isEmpty { break }
            line += piece
        }
        return line
    }
}
