import Foundation
import Handover
import Numerics
import Score

/// Good patches on their way into a memory bank: all of them, or an even random share of every picture where all would
/// be too many.
package struct PatchPool: Sendable {
    /// Patches that are kept at most: 60,000 of width 576 take 138 MB while the bank is made.
    package static let limit = 60_000

    private(set) var patches: Matrix<Float>
    private let perPicture: Int
    private var random: RandomSource

    /// - Parameters: `pictures`: how many will come; `width`: D; `seed`: decides which patches are kept.
    package init(pictures: Int, width: Int, limit: Int = PatchPool.limit, seed: UInt64) {
        precondition(
            pictures > 0 && limit > 0, "PatchPool: expected pictures and a limit, got \(pictures) and \(limit)")
        perPicture = max(1, limit / pictures)
        patches = Matrix(rows: 0, columns: width)
        random = RandomSource(seed: seed, stream: 0x9001)
    }

    /// Adds aggregated tokens of one picture, (N, D).
    package mutating func add(_ tokens: Matrix<Float>) {
        if tokens.rows <= perPicture {
            patches.storage.append(contentsOf: tokens.storage)
            patches.rows += tokens.rows
            return
        }
        for row in random.permutation(tokens.rows).prefix(perPicture).sorted() {
            patches.storage.append(contentsOf: tokens.row(row))
            patches.rows += 1
        }
    }
}

/// PatchCore (arXiv 2106.08265): a memory of good patches, thinned by a greedy k-centre coreset; a patch is as odd as its
/// nearest neighbour in memory is far.
///
/// Image score: the greatest distance, reweighted by how far the neighbour itself lies from its own neighbours (eq. 7).
/// The coreset is searched in a random projection to 128 dimensions (Johnson–Lindenstrauss), as in the published code;
/// distances at inspection are exact, in all dimensions.
package struct PatchMemory: ComparedMethod {
    /// Share of the pool that stays, and patches that stay at most: PatchCore loses nothing down to 1 %.
    package static let share = 0.1
    package static let limit = 4_000
    /// Neighbours of the reweighting, as in the reimplementation that is most used (anomalib).
    static let neighbours = 9
    static let projectedWidth = 128

    package let name = "knn"
    package let title = "kNN memory, greedy coreset (PatchCore)"
    package let reads = MethodInput.embedding
    package let isCalibrated = false
    package var fitSeconds: Double
    private let memory: NearestRows
    private let gridRows: Int
    private let gridColumns: Int

    package var bytes: Int { memory.bank.storage.count * 4 }

    /// Thins the pool to a memory bank. Traps on an empty pool.
    package init(
        _ pool: PatchPool, gridRows: Int, gridColumns: Int, share: Double = PatchMemory.share,
        limit: Int = PatchMemory.limit, seed: UInt64, workers: Int
    ) {
        let start = Date()
        let points = pool.patches
        let count = max(1, min(limit, Int((Double(points.rows) * share).rounded(.up))))
        let chosen = farthestFirst(
            Self.projected(points, width: Self.projectedWidth, seed: seed), count: count, workers: workers)
        var bank = Matrix<Float>(rows: 0, columns: points.columns)
        gatherRows(&bank, from: points, indices: chosen.sorted())
        self.init(bank: bank, gridRows: gridRows, gridColumns: gridColumns)
        fitSeconds = Date().timeIntervalSince(start)
    }

    /// A memory of exactly these patches, (M, D).
    init(bank: Matrix<Float>, gridRows: Int, gridColumns: Int) {
        memory = NearestRows(bank)
        self.gridRows = gridRows
        self.gridColumns = gridColumns
        fitSeconds = 0
    }

    /// Patches kept.
    package var count: Int { memory.bank.rows }

    /// Rows times a random Gaussian matrix; as they are where they are no wider than `width`.
    static func projected(_ points: Matrix<Float>, width: Int, seed: UInt64) -> Matrix<Float> {
        guard points.columns > width else { return points }
        var random = RandomSource(seed: seed, stream: 0x5EED)
        var directions = Matrix<Float>(rows: width, columns: points.columns)
        let scale = 1 / Double(width).squareRoot()
        for index in directions.storage.indices { directions.storage[index] = Float(random.normal() * scale) }
        return product(points, directions, transposeB: true)
    }

    package func judge(_ prediction: PatchPrediction) throws(Rejection) -> Judgement {
        let tokens = neighbourhoodMeans(prediction.target, rows: gridRows, columns: gridColumns)
        let (score, distances) = scored(tokens)
        return try Judgement(
            score: score, map: AnomalyMap.smoothed(distances, rows: gridRows, columns: gridColumns)
        ).checked(name)
    }

    /// Image score and the distance of every patch, from aggregated tokens.
    func scored(_ tokens: Matrix<Float>) -> (score: Double, distances: [Float]) {
        let (indices, distances) = memory.nearest(tokens)
        guard let worst = distances.indices.max(by: { distances[$0] < distances[$1] }) else { return (0, distances) }
        var pair = Matrix<Float>(rows: 0, columns: tokens.columns)
        gatherRows(&pair, from: memory.bank, indices: [indices[worst]])
        let count = min(Self.neighbours, memory.bank.rows)
        let around = memory.nearest(pair, count: count).indices
        var patch = Matrix<Float>(rows: 0, columns: tokens.columns)
        gatherRows(&patch, from: tokens, indices: [worst])
        // Distances from the odd patch to the neighbours of its nearest neighbour, which is one of them.
        var support = Matrix<Float>(rows: 0, columns: tokens.columns)
        gatherRows(&support, from: memory.bank, indices: around)
        let reach = NearestRows(support).nearest(patch, count: count).distances.map { Double($0) }
        let farthest = reach.max() ?? 0
        let total = reach.reduce(0) { $0 + exp($1 - farthest) }
        let distance = Double(distances[worst])
        return ((1 - exp(distance - farthest) / total) * distance, distances)
    }
}
