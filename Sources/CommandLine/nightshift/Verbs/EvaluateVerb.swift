/// `nightshift evaluate LINE --truth DIR`
package struct EvaluateVerb: Verb {
    package let folders: LineFolders
    package let truth: String
    /// Instead of `models/LINE`.
    package let model: String?
    package let workers: Int?

    package static let description = VerbDescription(
        name: "evaluate", summary: "measure a trained line on images whose truth is known",
        explanation: [
            "Inspects labelled images with the line's model and compares: image AUROC, average precision and best F1; pixel AUROC "
                + "and AUPRO at 0.3 and 0.05 where masks exist; and, at the line's own threshold, overkill (good parts "
                + "flagged) and escape (bad parts passed).",
            "DIR is in MVTec layout: test/good, test/DEFECT, ground_truth/DEFECT/NAME_mask.png. Pixel figures are null without "
                + "masks. Images the model was trained on prove nothing: keep them out of DIR.",
        ],
        arguments: [ArgumentDescription("LINE", "Name of the line.")],
        options: [
            OptionDescription("truth", value: "DIR", "Labelled images in MVTec layout. Required."),
            OptionDescription("model", value: "DIR", default: "models/LINE", "Model bundle to measure."),
            OptionDescription(
                "workers", short: "j", value: "N", default: "the recipe's", "Images at a time; 0 = one per core."),
            .root, .json, .quiet,
        ],
        examples: [
            .init("nightshift evaluate rim --truth labelled/rim", "prints a table of figures; --json for one line")
        ],
        exitCodes: [.interrupted])

    package init(_ arguments: ParsedArguments) throws(UsageError) {
        folders = LineFolders(line: try arguments.line(), root: try arguments.path("root"))
        guard let truth = try arguments.path("truth") else {
            throw .missingArgument("--truth DIR", verb: "evaluate")
        }
        self.truth = truth
        model = try arguments.path("model")
        workers = try arguments.whole("workers", in: 0...256)
    }

    package func run(_ console: Console) throws(VerbError) -> ExitCode {
        throw .failed("this build of `evaluate` has no body yet")
    }
}
