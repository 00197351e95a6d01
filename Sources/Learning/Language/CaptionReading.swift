import Network
import Numerics
import Text

/// What a text encoder that is trained with a line learns before it meets regions: how near in meaning its texts are
/// (`Meanings`). Beside the regions it then learns slowly, as a published encoder would; freshly drawn, it would tell
/// captions apart by their words for places, which all kinds share.
struct CaptionReading {
    private let options: LanguageOptions

    init(options: LanguageOptions) { self.options = options }

    /// A text of a batch.
    private struct Reading {
        let text: String
        let meaning: [Float]
        /// What it is a sentence about; nil for a name, or words of one.
        let sentence: (example: Int, kind: String)?

        /// Two sentences about different examples of one kind may differ in what meanings do not hold: places, looks.
        func tells(_ other: Reading) -> Bool {
            guard let own = sentence, let its = other.sentence else { return true }
            return own.example == its.example || own.kind != its.kind
        }
    }

    /// Trains `text` in place, at the full rate: cosines of embeddings approach those of meanings, by mean square.
    ///
    /// - Parameter phrases: names by kind.
    /// - Returns: the root mean square of what is left between them, in the last batch.
    @discardableResult func learn(
        _ examples: [RegionExample], _ phrases: [String: [String]], _ text: inout TrainedText,
        _ random: inout RandomSource
    ) -> Float {
        let kinds = Array(Set(examples.map(\.kind))).sorted()
        let members = kinds.map { kind in examples.indices.filter { examples[$0].kind == kind } }
        let meanings = Meanings(phrases.merging(kinds.map { ($0, []) }) { own, _ in own })
        let steps = max(1, options.steps)
        let schedule = WarmupCosine(peak: options.learningRate, warmupSteps: steps / 20)
        var activations = LineTextEncoder.Activations<Float>(text.encoder.shape)
        var gradients = ParameterStore<Float>(zerosFor: text.layout)
        var optimiser = AdamW<Float>(layout: text.layout, weightDecay: 0.01)
        var left: Float = 0
        for number in 0..<steps {
            var batch: [Reading] = []
            while batch.count < options.batchSize {
                // Kinds alike, however many examples each has.
                let place = random.integer(below: kinds.count)
                let index = members[place][random.integer(below: members[place].count)]
                for _ in 0..<2 {
                    let caption = examples[index].captions[random.integer(below: examples[index].captions.count)]
                    batch.append(
                        Reading(
                            text: caption, meaning: meanings.ofSentence(caption, kind: kinds[place]),
                            sentence: (index, kinds[place])))
                }
                batch += names(of: kinds[place], phrases, meanings, &random)
            }
            // Spelled words first, for those that no caption has; the last quarter reads as people write.
            let spelling = number < steps * 3 / 4 ? 0.1 : 0
            let sequences = batch.map { text.tokenizer.sequence($0.text, spelling: spelling, using: &random) }
            text.encoder.forward(sequences, store: text.store, activations: &activations, training: true)
            let (difference, gradient) = Self.compare(activations.embeddings, batch)
            left = difference
            gradients.clear(0..<gradients.values.count)
            text.encoder.backward(
                embeddingGradient: gradient, projectedGradient: nil, gradients: &gradients, store: text.store,
                activations: &activations)
            optimiser.update(
                &text.store, gradients: gradients,
                learningRate: schedule.rate(step: number, progress: Double(number) / Double(steps)), gradientScale: 1)
        }
        return left
    }

    /// A name of the kind with any size or none, and some of its words by themselves: people say "broken" too.
    private func names(
        of kind: String, _ phrases: [String: [String]], _ meanings: Meanings, _ random: inout RandomSource
    ) -> [Reading] {
        guard let names = phrases[kind], !names.isEmpty else { return [] }
        func sized(_ name: String) -> String {
            guard random.uniform() < options.sizedShare else { return name }
            let sizes = PlaceWords.sizes(rank: random.integer(below: PlaceWords.sizeCount))
            return LanguageTrainer.sized(name, sizes[random.integer(below: sizes.count)], &random)
        }
        let name = sized(names[random.integer(below: names.count)])
        var result = [Reading(text: name, meaning: meanings.ofName(name, kind: kind), sentence: nil)]
        let words = names[random.integer(below: names.count)].split { $0 == " " || $0 == "-" }
        guard !words.isEmpty else { return result }
        let first = random.integer(below: words.count)
        let some = sized(words[first..<first + 1 + random.integer(below: words.count - first)].joined(separator: " "))
        if let meaning = meanings.ofWords(some) { result.append(Reading(text: some, meaning: meaning, sentence: nil)) }
        return result
    }

    /// The mean square of cosines less those of meanings over the pairs that tell something, as its root and as its
    /// gradient by the embeddings, (texts, d).
    private static func compare(_ embeddings: Matrix<Float>, _ batch: [Reading]) -> (Float, Matrix<Float>) {
        let count = batch.count
        let wanted = Matrix(rows: count, columns: batch[0].meaning.count, storage: batch.flatMap(\.meaning))
        var differences = product(embeddings, embeddings, transposeB: true)
        let targets = product(wanted, wanted, transposeB: true)
        var (sum, pairs): (Float, Float) = (0, 0)
        for row in 0..<count {
            for column in 0..<count {
                let place = row * count + column
                guard row != column, batch[row].tells(batch[column]) else {
                    differences.storage[place] = 0
                    continue
                }
                differences.storage[place] -= targets.storage[place]
                sum += differences.storage[place] * differences.storage[place]
                pairs += 1
            }
        }
        var gradient = product(differences, embeddings)
        for place in gradient.storage.indices { gradient.storage[place] *= 4 / max(1, pairs) }
        return ((sum / max(1, pairs)).squareRoot(), gradient)
    }
}
