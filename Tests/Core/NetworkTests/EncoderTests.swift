import Foundation
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

    /// What published encoders have and lack, alone and together.
    static let variants: [EncoderShape] = {
        var shapes = [false, true].flatMap { classToken in
            [0, 3].map { shape(classToken: classToken, learnedSide: $0) }
        }
        func add(classToken: Bool = true, learnedSide: Int = 3, _ change: (inout EncoderShape) -> Void) {
            var shape = shape(classToken: classToken, learnedSide: learnedSide)
            change(&shape)
            shapes.append(shape)
        }
        add { $0.hasLayerScale = true }
        add { $0.activation = .quickGELU }
        add { ($0.hasPreNorm, $0.hasPatchBias, $0.activation, $0.epsilon) = (true, false, .quickGELU, 1e-5) }  // CLIP
        add { ($0.registerTokens, $0.hasLayerScale, $0.interpolation) = (2, true, .antialiasedBicubic) }  // DINOv2
        add { ($0.registerTokens, $0.positionedPrefix, $0.hasLayerScale) = (2, 0, true) }  // the same in timm
        add { ($0.registerTokens, $0.positionedPrefix) = (2, 3) }
        add(classToken: false) { ($0.registerTokens, $0.hiddenWidth) = (1, 12) }
        add(classToken: false, learnedSide: 0) { $0.hasPreNorm = true }
        return shapes
    }()

    /// Two sequences that share patches, one of them seen twice; every parameter, also prefix tokens and positions.
    @Test(arguments: variants)
    func gradients(shape: EncoderShape) {
        var layout = ParameterLayout()
        let encoder = Encoder(&layout, prefix: "e.", shape: shape)
        let store = ParameterStore<Double>(drawing: layout, seed: 1)
        let grid = (rows: 2, columns: 3)
        let patches = Matrix<Double>.random(12, 12, seed: 2)
        let subsets = [[0, 2, 3, 5], [6, 7], [1, 2, 11]]
        let rows = subsets.reduce(0) { $0 + $1.count + shape.prefixTokens }
        let dy = Matrix<Double>.random(rows, 8, seed: 3)
        let early = Matrix<Double>.random(rows, 8, seed: 8)
        func run(_ store: ParameterStore<Double>, training: Bool) -> Encoder.Activations<Double> {
            let positions: Matrix<Double> = encoder.gridPositions(rows: grid.rows, columns: grid.columns, store: store)
            var tokens = Matrix<Double>(rows: 0, columns: 8)
            encoder.embed(&tokens, patches: patches, positions: positions, store: store)
            var activations = Encoder.Activations<Double>(encoder.shape, training: training)
            encoder.forward(
                patchTokens: tokens, subsets: subsets, depth: 2, keep: [1], store: store, activations: &activations,
                training: training)
            return activations
        }
        var activations = run(store, training: true)
        #expect(activations.tokens == run(store, training: false).tokens)
        var gradient = dy
        var gradients = ParameterStore<Double>(zerosFor: layout)
        encoder.backward(
            &gradient, injected: [1: early], patches: patches, depth: 2, grid: grid, gradients: &gradients,
            store: store, activations: &activations)
        let numeric = centralDifferences(store.values) { values in
            var moved = store
            moved.values = values
            let pass = run(moved, training: false)
            return dot(pass.tokens.storage, dy.storage) + dot(pass.kept[1]?.storage ?? [], early.storage)
        }
        for parameter in layout.parameters {
            let error = relativeError(Array(gradients[parameter]), Array(numeric[parameter.range]))
            #expect(error < gradientTolerance, "\(parameter.name): \(error)")
        }
        // Without the grid the patches' positions are left alone.
        var frozen = ParameterStore<Double>(zerosFor: layout)
        gradient = dy
        encoder.backward(
            &gradient, injected: [1: early], patches: patches, depth: 2, gradients: &frozen, store: store,
            activations: &activations)
        if let positions = encoder.positions {
            #expect(frozen[positions].dropFirst(shape.positionedPrefix * 8).allSatisfy { $0 == 0 })
        }
        #expect(relativeError(Array(frozen[encoder.embedWeight]), Array(gradients[encoder.embedWeight])) < 1e-14)
    }

    /// A card written before the later fields were there, as in the demo's model, and one of today.
    @Test func cardsOfOldAndNewShapes() throws {
        let old = """
            {"depth": 4, "hasClassToken": false, "heads": 2, "learnedPositionSide": 0, "patchSize": 16, "width": 128}
            """
        let plain = EncoderShape(
            patchSize: 16, width: 128, depth: 4, heads: 2, hasClassToken: false, learnedPositionSide: 0)
        #expect(try JSONDecoder().decode(EncoderShape.self, from: Data(old.utf8)) == plain)
        #expect(plain.hiddenWidth == 512 && plain.prefixTokens == 0 && plain.interpolation == .bicubic)
        for shape in Self.variants {
            #expect(try JSONDecoder().decode(EncoderShape.self, from: JSONEncoder().encode(shape)) == shape)
        }
        let hostile = old.replacing("128", with: "\(Int.max)")
        #expect(try JSONDecoder().decode(EncoderShape.self, from: Data(hostile.utf8)).hiddenWidth == 0)
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
