import Recipe

/// What the training of a predictor, and of an encoder that is trained here, needs to know.
package struct TrainingOptions: Sendable, Equatable {
    /// Wall-clock time of the optimisation.
    package var minutes: Double
    /// Steps of the optimisation, whatever the clock says; 0 = the clock alone decides. Fixed steps fix the learning
    /// rates too, so the training repeats to the bit.
    package var steps: Int
    /// Images per step.
    package var batchSize: Int
    package var learningRate: Double
    package var weightDecay: Double
    package var warmupSteps: Int
    /// Share of a batch whose context comes from a damaged picture; the target is always the clean one.
    package var damageShare: Double
    /// Share of the samples that show one line's part under another line's query; without effect on one line.
    package var wrongPartShare: Double
    /// Standard deviation of the noise that stays in the context's pixels, in normalised units.
    package var noise: Double
    package var flipHorizontal: Bool
    package var flipVertical: Bool
    package var quarterTurns: Bool
    /// Also learn from pictures under the interleaved grid; needs patches of an even side.
    package var interleaved: Bool
    /// Weight of SIGReg where the encoder learns (LeJEPA's λ).
    package var regularisation: Double
    /// Rate of an adapted encoder as a share of the predictor's; nothing else looks at it.
    package var encoderRate: Double
    /// Weight of the damage head's cross-entropy.
    package var damageWeight: Double
    /// Weight of the loss on visible patches against hidden ones.
    package var visibleWeight: Double
    package var seed: UInt64
    package var workers: Int

    package init(
        minutes: Double, steps: Int = 0, batchSize: Int = 8, learningRate: Double = 1e-3, weightDecay: Double = 0.05,
        warmupSteps: Int = 50, damageShare: Double = 0.5, wrongPartShare: Double = 0.15, noise: Double = 0.05,
        flipHorizontal: Bool = false,
        flipVertical: Bool = false, quarterTurns: Bool = false, interleaved: Bool = false,
        regularisation: Double = 0.05, encoderRate: Double = 0.05, damageWeight: Double = 0.5,
        visibleWeight: Double = 1, seed: UInt64 = 1, workers: Int = 2
    ) {
        self.minutes = minutes
        self.steps = steps
        self.batchSize = batchSize
        self.learningRate = learningRate
        self.weightDecay = weightDecay
        self.warmupSteps = warmupSteps
        self.damageShare = damageShare
        self.wrongPartShare = wrongPartShare
        self.noise = noise
        self.flipHorizontal = flipHorizontal
        self.flipVertical = flipVertical
        self.quarterTurns = quarterTurns
        self.interleaved = interleaved
        self.regularisation = regularisation
        self.encoderRate = encoderRate
        self.damageWeight = damageWeight
        self.visibleWeight = visibleWeight
        self.seed = seed
        self.workers = workers
    }
}

/// Why a training cannot go on.
package enum TrainingError: Error, Sendable, CustomStringConvertible {
    case tooFewImages(found: Int, needed: Int, why: String)
    case collapsed(step: Int, effectiveRank: Double, deviation: Double)
    case notFinite(step: Int, what: String)
    case checkpointMismatch(path: String, expected: String, got: String)
    case encoderTooShallow(blocks: Int, wanted: [Int])
    case otherPatchSize(file: String, published: Int, recipe: Int)
    case linesDiffer(LineDifference)
    case noQuery(line: String)
    case sameQuery(lines: [String], query: String)
    case stopped

    package var description: String {
        switch self {
        case .tooFewImages(let found, let needed, let why):
            "training: expected at least \(needed) good images, found \(found): \(why)"
        case .collapsed(let step, let rank, let deviation):
            "training collapsed at step \(step): the targets' effective rank is \(format(rank)) and their deviation "
                + "\(format(deviation)); expected a rank above 4 and a deviation above 0.05. Lower "
                + "`training.learningRate`, or use an encoder that is imported and frozen"
        case .notFinite(let step, let what):
            "training: \(what) is not finite at step \(step); lower the learning rate or look for a damaged picture"
        case .checkpointMismatch(let path, let expected, let got):
            "\(path): this checkpoint belongs to another training: expected \(expected), got \(got); remove it to start anew"
        case .encoderTooShallow(let blocks, let wanted):
            "training: `encoder.targetBlocks`: expected blocks in 1…\(blocks), which the encoder has, got \(wanted)"
        case .otherPatchSize(let file, let published, let recipe):
            "training: `encoder.patchSize`: expected \(published), which the weights \(file) fix, got \(recipe); change it, "
                + "and `image.width` and `image.height` to multiples of \(published)"
        case .linesDiffer(let difference):
            "training together: `\(difference.field)` must be the same in all recipes, because it fixes the one network: "
                + "line \(difference.lines.0) has \(difference.values.0), line \(difference.lines.1) has "
                + "\(difference.values.1); make them agree, or train each line alone"
        case .noQuery(let line):
            "training together: `query`: expected what the camera of line \(line) should see, in plain words, got \"\"; by "
                + "it the one network knows whose part it looks at"
        case .sameQuery(let lines, let query):
            "training together: `query`: expected different ones, got \"\(query)\" of lines "
                + "\(lines.joined(separator: " and ")), whose first \(LineQueries.longest) words are the same: the network "
                + "could not tell them apart; say what is different about their parts"
        case .stopped: "training was interrupted; run the same command again to go on from the last checkpoint"
        }
    }
}

private func format(_ value: Double) -> String { String(Double(Int((value * 1000).rounded())) / 1000) }
