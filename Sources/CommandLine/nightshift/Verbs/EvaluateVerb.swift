import Evaluation
import Files
import Foundation
import Pipeline
import Publish
import Recipe
import Score

/// `nightshift evaluate LINE --truth DIR`
package struct EvaluateVerb: Verb {
    package let folders: LineFolders
    package let truth: String
    /// Instead of `models/LINE`.
    package let model: String?
    package let robustness: Bool
    /// Whether names are measured too, and the words for each kind.
    package let measuresNames: Bool
    package let words: String?
    /// Where a page goes; nil = nowhere.
    package let page: String?
    package let workers: Int?

    package static let description = VerbDescription(
        name: "evaluate", summary: "measure a trained line on images whose truth is known",
        explanation: [
            "Inspects labelled images with the line's model and compares: image AUROC, average precision and best F1; pixel AUROC "
                + "and AUPRO at 0.3 and 0.05 where masks exist; and, at the line's own threshold, overkill (good parts "
                + "flagged, with its exact 95 % interval) and escape (bad parts passed).",
            "DIR is in MVTec layout: test/good, test/DEFECT, ground_truth/DEFECT/NAME_mask.png; or a folder of such sets; or a drop that `synthesize` "
                + "rendered. Pixel figures are null without masks. Images the model was trained on prove nothing: keep "
                + "them out of DIR.",
        ],
        arguments: [ArgumentDescription("LINE", "Name of the line.")],
        options: [
            OptionDescription("truth", value: "DIR", "Labelled images. Required."),
            OptionDescription("model", value: "DIR", default: "models/LINE", "Model bundle to measure."),
            .robustness, .names, .words,
            OptionDescription(
                "page", value: "FILE",
                "Also write the figures as a page, with a reliability plot: whether good parts are flagged as often as "
                    + "promised."),
            OptionDescription(
                "workers", short: "j", value: "N", default: "the recipe's", "Images at a time; 0 = one per core."),
            .root, .json, .quiet,
        ],
        examples: [
            .init("nightshift evaluate rim --truth labelled/rim", "prints a table of figures; --json for one line"),
            .init(
                "nightshift evaluate rim --truth labelled/rim --robustness --page rim.html",
                "also under other light, blur, shifts and noise; figures and plots in rim.html"),
        ],
        exitCodes: [.interrupted])

    package init(_ arguments: ParsedArguments) throws(UsageError) {
        folders = LineFolders(line: try arguments.line(), root: try arguments.path("root"))
        guard let truth = try arguments.path("truth") else {
            throw .missingArgument("--truth DIR", verb: "evaluate")
        }
        self.truth = truth
        model = try arguments.path("model")
        robustness = arguments.has("robustness")
        words = try arguments.path("words")
        measuresNames = arguments.has("names") || words != nil
        page = try arguments.path("page")
        workers = try arguments.whole("workers", in: 0...256)
    }

    package func run(_ console: Console) throws(VerbError) -> ExitCode {
        try LineWork.requireBLAS()
        let recipe = try folders.loadRecipe()
        let set = try LabelledSet(folder: truth)
        let opened = try LineWork.openLine(model.map(Presence.absolute) ?? folders.model.path, recipe: recipe)
        if case .clip = opened.model, measuresNames || robustness {
            throw .failed(LineWork.clipHasNone(folders.line, model: folders.model.path))
        }
        let limits = LineWork.limits(recipe)
        let workers = LineWork.workers(workers, recipe)
        let inspection = try TestInspection.run(
            set, model: opened.model, limits: limits, workers: workers,
            names: measuresNames ? try NamingTest.names(set, file: words) : nil, console: console)
        var table: RobustnessTable?
        if robustness, case .jepa(let model) = opened.model {
            table = try RobustnessTable.disturbed(
                FittedMethods(product: model, limits: limits, workers: workers), on: set, seed: recipe.seed,
                console: console)
        }
        tell(inspection, table, opened, console)
        if let page { try write(inspection, table, opened, set, to: page) }
        return .done
    }

    private static func figures(_ result: EvaluationResult) -> [(key: String, name: String, value: Double?)] {
        [
            ("imageAUROC", "image AUROC", result.imageAUROC),
            ("averagePrecision", "average precision", result.averagePrecision), ("f1Max", "best F1", result.f1Max),
            ("pixelAUROC", "pixel AUROC", result.pixelAUROC), ("aupro30", "AUPRO at 0.3", result.aupro30),
            ("aupro05", "AUPRO at 0.05", result.aupro05), ("overkill", "overkill", result.overkill),
            ("escape", "escape", result.escape),
        ]
    }

    private func tell(
        _ inspection: TestInspection, _ table: RobustnessTable?, _ model: LineBundle, _ console: Console
    ) {
        let result = inspection.result
        let figures = Self.figures(result)
        func rounded(_ value: Double) -> Double { (value * 100_000).rounded() / 100_000 }
        guard !console.isJSON else {
            var members = Dictionary(
                uniqueKeysWithValues: figures.map { ($0.key, $0.value.map { JSONText.number(rounded($0)) } ?? .null) })
            members["line"] = .text(folders.line)
            members["modelSha256"] = .text(model.sha256)
            members["method"] = .text(model.model.method.rawValue)
            members["overkillInterval"] = .interval(result.overkillInterval)
            members["overkillRate"] = .share(model.model.calibration.overkillRate)
            if let table { members["robustness"] = table.json }
            if let naming = inspection.naming { members["names"] = naming.json }
            members["good"] = .number(Double(result.goodCount))
            members["defective"] = .number(Double(result.defectiveCount))
            members["imagesPerSecond"] = .number((inspection.imagesPerSecond * 10).rounded() / 10)
            members["kinds"] = .object(
                Dictionary(
                    uniqueKeysWithValues: result.kinds.map { kind in
                        (
                            kind.kind,
                            JSONText.object([
                                "count": .number(Double(kind.count)),
                                "imageAUROC": kind.imageAUROC.map { .number(rounded($0)) } ?? .null,
                                "escape": kind.escape.map { .number(rounded($0)) } ?? .null,
                            ])
                        )
                    }))
            console.result(JSONText.object(members).line)
            return
        }
        func text(_ value: Double?) -> String { value.map { "\((($0 * 1000).rounded()) / 1000)" } ?? "-" }
        var rows = [
            ["judged by", model.model.method.rawValue],
            ["parts", "\(result.goodCount) good, \(result.defectiveCount) defective"],
        ]
        rows += figures.map { figure in
            guard figure.key == "overkill" else { return [figure.name, text(figure.value)] }
            return [
                figure.name,
                text(figure.value) + Wording.interval(result.overkillInterval)
                    + ", promised " + Wording.percent(model.model.calibration.overkillRate),
            ]
        }
        for kind in result.kinds {
            rows.append([
                "  " + kind.kind, "\(kind.count) parts, AUROC \(text(kind.imageAUROC)), escape \(text(kind.escape))",
            ])
        }
        rows.append(["speed", Wording.rate(perSecond: inspection.imagesPerSecond)])
        console.result(
            ([Wording.table(rows)] + [table?.text, inspection.naming?.text].compactMap { $0 }).joined(separator: "\n\n")
        )
    }

    private func write(
        _ inspection: TestInspection, _ table: RobustnessTable?, _ model: LineBundle, _ set: LabelledSet,
        to path: String
    ) throws(VerbError) {
        let page = EvaluationPage(
            line: folders.line, set: set, inspection: inspection, table: table, calibration: model.model.calibration,
            figures: Self.figures(inspection.result).map { ($0.name, $0.value) }, modelSHA256: model.sha256)
        do throws(FileError) {
            try AtomicFile.write(page.html, to: Presence.absolute(path))
        } catch {
            throw .failed("--page: \(error.description)")
        }
    }
}
