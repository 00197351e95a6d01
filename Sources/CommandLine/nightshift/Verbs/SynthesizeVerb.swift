/// `nightshift synthesize DIR`
package struct SynthesizeVerb: Verb {
    /// Which rendered parts.
    package enum Kind: String, Sendable, CaseIterable { case object, texture, both }

    package let folder: String
    package let kind: Kind
    package let parts: Int
    package let good: Int
    package let seed: Int
    package let leavesOutBadFiles: Bool

    package static let description = VerbDescription(
        name: "synthesize", summary: "render a demo camera drop: parts, defects, masks, captions and bad files",
        explanation: [
            "Writes a folder as cameras would leave it overnight, to try everything without a camera: good parts and parts "
                + "with eight kinds of defects, the truth about each (mask and caption), and the bad files that a real "
                + "drop contains: empty, truncated, misnamed, duplicated, oversized, still growing.",
            "The same seed renders the same bytes. DIR gets good/ (for training), drop/ (for `run`) and, beside the "
                + "drop, drop-truth/ with truth.csv and the masks.",
        ],
        arguments: [ArgumentDescription("DIR", "Folder to write to; made if missing, refused if not empty.")],
        options: [
            OptionDescription(
                "kind", value: "KIND", default: "both",
                "What to render: object (a fixtured plate with several features), texture (fabric), or both."),
            OptionDescription(
                "parts", short: "n", value: "N", default: "128", "Parts in the drop, about a third of them defective."),
            OptionDescription(
                "good", value: "N", default: "200", "Good images for training and calibration; 0 = none."),
            OptionDescription("seed", value: "SEED", default: "1", "Seed of everything that varies."),
            OptionDescription("no-bad-files", "Leave out the deliberately bad files."),
            .json, .quiet,
        ],
        examples: [
            .init("nightshift synthesize demo", "renders demo/good, demo/drop and demo/drop-truth"),
            .init("nightshift synthesize tile --kind texture --parts 40 --seed 7", "a small drop of textured parts"),
        ])

    package init(_ arguments: ParsedArguments) throws(UsageError) {
        folder = arguments.required("DIR")
        kind = try arguments.choice("kind", Kind.self) ?? .both
        parts = try arguments.whole("parts", in: 1...100_000) ?? 128
        good = try arguments.whole("good", in: 0...100_000) ?? 200
        seed = try arguments.whole("seed", in: 0...9_007_199_254_740_991) ?? 1
        leavesOutBadFiles = arguments.has("no-bad-files")
    }

    package func run(_ console: Console) throws(VerbError) -> ExitCode {
        throw .failed("this build of `synthesize` has no body yet")
    }
}
