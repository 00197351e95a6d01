import Baselines
import Defects
import Evaluation
import Foundation
import Handover
import Imaging
import Numerics
import Training

/// What is left of every method's figures when the pictures change and the parts do not, and on damage that makes
/// pictures simpler.
package struct RobustnessTable: Sendable {
    /// One row: a disturbance, or a kind of simplifying damage.
    package struct Row: Sendable {
        package let title: String
        package let figures: [Figures]
    }

    /// Figures of one method, in the order of `names`; nil where the pictures do not hold what they need.
    package struct Figures: Sendable {
        package let imageAUROC: Double?
        /// The share of good parts flagged at the method's threshold, with its exact 95 % interval.
        package let overkill: Double?
        package let overkillInterval: ClosedRange<Double>?
        /// The share of defective parts that pass.
        package let escape: Double?
    }

    package let names: [String]
    package let titles: [String]
    package let rows: [Row]
    /// What is told beside the AUROC: a disturbance moves good parts, simplifying damage has the same good parts throughout.
    package let shows: Shown

    package enum Shown: String, Sendable { case overkill, escape }

    /// Every picture of `set` as it is, and under every usual disturbance. Disturbances are applied to the decoded
    /// picture before anything else sees it, and depend on the seed and the picture's place in the set alone.
    package static func disturbed(
        _ fitted: FittedMethods, on set: LabelledSet, seed: Int, console: Console
    ) throws(VerbError) -> RobustnessTable {
        let pictures = set.pictures
        let isDefective = pictures.map { $0.kind != nil }
        let judging = judging(fitted, console)
        var rows: [Row] = []
        for (number, disturbance) in ([nil] + Disturbance.usual.map(Optional.some)).enumerated() {
            let limits = fitted.limits
            let title = disturbance?.title ?? "as it is"
            let outcomes = try judging.run(title, count: pictures.count) { index in
                let file = PictureJudging.file(pictures[index].path, name: pictures[index].name)
                guard let disturbance else { return file }
                return file.flatMap { file in
                    var random = RandomSource(seed: UInt64(seed), stream: UInt64(number << 32 + index))
                    do throws(ImageError) {
                        return .success(
                            (file.name, try disturbance.changedFile(file.bytes, limits: limits, using: &random)))
                    } catch {
                        return .failure(.init(sentence: "\(file.name), \(disturbance.title): \(error.description)"))
                    }
                }
            }
            rows.append(
                Row(
                    title: title,
                    figures: fitted.methods.indices.map { method in
                        figures(
                            outcomes.map { $0.judgements[method].score }, isDefective,
                            threshold: fitted.thresholds[method])
                    }))
        }
        return table(fitted, rows, shows: .overkill)
    }

    /// The good parts of `set`, which neither training nor calibration has seen, as they are and with each kind of
    /// simplifying damage. Images without any detail to lose are left out of that kind.
    package static func simplified(
        _ fitted: FittedMethods, on set: LabelledSet, seed: Int, console: Console
    ) throws(VerbError) -> RobustnessTable {
        let paths = set.pictures.filter { $0.kind == nil }.map(\.path)
        let judging = judging(fitted, console)
        let whole = try judging.run("good parts", count: paths.count) {
            PictureJudging.file(paths[$0], name: paths[$0])
        }
        var rows: [Row] = []
        for (number, kind) in SimplifyingDamage.allCases.enumerated() {
            let limits = fitted.limits
            let untouched = LockedValue<Set<Int>>([])
            let outcomes = try judging.run(kind.title, count: paths.count) { index in
                PictureJudging.file(paths[index], name: paths[index]).flatMap { file in
                    var random = RandomSource(seed: UInt64(seed), stream: UInt64((number + 100) << 32 + index))
                    do throws(ImageError) {
                        let image = try Image.decode(file.bytes, limits: limits)
                        guard let damaged = kind.applied(to: image, using: &random) else {
                            untouched.withLock { _ = $0.insert(index) }
                            return .success(file)
                        }
                        return .success((file.name, try damaged.image.pngData(level: 1)))
                    } catch {
                        return .failure(.init(sentence: "\(file.name): \(error.description)"))
                    }
                }
            }
            let kept = outcomes.indices.filter { index in untouched.withLock { !$0.contains(index) } }
            rows.append(
                Row(
                    title: kind.title,
                    figures: fitted.methods.indices.map { method in
                        figures(
                            whole.map { $0.judgements[method].score }
                                + kept.map { outcomes[$0].judgements[method].score },
                            whole.map { _ in false } + kept.map { _ in true }, threshold: fitted.thresholds[method])
                    }))
        }
        return table(fitted, rows, shows: .escape)
    }

    private static func judging(_ fitted: FittedMethods, _ console: Console) -> PictureJudging {
        PictureJudging(
            model: fitted.model, limits: fitted.limits.forChangedPictures, methods: fitted.methods,
            workers: fitted.workers, console: console)
    }

    private static func table(_ fitted: FittedMethods, _ rows: [Row], shows: Shown) -> RobustnessTable {
        RobustnessTable(
            names: fitted.methods.map(\.name), titles: fitted.methods.map(\.title), rows: rows, shows: shows)
    }

    private static func figures(_ scores: [Double], _ isDefective: [Bool], threshold: Double) -> Figures {
        let ranked = RankedScores(scores: scores, isDefective: isDefective)
        let overkill = ranked.overkill(at: threshold)
        return Figures(
            imageAUROC: ranked.auroc, overkill: overkill,
            overkillInterval: overkill.map {
                Binomial.interval(
                    successes: Int(($0 * Double(ranked.goodCount)).rounded()), of: ranked.goodCount)
            }, escape: ranked.escape(at: threshold))
    }

    /// One object per row and method: `condition`, `method`, `imageAUROC`, `overkill`, `overkillInterval`, `escape`.
    package var json: JSONText {
        .list(
            rows.flatMap { row in
                zip(names, row.figures).map { name, figures in
                    .object([
                        "condition": .text(row.title), "method": .text(name),
                        "imageAUROC": .share(figures.imageAUROC), "overkill": .share(figures.overkill),
                        "overkillInterval": .interval(figures.overkillInterval), "escape": .share(figures.escape),
                    ])
                }
            })
    }

    /// The share that the table tells beside the AUROC.
    package func share(_ figures: Figures) -> Double? {
        switch shows {
        case .overkill: figures.overkill
        case .escape: figures.escape
        }
    }

    /// A table for the terminal. One method: AUROC, overkill with its interval and escape in columns; several: AUROC and
    /// overkill of each.
    package var text: String {
        if names.count == 1 {
            let head = ["condition", "image AUROC", "overkill (95 %)", "escape"]
            return Wording.table(
                [head]
                    + rows.map { row in
                        let figures = row.figures[0]
                        return [
                            row.title, Wording.three(figures.imageAUROC),
                            Wording.percent(figures.overkill) + Wording.interval(figures.overkillInterval),
                            Wording.percent(figures.escape),
                        ]
                    })
        }
        return Wording.table(
            [["image AUROC, \(shows.rawValue)"] + names]
                + rows.map { row in
                    [row.title]
                        + row.figures.map { "\(Wording.three($0.imageAUROC)), \(Wording.percent(share($0)))" }
                })
    }
}
