import Baselines
import Calibration
import Foundation
import Imaging
import Pipeline
import Score
import Training

/// Methods ready to be compared: fitted on the good images of training, each with its own threshold from those held out.
package struct FittedMethods: Sendable {
    package let methods: [any ComparedMethod]
    /// Scores from here on are flagged, one per method: from the tail of held-out good scores at `rate`, as training sets them;
    /// for the product its own, 1.
    package let thresholds: [Double]
    /// The overkill rate that all thresholds promise.
    package let rate: Double
    package let model: LoadedModel
    package let limits: DecodeLimits
    package let workers: Int
    /// Good images that the fitted methods know, and those held out.
    package let split: GoodSplit?

    /// The product alone, at its own threshold.
    package init(product model: LoadedModel, limits: DecodeLimits, workers: Int) {
        methods = [FusedScore(statistics: model.statistics)]
        thresholds = [1]
        rate = model.statistics.overkillRate
        self.model = model
        self.limits = limits
        self.workers = workers
        split = nil
    }

    /// Fits the methods of these names and finds their thresholds.
    /// - Parameter clip: a further method, which comes from elsewhere.
    package init(
        names: [String], model: LoadedModel, split: GoodSplit, limits: DecodeLimits, seed: Int, workers: Int,
        clip: WinCLIPMethod? = nil, console: Console
    ) throws(VerbError) {
        let bar = ProgressBar("remembering", total: Double(split.learning.count), console: console)
        let fitted: [any ComparedMethod]
        do throws(BaselineError) {
            fitted = try BaselineFit(model: model, limits: limits, seed: UInt64(seed), workers: workers).run(
                names: names, paths: split.learning, progress: { bar.update(Double($0)) },
                shouldStop: { Interruption.isRequested })
        } catch {
            bar.finish()
            if case .stopped = error { throw .interrupted(error.description) }
            throw .failed(error.description)
        }
        bar.finish()
        var all = fitted + MethodCatalogue.own(model.statistics, names: names)
        if let clip { all.append(clip) }
        let order = MethodCatalogue.names(model.statistics, withCLIP: clip != nil)
        var methods = order.compactMap { name in all.first { $0.name == name } }
        let calibrated = methods.filter(\.isCalibrated).map(\.name)
        let judging = methods
        let judged = try PictureJudging(
            model: model, limits: limits, methods: judging, workers: workers, console: console,
            keepsPredictions: !calibrated.isEmpty
        ).run("thresholds", count: split.heldOut.count) {
            PictureJudging.file(split.heldOut[$0], name: split.heldOut[$0])
        }
        let honest = CrossFit.scores(
            judged.compactMap(\.part), statistics: model.statistics, names: calibrated, workers: workers)
        let rate = model.statistics.overkillRate
        // What a method was fitted on says nothing about its threshold: without scores of parts it has not seen it has none.
        if honest == nil, !calibrated.isEmpty {
            console.warn(
                "\(split.heldOut.count) held-out good images are too few to set honest thresholds of "
                    + calibrated.joined(separator: ", ") + "; left out")
            methods.removeAll { calibrated.contains($0.name) }
        }
        var thresholds: [Double] = []
        for method in methods {
            guard method.name != FusedScore.product else {
                thresholds.append(1)
                continue
            }
            let index = judging.firstIndex { $0.name == method.name } ?? 0
            let scores = (honest?[method.name] ?? judged.map { $0.judgements[index].score }).sorted()
            guard let threshold = GoodTail.threshold(scores, rate: rate) else {
                throw .failed(
                    "\(method.name): \(scores.count) held-out good images are too few for the model's overkill rate of \(rate); "
                        + "name the images of training with --good, or train again")
            }
            thresholds.append(threshold)
        }
        self.thresholds = thresholds
        self.methods = methods
        self.rate = rate
        self.model = model
        self.limits = limits
        self.workers = workers
        self.split = split
    }

    /// The place of the product among the methods, if it is one of them.
    package var product: Int? { methods.firstIndex { $0.name == FusedScore.product } }
}
