import Foundation
import Numerics
import Testing
import Text

@Suite struct LineTextEncoderTests {
    static let shape = LineTextShape(tokens: 9, positions: 6, width: 8, depth: 2, heads: 2, outputWidth: 5)
    static let sequences = [[0, 3, 8], [0], [0, 3, 3, 1, 7, 2]]

    static func drawn(_ layout: ParameterLayout) -> ParameterStore<Double> {
        var source = RandomSource(seed: 1)
        var store = ParameterStore<Double>(zerosFor: layout)
        for index in store.values.indices { store.values[index] = source.normal() * 0.3 }
        return store
    }

    /// Every parameter's gradient from embeddings, projections and tokens at once, against central differences.
    @Test func gradients() {
        var layout = ParameterLayout()
        let encoder = LineTextEncoder(&layout, prefix: "text.", shape: Self.shape)
        let store = Self.drawn(layout)
        var source = RandomSource(seed: 2)
        func draw(_ rows: Int, _ columns: Int) -> Matrix<Double> {
            Matrix(rows: rows, columns: columns, storage: (0..<rows * columns).map { _ in source.normal() })
        }
        let byEmbedding = draw(3, 5)
        let byProjected = draw(3, 5)
        let byTokens = draw(10, 8)
        func loss(_ values: [Double]) -> Double {
            var moved = store
            moved.values = values
            var a = LineTextEncoder.Activations<Double>(Self.shape)
            encoder.forward(Self.sequences, store: moved, activations: &a, training: false)
            func dot(_ x: Matrix<Double>, _ y: Matrix<Double>) -> Double {
                zip(x.storage, y.storage).reduce(0) { $0 + $1.0 * $1.1 }
            }
            return dot(a.embeddings, byEmbedding) + dot(a.projected, byProjected) + dot(a.tokens, byTokens)
        }
        var a = LineTextEncoder.Activations<Double>(Self.shape)
        encoder.forward(Self.sequences, store: store, activations: &a, training: true)
        #expect(a.segments == Segments(lengths: [3, 1, 6]))
        var gradients = ParameterStore<Double>(zerosFor: layout)
        encoder.backward(
            embeddingGradient: byEmbedding, projectedGradient: byProjected, tokenGradient: byTokens,
            gradients: &gradients, store: store, activations: &a)
        var probe = store.values
        for parameter in layout.parameters {
            var difference = 0.0
            var size = 0.0
            for index in parameter.range {
                let step = 1e-5
                probe[index] = store.values[index] + step
                let above = loss(probe)
                probe[index] = store.values[index] - step
                let numeric = (above - loss(probe)) / (2 * step)
                probe[index] = store.values[index]
                difference += (gradients.values[index] - numeric) * (gradients.values[index] - numeric)
                size += numeric * numeric
            }
            #expect(difference.squareRoot() < 1e-7 * max(1, size.squareRoot()), "\(parameter.name)")
        }
    }

