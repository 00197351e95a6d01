import Defects
import Describe
import Handover
import Network
import Numerics
import Text

/// How the language half learns.
package struct LanguageOptions: Sendable {
    /// How ŝ and captions come together.
    package enum Loss: String, Sendable, CaseIterable {
        /// Contrastive, both ways, with a learned temperature; captions of one kind are not each other's negatives.
        case infoNCE
        /// Without negatives: each predicts the other, SIGReg keeps both from collapsing (LeVLJEPA).
        case leVLJEPA
    }

    package var loss: Loss
    package var steps: Int
    package var batchSize: Int
    package var learningRate: Double
    /// The text encoder's rate as a share of the head's, where it learns here (VL-JEPA: 0.05).
    package var textRate: Double
    package var hiddenWidth: Int
    /// Share of the features that are hidden from the head in a step.
    package var dropout: Double
    /// Share of a batch's texts that are a name of the kind instead of a sentence about the place: sentences speak of sizes
    /// and places too, and regions are told apart by names.
    package var nameShare: Double
    /// Share of those names that say how large the place is ("large break"): what parts ask for is often a name with a
    /// size, and of sentences alone a head learns sizes weakly.
    package var sizedShare: Double
    /// Share of a batch that comes from known defects, where there are any; the rest is painted.
    package var knownShare: Double
    package var seed: UInt64

    package init(
        loss: Loss = .infoNCE, steps: Int = 300, batchSize: Int = 96, learningRate: Double = 1e-3,
        textRate: Double = 0.05, hiddenWidth: Int = 128, dropout: Double = 0.8,
        nameShare: Double = 0.5, sizedShare: Double = 0.5, knownShare: Double = 0.75, seed: UInt64
    ) {
        self.loss = loss
        self.steps = steps
        self.batchSize = batchSize
        self.learningRate = learningRate
        self.textRate = textRate
        self.hiddenWidth = hiddenWidth
        self.dropout = dropout
        self.nameShare = nameShare
        self.sizedShare = sizedShare
        self.knownShare = knownShare
        self.seed = seed
    }

    /// What a line learns with. Painted damage is not real damage: a head that knows the paint by heart tells real defects
    /// apart worse, so it learns briefly and sees a fifth of the features at a time. Known defects are what will be met
    /// again: of them it learns all it can.
    package static func usual(loss: Loss, hasKnown: Bool, seed: UInt64) -> LanguageOptions {
        hasKnown
            ? LanguageOptions(loss: loss, steps: 1000, dropout: 0.5, seed: seed)
            : LanguageOptions(loss: loss, seed: seed)
    }
}

