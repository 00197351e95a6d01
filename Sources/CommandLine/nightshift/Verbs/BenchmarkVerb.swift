/// `nightshift benchmark DIR`
package struct BenchmarkVerb: Verb {
    package let folder: String
    package let recipe: String?
    package let encoder: String?
    package let minutes: Double?
    package let seed: Int?
    package let workers: Int?
    /// Where the model and the verdicts stay; nil = nowhere.
    package let keep: String?

    package static let description = VerbDescription(
        name: "benchmark", summary: "train, calibrate and measure on a labelled data set, in one line of JSON",
        explanation: [
            "DIR is in MVTec layout. Trains on train/good alone, calibrates, inspects test/ and prints one line of JSON: "
                + "dataset, imageAUROC, pixelAUROC, aupro30, aupro05, f1Max, averagePrecision, overkill, escape (at the "
                + "calibrated threshold), trainSeconds, imagesPerSecond, peakMemoryMiB, encoder, method. Pixel figures are "
                + "null without masks.",
            "Without --recipe it uses the one default recipe, fitted to the good images exactly as `init` would. Nothing is chosen "
                + "on test/. Where the good images are too few for the recipe's overkill rate, the nearest rate they allow "
                + "is taken, and stderr says so.",
        ],
        arguments: [ArgumentDescription("DIR", "Data set: train/good, test/good, test/DEFECT, ground_truth/DEFECT.")],
        options: [
            OptionDescription(
                "recipe", value: "FILE", default: "the default recipe",
                "Recipe to use; its folders and line name are ignored."),
            OptionDescription(
                "encoder", value: "FILE", "Imported, frozen weights (safetensors) instead of an encoder trained here."),
            OptionDescription(
                "minutes", short: "m", value: "M", default: "the recipe's", "Minutes of training by the clock."),
            OptionDescription("seed", value: "SEED", default: "the recipe's", "Seed of every random choice."),
            OptionDescription("workers", short: "j", value: "N", default: "one per core", "Images at a time."),
            OptionDescription("keep", value: "DIR", "Keep the model and the per-image results there."),
            .json, .quiet,
        ],
        examples: [
            .init("nightshift benchmark data/bottle --minutes 10", "encoder trained here"),
            .init(
                "nightshift benchmark data/bottle --encoder vit_tiny_patch16_224.safetensors",
                "imported, frozen encoder"),
        ],
        exitCodes: [.interrupted])

    package init(_ arguments: ParsedArguments) throws(UsageError) {
        folder = arguments.required("DIR")
        recipe = try arguments.path("recipe")
        encoder = try arguments.path("encoder")
        minutes = try arguments.number("minutes", in: 0.05...10_080)
        seed = try arguments.whole("seed", in: 0...9_007_199_254_740_991)
        workers = try arguments.whole("workers", in: 0...256)
        keep = try arguments.path("keep")
    }

    package func run(_ console: Console) throws(VerbError) -> ExitCode {
        throw .failed("this build of `benchmark` has no body yet")
    }
}
