import Network
import Numerics
import Testing

@Suite struct EncoderTests {
    static func shape(classToken: Bool, learnedSide: Int, depth: Int = 2) -> EncoderShape {
        EncoderShape(
            patchSize: 2, width: 8, depth: depth, heads: 2, hasClassToken: classToken, learnedPositionSide: learnedSide)
    }

    @Test func patchesAreCutInTheOrderOfAConvolution() {
        var layout = ParameterLayout()
        let encoder = Encoder(&layout, prefix: "", shape: Self.shape(classToken: false, learnedSide: 0))
        // pixel value = 100 · channel + 10 · y + x of a 4 × 6 image
        var pixels: [Double] = []
        for channel in 0..<3 {
            for y in 0..<4 { for x in 0..<6 { pixels.append(Double(100 * channel + 10 * y + x)) } }
        }
        var patches = Matrix<Double>(rows: 0, columns: 12)
        encoder.patches(&patches, pixels: pixels, height: 4, width: 6)
        #expect(patches.rows == 6)
        #expect(Array(patches.row(0)) == [0, 1, 10, 11, 100, 101, 110, 111, 200, 201, 210, 211])
        #expect(Array(patches.row(4)) == [22, 23, 32, 33, 122, 123, 132, 133, 222, 223, 232, 233])
    }

    /// Two sequences that share patches, one of them seen twice; every parameter, also class token and positions.
    @Test(arguments: [false, true], [0, 3])
    func gradients(classToken: Bool, learnedSide: Int) {
        var layout = ParameterLayout()
        let encoder = Encoder(
            &layout, prefix: "e.", shape: Self.shape(classToken: classToken, learnedSide: learnedSide))
        let store = ParameterStore<Double>(drawing: layout, seed: 1)
        let grid = (rows: 2, columns: 3)
        let patches = Matrix<Double>.random(12, 12, seed: 2)
        let subsets = [[0, 2, 3, 5], [6, 7], [1, 2, 11]]
        let rows = subsets.reduce(0) { $0 + $1.count + (classToken ? 1 : 0) }
        let dy = Matrix<Double>.random(rows, 8, seed: 3)
        func run(_ store: ParameterStore<Double>, training: Bool) -> Encoder.Activations<Double> {
            let positions: Matrix<Double> = encoder.gridPositions(rows: grid.rows, columns: grid.columns, store: store)
            var tokens = Matrix<Double>(rows: 0, columns: 8)
            encoder.embed(&tokens, patches: patches, positions: positions, store: store)
            var activations = Encoder.Activations<Double>(encoder.shape, training: training)
            encoder.forward(
                patchTokens: tokens, subsets: subsets, depth: 2, store: store, activations: &activations,
                training: training)
            return activations
        }
        var activations = run(store, training: true)
        #expect(activations.tokens == run(store, training: false).tokens)
        var gradient = dy
        var gradients = ParameterStore<Double>(zerosFor: layout)
        encoder.backward(
            &gradient, patches: patches, depth: 2, grid: grid, gradients: &gradients, store: store,
            activations: &activations)
        let numeric = centralDifferences(store.values) { values in
            var moved = store
            moved.values = values
            return dot(run(moved, training: false).tokens.storage, dy.storage)
        }
        for parameter in layout.parameters {
            let error = relativeError(Array(gradients[parameter]), Array(numeric[parameter.range]))
            #expect(error < gradientTolerance, "\(parameter.name): \(error)")
        }
        // Without the grid the patches' positions are left alone.
        var frozen = ParameterStore<Double>(zerosFor: layout)
        gradient = dy
        encoder.backward(
            &gradient, patches: patches, depth: 2, gradients: &frozen, store: store, activations: &activations)
        if let positions = encoder.positions {
            #expect(frozen[positions].dropFirst(classToken ? 8 : 0).allSatisfy { $0 == 0 })
        }
        #expect(relativeError(Array(frozen[encoder.embedWeight]), Array(gradients[encoder.embedWeight])) < 1e-14)
    }

    @Test func subsetsSeeOnlyThemselves() {
        var layout = ParameterLayout()
        let encoder = Encoder(&layout, prefix: "", shape: Self.shape(classToken: true, learnedSide: 0))
        let store = ParameterStore<Float>(drawing: layout, seed: 4)
        var tokens = Matrix<Float>.random(9, 8, seed: 5)
        var activations = Encoder.Activations<Float>(encoder.shape, training: false)
        func seen() -> Matrix<Float> {
            encoder.forward(
                patchTokens: tokens, subsets: [[0, 1, 2], [3, 4, 8]], depth: 2, store: store,
                activations: &activations, training: false)
            return activations.tokens
        }
        let before = seen()
        for column in 0..<8 { tokens[5, column] = .nan }  // hidden from both
        #expect(seen() == before)
        tokens[3, 0] += 1
        let after = seen()
        #expect((0..<4).allSatisfy { after.row($0) == before.row($0) })
        #expect((4..<8).allSatisfy { after.row($0) != before.row($0) })
    }

    @Test func keptBlocksAreThoseOfShallowerPasses() {
        var layout = ParameterLayout()
        let encoder = Encoder(&layout, prefix: "", shape: Self.shape(classToken: false, learnedSide: 0, depth: 3))
        let store = ParameterStore<Float>(drawing: layout, seed: 6)
        let tokens = Matrix<Float>.random(6, 8, seed: 7)
        var activations = Encoder.Activations<Float>(encoder.shape, training: false)
        encoder.forward(
            patchTokens: tokens, subsets: [Array(0..<6)], depth: 3, keep: [1, 3], store: store,
            activations: &activations, training: false)
        #expect(activations.kept.keys.sorted() == [1, 3] && activations.kept[3] == activations.tokens)
        var shallow = Encoder.Activations<Float>(encoder.shape, training: false)
        encoder.forward(
            patchTokens: tokens, subsets: [Array(0..<6)], depth: 1, store: store, activations: &shallow,
            training: false)
        #expect(activations.kept[1] == shallow.tokens)
    }
}
