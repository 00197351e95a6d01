import Network
import Numerics
import Text

/// What a text encoder that is trained with a line learns before it meets regions: captions of one place say the same,
/// captions of different kinds do not. Beside the regions it then learns slowly, as a published encoder would; freshly
/// drawn, it would tell captions apart by their words for places, which all kinds share.
struct CaptionReading {
    private let options: LanguageOptions

    init(options: LanguageOptions) { self.options = options }

    /// Trains `text` in place for as many steps as the regions get, at the full rate.
    ///
    /// - Parameter phrases: names by kind.
    func learn(
        _ examples: [RegionExample], _ phrases: [String: [String]], _ text: inout TrainedText,
        _ random: inout RandomSource
    ) {
        let kinds = Array(Set(examples.map(\.kind))).sorted()
        let groupOf = Dictionary(uniqueKeysWithValues: kinds.enumerated().map { ($1, $0) })
        let members = kinds.map { kind in examples.indices.filter { examples[$0].kind == kind } }
        let steps = max(1, options.steps)
        let sayings = LanguageTrainer(options: options)
        let schedule = WarmupCosine(peak: options.learningRate, warmupSteps: steps / 20)
        var activations = LineTextEncoder.Activations<Float>(text.encoder.shape)
        var gradients = ParameterStore<Float>(zerosFor: text.layout)
        var optimiser = AdamW<Float>(layout: text.layout, weightDecay: 0.01)
        let pairs = max(2, min(options.batchSize, examples.count) / 2)
        let width = text.encoder.shape.outputWidth
        for number in 0..<steps {
            var captions: (left: [String], right: [String]) = ([], [])
            var groups: [Int] = []
            for _ in 0..<pairs {
                // Kinds alike, however many examples each has; the other caption may be of another place as large.
                let kind = members[random.integer(below: members.count)]
                let first = examples[kind[random.integer(below: kind.count)]]
                let drawn = random.uniform() < 0.5 ? first : examples[kind[random.integer(below: kind.count)]]
                let other = drawn.sizes == first.sizes ? drawn : first
                captions.left.append(sayings.text(of: first, phrases, &random))
                captions.right.append(sayings.text(of: other, phrases, &random))
                groups.append(groupOf[first.kind] ?? 0)
            }
            let sequences = (captions.left + captions.right).map {
                text.tokenizer.sequence($0, spelling: 0.1, using: &random)
            }
            text.encoder.forward(sequences, store: text.store, activations: &activations, training: true)
            let embeddings = activations.embeddings
            func half(_ rows: Range<Int>) -> Matrix<Float> {
                Matrix(
                    rows: rows.count, columns: width,
                    storage: Array(embeddings.storage[rows.lowerBound * width..<rows.upperBound * width]))
            }
            var left = Matrix<Float>(rows: 0, columns: width)
            var right = left
            var scaleGradient: Float = 0
            _ = InfoNCE.loss(
                half(0..<pairs), half(pairs..<2 * pairs), logScale: Float(InfoNCE.firstLogScale), groups: groups,
                levels: (
                    captions.left.map(PlaceWords.size(saidIn:)), captions.right.map(PlaceWords.size(saidIn:))
                ), weight: 1, gradientA: &left, gradientB: &right, logScaleGradient: &scaleGradient)
            gradients.clear(0..<gradients.values.count)
            text.encoder.backward(
                embeddingGradient: Matrix(rows: 2 * pairs, columns: width, storage: left.storage + right.storage),
                projectedGradient: nil, gradients: &gradients, store: text.store, activations: &activations)
            optimiser.update(
                &text.store, gradients: gradients,
                learningRate: schedule.rate(step: number, progress: Double(number) / Double(steps)), gradientScale: 1)
        }
    }
}
