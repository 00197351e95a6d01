import CLIP
import Foundation
import Network
import Numerics
import Text

/// How a CLIP is trained here: small enough for a minute on two cores.
package struct CLIPTrainingOptions: Sendable, Equatable {
    /// Steps; the training repeats to the bit for a seed, whatever the number of workers.
    package var steps = 300
    /// Pictures of a step, an even number; each is seen whole and through a few windows.
    package var batchSize = 16
    package var learningRate = 1e-3
    package var weightDecay = 0.1
    package var warmupSteps = 30
    package var width = 128
    package var depth = 2
    package var heads = 4
    /// Width of the common space.
    package var outputWidth = 64
    package var seed: UInt64
    package var workers: Int

    package init(seed: UInt64, workers: Int) {
        self.seed = seed
        self.workers = workers
    }
}

/// Why a CLIP could not be trained.
package enum CLIPTrainingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// `shouldStop` said so.
    case stopped
    /// A gradient was no number.
    case notFinite(step: Int)
    /// The encoder gave no embedding of a made picture, or one that is none.
    case notEmbedded
    /// A good image that could be read before no longer can be.
    case unreadable(path: String, reason: String)

    package var description: String {
        switch self {
        case .stopped: "stopped; no CLIP was trained"
        case .unreadable(let path, let reason): "\(path): expected a good image: \(reason)"
        case .notFinite(let step):
            "CLIP's training: expected finite gradients, got others at step \(step); a good image may be damaged"
        case .notEmbedded:
            "CLIP's training: expected finite embeddings of made pictures, got others; the model may be damaged, train it again"
        }
    }
}

/// Trains both towers of a small CLIP from nothing by the symmetric contrastive loss with a learned temperature (arXiv
/// 2103.00020). Its image tower is a transformer over the tokens of the line's own encoder: from pixels, a minute is not
/// enough to see small damage.
package struct CLIPTrainer {
    private let options: CLIPTrainingOptions
    private let examples: CaptionedTokens
    private let network: CLIPNetwork
    private let tokenizer: LineTokenizer
    private var store: ParameterStore<Float>

    /// Pictures that go through the image tower together: one task for one worker, whatever their number.
    private static let shardSize = 4

    /// Traps on an odd batch: examples come in pairs.
    package init(_ examples: CaptionedTokens, options: CLIPTrainingOptions) {
        precondition(
            options.batchSize > 0 && options.batchSize % 2 == 0,
            "CLIPTrainer: expected an even batch, got \(options.batchSize)")
        self.options = options
        self.examples = examples
        tokenizer = LineTokenizer(learning: examples.captions, maximumLength: 40)
        network = CLIPNetwork(
            CLIPShape(
                image: EncoderShape(
                    patchSize: 1, width: options.width, depth: options.depth, heads: options.heads,
                    hasClassToken: true, learnedPositionSide: 0, inputWidth: examples.tokenWidth),
                text: LineTextShape(
                    tokens: tokenizer.count, positions: tokenizer.maximumLength, width: options.width, depth: 2,
                    heads: options.heads, outputWidth: options.outputWidth)))
        var random = RandomSource(seed: options.seed, stream: 0xC11)
        store = network.initialised(using: &random)
    }

    /// Trains to the end of the steps.
    /// - Parameters: `progress`: called after every step with the share that is done and the loss of the step.
    package mutating func run(
        progress: (_ done: Double, _ loss: Double) -> Void, shouldStop: () -> Bool
    ) throws(CLIPTrainingError) -> CLIPModel {
        var optimiser = AdamW<Float>(layout: network.layout, weightDecay: options.weightDecay)
        let schedule = WarmupCosine(peak: options.learningRate, warmupSteps: options.warmupSteps)
        let count = (options.batchSize + Self.shardSize - 1) / Self.shardSize
        let shards = Shards(
            (0..<count).map { _ in
                ImageShard(network, store: store, rows: examples.gridRows, columns: examples.gridColumns)
            }, TextShard(network))
        for step in 0..<options.steps {
            if shouldStop() { throw .stopped }
            let done = Double(step) / Double(options.steps)
            let loss = learn(shards, step: step)
            let size = shards.gather(workers: options.workers)
            guard size.isFinite, loss.isFinite else { throw .notFinite(step: step) }
            optimiser.update(
                &store, gradients: shards.gradients, learningRate: schedule.rate(step: step, progress: done),
                gradientScale: size > 1 ? 1 / size : 1, workers: options.workers)
            InfoNCE.clip(&store.values[network.logScale.offset])
            progress(Double(step + 1) / Double(options.steps), loss)
        }
        return CLIPModel(
            tower: network.image, store: store, texts: .trained(tokenizer, network.text),
            logScale: store.values[network.logScale.offset], gridRows: examples.gridRows,
            gridColumns: examples.gridColumns)
    }

    /// Leaves the gradients of a step in the shards and gives back its loss. A function of its own, so that no copy of the
    /// parameters outlives it: the update would have to copy them all.
    private func learn(_ shards: Shards, step: Int) -> Double {
        let (examples, network, store, tokenizer, workers) = (examples, network, store, tokenizer, options.workers)
        let draws = parallelMap(count: options.batchSize, workers: workers) { examples.draw(step: step, number: $0) }
        let views = draws.flatMap(\.views)
        let parts = (0..<shards.images.count).map { shard in
            shard * Self.shardSize..<min(draws.count, (shard + 1) * Self.shardSize)
        }
        let embedded = parallelMap(count: parts.count + 1, workers: workers) { part -> Matrix<Float> in
            // The texts first: one long task among short ones.
            guard part > 0 else {
                return shards.text.forward(views.map { tokenizer.sequence($0.caption) }, network, store)
            }
            return shards.images[part - 1].forward(Array(draws[parts[part - 1]]), network, store)
        }
        var images = Matrix<Float>(rows: 0, columns: network.image.outputWidth)
        for part in embedded.dropFirst() {
            images.storage += part.storage
            images.rows += part.rows
        }
        var byImages = images
        var byTexts = images
        var byScale: Float = 0
        let loss = InfoNCE.loss(
            images, embedded[0], logScale: store.values[network.logScale.offset], groups: views.map(\.group), weight: 1,
            gradientA: &byImages, gradientB: &byTexts, logScaleGradient: &byScale)
        let (imageGradient, textGradient, scaleGradient) = (byImages, byTexts, byScale)
        _ = parallelMap(count: parts.count + 1, workers: workers) { part in
            guard part > 0 else {
                shards.text.backward(textGradient, network, store)
                shards.text.gradients.values[network.logScale.offset] = scaleGradient
                return
            }
            let each = views.count / draws.count
            let rows = parts[part - 1].lowerBound * each..<parts[part - 1].upperBound * each
            var own = Matrix<Float>(rows: 0, columns: imageGradient.columns)
            gatherRows(&own, from: imageGradient, indices: Array(rows))
            shards.images[part - 1].backward(own, network, store)
        }
        return Double(loss)
    }
}

