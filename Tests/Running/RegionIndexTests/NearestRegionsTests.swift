import Files
import Foundation
import TestFolders
import Testing

@testable import RegionIndex

@Suite struct NearestRegionsTests {
    /// Rounding to float16 moves a cosine of unit vectors by less than its step near 1, 2^-11.
    static let roundingTolerance: Float = 0.0005

    /// Several blocks a batch: 6553 rows of 20 numbers fit a block.
    private func filled(_ folder: TemporaryFolder, width: Int = 20) throws -> RegionIndexFile {
        let index = RegionIndex(lineFolder: folder.path)
        let space = try #require(SpaceStamp(identity: MadeRegions.space.identity, width: width))
        _ = try index.append(MadeRegions.batch("a", first: 0, count: 9000, width: width), to: space)
        _ = try index.append(MadeRegions.batch("b", first: 9000, count: 500, width: width), to: space)
        return try #require(try index.open(space))
    }

    @Test(arguments: [20, 33, 128]) func theNearestOfAllRegionsAreFoundForAnyNumberOfWorkers(width: Int) throws {
        let folder = try TemporaryFolder()
        let file = try filled(folder, width: width)
        let query = MadeRegions.embedding(123_456, width: width)
        let exact = (0..<9500).map { MadeRegions.cosine(query, MadeRegions.embedding($0, width: width)) }
        let best = exact.sorted(by: >)
        let found = try file.nearest(to: query, limit: 50, minimum: -1, batches: [0, 1], workers: 1)
        #expect(found.count == 50)
        for (rank, match) in found.enumerated() {
            let seed = match.batch * 9000 + match.row
            #expect(abs(match.similarity - exact[seed]) < Self.roundingTolerance)
            #expect(abs(match.similarity - best[rank]) < Self.roundingTolerance)
        }
        for workers in [2, 3, 8] {
            #expect(
                try file.nearest(to: query, limit: 50, minimum: -1, batches: [0, 1], workers: workers) == found)
        }
    }

    @Test func aRegionFindsItself() throws {
        let folder = try TemporaryFolder()
        let file = try filled(folder)
        for seed in [0, 6552, 6553, 8999, 9000, 9499] {
            let found = try file.nearest(
                to: MadeRegions.embedding(seed), limit: 1, minimum: -1, batches: [0, 1], workers: 2)
            #expect(found.first.map { $0.batch * 9000 + $0.row } == seed)
            #expect((found.first?.similarity ?? 0) > 1 - Self.roundingTolerance && (found.first?.similarity ?? 2) <= 1)
        }
    }

    @Test func filtersLeaveOutWhatTheySay() throws {
        let folder = try TemporaryFolder()
        let file = try filled(folder)
        let query = MadeRegions.embedding(77)
        let one = try file.nearest(to: query, limit: 9, minimum: -1, batches: [1], workers: 2)
        #expect(one.count == 9 && one.allSatisfy { $0.batch == 1 })
        let camera = try file.nearest(to: query, limit: 5000, minimum: -1, batches: [0], camera: "cam1", workers: 2)
        #expect(camera.count == 3000 && camera.allSatisfy { $0.row % 3 == 1 })
        #expect(try file.nearest(to: query, limit: 5, minimum: -1, batches: [0, 1], camera: "cam9", workers: 2) == [])
        let near = try file.nearest(to: query, limit: 9500, minimum: 0.5, batches: [0, 1], workers: 2)
        #expect(!near.isEmpty && near.count < 9500 && near.allSatisfy { $0.similarity >= 0.5 })
        #expect(try file.nearest(to: query, limit: 5, minimum: -1, batches: [], workers: 2) == [])
    }

    /// Equal similarities: the later run first, then the earlier region; never by which worker was faster.
    @Test func tiesAreOrdered() throws {
        let folder = try TemporaryFolder()
        let index = RegionIndex(lineFolder: folder.path)
        for run in ["a", "b"] {
            var batch = RegionBatch(run: run, start: "", width: 20)
            for row in 0..<8000 {
                batch.add(verdictOffset: row, region: 0, camera: "", embedding: MadeRegions.embedding(5))
            }
            _ = try index.append(batch, to: MadeRegions.space)
        }
        let file = try #require(try index.open(MadeRegions.space))
        for workers in 1...4 {
            let found = try file.nearest(
                to: MadeRegions.embedding(5), limit: 4, minimum: -1, batches: [0, 1], workers: workers)
            #expect(found.map(\.batch) == [1, 1, 1, 1] && found.map(\.row) == [0, 1, 2, 3])
        }
    }

    @Test func theBestAreKeptInAnyOrder() {
        var random = SystemRandomNumberGenerator()
        for count in [0, 1, 7, 200] {
            for limit in [0, 1, 3, 50] {
                let matches = (0..<count).map {
                    RegionMatch(batch: 0, row: $0, similarity: Float(Int.random(in: 0..<20, using: &random)))
                }
                var best = BestMatches(limit: limit)
                for match in matches { best.offer(match) }
                #expect(best.sorted == Array(matches.sorted(by: RegionMatch.comesBefore).prefix(limit)))
            }
        }
    }

    /// Damage in the last block of the first run: found by whoever reads it, with the run's name.
    @Test func damageIsAnErrorAndNoShorterAnswer() throws {
        let folder = try TemporaryFolder()
        let path = try filled(folder).path
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let first = try RegionIndexFile(path: path).batches[0]
        bytes[first.embeddingsStart + 8990 * 40] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
        let file = try RegionIndexFile(path: path)
        let query = MadeRegions.embedding(1)
        #expect(try file.nearest(to: query, limit: 3, minimum: -1, batches: [1], workers: 2).count == 3)
        do throws(RegionIndexError) {
            _ = try file.nearest(to: query, limit: 3, minimum: -1, batches: [0, 1], workers: 2)
            Issue.record("expected the damage to be found")
        } catch {
            #expect(error.description.contains("\"a\"") && error.description.contains("--rebuild"))
        }
    }

    @Test func aFileThatBecomesShorterIsAnErrorAndNoCrash() throws {
        let folder = try TemporaryFolder()
        let file = try filled(folder)
        #expect(truncate(file.path, off_t(file.batches[0].embeddingsStart + 100)) == 0)
        #expect(throws: RegionIndexError.self) {
            try file.nearest(to: MadeRegions.embedding(1), limit: 3, minimum: -1, batches: [0, 1], workers: 2)
        }
        #expect(throws: RegionIndexError.self) { try file.embedding(8000, of: 0) }
    }
}
