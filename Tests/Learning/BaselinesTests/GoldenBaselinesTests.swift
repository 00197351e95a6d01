import Foundation
import Numerics
import Testing

@testable import Baselines

/// What numpy, scipy and scikit-learn say, made by `Golden/make_golden.py`.
struct Golden: Decodable {
    struct Memory: Decodable {
        let score: Double
        let distances: [Double]
    }
    struct Three: Decodable {
        let indices: [Int]
        let distances: [Double]
    }
    struct PaDiM: Decodable {
        let pictures: [[Float]]
        let dimensions: [Int]
        let probe: [Float]
        let distances: [Double]
    }
    let rows: Int
    let columns: Int
    let width: Int
    let tokens: [Float]
    let aggregated: [Float]
    let points: [Float]
    let coreset: [Int]
    let patchcore: Memory
    let three: Three
    let padim: PaDiM

    static func load() throws -> Golden {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Golden/baselines.json")
        return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
    }

    func matrix(_ storage: [Float]) -> Matrix<Float> {
        Matrix(rows: storage.count / width, columns: width, storage: storage)
    }

    /// The bank: the coreset's rows in ascending order.
    var bank: Matrix<Float> {
        var bank = Matrix<Float>(rows: 0, columns: width)
        gatherRows(&bank, from: matrix(points), indices: coreset.sorted())
        return bank
    }
}

/// Sums of a dozen float32 numbers of size 1 against float64.
private let tolerance = 2e-5

@Suite("Baselines agree with numpy, scipy and scikit-learn")
struct GoldenBaselinesTests {
    let golden: Golden

    init() throws { golden = try Golden.load() }

    @Test("Local aggregation: the mean over the neighbours that exist")
    func aggregation() {
        let found = neighbourhoodMeans(golden.matrix(golden.tokens), rows: golden.rows, columns: golden.columns)
        for (a, b) in zip(found.storage, golden.aggregated) { #expect(abs(Double(a - b)) < tolerance) }
    }

    @Test("Greedy coreset: the same rows in the same order, for any number of workers", arguments: [1, 3])
    func coreset(workers: Int) {
        #expect(farthestFirst(golden.matrix(golden.points), count: 30, workers: workers) == golden.coreset)
    }

    @Test("Memory: distances of every patch and the reweighted image score")
    func memory() {
        let memory = PatchMemory(bank: golden.bank, gridRows: golden.rows, gridColumns: golden.columns)
        let (score, distances) = memory.scored(golden.matrix(golden.aggregated))
        #expect(abs(score - golden.patchcore.score) < tolerance * 10)
        for (a, b) in zip(distances, golden.patchcore.distances) { #expect(abs(Double(a) - b) < tolerance) }
    }

    @Test("Three nearest neighbours, in order")
    func three() {
        let found = NearestRows(golden.bank).nearest(golden.matrix(golden.tokens), count: 3)
        #expect(found.indices == golden.three.indices)
        for (a, b) in zip(found.distances, golden.three.distances) { #expect(abs(Double(a) - b) < tolerance) }
    }

    @Test("PaDiM: Mahalanobis distances at every place")
    func padim() throws {
        var moments = PositionMoments(dimensions: golden.padim.dimensions, places: golden.rows * golden.columns)
        for picture in golden.padim.pictures { moments.add(golden.matrix(picture)) }
        let gaussians = try #require(
            PositionGaussians(moments, gridRows: golden.rows, gridColumns: golden.columns, workers: 2))
        for (a, b) in zip(gaussians.distances(golden.matrix(golden.padim.probe)), golden.padim.distances) {
            #expect(abs(Double(a) - b) < 1e-4 * b)
        }
    }
}