/// The image tower's work on a part of a batch, in room of its own.
private final class ImageShard {
    private(set) var gradients: ParameterStore<Float>
    private let positions: Matrix<Float>
    private var patches: Matrix<Float>
    private var tokens: Matrix<Float>
    private var activations: ImageTower.Activations<Float>

    init(_ network: CLIPNetwork, store: ParameterStore<Float>, rows: Int, columns: Int) {
        gradients = ParameterStore(zerosFor: network.layout)
        positions = network.image.encoder.gridPositions(rows: rows, columns: columns, store: store)
        patches = Matrix(rows: 0, columns: network.image.encoder.embedWeight.columns)
        tokens = Matrix(rows: 0, columns: network.image.shape.width)
        activations = ImageTower.Activations(network.image, training: true)
    }

    func forward(
        _ draws: [CaptionedTokens.Draw], _ network: CLIPNetwork, _ store: ParameterStore<Float>
    ) -> Matrix<Float> {
        let count = positions.rows
        patches.storage.removeAll(keepingCapacity: true)
        for draw in draws { patches.storage += draw.tokens.storage }
        patches.rows = draws.count * count
        network.image.encoder.embed(&tokens, patches: patches, positions: positions, store: store)
        network.image.forward(
            patchTokens: tokens,
            subsets: draws.enumerated().flatMap { index, draw in
                draw.views.map { view in view.subset.map { index * count + $0 } }
            }, store: store,
            activations: &activations, training: true)
        return activations.embeddings
    }

    func backward(_ gradient: Matrix<Float>, _ network: CLIPNetwork, _ store: ParameterStore<Float>) {
        gradients.clear(0..<gradients.values.count)
        network.image.backward(
            gradient, patches: patches, gradients: &gradients, store: store, activations: &activations)
    }

    /// Adds the others' gradients to this shard's; gives back the norm.
    func add(_ others: [ParameterStore<Float>], workers: Int) -> Double {
        gradients.add(others, range: 0..<gradients.values.count, workers: workers)
    }
}

/// The text tower's work on a batch.
private final class TextShard {
    var gradients: ParameterStore<Float>
    private var activations: LineTextEncoder.Activations<Float>

    init(_ network: CLIPNetwork) {
        gradients = ParameterStore(zerosFor: network.layout)
        activations = LineTextEncoder.Activations(network.text.shape)
    }

    func forward(_ sequences: [[Int]], _ network: CLIPNetwork, _ store: ParameterStore<Float>) -> Matrix<Float> {
        network.text.forward(sequences, store: store, activations: &activations, training: true)
        return activations.embeddings
    }

    func backward(_ gradient: Matrix<Float>, _ network: CLIPNetwork, _ store: ParameterStore<Float>) {
        gradients.clear(0..<gradients.values.count)
        network.text.backward(
            embeddingGradient: gradient, gradients: &gradients, store: store, activations: &activations)
    }
}

/// Each shard is used by one task at a time; the box only lets them cross into it.
private struct Shards: @unchecked Sendable {
    let images: [ImageShard]
    let text: TextShard

    init(_ images: [ImageShard], _ text: TextShard) {
        self.images = images
        self.text = text
    }

    /// The sum of all gradients, once gathered.
    var gradients: ParameterStore<Float> { images[0].gradients }

    /// Sums all gradients in the order of the shards; gives back the norm of the sum.
    func gather(workers: Int) -> Double {
        images[0].add(images.dropFirst().map(\.gradients) + [text.gradients], workers: workers)
    }
}
