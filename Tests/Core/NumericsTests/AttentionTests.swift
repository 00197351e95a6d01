import Numerics
import Testing

@Suite struct AttentionTests {
    static let ragged: [[Int]] = [[1], [5, 3, 1, 17], [197], [33, 16, 0, 2]]

    static func forward<Scalar: KernelScalar>(_ qkv: Matrix<Scalar>, _ lengths: [Int], _ heads: Int, keep: Bool)
        -> (Matrix<Scalar>, [Scalar])
    {
        var output = Matrix<Scalar>(rows: 0, columns: qkv.columns / 3)
        var weights: [Scalar] = []
        attentionForward(
            &output, weights: &weights, qkv: qkv, segments: Segments(lengths: lengths), heads: heads, keepWeights: keep)
        return (output, weights)
    }

    @Test(arguments: ragged, [1, 3])
    func fastAgreesWithNaive(lengths: [Int], heads: Int) {
        let qkv = Matrix<Float>.random(lengths.reduce(0, +), 3 * 12, seed: 1, scale: 2)
        let expected = Naive.attention(qkv.wide, lengths: lengths, heads: heads)
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

    /// The last rows of each segment ask; one segment asks nothing, one asks with all of its rows.
    @Test(arguments: [1, 3])
    func someRowsMayAsk(heads: Int) {
        let (lengths, asking) = ([33, 16, 5, 2], [7, 16, 0, 1])
        let qkv = Matrix<Float>.random(56, 36, seed: 6, scale: 2)
        let expected = Naive.attention(qkv.wide, lengths: lengths, heads: heads)
        var queries = Matrix<Float>(rows: 0, columns: 12)
        var wanted = Matrix<Double>(rows: 0, columns: 12)
        let segments = Segments(lengths: lengths)
        for (segment, count) in asking.enumerated() {
            for row in segments[segment].suffix(count) {
                queries.storage += qkv.row(row).prefix(12)
                wanted.storage += expected.row(row)
            }
        }
        queries.rows = 24
        wanted.rows = 24
        var keysValues = Matrix<Float>(rows: 56, columns: 24)
        for row in 0..<56 { keysValues.setRow(row, qkv.row(row).suffix(24)) }
        var output = Matrix<Float>(rows: 0, columns: 12)
        var weights: [Float] = []
        attentionForward(
            &output, weights: &weights, queries: queries, asking: Segments(lengths: asking), keysValues: keysValues,
            segments: segments, heads: heads)
        #expect(relativeError(output.wide.storage, wanted.storage) < 3e-6)
    }

    @Test func segmentsDoNotSeeEachOther() {
        var qkv = Matrix<Float>.random(9, 36, seed: 4)
        let (before, _) = Self.forward(qkv, [4, 5], 3, keep: false)
        for column in 0..<36 { qkv[8, column] += 5 }
        let (after, _) = Self.forward(qkv, [4, 5], 3, keep: false)
        #expect((0..<4).allSatisfy { before.row($0) == after.row($0) })
        #expect((4..<9).allSatisfy { before.row($0) != after.row($0) })
    }

    @Test func softmaxOfHugeLogits() {
        // q·k of ±1e6 and equal logits of 1e8: weights stay a distribution and finite.
        var qkv = Matrix<Float>(rows: 20, columns: 3)
        for row in 0..<20 {
            qkv[row, 0] = 1e4
            qkv[row, 1] = row == 7 ? 1e4 : -100
            qkv[row, 2] = Float(row)
        }
        let (output, weights) = Self.forward(qkv, [20], 1, keep: true)
        #expect(output.storage.allSatisfy { $0 == 7 })
        #expect(weights[..<400].allSatisfy { $0 >= 0 && $0 <= 1 })
        for row in 0..<20 { qkv[row, 1] = 1e4 }
        let (even, _) = Self.forward(qkv, [20], 1, keep: false)
        #expect(even.storage.allSatisfy { abs($0 - 9.5) < 1e-5 })
    }

    @Test(arguments: [0, 18])
    func notANumberReachesEveryRowThatSeesIt(row: Int) {
        var qkv = Matrix<Float>.random(24, 36, seed: 5)
        qkv[row, 12] = .nan  // a key
        let (output, _) = Self.forward(qkv, [19, 5], 3, keep: false)
        #expect((0..<19).allSatisfy { output[$0, 0].isNaN })
        #expect((19..<24).allSatisfy { output.row($0).allSatisfy { $0.isFinite } })
    }

    @Test func segmentsAddUp() {
        var segments = Segments(lengths: [2, 0, 3])
        #expect(segments.count == 3 && segments.rows == 5 && segments.squares == 13 && segments[2] == 2..<5)
        segments.removeAll()
        #expect(segments.count == 0 && segments.rows == 0 && segments == Segments())
        segments.append(length: 4)
        #expect(segments.starts == [0, 4])
    }
}
