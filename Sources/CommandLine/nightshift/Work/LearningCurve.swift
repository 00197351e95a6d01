import Baselines
import Evaluation
import Foundation
import Imaging
import Numerics
import Publish
import Recipe
import Training

/// What every method reaches with a part of the good images: each point is trained, calibrated and measured anew, with the
/// same minutes of training.
package struct LearningCurve: Sendable {
    /// One share of the good images.
    package struct Point: Sendable {
        package let share: Double
        /// Good images of the point, those held out included.
        package let goodCount: Int
        package let rows: [MethodComparison.Row]
    }

    /// Shares that are measured, ascending.
    package static let shares = [0.1, 0.25, 0.5, 1]
    /// Fewer good images leave nothing to learn from and to hold out.
    private static let fewest = 8
    /// Methods of the curve: the product, CLIP, and what learns from good images.
    package static let methods = [FusedScore.product] + MethodCatalogue.fitted + [WinCLIPMethod.method]

    package let points: [Point]
    /// Minutes of training of each point.
    package let minutes: Double

    /// How the points are made.
    package struct Plan: Sendable {
        /// With the input size decided.
        package var recipe: Recipe
        package var encoderFile: String?
        /// Paths of all good images.
        package var good: [String]
        package var methods: [String]
        package var clip: CLIPChoice
        package var object: String
        package var minutes: Double
        package var limits: DecodeLimits
        package var workers: Int
    }

    /// Measures every share on `set`. A smaller share's images are among those of a larger one.
    package static func run(_ plan: Plan, on set: LabelledSet, console: Console) throws(VerbError) -> LearningCurve {
        var recipe = plan.recipe
        recipe.training.minutes = plan.minutes
        recipe.training.steps = 0
        recipe.language.source = .none  // words say nothing of what is measured here
        var random = RandomSource(seed: UInt64(recipe.seed), stream: 0xC42E)
        let order = random.permutation(plan.good.count)
        var points: [Point] = []
        for share in shares {
            let count = Int((Double(plan.good.count) * share).rounded())
            guard count >= fewest else {
                console.warn(
                    "\(Wording.percent(share)) of \(Wording.count(plan.good.count, "good image")) are \(count); at least "
                        + "\(fewest) make a point of the curve; left out")
                continue
            }
            let files = order.prefix(count).sorted().map { plan.good[$0] }
            console.say("learning curve: \(Wording.count(count, "good image")), \(Wording.percent(share))")
            let trained = try ShownTraining(
                recipe: recipe, encoderFile: plan.encoderFile, textFolder: nil, workers: plan.workers,
                nearestRate: true,
                checkpoint: nil
            ).run(good: files, console: console)
            let split: GoodSplit
            do {
                split = try GoodSplit(
                    good: files, recipe: recipe, nearestRate: true, workers: plan.workers, report: { _ in })
            } catch {
                throw .failed("\(error)")
            }
            let clip =
                plan.methods.contains(WinCLIPMethod.method)
                ? try plan.clip.method(
                    object: plan.object, model: trained.model, good: split.learning, limits: plan.limits,
                    seed: recipe.seed,
                    workers: plan.workers, console: console) : nil
            let fitted = try FittedMethods(
                names: plan.methods, model: trained.model, split: split, limits: plan.limits, seed: recipe.seed,
                workers: plan.workers, clip: clip, console: console)
            let comparison = try MethodComparison.run(
                fitted, on: set, trainSeconds: trained.trainSeconds, console: console)
            points.append(Point(share: share, goodCount: count, rows: comparison.rows))
        }
        guard !points.isEmpty else {
            throw .failed(
                "a learning curve needs at least \(fewest) good images, got \(plan.good.count); bring more")
        }
        return LearningCurve(points: points, minutes: plan.minutes)
    }

    /// Names and titles of the methods, in the order of the rows.
    private var methods: [(name: String, title: String, isProduct: Bool)] {
        points[points.count - 1].rows.map { ($0.name, $0.title, $0.isProduct) }
    }

    /// One object per point and method.
    package var json: JSONText {
        .list(
            points.flatMap { point in
                point.rows.map { row in
                    .object(
                        ComparisonOutput.members(row).merging([
                            "share": .share(point.share), "goodImages": .number(Double(point.goodCount)),
                            "trainingMinutes": .number(minutes),
                        ]) { $1 })
                }
            })
    }

    /// For the terminal: image and pixel AUROC of each method at each share.
    package var text: String {
        let head = ["image AUROC, pixel AUROC"] + points.map { "\(heading($0))" }
        return "learning curve, \(Wording.fixed(minutes, 1)) min of training a point\n"
            + Wording.table(
                [head]
                    + methods.enumerated().map { index, method in
                        [method.name]
                            + points.map { point in
                                let result = point.rows[index].result
                                return "\(Wording.three(result.imageAUROC)), \(Wording.three(result.pixelAUROC))"
                            }
                    })
    }

    private func heading(_ point: Point) -> String {
        "\(Wording.fixed(point.share * 100, 0)) % (\(point.goodCount))"
    }

    /// The plot, and the table with what each point cost.
    package var sections: [MeasurementPage.Section] {
        let chart = LearningCurveChart(
            shares: points.map(\.share),
            series: methods.enumerated().map { index, method in
                .init(
                    title: method.title, values: points.map { $0.rows[index].result.imageAUROC },
                    isProduct: method.isProduct)
            }, subject: "image AUROC")
        let rows = points.flatMap { point in
            point.rows.map { row -> [MeasurementPage.Cell] in
                [
                    .init(row.title, isNumber: false), .init(heading(point)),
                    .init(Wording.three(row.result.imageAUROC)),
                    .init(Wording.three(row.result.pixelAUROC)), .init(Wording.three(row.result.aupro30)),
                    .init(Wording.percent(row.result.overkill)),
                    .init(row.trainSeconds.map { Wording.fixed($0, 1) } ?? "-"),
                    .init(Wording.fixed(row.imagesPerSecond, 1)), .init(Wording.fixed(row.megabytes, 1)),
                ]
            }
        }
        return [
            .curve(
                title: "How much data is needed", chart: chart,
                text:
                    "Image AUROC with a part of the good images: every point is trained, calibrated and measured anew, with "
                    + "\(Wording.fixed(minutes, 1)) minutes of training each."),
            .table(
                title: "Points of the curve",
                head: [
                    "method", "good images", "image AUROC", "pixel AUROC", "AUPRO@0.3", "overkill", "train s",
                    "images/s",
                    "MB",
                ], rows: rows,
                text: "Overkill at each point's own threshold; with few good images the nearest rate they allow."),
        ]
    }
}