    @Test func textsDoNotSeeEachOther() {
        var layout = ParameterLayout()
        let encoder = LineTextEncoder(&layout, prefix: "", shape: Self.shape)
        let store = Self.drawn(layout)
        var together = LineTextEncoder.Activations<Double>(Self.shape)
        encoder.forward(Self.sequences, store: store, activations: &together, training: false)
        for (row, sequence) in Self.sequences.enumerated() {
            var alone = LineTextEncoder.Activations<Double>(Self.shape)
            encoder.forward([sequence], store: store, activations: &alone, training: false)
            for (x, y) in zip(alone.embeddings.storage, together.embeddings.row(row)) { #expect(abs(x - y) < 1e-12) }
            #expect(abs(alone.embeddings.storage.reduce(0) { $0 + $1 * $1 } - 1) < 1e-12)
        }
    }

    /// Small enough to train in a second: two wordings of each kind find each other under InfoNCE and AdamW, and a
    /// wording that was held out lands nearest its kind's.
    @Test func learnsWhichWordsMeanTheSame() {
        let kinds = [
            ["scratch", "score mark", "thin line"], ["stain", "dark blotch", "spot"], ["crack", "fracture", "split"],
            ["dent", "dimple", "pit"],
        ]
        let grounds = ["on the rim", "near the edge", "over the label", "at the bore", "in the centre"]
        func captions(_ ground: Int) -> [String] {
            kinds.flatMap { words in words.map { "a \($0) \(grounds[ground])" } }
        }
        let tokenizer = LineTokenizer(learning: (0..<4).flatMap(captions), maximumLength: 24)
        var layout = ParameterLayout()
        let shape = LineTextShape(
            tokens: tokenizer.count, positions: 24, width: 32, depth: 2, heads: 2, outputWidth: 16)
        let encoder = LineTextEncoder(&layout, prefix: "text.", shape: shape)
        let logScale = layout.add("logScale", columns: 1, .zeros)
        var random = RandomSource(seed: 3)
        var store = ParameterStore<Float>(initialising: layout, using: &random)
        store.values[logScale.offset] = Float(InfoNCE.firstLogScale)
        var optimiser = AdamW<Float>(layout: layout, weightDecay: 0.01)
        var first = LineTextEncoder.Activations<Float>(shape)
        var second = first
        var losses: [Float] = []
        for _ in 0..<60 {
            var left: [String] = []
            var right: [String] = []
            for words in kinds {
                left.append("a \(words[random.integer(below: 3)]) \(grounds[random.integer(below: 4)])")
                right.append("a \(words[random.integer(below: 3)]) \(grounds[random.integer(below: 4)])")
            }
            encoder.forward(left.map(tokenizer.sequence), store: store, activations: &first, training: true)
            encoder.forward(right.map(tokenizer.sequence), store: store, activations: &second, training: true)
            var a = first.embeddings
            var b = second.embeddings
            var gradients = ParameterStore<Float>(zerosFor: layout)
            var slope: Float = 0
            losses.append(
                InfoNCE.loss(
                    first.embeddings, second.embeddings, logScale: store.values[logScale.offset], weight: 1,
                    gradientA: &a, gradientB: &b, logScaleGradient: &slope))
            gradients.values[logScale.offset] = slope
            encoder.backward(embeddingGradient: a, gradients: &gradients, store: store, activations: &first)
            encoder.backward(embeddingGradient: b, gradients: &gradients, store: store, activations: &second)
            optimiser.update(&store, gradients: gradients, learningRate: 3e-3, gradientScale: 1)
            InfoNCE.clip(&store.values[logScale.offset])
        }
        let before = losses.prefix(10).reduce(0, +)
        let after = losses.suffix(10).reduce(0, +)
        #expect(after < 0.2 * before, "\(losses)")
        // On a ground that was never seen, every wording's nearest other is of its kind.
        encoder.forward(captions(4).map(tokenizer.sequence), store: store, activations: &first, training: false)
        let cosines = product(first.embeddings, first.embeddings, transposeB: true)
        let right = (0..<12).filter { row in
            let nearest = (0..<12).filter { $0 != row }.max { cosines[row, $0] < cosines[row, $1] }!
            return nearest / 3 == row / 3
        }
        #expect(right.count >= 11, "\(right)")
    }

    @Test func shapesFromFilesAreChecked() throws {
        let json = try JSONEncoder().encode(Self.shape)
        #expect(try JSONDecoder().decode(LineTextShape.self, from: json) == Self.shape)
        #expect(Self.shape.problem == nil)
        var bad = Self.shape
        bad.width = 9
        #expect(bad.problem?.contains("multiple of 2 heads") == true)
        bad = Self.shape
        bad.tokens = .max
        #expect(bad.problem?.contains("tokens: expected") == true)
        bad = Self.shape
        bad.heads = 0
        #expect(bad.problem?.contains("heads: expected 1…64") == true)
    }
}
