import Files
import Foundation
import Numerics

/// Where one region stands in its run.
package struct IndexedRegion: Sendable, Equatable {
    /// The byte at which the part's line begins in the run's verdicts.jsonl.
    package let verdictOffset: Int
    /// Which of the verdict's regions, from 0.
    package let region: Int
    /// The part's camera, as a number in the batch's `cameras`.
    package let camera: Int

    package init(verdictOffset: Int, region: Int, camera: Int) {
        self.verdictOffset = verdictOffset
        self.region = region
        self.camera = camera
    }
}

/// The described regions of one run, as they go into the index.
package struct RegionBatch: Sendable {
    /// What is written of the batch as JSON.
    struct Note: Codable, Equatable {
        let run: String
        let start: String
        let cameras: [String]
    }

    /// The run's id, which is the name of its folder.
    package let run: String
    /// When it began, ISO 8601, UTC.
    package let start: String
    /// The cameras' names, each once.
    package private(set) var cameras: [String] = []
    package private(set) var regions: [IndexedRegion] = []
    /// Embeddings in the order of `regions`, (count, width), rounded to float16.
    private(set) var embeddings: [UInt8] = []
    private let width: Int
    private var cameraNumbers: [String: Int] = [:]

    /// An empty batch for embeddings of `width` numbers.
    package init(run: String, start: String, width: Int) {
        self.run = run
        self.start = start
        self.width = width
    }

    /// Adds a region. Traps unless the embedding has the batch's width.
    package mutating func add(verdictOffset: Int, region: Int, camera: String, embedding: some Collection<Float>) {
        precondition(
            embedding.count == width, "RegionBatch: expected \(width) numbers, got \(embedding.count)")
        let number = cameraNumbers[camera] ?? cameras.count
        if number == cameras.count {
            cameras.append(camera)
            cameraNumbers[camera] = number
        }
        regions.append(IndexedRegion(verdictOffset: verdictOffset, region: region, camera: number))
        embeddings += halfBytes(embedding)
    }

    /// The batch as it lies in the file.
    func encoded() -> Data {
        var directory = note
        for region in regions {
            directory.append(word: UInt64(region.verdictOffset))
            directory.append(half: UInt32(region.region))
            directory.append(half: UInt32(region.camera))
        }
        let noteBytes = directory.count - regions.count * IndexLayout.recordBytes
        let block = IndexLayout.rowsPerBlock(width: width) * width * 2
        for start in stride(from: 0, to: embeddings.count, by: block) {
            let rows = embeddings[start..<min(start + block, embeddings.count)]
            directory.append(word: XXH64.checksum(rows.span.bytes))
        }
        let header = IndexLayout.BatchHeader(
            count: regions.count, noteBytes: noteBytes, directoryChecksum: XXH64.checksum(directory.span.bytes),
            width: width)
        var bytes = Data(capacity: header.totalBytes)
        bytes.append(contentsOf: IndexLayout.batchHeader(header))
        bytes.append(contentsOf: directory)
        bytes.append(contentsOf: embeddings)
        bytes.append(Data(count: header.totalBytes - bytes.count))
        return bytes
    }

    private var note: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let json = try? encoder.encode(Note(run: run, start: start, cameras: cameras)) else {
            preconditionFailure("RegionBatch: a note of plain text always encodes, got run \(run)")
        }
        return [UInt8](json) + [UInt8](repeating: 0x20, count: IndexLayout.padded(json.count) - json.count)
    }
}
