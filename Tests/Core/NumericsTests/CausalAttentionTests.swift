import Foundation
import Numerics
import Testing

@Suite struct CausalAttentionTests {
    /// Row i of each segment attends to rows 0…i, one number at a time.
    static func naive(_ qkv: Matrix<Double>, lengths: [Int], heads: Int) -> Matrix<Double> {
        let width = qkv.columns / 3
        let headWidth = width / heads
        var output = Matrix<Double>(rows: qkv.rows, columns: width)
        var start = 0
        for length in lengths {
            for head in 0..<heads {
                for i in start..<start + length {
                    let scores = (start...i).map { j in
                        (0..<headWidth).reduce(0.0) {
                            $0 + qkv[i, head * headWidth + $1] * qkv[j, width + head * headWidth + $1]
                        } / Double(headWidth).squareRoot()
                    }
                    let greatest = scores.max() ?? 0
                    let weights = scores.map { exp($0 - greatest) }
                    let sum = weights.reduce(0, +)
                    for k in 0..<headWidth {
                        output[i, head * headWidth + k] =
                            weights.indices.reduce(0.0) {
                                $0 + weights[$1] * qkv[start + $1, 2 * width + head * headWidth + k]
                            } / sum
                    }
                }
            }
            start += length
        }
        return output
    }

    static func forward<Scalar: KernelScalar>(_ qkv: Matrix<Scalar>, _ lengths: [Int], _ heads: Int, keep: Bool)
        -> (Matrix<Scalar>, [Scalar])
    {
        var output = Matrix<Scalar>(rows: 0, columns: qkv.columns / 3)
        var weights: [Scalar] = []
        attentionForward(
            &output, weights: &weights, qkv: qkv, segments: Segments(lengths: lengths), heads: heads, keepWeights: keep,
            causal: true)
        return (output, weights)
    }

    @Test(arguments: [[1], [5, 3, 1, 17], [77], [33, 16, 0, 2]], [1, 3])
    func fastAgreesWithNaive(lengths: [Int], heads: Int) {
        let qkv = Matrix<Float>.random(lengths.reduce(0, +), 3 * 12, seed: 1, scale: 2)
        let expected = Self.naive(qkv.wide, lengths: lengths, heads: heads)
        for keep in [true, false] {
            let (output, _) = Self.forward(qkv, lengths, heads, keep: keep)
            #expect(relativeError(output.wide.storage, expected.storage) < 3e-6)
        }
    }

    @Test(arguments: [[3], [4, 1, 6], [18, 2]], [1, 2])
    func gradients(lengths: [Int], heads: Int) {
        let rows = lengths.reduce(0, +)
        let qkv = Matrix<Double>.random(rows, 3 * 4, seed: 2)
        let dO = Matrix<Double>.random(rows, 4, seed: 3)
        let (_, weights) = Self.forward(qkv, lengths, heads, keep: true)
        var gradient = Matrix<Double>(rows: 0, columns: 12)
        var scratch: [Double] = []
        attentionBackward(
            &gradient, scratch: &scratch, outputGradient: dO, weights: weights, qkv: qkv,
            segments: Segments(lengths: lengths), heads: heads)
        let numeric = centralDifferences(qkv.storage) { values in
            let moved = Matrix(rows: rows, columns: 12, storage: values)
            return dot(Self.forward(moved, lengths, heads, keep: false).0.storage, dO.storage)
        }
        #expect(relativeError(gradient.storage, numeric) < gradientTolerance)
    }

    @Test func theFutureIsNotSeen() {
        var qkv = Matrix<Float>.random(20, 36, seed: 4)
        let (before, weights) = Self.forward(qkv, [20], 3, keep: true)
        for row in 0..<20 { for later in row + 1..<20 { #expect(weights[row * 20 + later] == 0) } }
        for column in 0..<36 { qkv[12, column] += 5 }
        let (after, _) = Self.forward(qkv, [20], 3, keep: false)
        #expect((0..<12).allSatisfy { before.row($0) == after.row($0) })
        #expect((12..<20).allSatisfy { before.row($0) != after.row($0) })
    }
}
