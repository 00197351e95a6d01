import CLIP
import Calibration
import Checkpoint
import Contrast
import Foundation
import Handover
import Imaging
import Numerics
import Pipeline
import Recipe
import Score

/// What the training of a line that CLIP judges gives.
package struct TrainedCLIPLine: Sendable {
    package let line: CLIPLine
    /// SHA-256 over the sorted hashes of the good images.
    package let dataSHA256: String
    package let trainSeconds: Double
    package let trainingCount: Int
    package let heldOutCount: Int
}

/// From a folder of good images and a recipe with `method: "clip"` to a calibrated line: a published CLIP is read, or one
/// is trained over the encoder's tokens; then the held-out good parts set the thresholds, by the same rule and on the same
/// split as for every other method.
///
/// A CLIP that is trained here looks at the tokens of the recipe's encoder. An imported one is frozen, so nothing is
/// trained before it; one that learns here does so first, as a line of the other method does, for `training.minutes`.
package struct CLIPLineTrainer: Sendable {
    private let recipe: Recipe
    private let encoderFile: String?
    private let folder: String
    private let workers: Int
    private let nearestRate: Bool

    /// - Parameters:
    ///   - recipe: with the input size decided where its encoder is looked at.
    ///   - encoderFile: published weights when the recipe's encoder is imported or adapted.
    ///   - folder: of the published CLIP when `clip.source` is `published`.
    ///   - nearestRate: true takes the nearest overkill rate that the number of images allows, and says so.
    package init(recipe: Recipe, encoderFile: String?, folder: String, workers: Int, nearestRate: Bool) {
        self.recipe = recipe
        self.encoderFile = encoderFile
        self.folder = folder
        self.workers = workers
        self.nearestRate = nearestRate
    }

    /// - Parameters:
    ///   - good: paths of the good images, sorted.
    ///   - checkpoint: of an encoder that learns here, or nil.
    package func run(
        good: [String], checkpoint: CheckpointFile?, report: @escaping @Sendable (TrainingEvent) -> Void,
        shouldStop: @escaping @Sendable () -> Bool
    ) throws -> TrainedCLIPLine {
        let start = Date()
        // First, so that what is wrong with published weights is known before anything is read or trained.
        let published =
            recipe.clip.source == .published
            ? WinCLIP(model: try PublishedCLIP(path: folder).load(), object: recipe.clipObject) : nil
        let split = try GoodSplit(
            good: good, recipe: recipe, nearestRate: nearestRate, workers: workers, report: report)
        let options = CalibrationOptions(
            overkillRate: recipe.calibration.overkillRate, reviewRate: recipe.calibration.reviewRate,
            nearestRate: nearestRate)
        let rate = try ThresholdFit.rate(options, parts: split.heldOut.count)
        // An encoder that learns here says so itself.
        if published != nil || recipe.encoder.source == .imported {
            report(.started(training: split.learning.count, heldOut: split.heldOut.count, resumedAtStep: 0))
        }
        let sight =
            if let published {
                CLIPSight(pixels: published)
            } else {
                try trained(good: good, split: split, checkpoint: checkpoint, report: report, shouldStop: shouldStop)
            }
        let scores = try heldOutScores(split.heldOut, sight: sight, report: report, shouldStop: shouldStop)
        if rate != recipe.calibration.overkillRate {
            report(.rate(asked: recipe.calibration.overkillRate, taken: rate, heldOut: scores.count))
        }
        return TrainedCLIPLine(
            line: CLIPLine(
                sight: sight,
                calibration: ThresholdFit.fit(
                    scores, rate: rate, reviewRate: options.reviewRate, leastGap: CLIPScorer.leastGap)),
            dataSHA256: split.dataSHA256, trainSeconds: Date().timeIntervalSince(start),
            trainingCount: split.learning.count, heldOutCount: split.heldOut.count)
    }

    private func trained(
        good: [String], split: GoodSplit, checkpoint: CheckpointFile?,
        report: @escaping @Sendable (TrainingEvent) -> Void, shouldStop: @escaping @Sendable () -> Bool
    ) throws -> CLIPSight {
        var plain = recipe
        plain.language.source = .none
        plain.language.examples = ""
        let trainer = LineTrainer(
            recipe: plain, encoderFile: encoderFile, workers: workers, nearestRate: nearestRate)
        let encoder =
            recipe.encoder.source == .imported
            ? try trainer.frozenEncoder(learning: split.learning)
            : try trainer.run(
                good: good, checkpoint: checkpoint,
                report: { event in
                    // The thresholds of a model that only lends its encoder are nobody's.
                    switch event {
                    case .calibrating, .rate, .reading, .skipped: break
                    default: report(event)
                    }
                }, shouldStop: shouldStop
            ).model.encoder
        var options = CLIPTrainingOptions(seed: UInt64(recipe.seed), workers: workers)
        options.steps = recipe.clip.steps
        options.warmupSteps = min(options.warmupSteps, max(1, recipe.clip.steps / 10))
        let clip = try LineCLIP(
            encoder: encoder, object: recipe.clipObject, limits: DecodeLimits(recipe.limits), options: options
        ).train(
            good: split.learning,
            report: { step in
                switch step {
                case .captioning(let done, let count): report(.captioning(done: done, of: count))
                case .training(let done, let count): report(.contrasting(done: done, of: count))
                }
            }, shouldStop: shouldStop)
        return CLIPSight(WinCLIP(model: clip, object: recipe.clipObject), over: encoder)
    }

    /// Raw scores of the held-out good parts.
    private func heldOutScores(
        _ paths: [String], sight: CLIPSight, report: @escaping @Sendable (TrainingEvent) -> Void,
        shouldStop: @escaping @Sendable () -> Bool
    ) throws -> [Double] {
        let limits = DecodeLimits(recipe.limits)
        let done = LockedValue(0)
        let chunk = 4
        let results = parallelMap(count: (paths.count + chunk - 1) / chunk, workers: workers) {
            task -> [Result<Double, CLIPTrainingError>] in
            let inspector = CLIPInspector(sight: sight, limits: limits)
            return paths[task * chunk..<min(paths.count, (task + 1) * chunk)].map { path in
                guard !shouldStop() else { return .failure(.stopped) }
                guard let bytes = FileManager.default.contents(atPath: path) else {
                    return .failure(.unreadable(path: path, reason: "it is gone or not permitted"))
                }
                do throws(Rejection) {
                    let score = try inspector.rawScore(Intake(file: path, bytes: bytes))
                    let count = done.withLock {
                        $0 += 1
                        return $0
                    }
                    report(.calibrating(done: count, of: paths.count))
                    return .success(score)
                } catch {
                    return .failure(.unreadable(path: path, reason: error.sentence))
                }
            }
        }.flatMap { $0 }
        return try results.map { try $0.get() }
    }
}

