import Numerics
import Testing

@Suite struct AlignmentTests {
    @Test func cosine() {
        let p = Matrix<Double>.random(5, 6, seed: 1)
        let t = Matrix<Double>.random(5, 6, seed: 2, scale: 3)
        func value(_ p: Matrix<Double>) -> (Double, Matrix<Double>) {
            var gradient = Matrix<Double>(rows: 0, columns: 6)
            let loss = Alignment.cosine(predicted: p, target: t, weight: 0.4, gradient: &gradient)
            return (loss, gradient)
        }
        let naive = (0..<5).reduce(0.0) { sum, row in
            let along = dot(Array(p.row(row)), Array(t.row(row)))
            let lengths = dot(Array(p.row(row)), Array(p.row(row))) * dot(Array(t.row(row)), Array(t.row(row)))
            return sum + (1 - along / lengths.squareRoot()) / 5
        }
        let (loss, gradient) = value(p)
        #expect(abs(loss - naive) < 1e-13)
        let numeric = centralDifferences(p.storage) { 0.4 * value(Matrix(rows: 5, columns: 6, storage: $0)).0 }
        #expect(relativeError(gradient.storage, numeric) < gradientTolerance)
    }

    @Test func squares() {
        let p = Matrix<Double>.random(5, 6, seed: 3)
        let t = Matrix<Double>.random(5, 6, seed: 4)
        var gradient = Matrix<Double>(rows: 0, columns: 6)
        let loss = Alignment.squares(predicted: p, target: t, weight: 0.4, gradient: &gradient)
        let naive = zip(p.storage, t.storage).reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) / 30 }
        #expect(abs(loss - naive) < 1e-13)
        let numeric = centralDifferences(p.storage) {
            var unused = Matrix<Double>(rows: 0, columns: 6)
            return 0.4
                * Alignment.squares(
                    predicted: Matrix(rows: 5, columns: 6, storage: $0), target: t, weight: 1, gradient: &unused)
        }
        #expect(relativeError(gradient.storage, numeric) < gradientTolerance)
    }

    static func batch(_ seed: UInt64) -> LeVLJEPA<Double>.Batch {
        LeVLJEPA.Batch(
            image: .random(6, 4, seed: seed), text: .random(6, 4, seed: seed + 1),
            textFromImage: .random(6, 4, seed: seed + 2), imageFromText: .random(6, 4, seed: seed + 3))
    }

    /// Targets stand still, so the derivative of the loss by them is that of SIGReg alone.
    @Test func leVLJEPA() {
        let batch = Self.batch(5)
        var source = RandomSource(seed: 9)
        let directions: Matrix<Double> = SIGReg.directions(width: 4, count: 12, using: &source)
        var gradient = Self.batch(0)
        let loss = LeVLJEPA.loss(batch, directions: directions, lambda: 0.3, weight: 0.5, gradient: &gradient)
        func squares(_ p: Matrix<Double>, _ t: Matrix<Double>) -> Double {
            zip(p.storage, t.storage).reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) / 24 }
        }
        func regular(_ x: Matrix<Double>) -> Double { Naive.sigreg(x, directions: directions) }
        let naive =
            squares(batch.textFromImage, batch.text) + squares(batch.imageFromText, batch.image) + 0.3
            * (regular(batch.image) + regular(batch.text))
        #expect(abs(loss / naive - 1) < 1e-12)
        func moved(_ storage: [Double]) -> Matrix<Double> { Matrix(rows: 6, columns: 4, storage: storage) }
        let byImage = centralDifferences(batch.image.storage) { 0.15 * regular(moved($0)) }
        let byText = centralDifferences(batch.text.storage) { 0.15 * regular(moved($0)) }
        let byTextPrediction = centralDifferences(batch.textFromImage.storage) { 0.5 * squares(moved($0), batch.text) }
        let byImagePrediction = centralDifferences(batch.imageFromText.storage) {
            0.5 * squares(moved($0), batch.image)
        }
        #expect(relativeError(gradient.image.storage, byImage) < gradientTolerance)
        #expect(relativeError(gradient.text.storage, byText) < gradientTolerance)
        #expect(relativeError(gradient.textFromImage.storage, byTextPrediction) < gradientTolerance)
        #expect(relativeError(gradient.imageFromText.storage, byImagePrediction) < gradientTolerance)
    }
}
