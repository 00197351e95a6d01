import Network
import Numerics

/// One step that brings ŝ and captions together, with the state that lasts over the steps.
struct AlignmentStep {
    /// d loss / d text embedding of unit length, and before unit length, (B, d).
    struct TextGradient {
        let embedding: Matrix<Float>?
        let projected: Matrix<Float>?
    }

    private let options: LanguageOptions
    private let head: RegionHead
    private let layout: ParameterLayout
    private let logScale: Parameter
    /// ŝ from the region's own embedding, and that from the caption's: the two predictors of LeVLJEPA, (d, d).
    private let textFromImage: Parameter
    private let imageFromText: Parameter
    private let headCount: Int
    private var store: ParameterStore<Float>
    private var gradients: ParameterStore<Float>
    private var optimiser: AdamW<Float>
    private var activations: RegionHead.Activations<Float>

    init(options: LanguageOptions, inputWidth: Int, outputWidth: Int, using random: inout RandomSource) {
        self.options = options
        var layout = ParameterLayout()
        let shape = RegionHeadShape(
            inputWidth: inputWidth, hiddenWidth: options.hiddenWidth, outputWidth: outputWidth)
        head = RegionHead(&layout, prefix: "head.", shape: shape)
        headCount = layout.count
        logScale = layout.add("log_scale", columns: 1, .zeros)
        let spread = 1 / Double(outputWidth).squareRoot()
        textFromImage = layout.add("text_from_image", rows: outputWidth, columns: outputWidth, .normal(spread))
        imageFromText = layout.add("image_from_text", rows: outputWidth, columns: outputWidth, .normal(spread))
        self.layout = layout
        store = ParameterStore(initialising: layout, using: &random)
        store.values[logScale.offset] = Float(InfoNCE.firstLogScale)
        gradients = ParameterStore(zerosFor: layout)
        optimiser = AdamW(layout: layout, weightDecay: 1)
        activations = RegionHead.Activations(shape)
    }

    /// One update of the head; gives back what the text encoder should learn.
    ///
    /// - Parameters:
    ///   - input: standardised features, (B, inputWidth).
    ///   - text, projectedText: the captions' embeddings, of unit length and before, (B, d).
    ///   - groups: rows of one group are not each other's negatives.
    ///   - rate: of learning, in this step.
    mutating func update(
        input: Matrix<Float>, text: Matrix<Float>, projectedText: Matrix<Float>, groups: [Int], rate: Double,
        _ random: inout RandomSource
    ) -> TextGradient {
        gradients.clear(0..<gradients.values.count)
        head.forward(input, store: store, activations: &activations)
        let result =
            switch options.loss {
            case .infoNCE: contrast(input, text, groups)
            case .leVLJEPA: foretell(input, text: text, projectedText: projectedText, &random)
            }
        optimiser.update(
            &store, gradients: gradients, learningRate: rate,
            gradientScale: 1)
        InfoNCE.clip(&store.values[logScale.offset])
        return result
    }

    /// InfoNCE tells kinds apart; the cosine beside it pulls ŝ to the captions themselves, their sizes and places.
    private mutating func contrast(_ input: Matrix<Float>, _ text: Matrix<Float>, _ groups: [Int]) -> TextGradient {
        var regionGradient = Matrix<Float>(rows: 0, columns: text.columns)
        var textGradient = regionGradient
        var scaleGradient: Float = 0
        _ = InfoNCE.loss(
            activations.embeddings, text, logScale: store.values[logScale.offset], groups: groups, weight: 1,
            gradientA: &regionGradient, gradientB: &textGradient, logScaleGradient: &scaleGradient)
        var pull = Matrix<Float>(rows: text.rows, columns: text.columns)
        _ = Alignment.cosine(predicted: activations.embeddings, target: text, weight: 1, gradient: &pull)
        addScaled(&regionGradient, 1, pull)
        gradients.values[logScale.offset] += scaleGradient
        head.backward(
            embeddingGradient: regionGradient, input: input, gradients: &gradients, store: store,
            activations: activations)
        return TextGradient(embedding: textGradient, projected: nil)
    }

    /// LeVLJEPA on embeddings before unit length. A frozen text encoder's are of unit length; √d brings their numbers to
    /// the deviation of 1 that SIGReg asks for.
    private mutating func foretell(
        _ input: Matrix<Float>, text: Matrix<Float>, projectedText: Matrix<Float>, _ random: inout RandomSource
    ) -> TextGradient {
        let width = text.columns
        var target = projectedText
        let isFrozen = projectedText.storage == text.storage
        if isFrozen { for index in target.storage.indices { target.storage[index] *= Float(width).squareRoot() } }
        var batch = LeVLJEPA<Float>.Batch(
            image: activations.projected, text: target, textFromImage: Matrix(rows: 0, columns: width),
            imageFromText: Matrix(rows: 0, columns: width))
        linearForward(
            &batch.textFromImage, input: batch.image, store: store, weight: textFromImage, bias: nil)
        linearForward(&batch.imageFromText, input: batch.text, store: store, weight: imageFromText, bias: nil)
        let empty = Matrix<Float>(rows: text.rows, columns: width)
        var gradient = LeVLJEPA<Float>.Batch(image: empty, text: empty, textFromImage: empty, imageFromText: empty)
        let directions: Matrix<Float> = SIGReg.directions(width: width, count: 128, using: &random)
        _ = LeVLJEPA<Float>.loss(
            batch, directions: directions, lambda: Float(LeVLJEPA<Float>.publishedLambda), weight: 1,
            gradient: &gradient)
        var fromText = Matrix<Float>?.some(Matrix(rows: 0, columns: width))
        linearBackward(
            inputGradient: &fromText, gradients: &gradients, outputGradient: gradient.imageFromText, input: batch.text,
            store: store, weight: imageFromText, bias: nil)
        var fromImage = Matrix<Float>?.some(Matrix(rows: 0, columns: width))
        linearBackward(
            inputGradient: &fromImage, gradients: &gradients, outputGradient: gradient.textFromImage,
            input: batch.image, store: store, weight: textFromImage, bias: nil)
        if let fromImage { addScaled(&gradient.image, 1, fromImage) }
        if let fromText { addScaled(&gradient.text, 1, fromText) }
        head.backward(
            embeddingGradient: nil, projectedGradient: gradient.image, input: input, gradients: &gradients,
            store: store, activations: activations)
        return TextGradient(embedding: nil, projected: isFrozen ? nil : gradient.text)
    }

    /// The head's numbers; LeVLJEPA's predictor of text is folded into its last layers, so that both losses leave the
    /// same network.
    func headNumbers() -> [Float] {
        guard options.loss == .leVLJEPA else { return Array(store.values[0..<headCount]) }
        var result = store
        func folded(_ parameter: Parameter) {
            let matrix = Matrix<Float>(
                rows: parameter.rows, columns: parameter.columns, storage: Array(store[parameter]))
            let map = Matrix<Float>(
                rows: textFromImage.rows, columns: textFromImage.columns, storage: Array(store[textFromImage]))
            result[parameter] = product(map, matrix).storage[...]
        }
        folded(head.outputWeight)
        folded(head.skipWeight)
        let bias = Matrix<Float>(
            rows: 1, columns: head.outputBias.columns, storage: Array(store[head.outputBias]))
        let map = Matrix<Float>(
            rows: textFromImage.rows, columns: textFromImage.columns, storage: Array(store[textFromImage]))
        result[head.outputBias] = product(bias, map, transposeB: true).storage[...]
        return Array(result.values[0..<headCount])
    }
}
