import Defects
import Dispatch
import Foundation
import Masking
import Network
import Numerics

/// How a training stands; what its progress bar shows.
package struct TrainingProgress: Sendable {
    package let step: Int
    package let samples: Int
    /// 0…1 of the time, or of the steps where these are fixed.
    package let fraction: Double
    package let secondsLeft: Double
    package let losses: StepLosses
    package let imagesPerSecond: Double
    /// Effective rank and mean deviation of the learned targets; a collapse shows here first.
    package let effectiveRank: Double
    package let deviation: Double
}

/// What a training needs to go on after a stop.
package struct TrainingState: Sendable {
    package var store: ParameterStore<Float>
    package var firstMoments: [Float]
    package var secondMoments: [Float]
    package var step: Int
    package var elapsed: Double

    package init(
        store: ParameterStore<Float>, firstMoments: [Float], secondMoments: [Float], step: Int, elapsed: Double
    ) {
        self.store = store
        self.firstMoments = firstMoments
        self.secondMoments = secondMoments
        self.step = step
        self.elapsed = elapsed
    }
}

/// Self-supervised training on good images: forward, backward, step; collapse watched, state handed out for
/// checkpoints.
package struct Trainer {
    private var model: InspectionModel<Float>
    private let lowLevel: LowLevelTargets?
    private let options: TrainingOptions
    private let drawer: SampleDrawer

    /// - Parameters:
    ///   - space: what black and white are in the normalised pixels, for the damage.
    ///   - lines: whose pictures they are, where several lines share the model; empty for one line.
    package init(
        model: InspectionModel<Float>, lowLevel: LowLevelTargets?, images: TrainingImages, options: TrainingOptions,
        space: PixelSpace, lines: [LinePictures] = []
    ) throws(TrainingError) {
        guard images.count >= 2 else {
            throw .tooFewImages(found: images.count, needed: 2, why: "a predictor cannot learn from a single picture")
        }
        self.model = model
        self.lowLevel = lowLevel
        self.options = options
        drawer = SampleDrawer(
            images: images, options: options, patchSize: model.shape.encoder.patchSize, space: space, lines: lines)
    }

    /// Trains until the time is up, or the steps are done where these are fixed, and returns the model.
    ///
    /// - Parameters:
    ///   - resume: the state of an earlier, stopped training of the same kind.
    ///   - progress: called about once a second.
    ///   - save: called about every `saveSeconds`, with the state to write down.
    ///   - shouldStop: asked after every step; true ends with `TrainingError.stopped` after a last `save`.
    package mutating func run(
        resume: TrainingState? = nil, saveSeconds: Double = 60, progress: (TrainingProgress) -> Void,
        save: (TrainingState) throws -> Void, shouldStop: () -> Bool
    ) throws -> InspectionModel<Float> {
        var optimiser = AdamW<Float>(layout: model.layout, weightDecay: options.weightDecay)
        let schedule = WarmupCosine(peak: options.learningRate, warmupSteps: options.warmupSteps)
        let learning = model.learning
        let shardCount = max(1, (options.batchSize + Self.shardSize - 1) / Self.shardSize)
        let caches = TargetCaches()
        let workers = (0..<shardCount).map { _ in
            ShardWorker(
                model: model, options: options, width: drawer.images.width, height: drawer.images.height,
                caches: caches, queries: drawer.lines.map(\.query))
        }
        var step = 0
        var before = 0.0
        if let resume {
            model.store = resume.store
            optimiser.restore(
                firstMoments: resume.firstMoments, secondMoments: resume.secondMoments, step: resume.step)
            step = resume.step
            before = resume.elapsed
        }
        let total = options.minutes * 60
        let start = Date()
        let firstStep = step
        var lastReport = 0.0
        var lastSave = before
        var smoothed = StepLosses()
        while true {
            let elapsed = before + Date().timeIntervalSince(start)
            let done = fraction(step: step, elapsed: elapsed)
            if done >= 1 { break }
            if shouldStop() {
                try save(state(optimiser, step: step, elapsed: elapsed))
                throw TrainingError.stopped
            }
            let losses = try advance(
                workers: workers, optimiser: &optimiser, step: step,
                rate: schedule.rate(step: step, progress: done), learning: learning, paces: paces(progress: done))
            step += 1
            smoothed = step == firstStep + 1 ? losses : blend(smoothed, losses)
            if elapsed - lastReport >= 1 || lastReport == 0 {
                lastReport = elapsed
                let probe = try probeCollapse(workers[0].target, step: step)
                let now = before + Date().timeIntervalSince(start)
                let done = fraction(step: step, elapsed: now)
                let left = options.steps > 0 ? now / max(done, 1e-9) - now : total - now
                progress(
                    TrainingProgress(
                        step: step, samples: step * options.batchSize, fraction: done, secondsLeft: max(0, left),
                        losses: smoothed,
                        imagesPerSecond: Double((step - firstStep) * options.batchSize) / max(1e-3, now - before),
                        effectiveRank: probe.rank, deviation: probe.deviation))
            }
            if elapsed - lastSave >= saveSeconds {
                lastSave = elapsed
                try save(state(optimiser, step: step, elapsed: elapsed))
            }
        }
        return model
    }

    /// 0…1 of the training: by its steps where they are fixed, else by the clock.
    private func fraction(step: Int, elapsed: Double) -> Double {
        min(1, options.steps > 0 ? Double(step) / Double(options.steps) : elapsed / (options.minutes * 60))
    }

    /// Images per shard: each shard is one task for one worker, whatever their number, so sums repeat to the bit.
    static let shardSize = 4

    /// One step of the training: draw, forward and backward on every shard, sum, update. All of it on all workers.
    private mutating func advance(
        workers: [ShardWorker], optimiser: inout AdamW<Float>, step: Int, rate: Double, learning: Set<String>,
        paces: [String: AdamW<Float>.Pace]
    ) throws -> StepLosses {
        let losses = learn(workers, step: step)
        let range = model.learningRange
        let size = workers[0].add(Array(workers.dropFirst()), range: range, workers: options.workers)
        guard size.isFinite else { throw TrainingError.notFinite(step: step, what: "the gradient") }
        optimiser.update(
            &model.store, gradients: workers[0].gradients, learningRate: rate, gradientScale: size > 1 ? 1 / size : 1,
            learning: learning, paces: paces, workers: options.workers)
        return losses
    }

    /// An adapted encoder's parameters learn slower than the predictor's, and the slower the newer the predictor is:
    /// what an untrained one sends back says little about the line and would only spoil what was published (Kumar et
    /// al., arXiv 2202.10054). They do not decay: zero is no place that published weights should drift to.
    private func paces(progress: Double) -> [String: AdamW<Float>.Pace] {
        guard model.shape.source == .adapted else { return [:] }
        let pace = AdamW<Float>.Pace(
            rate: options.encoderRate * min(1, progress / Self.encoderWarmup), decays: false)
        let names = model.layout.parameters.map(\.name).filter { $0.hasPrefix("encoder.") }
        return Dictionary(uniqueKeysWithValues: names.map { ($0, pace) })
    }

    /// Share of a training over which an adapted encoder's rate rises to its own.
    static let encoderWarmup = 0.2

    /// Leaves the gradients of each shard of a batch in its worker. A function of its own, so that no copy of the
    /// parameters outlives it: the update would have to copy them all.
    private func learn(_ workers: [ShardWorker], step: Int) -> StepLosses {
        let (model, lowLevel, drawer, options) = (model, lowLevel, drawer, options)
        let (samples, directions) = draw(step: step)
        let shape = model.shape
        let work = samples.map { sample in
            let context = sample.seesAll && shape.source.learns ? 0 : sample.visible.count
            let encoded = shape.source.learns ? drawer.grid.count + context : context
            let predicted = sample.visible.count + sample.hidden.count
            // Backward costs twice the forward.
            return (shape.source.learns ? 3 : 1) * shape.encoderDepth * encoded
                + 3 * shape.predictorDepth * predicted
        }
        let plan = ShardPlan.deal(work: work, size: Self.shardSize)
        let shards = Shards(workers)
        return mean(
            parallelMap(count: plan.count, workers: options.workers) { shard in
                shards[shard].run(
                    plan[shard].map { samples[$0] }, model: model, lowLevel: lowLevel,
                    share: Double(plan[shard].count) / Double(options.batchSize), directions: directions)
            })
    }

    /// The batch of a step, and the directions of its SIGReg where the encoder learns.
    private func draw(step: Int) -> ([Sample], directions: Matrix<Float>?) {
        enum Drawn {
            case sample(Sample)
            case directions(Matrix<Float>)
        }
        let (drawer, options, width) = (drawer, options, model.shape.contextWidth)
        let learns = model.shape.source.learns
        let drawn = parallelMap(count: options.batchSize + (learns ? 1 : 0), workers: options.workers) { number in
            guard number < options.batchSize else {
                var random = RandomSource(seed: options.seed ^ 0x5349_4752_6567, stream: UInt64(step))
                return Drawn.directions(SIGReg.directions(width: width, count: 256, using: &random))
            }
            return .sample(drawer.sample(step * options.batchSize + number))
        }
        var samples: [Sample] = []
        var directions: Matrix<Float>?
        for item in drawn {
            switch item {
            case .sample(let sample): samples.append(sample)
            case .directions(let matrix): directions = matrix
            }
        }
        return (samples, directions)
    }

    private func state(_ optimiser: AdamW<Float>, step: Int, elapsed: Double) -> TrainingState {
        TrainingState(
            store: model.store, firstMoments: optimiser.firstMoments, secondMoments: optimiser.secondMoments,
            step: step, elapsed: elapsed)
    }

    /// Effective rank e^H of the spectrum of the learned targets (Roy & Vetterli, 2007) on one shard's patches, and
    /// their mean deviation per dimension. Stops the training when either says that the targets have become a point or a line.
    private func probeCollapse(_ targets: Matrix<Float>, step: Int) throws -> (rank: Double, deviation: Double) {
        let probe = CollapseProbe(targets)
        if model.shape.source.learns, step > 200, probe.effectiveRank < 4 || probe.deviation < 0.05 {
            throw TrainingError.collapsed(
                step: step, effectiveRank: probe.effectiveRank, deviation: probe.deviation)
        }
        return (probe.effectiveRank, probe.deviation)
    }

    private func mean(_ parts: [StepLosses]) -> StepLosses {
        var result = StepLosses()
        for part in parts {
            result.hidden += part.hidden / Double(parts.count)
            result.visible += part.visible / Double(parts.count)
            result.damage += part.damage / Double(parts.count)
            result.regularisation += part.regularisation / Double(parts.count)
            result.constant += part.constant / Double(parts.count)
        }
        return result
    }

    private func blend(_ old: StepLosses, _ new: StepLosses) -> StepLosses {
        func mix(_ a: Double, _ b: Double) -> Double { 0.97 * a + 0.03 * b }
        return StepLosses(
            hidden: mix(old.hidden, new.hidden), visible: mix(old.visible, new.visible),
            damage: mix(old.damage, new.damage), regularisation: mix(old.regularisation, new.regularisation),
            constant: mix(old.constant, new.constant))
    }
}

