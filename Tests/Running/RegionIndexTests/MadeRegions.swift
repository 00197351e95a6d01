import Foundation
import Numerics
import RegionIndex

/// Batches of random unit embeddings that can be made again for comparison.
enum MadeRegions {
    static let space = SpaceStamp(identity: String(repeating: "5a", count: 32), width: 20)!

    static func embedding(_ seed: Int, width: Int = space.width) -> [Float] {
        var random = RandomSource(seed: UInt64(seed))
        let numbers = (0..<width).map { _ in Float(random.normal()) }
        let length = numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return numbers.map { $0 / length }
    }

    /// `count` regions; the embedding of row r is that of seed `first + r`, its camera cam0, cam1 or cam2 in turn.
    static func batch(_ run: String, first: Int, count: Int, width: Int = space.width) -> RegionBatch {
        var batch = RegionBatch(run: run, start: "2026-11-24T0\(first % 10):00:00Z", width: width)
        for row in 0..<count {
            batch.add(
                verdictOffset: 1000 * row, region: row % 3, camera: "cam\(row % 3)",
                embedding: embedding(first + row, width: width))
        }
        return batch
    }

    /// What an exact search over unrounded embeddings finds: similarity of every seed.
    static func cosine(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
}
