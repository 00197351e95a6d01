import Foundation
import Numerics
import RegionIndex

/// A line's index with generated embeddings, written as a year of runs writes it, and searched.
struct SearchWorkload {
    /// Regions in one run.
    private static let perRun = 10_000

    private let folder: String
    private let file: RegionIndexFile
    /// Seconds that the appends took, and the file's bytes.
    let written: Double
    var bytes: Int { file.size }

    /// Writes `count` random unit embeddings of `width` numbers into a fresh folder. Throws `RegionIndexError`.
    init(count: Int, width: Int) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("bench-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        guard let space = SpaceStamp(identity: String(repeating: "0", count: 64), width: width) else {
            preconditionFailure("SearchWorkload: expected a width that can be indexed, got \(width)")
        }
        let index = RegionIndex(lineFolder: folder)
        let start = Rate.now()
        for first in stride(from: 0, to: count, by: Self.perRun) {
            var batch = RegionBatch(run: "run-\(first)", start: "2026-11-24T00:00:00Z", width: width)
            var random = RandomSource(seed: UInt64(first))
            for row in 0..<min(Self.perRun, count - first) {
                batch.add(
                    verdictOffset: row * 2000, region: 0, camera: "cam\(row % 4)",
                    embedding: Self.unit(width, &random))
            }
            _ = try index.append(batch, to: space)
        }
        written = Rate.now() - start
        guard let file = try index.open(space) else {
            preconditionFailure("SearchWorkload: expected the index that was just written")
        }
        self.file = file
    }

    /// Seconds to open the index, and to find the 64 nearest regions of one embedding.
    func search(workers: Int, seed: UInt64) throws -> (open: Double, search: Double) {
        var random = RandomSource(seed: seed)
        let embedding = Self.unit(file.space.width, &random)
        let start = Rate.now()
        let opened = try RegionIndexFile(path: file.path)
        let begun = Rate.now()
        let found = try opened.nearest(
            to: embedding, limit: 64, minimum: -1, batches: Array(opened.batches.indices), workers: workers)
        precondition(found.count == min(64, opened.count), "SearchWorkload: expected 64 regions, got \(found.count)")
        return (begun - start, Rate.now() - begun)
    }

    /// Takes the folder away.
    func clean() { try? FileManager.default.removeItem(atPath: folder) }

    private static func unit(_ width: Int, _ random: inout RandomSource) -> [Float] {
        let numbers = (0..<width).map { _ in Float(random.normal()) }
        let length = numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return numbers.map { $0 / length }
    }
}
