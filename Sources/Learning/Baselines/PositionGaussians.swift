import Handover
import Numerics
import Score

/// Sums from which a Gaussian per place is made; memory does not grow with the number of pictures.
package struct PositionMoments: Sendable {
    /// Dimensions kept of a token, ascending.
    let dimensions: [Int]
    let places: Int
    private(set) var count = 0
    /// Σ x, (N · d), and Σ x xᵀ, lower triangle, (N · d · d).
    private(set) var sums: [Double]
    private(set) var squares: [Double]

    /// As many as PaDiM keeps of ResNet18's 448.
    package static let kept = 100

    /// - Parameters: `width`: D; `places`: N; `seed`: decides which dimensions are kept.
    package init(width: Int, places: Int, kept: Int = PositionMoments.kept, seed: UInt64) {
        var random = RandomSource(seed: seed, stream: 0xD135)
        self.init(dimensions: random.permutation(width).prefix(kept).sorted(), places: places)
    }

    init(dimensions: [Int], places: Int) {
        self.dimensions = dimensions
        self.places = places
        sums = [Double](repeating: 0, count: places * dimensions.count)
        squares = [Double](repeating: 0, count: places * dimensions.count * dimensions.count)
    }

    /// Adds the tokens of one picture, (N, D).
    package mutating func add(_ tokens: Matrix<Float>) {
        precondition(tokens.rows == places, "PositionMoments: expected \(places) tokens, got \(tokens.rows)")
        let kept = dimensions.count
        var x = [Double](repeating: 0, count: kept)
        sums.withUnsafeMutableBufferPointer { sums in
            squares.withUnsafeMutableBufferPointer { squares in
                for place in 0..<places {
                    for (index, dimension) in dimensions.enumerated() { x[index] = Double(tokens[place, dimension]) }
                    for i in 0..<kept {
                        sums[place * kept + i] += x[i]
                        let base = (place * kept + i) * kept
                        for j in 0...i { squares[base + j] += x[i] * x[j] }
                    }
                }
            }
        }
        count += 1
    }
}

/// PaDiM (arXiv 2011.08785): at every place a Gaussian of good tokens on randomly chosen dimensions, covariance
/// Σ + 0.01 I; a patch is as odd as its Mahalanobis distance. Image score: the greatest distance, as published.
package struct PositionGaussians: ComparedMethod {
    /// ε of the paper.
    static let ridge = 0.01

    package let name = "padim"
    package let title = "Gaussian per position (PaDiM)"
    package let reads = MethodInput.embedding
    package let isCalibrated = false
    package var fitSeconds: Double = 0
    private let dimensions: [Int]
    /// Means, (N, d), and inverse lower Cholesky factors, (N · d, d).
    private let means: Matrix<Float>
    private let factors: Matrix<Float>
    private let gridRows: Int
    private let gridColumns: Int

    package var bytes: Int { (means.storage.count + factors.storage.count) * 4 }

    /// Fits the Gaussians; nil with fewer than two pictures or numbers that are not finite.
    package init?(_ moments: PositionMoments, gridRows: Int, gridColumns: Int, workers: Int) {
        precondition(
            moments.places == gridRows * gridColumns,
            "PositionGaussians: expected \(gridRows) x \(gridColumns) places, got \(moments.places)")
        guard moments.count >= 2 else { return nil }
        let kept = moments.dimensions.count
        let n = Double(moments.count)
        let fits = parallelMap(count: moments.places, workers: workers) { place -> (mean: [Float], factor: [Float])? in
            let mean = (0..<kept).map { moments.sums[place * kept + $0] / n }
            var covariance = Matrix<Double>(rows: kept, columns: kept)
            for i in 0..<kept {
                for j in 0...i {
                    let square = moments.squares[(place * kept + i) * kept + j]
                    let value = (square - n * mean[i] * mean[j]) / (n - 1)
                    covariance[i, j] = value
                    covariance[j, i] = value
                }
                covariance[i, i] += Self.ridge
            }
            guard let lower = LinearAlgebra.cholesky(covariance) else { return nil }
            return (mean.map { Float($0) }, LinearAlgebra.inverseOfLower(lower).storage.map { Float($0) })
        }
        var means = Matrix<Float>(rows: 0, columns: kept)
        var factors = Matrix<Float>(rows: 0, columns: kept)
        means.storage.reserveCapacity(moments.places * kept)
        factors.storage.reserveCapacity(moments.places * kept * kept)
        for fit in fits {
            guard let fit else { return nil }
            means.storage.append(contentsOf: fit.mean)
            means.rows += 1
            factors.storage.append(contentsOf: fit.factor)
            factors.rows += kept
        }
        dimensions = moments.dimensions
        self.means = means
        self.factors = factors
        self.gridRows = gridRows
        self.gridColumns = gridColumns
    }

    package func judge(_ prediction: PatchPrediction) throws(Rejection) -> Judgement {
        let distances = distances(prediction.target)
        return try Judgement(
            score: Double(distances.max() ?? 0),
            map: AnomalyMap.smoothed(distances, rows: gridRows, columns: gridColumns)
        ).checked(name)
    }

    /// Mahalanobis distance of every patch from what is usual at its place, (N).
    func distances(_ tokens: Matrix<Float>) -> [Float] {
        precondition(tokens.rows == means.rows, "PositionGaussians: expected \(means.rows) tokens, got \(tokens.rows)")
        let kept = dimensions.count
        var centred = [Float](repeating: 0, count: kept)
        var result = [Float](repeating: 0, count: tokens.rows)
        factors.storage.withUnsafeBufferPointer { factors in
            for place in 0..<tokens.rows {
                for (index, dimension) in dimensions.enumerated() {
                    centred[index] = tokens[place, dimension] - means[place, index]
                }
                var square: Float = 0
                for i in 0..<kept {
                    let base = (place * kept + i) * kept
                    var sum: Float = 0
                    for j in 0...i { sum += factors[base + j] * centred[j] }
                    square += sum * sum
                }
                result[place] = square.squareRoot()
            }
        }
        return result
    }
}
