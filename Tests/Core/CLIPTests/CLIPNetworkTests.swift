import CLIP
import Network
import Numerics
import Testing
import Text

/// A CLIP of a few hundred numbers over pictures of 3 × 4 patches of 4 px, and a batch for it.
private struct SmallCLIP {
    let network: CLIPNetwork
    var store: ParameterStore<Double>
    let patches: Matrix<Double>
    let positions: Matrix<Double>
    /// Whole pictures and windows, of two pictures.
    let subsets = [Array(0..<12), [0, 1, 4, 5], Array(12..<24), [18, 19, 22, 23]]
    let texts = [[0, 3, 5], [0], [0, 4, 4, 2], [0, 1, 3]]

    init(learnedPositions: Bool) {
        network = CLIPNetwork(
            CLIPShape(
                image: EncoderShape(
                    patchSize: 4, width: 8, depth: 2, heads: 2, hiddenWidth: 12, hasClassToken: true,
                    learnedPositionSide: learnedPositions ? 3 : 0, hasPreNorm: learnedPositions,
                    activation: learnedPositions ? .quickGELU : .gelu),
                text: LineTextShape(tokens: 7, positions: 5, width: 8, depth: 1, heads: 2, outputWidth: 5)))
        var random = RandomSource(seed: 3)
        store = ParameterStore(zerosFor: network.layout)
        for index in store.values.indices { store.values[index] = 0.4 * random.normal() }
        store.values[network.logScale.offset] = 1.3
        patches = Matrix(rows: 24, columns: 48, storage: (0..<24 * 48).map { _ in random.normal() * 0.5 })
        positions = Matrix(rows: 0, columns: 0)
    }

    /// Loss of the batch, and its gradients where they are wanted.
    func loss(_ store: ParameterStore<Double>, gradients: UnsafeMutablePointer<ParameterStore<Double>>? = nil) -> Double
    {
        let encoder = network.image.encoder
        let positions = encoder.gridPositions(rows: 3, columns: 4, store: store)
        var tokens = Matrix<Double>(rows: 0, columns: 8)
        encoder.embed(&tokens, patches: patches, positions: positions, store: store)
        var images = ImageTower.Activations<Double>(network.image, training: true)
        network.image.forward(
            patchTokens: tokens, subsets: subsets, store: store, activations: &images, training: true)
        var words = LineTextEncoder.Activations<Double>(network.text.shape)
        network.text.forward(texts, store: store, activations: &words, training: true)
        var byImages = images.embeddings
        var byTexts = images.embeddings
        var byScale = 0.0
        let loss = InfoNCE.loss(
            images.embeddings, words.embeddings, logScale: store.values[network.logScale.offset], groups: [0, 1, 0, 2],
            weight: 1, gradientA: &byImages, gradientB: &byTexts, logScaleGradient: &byScale)
        if let gradients {
            network.image.backward(
                byImages, patches: patches, grid: (3, 4), gradients: &gradients.pointee, store: store,
                activations: &images)
            network.text.backward(
                embeddingGradient: byTexts, gradients: &gradients.pointee, store: store, activations: &words)
            gradients.pointee.values[network.logScale.offset] += byScale
        }
        return loss
    }
}

@Suite("CLIP's network")
struct CLIPNetworkTests {
    /// Central differences in Double with a step of 1e-5 over a loss of a few units.
    private static let tolerance = 1e-6

    @Test("Gradients of both towers and the temperature through the contrastive loss", arguments: [false, true])
    func gradients(learnedPositions: Bool) {
        let clip = SmallCLIP(learnedPositions: learnedPositions)
        var gradients = ParameterStore<Double>(zerosFor: clip.network.layout)
        _ = clip.loss(clip.store, gradients: &gradients)
        for parameter in clip.network.layout.parameters {
            var difference = 0.0
            var size = 0.0
            for index in parameter.range {
                var probe = clip.store
                probe.values[index] += 1e-5
                let above = clip.loss(probe)
                probe.values[index] -= 2e-5
                let expected = (above - clip.loss(probe)) / 2e-5
                let got = gradients.values[index]
                difference += (expected - got) * (expected - got)
                size = max(size, max(abs(expected), abs(got)))
            }
            // A key's bias moves every score of a row alike and so has no gradient: only rounding is left to compare.
            #expect(difference.squareRoot() <= Self.tolerance * max(size, 1e-2), "\(parameter.name)")
        }
    }

    @Test("The temperature starts at 1 / 0.07, and a subset's embedding does not depend on what else is embedded")
    func subsets() {
        let clip = SmallCLIP(learnedPositions: false)
        var random = RandomSource(seed: 4)
        let store: ParameterStore<Float> = clip.network.initialised(using: &random)
        #expect(abs(store.values[clip.network.logScale.offset] - 2.6592600) < 1e-6)
        // 300 windows of 4 patches go through in more than one piece.
        let model = CLIPModel(
            tower: clip.network.image, store: store,
            texts: .trained(LineTokenizer(learning: ["a", "a"], maximumLength: 5), clip.network.text), logScale: 9,
            inputSide: 16, mean: [0.5, 0.5, 0.5], standardDeviation: [0.25, 0.25, 0.25])
        #expect(model.scale == 100 && model.gridRows == 4 && model.gridColumns == 4 && model.width == 5)
        let pixels = (0..<3 * 256).map { _ in Float(random.uniform()) }
        let window = [5, 6, 9, 10]
        let alone = model.embeddings(of: pixels, subsets: [window])
        let many = model.embeddings(of: pixels, subsets: Array(repeating: window, count: 300) + [Array(0..<16)])
        for row in [0, 150, 299] {
            for column in 0..<5 { #expect(abs(many[row, column] - alone[0, column]) < 1e-5) }
        }
        let whole = model.embeddings(of: pixels)
        for column in 0..<5 { #expect(abs(whole[0, column] - many[300, column]) < 1e-5) }
        #expect((0..<5).contains { abs(whole[0, $0] - alone[0, $0]) > 1e-3 })
        for row in [0, 300] {
            let length = many.row(row).reduce(0) { $0 + $1 * $1 }
            #expect(abs(length - 1) < 1e-5)
        }
    }
}