extension LineTrainer {
    /// The published encoder of a recipe that freezes it, its tokens brought to the scale of the line's good pictures as
    /// `run` does; nothing is trained.
    /// - Parameter learning: paths of the good images of training.
    func frozenEncoder(learning: [String]) throws -> TokenEncoder {
        let step = max(1, learning.count / Self.standardisingPictures)
        let gallery = try Gallery.read(
            stride(from: 0, to: learning.count, by: step).map { learning[$0] }, limits: limits,
            width: recipe.image.width, height: recipe.image.height, workers: workers, report: { _ in })
        var (network, mean, deviation) = try initialNetwork(
            [ReadLine(trainer: self, gallery: gallery, learning: Array(0..<gallery.count), heldOut: [])],
            queryTable: nil)
        var images = TrainingImages(width: recipe.image.width, height: recipe.image.height)
        for index in 0..<gallery.count {
            images.append(normalisedPlanes(gallery.planes(index), mean: mean, deviation: deviation))
        }
        standardiseTokens(
            &network, images: images, tiles: tiles(patchSize: recipe.encoder.patchSize))
        return TokenEncoder(
            network: network, lowLevel: nil, inputWidth: recipe.image.width, inputHeight: recipe.image.height,
            mean: mean, standardDeviation: deviation)
    }
}