/// Each worker is used by one task at a time; the box only lets them cross into it.
private struct Shards: @unchecked Sendable {
    private let workers: [ShardWorker]
    init(_ workers: [ShardWorker]) { self.workers = workers }
    subscript(index: Int) -> ShardWorker { workers[index] }
}

/// How alive a set of embeddings is.
package struct CollapseProbe: Sendable {
    /// e^entropy of the normalised covariance spectrum, 1…D.
    package let effectiveRank: Double
    /// Mean over dimensions of the standard deviation.
    package let deviation: Double

    /// - Parameter embeddings: (R, D); a stride of at most 64 dimensions is looked at, which is enough to see a collapse.
    package init(_ embeddings: Matrix<Float>) {
        let step = max(1, embeddings.columns / 64)
        let columns = Array(stride(from: 0, to: embeddings.columns, by: step))
        var centred = Matrix<Float>(rows: embeddings.rows, columns: columns.count)
        var deviations = 0.0
        for (target, source) in columns.enumerated() {
            var mean = 0.0
            for row in 0..<embeddings.rows { mean += Double(embeddings[row, source]) }
            mean /= Double(max(1, embeddings.rows))
            var square = 0.0
            for row in 0..<embeddings.rows {
                let value = Double(embeddings[row, source]) - mean
                centred[row, target] = Float(value)
                square += value * value
            }
            deviations += (square / Double(max(1, embeddings.rows))).squareRoot()
        }
        deviation = deviations / Double(columns.count)
        let covariance = product(centred, transposeA: true, centred)
        let values = LinearAlgebra.eigen(
            Matrix(
                rows: columns.count, columns: columns.count, storage: covariance.storage.map { Double($0) })
        ).values.map { max(0, $0) }
        let sum = values.reduce(0, +)
        let entropy = values.reduce(0.0) { total, value in
            let share = sum > 0 ? value / sum : 0
            return share > 1e-12 ? total - share * log(share) : total
        }
        effectiveRank = sum > 0 ? exp(entropy) : 0
    }
}
