/// `nightshift verify RUN`
package struct VerifyVerb: Verb {
    package let run: String

    package static let description = VerbDescription(
        name: "verify", summary: "prove that a run lost nothing and that nothing was changed since",
        explanation: [
            "Checks that every input of the run has exactly one outcome (pass, review, fail, quarantined or deferred), that "
                + "the counts in run.json are those of verdicts.jsonl, that every file the verdicts name is there, and that "
                + "every hash still holds. Exits with 1 and lists what is wrong otherwise."
        ],
        arguments: [ArgumentDescription("RUN", "Folder of a run: runs/LINE/RUN.")],
        options: [.json, .quiet],
        examples: [
            .init("nightshift verify runs/rim/20261123T020000Z", "prints the counts and `verified`, or what is wrong")
        ])

    package init(_ arguments: ParsedArguments) throws(UsageError) { run = arguments.required("RUN") }

    package func run(_ console: Console) throws(VerbError) -> ExitCode {
        throw .failed("this build of `verify` has no body yet")
    }
}
