import Files
import Foundation
import Handover
import Pipeline
import Publish

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
        let (folder, record) = try OpenedRun.open(run)
        let target = output.map(Presence.absolute) ?? folder.path + "/" + ReportPage.path
        do {
            let page = try AtomicFileWriter(path: target)
            try ReviewPage.write(folder: folder, record: record, calibration: CalibrationScores.read(folder), to: page)
            try page.finish()
            if output == nil, record.files[ReportPage.path] != nil {
                // The run vouches for its files by hash: for the new page too.
                var renewed = record
                renewed.files[ReportPage.path] = try SHA256.hex(ofFile: target)
                try AtomicFile.write(OpenedRun.document(renewed), to: folder.record)
            }
        } catch let rejection as Rejection {
            throw .failed(rejection.sentence)
        } catch {
            throw .failed("\(error)")
        }
        let bytes = (try? FileManager.default.attributesOfItem(atPath: target)[.size] as? Int) ?? 0
        console.result(
            console.isJSON
                ? JSONText.object(["page": .text(target), "bytes": .number(Double(bytes))]).line : target)
        return .done
    }
}
