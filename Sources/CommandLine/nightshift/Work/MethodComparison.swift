import Baselines
import Evaluation
import Foundation
import Handover
import Network
import Numerics
import Pipeline
import Training

/// Several methods measured on the same labelled pictures.
package struct MethodComparison: Sendable {
    /// The figures of one method.
    package struct Row: Sendable {
        package let name: String
        package let title: String
        package let result: EvaluationResult
        /// Image AUROC minus the product's; nil for the product itself, and where it was not among the methods.
        package let difference: AUROCDifference?
        /// Seconds from good images to this method, those of the encoder included where it was trained here; nil = unknown.
        package let trainSeconds: Double?
        package let imagesPerSecond: Double
        /// What the method needs at inspection, as float32: the part of the network it runs, and its own numbers. 1e6 bytes.
        package let megabytes: Double

        package var isProduct: Bool { name == FusedScore.product }
    }

    /// The product first.
    package let rows: [Row]
    /// The overkill rate that all thresholds promise.
    package let rate: Double

    /// Judges every picture of `set` with every method.
    ///
    /// - Parameter trainSeconds: how long the model was trained.
    package static func run(
        _ fitted: FittedMethods, on set: LabelledSet, trainSeconds: Double?, console: Console
    ) throws(VerbError) -> MethodComparison {
        let pictures = set.pictures
        let methods = fitted.methods
        let outcomes = try PictureJudging(
            model: fitted.model, limits: fitted.limits, methods: methods, workers: fitted.workers, console: console
        ).run("comparing", count: pictures.count) { PictureJudging.file(pictures[$0].path, name: pictures[$0].name) }

        var evaluators = methods.indices.map { Evaluator(threshold: fitted.thresholds[$0]) }
        for (picture, outcome) in zip(pictures, outcomes) {
            let mask = try LabelledSet.mask(of: picture)
            let geometry = outcome.geometry
            for method in methods.indices {
                let judgement = outcome.judgements[method]
                let grid = judgement.grid(geometry)
                evaluators[method].add(
                    EvaluationInput(
                        name: picture.name, kind: picture.kind, score: judgement.score, map: judgement.map,
                        rows: grid.rows, columns: grid.columns, width: geometry.originalWidth,
                        height: geometry.originalHeight, mask: mask))
            }
        }
        let ready = evaluators
        let results = parallelMap(count: ready.count, workers: fitted.workers) { ready[$0].result() }
        for warning in results.first?.warnings ?? [] { console.warn(warning) }

        let bootstrap = PairedBootstrap(isDefective: pictures.map { $0.kind != nil })
        func scores(_ method: Int) -> [Double] { outcomes.map { $0.judgements[method].score } }
        let reference = fitted.product.map(scores)
        let size = NetworkSize(fitted.model)
        let rows = methods.indices.map { index in
            let method = methods[index]
            let mean = outcomes.reduce(0) { $0 + $1.milliseconds[index] } / Double(max(1, outcomes.count))
            let learned =
                switch method.reads {
                case .picture: false
                case .embedding: fitted.model.network.shape.source.learns
                case .prediction: true
                }
            return Row(
                name: method.name, title: method.title, result: results[index],
                difference: index == fitted.product
                    ? nil : reference.flatMap { bootstrap.difference(scores(index), minus: $0) },
                trainSeconds: learned ? trainSeconds.map { $0 + method.fitSeconds } : method.fitSeconds,
                imagesPerSecond: Double(fitted.workers) * 1000 / max(mean, 1e-6),
                megabytes: Double(size.bytes(read: method.reads) + method.bytes) / 1e6)
        }
        return MethodComparison(rows: rows, rate: fitted.rate)
    }

    /// The method that lies farthest above the product: among those that lie clearly above it, if there are any; nil if none
    /// lies above it.
    package var winner: Row? {
        let above = rows.filter { !$0.isProduct && ($0.difference?.value ?? 0) > 0 }
        let clear = above.filter { $0.difference?.isClear == true }
        return (clear.isEmpty ? above : clear).max { ($0.difference?.value ?? 0) < ($1.difference?.value ?? 0) }
    }

    /// What the user should know of the image level, in one or two plain sentences; nil when the product was not compared.
    package var finding: String? {
        guard let product = rows.first(where: \.isProduct), let own = product.result.imageAUROC, rows.count > 1 else {
            return nil
        }
        func three(_ value: Double) -> String { Wording.fixed(value, 3) }
        guard let winner, let difference = winner.difference else {
            return "No other method beats the fused score on image AUROC (\(three(own)))."
        }
        let interval =
            "95 % interval of the difference by paired bootstrap: \(three(difference.interval.lowerBound)) to "
            + three(difference.interval.upperBound)
        let start =
            "On this line \(winner.title) beats the fused score on image AUROC by \(three(difference.value)) "
            + "(\(three(own + difference.value)) against \(three(own)); \(interval))"
        return difference.isClear
            ? start + ". The difference is more than chance: consider this method for the line."
            : start + ". The interval holds 0, so on these parts the difference means nothing."
    }
}

/// What the network takes as float32.
private struct NetworkSize {
    private let encoder: Int
    private let whole: Int

    init(_ model: LoadedModel) {
        let parameters = model.network.layout.parameters
        func bytes(_ isCounted: (String) -> Bool) -> Int {
            4 * parameters.filter { isCounted($0.name) }.reduce(0) { $0 + $1.count }
        }
        whole = bytes { _ in true }
        encoder = bytes { !$0.hasPrefix("predictor.") }
    }

    /// Bytes of what a method runs of the network.
    func bytes(read input: MethodInput) -> Int {
        switch input {
        case .picture: 0
        case .embedding: encoder
        case .prediction: whole
        }
    }
}
