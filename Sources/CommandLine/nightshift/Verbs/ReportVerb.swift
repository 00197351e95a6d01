/// `nightshift report RUN`
package struct ReportVerb: Verb {
    package let run: String
    /// Instead of report.html in the run's folder.
    package let output: String?

    package static let description = VerbDescription(
        name: "report", summary: "write a run's review page again",
        explanation: [
            "`run` writes report.html at its end; this writes it again from the run's verdicts and pictures, for instance after "
                + "an update of the program, or to another place. The page is one file that needs no network: worst parts "
                + "first, each with its heatmap and the reason."
        ],
        arguments: [ArgumentDescription("RUN", "Folder of a run: runs/LINE/RUN.")],
        options: [
            OptionDescription("out", short: "o", value: "FILE", default: "RUN/report.html", "Where to write the page."),
            .json, .quiet,
        ],
        examples: [.init("nightshift report runs/rim/20261123T020000Z", "writes report.html in that folder")])

    package init(_ arguments: ParsedArguments) throws(UsageError) {
        run = arguments.required("RUN")
        output = try arguments.path("out")
    }

    package func run(_ console: Console) throws(VerbError) -> ExitCode {
        throw .failed("this build of `report` has no body yet")
    }
}
