import Evaluation
import Foundation
import Numerics
import Publish
import Score

/// `evaluate --page`: the figures, and whether calibration keeps its promise on good parts it has never seen.
package struct EvaluationPage: Sendable {
    package let line: String
    package let set: LabelledSet
    package let inspection: TestInspection
    /// nil = not asked for.
    package let table: RobustnessTable?
    package let calibration: ScoreCalibration
    /// Names and values, in order; shares of 1.
    package let figures: [(name: String, value: Double?)]
    package let modelSHA256: String

    /// The page, self-contained.
    package var html: Data {
        let result = inspection.result
        var sections: [MeasurementPage.Section] = [
            keepsPromise ? .finding(promise) : .alarm(promise)
        ]
        let plots = [1, max(0.1, min(1, 3 * calibration.overkillRate))].map {
            ReliabilityPlot(
                pValues: inspection.goodPValues, calibrated: calibration.goodScores.count, limit: $0,
                threshold: result.overkill.map { (promised: calibration.overkillRate, seen: $0) },
                subject: "good parts flagged")
        }
        if !inspection.goodPValues.isEmpty {
            sections.append(
                .reliability(
                    title: "Is the promise kept?", plots: plots,
                    text:
                        "At every nominal rate, how many good parts of this set would be flagged. Inside the bands the promise "
                        + "is kept as far as so many parts can tell; above them more good parts are flagged than promised, "
                        + "below them fewer. Left: all rates; right: those that thresholds are set by. The circle is what the "
                        + "line's own threshold flags, which the tail of the held-out scores sets; the curve counts them."
                ))
        }
        sections.append(
            .table(
                title: "Figures", head: ["", "value"],
                rows: figures.map { [.init($0.name, isNumber: false), .init(Wording.three($0.value))] },
                text:
                    "\(result.goodCount) good and \(result.defectiveCount) defective parts. Best F1 is chosen on these "
                    + "very parts."))
        if !result.kinds.isEmpty {
            sections.append(
                .table(
                    title: "By kind of defect", head: ["kind", "parts", "image AUROC", "escape"],
                    rows: result.kinds.map {
                        [
                            .init($0.kind, isNumber: false), .init("\($0.count)"), .init(Wording.three($0.imageAUROC)),
                            .init(Wording.percent($0.escape)),
                        ]
                    }, text: "Each kind against all good parts."))
        }
        if let table {
            sections.append(
                .table(
                    title: "When the pictures change and the parts do not",
                    head: ["picture", "image AUROC", "overkill", "95 %", "escape"],
                    rows: table.rows.map { row in
                        let figures = row.figures[0]
                        return [
                            .init(row.title, isNumber: false), .init(Wording.three(figures.imageAUROC)),
                            .init(Wording.percent(figures.overkill)),
                            .init(Wording.interval(figures.overkillInterval).trimmingCharacters(in: [" ", "(", ")"])),
                            .init(Wording.percent(figures.escape)),
                        ]
                    },
                    text: "The same parts under each change of light, optics or place, at the unchanged threshold."))
        }
        return MeasurementPage(
            title: line, subtitle: "evaluated on \(set.path)", sections: sections,
            facts: [
                ("model", "SHA-256 \(modelSHA256)"),
                ("calibrated on", Wording.count(calibration.goodScores.count, "held-out good part")),
                ("speed", Wording.rate(perSecond: inspection.imagesPerSecond)), ("nightshift", Program.version),
            ]
        ).render()
    }

    private var keepsPromise: Bool {
        guard let overkill = inspection.result.overkill, inspection.result.goodCount > 0 else { return true }
        // Not the test set's chance alone: the threshold itself stands on a limited number of good parts.
        return overkill
            <= Binomial.band(
                expectedRate: calibration.overkillRate, of: inspection.result.goodCount,
                calibratedOn: calibration.goodScores.count
            ).upperBound
    }

    private var promise: String {
        guard let overkill = inspection.result.overkill, let interval = inspection.result.overkillInterval else {
            return "Without good parts in the set nobody can say whether the promised overkill is kept."
        }
        let seen =
            "Promised: \(Wording.percent(calibration.overkillRate)) of good parts fail, on average. Seen: "
            + "\(Wording.percent(overkill))\(Wording.interval(interval)) of \(inspection.result.goodCount)."
        return keepsPromise
            ? seen + " The promise is inside what chance allows."
            : seen + " That is more than chance allows: these good parts differ from those of calibration."
    }
}
