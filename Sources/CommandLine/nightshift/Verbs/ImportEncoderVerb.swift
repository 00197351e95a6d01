/// `nightshift import-encoder FILE`
package struct ImportEncoderVerb: Verb {
    package let file: String
    package let output: String?
    package let golden: String?

    package static let description = VerbDescription(
        name: "import-encoder", summary: "check published encoder weights and say how to use them",
        explanation: [
            "Reads a safetensors file of a timm ViT (tiny, small or base) by its published tensor names, says what it is (patch "
                + "size, width, depth, heads), and prints the lines for a recipe. Nothing executable is ever loaded: "
                + "pickles (.pth, .bin) are refused.",
            "With --golden it also computes the outputs for a stored input and compares them, so that you know the numbers are "
                + "the publisher's. Weights come with a licence of their own: read it.",
        ],
        arguments: [ArgumentDescription("FILE", "Weights in safetensors format.")],
        options: [
            OptionDescription(
                "out", short: "o", value: "FILE", "Also write the encoder alone, without the classification head."),
            OptionDescription("golden", value: "FILE", "Stored input and outputs (safetensors) to compare with."),
            .json, .quiet,
        ],
        examples: [
            .init(
                "nightshift import-encoder vit_tiny_patch16_224.safetensors",
                "says what it is and what the recipe needs")
        ])

    package init(_ arguments: ParsedArguments) throws(UsageError) {
        file = arguments.required("FILE")
        output = try arguments.path("out")
        golden = try arguments.path("golden")
    }

    package func run(_ console: Console) throws(VerbError) -> ExitCode {
        throw .failed("this build of `import-encoder` has no body yet")
    }
}