/// Teaches a region head, and the text encoder with it where there is no published one, what damaged regions are
/// called. Works on features that are read once: seconds, not minutes.
package struct LanguageTrainer {
    private let options: LanguageOptions

    package init(options: LanguageOptions) { self.options = options }

    /// The language of the examples.
    ///
    /// - Parameters:
    ///   - painted: places on good pictures; two kinds at least.
    ///   - known: defects of the line that somebody has marked.
    ///   - published: frozen text weights; nil trains a text encoder here.
    ///   - names: labels with the phrases that stand for each, in the order of the vocabulary; none may be empty.
    ///   - calibration: examples that are in neither; where names begin to fit is measured on them.
    package func fit(
        _ painted: [RegionExample], known: [RegionExample] = [], published: SentenceEncoder?, names: [VocabularyName],
        calibration: [RegionExample]
    ) -> RegionLanguage {
        let examples = painted + known
        let phrases = Self.phrases(names)
        precondition(
            Set(painted.map(\.kind)).count > 1, "LanguageTrainer: expected painted examples of two kinds at least")
        var random = RandomSource(seed: options.seed, stream: 0x7E87)
        let (mean, scale) = Self.moments(examples)
        let inputs = examples.map { RegionLanguage.standardised($0.rows, mean: mean, scale: scale) }
        let (space, head) =
            published.map { frozen(examples, inputs, phrases, known: known.count, encoder: $0, &random) }
            ?? trained(examples, inputs, phrases, known: known.count, &random)
        let placeholder = Matrix<Float>(rows: 1, columns: space.width)
        var language = RegionLanguage(
            shape: RegionHeadShape(
                inputWidth: mean.count, hiddenWidth: options.hiddenWidth, outputWidth: space.width),
            featureMean: mean, featureScale: scale,
            vocabulary: Vocabulary(labels: [""], embeddings: placeholder, least: -1), space: space, using: &random)
        language.store.values = head
        language.vocabulary = Self.vocabulary(names, language: language, calibration: calibration)
        return language
    }

    // MARK: - The two kinds of text encoder

    private func frozen(
        _ examples: [RegionExample], _ inputs: [Matrix<Float>], _ phrases: [String: [String]], known: Int,
        encoder: SentenceEncoder, _ random: inout RandomSource
    ) -> (TextSpace, head: [Float]) {
        let captions = Set(examples.flatMap { $0.captions + Self.sizedNames(of: $0, phrases) })
            .union(phrases.values.flatMap { $0 }).sorted()
        // One centre for all lines and trainings: what earlier models described stays comparable with new words. The
        // lists may grow, their first ten may not change.
        let space = TextSpace(
            encoder: .published(encoder), centredOn: PaintedKind.allCases.flatMap { $0.wordings.trained.prefix(10) })
        guard let embeddings = space.embeddings(captions) else {
            preconditionFailure("LanguageTrainer: a published encoder embeds every text")
        }
        let rows = Dictionary(uniqueKeysWithValues: captions.enumerated().map { ($1, $0) })
        var step = AlignmentStep(
            options: options, inputWidth: inputs[0].columns, outputWidth: space.width, using: &random)
        train(examples, inputs, phrases, known: known, &random) { input, captions, groups, rate, random in
            var target = Matrix<Float>(rows: 0, columns: embeddings.columns)
            gatherRows(&target, from: embeddings, indices: captions.map { rows[$0] ?? 0 })
            _ = step.update(input: input, text: target, projectedText: target, groups: groups, rate: rate, &random)
        }
        return (space, step.headNumbers())
    }

    private func trained(
        _ examples: [RegionExample], _ inputs: [Matrix<Float>], _ phrases: [String: [String]], known: Int,
        _ random: inout RandomSource
    ) -> (TextSpace, head: [Float]) {
        let phrases = Self.withKindred(phrases)
        var text = Self.freshText(examples, phrases, width: 96, depth: 2, heads: 4, outputWidth: 128, &random)
        let shape = text.encoder.shape
        var activations = LineTextEncoder.Activations<Float>(shape)
        var gradients = ParameterStore<Float>(zerosFor: text.layout)
        var optimiser = AdamW<Float>(layout: text.layout, weightDecay: 0.01)
        CaptionReading(options: options).learn(examples, phrases, &text, &random)
        var step = AlignmentStep(
            options: options, inputWidth: inputs[0].columns, outputWidth: shape.outputWidth, using: &random)
        train(examples, inputs, phrases, known: known, &random) { input, captions, groups, rate, random in
            let sequences = captions.map { caption in
                var spelling = RandomSource?.some(random)
                let sequence = text.tokenizer.sequence(caption, spelling: 0.1, using: &spelling!)
                random = spelling!
                return sequence
            }
            text.encoder.forward(sequences, store: text.store, activations: &activations, training: true)
            let textGradient = step.update(
                input: input, text: activations.embeddings, projectedText: activations.projected, groups: groups,
                rate: rate, &random)
            gradients.clear(0..<gradients.values.count)
            text.encoder.backward(
                embeddingGradient: textGradient.embedding, projectedGradient: textGradient.projected,
                gradients: &gradients, store: text.store, activations: &activations)
            optimiser.update(
                &text.store, gradients: gradients,
                learningRate: rate * options.textRate, gradientScale: 1)
        }
        let space = TextSpace(
            encoder: .trained(text), centre: [Float](repeating: 0, count: shape.outputWidth))
        return (space, step.headNumbers())
    }

    /// A text encoder that has read nothing, with the words of the examples' captions and of the names.
    static func freshText(
        _ examples: [RegionExample], _ phrases: [String: [String]], width: Int, depth: Int, heads: Int,
        outputWidth: Int, _ random: inout RandomSource
    ) -> TrainedText {
        let tokenizer = LineTokenizer(
            learning: examples.flatMap(\.captions) + phrases.values.flatMap { $0 }, times: 1, limit: 2000,
            maximumLength: 48)
        let shape = LineTextShape(
            tokens: tokenizer.count, positions: 48, width: width, depth: depth, heads: heads, outputWidth: outputWidth)
        return TrainedText(tokenizer: tokenizer, shape: shape, using: &random)
    }

    // MARK: - Batches

    private typealias Step = (
        _ input: Matrix<Float>, _ captions: [String], _ groups: [Int], _ rate: Double, _ random: inout RandomSource
    ) -> Void

    private func train(
        _ examples: [RegionExample], _ inputs: [Matrix<Float>], _ phrases: [String: [String]], known: Int,
        _ random: inout RandomSource, _ step: Step
    ) {
        let kinds = Array(Set(examples.map(\.kind))).sorted()
        let groupOf = Dictionary(uniqueKeysWithValues: kinds.enumerated().map { ($1, $0) })
        let schedule = WarmupCosine(peak: options.learningRate, warmupSteps: options.steps / 20)
        let painted = examples.count - known
        // Two decks, dealt out and shuffled again each for itself.
        var (paintedDeck, knownDeck): ([Int], [Int]) = ([], [])
        for number in 0..<options.steps {
            var batch: [Int] = []
            while batch.count < min(options.batchSize, examples.count) {
                if known > 0, random.uniform() < options.knownShare {
                    if knownDeck.isEmpty { knownDeck = random.permutation(known).map { painted + $0 } }
                    batch.append(knownDeck.removeLast())
                } else {
                    if paintedDeck.isEmpty { paintedDeck = random.permutation(painted) }
                    batch.append(paintedDeck.removeLast())
                }
            }
            var input = Matrix<Float>(rows: batch.count, columns: inputs[0].columns)
            var captions: [String] = []
            for (row, index) in batch.enumerated() {
                input.setRow(row, inputs[index].row(random.integer(below: inputs[index].rows)))
                captions.append(text(of: examples[index], phrases, &random))
            }
            if options.dropout > 0 {
                let kept = Float(1 / (1 - options.dropout))
                for index in input.storage.indices {
                    input.storage[index] = random.uniform() < options.dropout ? 0 : input.storage[index] * kept
                }
            }
            let groups = batch.map { groupOf[examples[$0].kind] ?? 0 }
            step(
                input, captions, groups, schedule.rate(step: number, progress: Double(number) / Double(options.steps)),
                &random)
        }
    }

    /// Phrases by kind.
    private static func phrases(_ names: [VocabularyName]) -> [String: [String]] {
        var phrases: [String: [String]] = [:]
        for name in names { if let kind = name.kind { phrases[kind, default: []] += name.phrases } }
        return phrases
    }

    /// Phrases by kind with those that tie painted kinds together.
    static func withKindred(_ phrases: [String: [String]]) -> [String: [String]] {
        Dictionary(uniqueKeysWithValues: phrases.map { ($0, $1 + (PaintedKind(rawValue: $0)?.kindred ?? [])) })
    }

    /// What is said of an example: one of its sentences, or one of its kind's names where it has any, with its size or
    /// without.
    func text(of example: RegionExample, _ phrases: [String: [String]], _ random: inout RandomSource) -> String {
        let names = phrases[example.kind] ?? []
        guard !names.isEmpty, random.uniform() < options.nameShare else {
            return example.captions[random.integer(below: example.captions.count)]
        }
        let name = names[random.integer(below: names.count)]
        guard !example.sizes.isEmpty, random.uniform() < options.sizedShare else { return name }
        let size = example.sizes[random.integer(below: example.sizes.count)]
        return Self.sized(name, size, &random)
    }

    /// The name with a size, before or after it.
    static func sized(_ name: String, _ size: String, _ random: inout RandomSource) -> String {
        sized(name, size)[random.uniform() < sizeFirst ? 0 : 1]
    }

    /// Share of sized names that say the size first, as people do; folders are often called "broken_large".
    private static let sizeFirst = 0.7

    /// Everything that `text` may make of names and sizes.
    private static func sizedNames(of example: RegionExample, _ phrases: [String: [String]]) -> [String] {
        (phrases[example.kind] ?? []).flatMap { name in example.sizes.flatMap { sized(name, $0) } }
    }

    /// The name with a size, first and last; alone where it says one itself.
    private static func sized(_ name: String, _ size: String) -> [String] {
        PlaceWords.saysSize(name) ? [name, name] : ["\(size) \(name)", "\(name), \(size)"]
    }

    private static func moments(_ examples: [RegionExample]) -> (mean: [Float], scale: [Float]) {
        let width = examples[0].rows[0].count
        var (sum, square) = ([Double](repeating: 0, count: width), [Double](repeating: 0, count: width))
        var count = 0.0
        for example in examples {
            for row in example.rows {
                for (column, value) in row.enumerated() {
                    sum[column] += Double(value)
                    square[column] += Double(value) * Double(value)
                }
                count += 1
            }
        }
        let mean = sum.map { $0 / count }
        let scale = zip(square, mean).map { 1 / max(1e-3, max(0, $0 / count - $1 * $1).squareRoot()) }
        return (mean.map { Float($0) }, scale.map { Float($0) })
    }

    // MARK: - Names

    /// The vocabulary of `names`. A name fits from the similarity on that best tells the right name of calibration
    /// examples from the nearest wrong one when the right one is left out.
    static func vocabulary(
        _ names: [VocabularyName], language: RegionLanguage, calibration: [RegionExample]
    ) -> Vocabulary {
        guard let embeddings = language.space.middles(names.map(\.phrases)) else {
            preconditionFailure("LanguageTrainer: a space that was just made embeds every text")
        }
        let labels = names.map(\.label)
        let open = Vocabulary(labels: labels, embeddings: embeddings, least: -1)
        guard !calibration.isEmpty else { return open }
        let predicted = language.embeddings(calibration.map { $0.rows[0] })
        var (right, wrong): ([Double], [Double]) = ([], [])
        for (row, example) in calibration.enumerated() {
            let ranked = open.ranked(predicted.row(row))
            let own = Set(names.filter { $0.kind == example.kind }.map(\.label))
            if own.contains(ranked[0].label) { right.append(ranked[0].similarity) }
            if let other = ranked.first(where: { !own.contains($0.label) }) { wrong.append(other.similarity) }
        }
        return Vocabulary(labels: labels, embeddings: embeddings, least: separating(right, wrong))
    }

    /// The value with the least sum of the shares of `right` below it and of `wrong` at or above it.
    static func separating(_ right: [Double], _ wrong: [Double]) -> Double {
        guard !right.isEmpty, !wrong.isEmpty else { return -1 }
        let (right, wrong) = (right.sorted(), wrong.sorted())
        var best = (cost: Double.infinity, value: -1.0)
        var (below, underneath) = (0, 0)
        for value in (right + wrong).sorted() {
            while below < right.count, right[below] < value { below += 1 }
            while underneath < wrong.count, wrong[underneath] < value { underneath += 1 }
            let cost =
                Double(below) / Double(right.count) + Double(wrong.count - underneath) / Double(wrong.count)
            if cost < best.cost { best = (cost, value) }
        }
        return best.value
    }
}
