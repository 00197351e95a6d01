import Pipeline

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
        let (folder, record) = try OpenedRun.open(run)
        let findings = RunVerification.verify(folder.path)
        let counts = record.counts
        if console.isJSON {
            console.result(
                JSONText.object([
                    "run": .text(folder.path), "verified": .flag(findings.isEmpty),
                    "inputs": .number(Double(record.inputs)),
                    "counts": .object([
                        "pass": .number(Double(counts.pass)), "review": .number(Double(counts.review)),
                        "fail": .number(Double(counts.fail)), "quarantined": .number(Double(counts.quarantined)),
                        "deferred": .number(Double(counts.deferred)),
                        "alreadyDone": .number(Double(counts.alreadyDone)),
                    ]),
                    "findings": .list(
                        findings.map { .object(["place": .text($0.place), "sentence": .text($0.sentence)]) }),
                ]).line)
            return findings.isEmpty ? .done : .failed
        }
        for finding in findings { console.result("\(finding.place): \(finding.sentence)") }
        guard findings.isEmpty else {
            throw .failed("\(Wording.count(findings.count, "finding")) in \(folder.path)")
        }
        console.result(
            "\(record.inputs) inputs = \(counts.pass) pass + \(counts.review) review + \(counts.fail) fail + "
                + "\(counts.quarantined) quarantined + \(counts.deferred) deferred + \(counts.alreadyDone) already done"
        )
        console.result("verified")
        return .done
    }
}
