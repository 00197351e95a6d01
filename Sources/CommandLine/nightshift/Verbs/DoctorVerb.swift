import CLIP
import Checkpoint
import Foundation
import Network
import Numerics
import Pipeline
import Recipe

/// `nightshift doctor [LINE]`
package struct DoctorVerb: Verb {
    /// nil = the machine alone.
    package let line: String?
    package let root: String?

    package static let description = VerbDescription(
        name: "doctor", summary: "check the machine and a line's folders before the night does",
        explanation: [
            "Looks at the processor, memory, the BLAS kernel in use (the wrong one halves the speed), the image libraries, "
                + "permissions, free disk space and the clock; with LINE also at its recipe, model, drop and good images. "
                + "Changes nothing. Exits with 1 if a run would fail.",
            "Run it as the user that cron or the timer uses: permissions are that user's.",
        ],
        arguments: [ArgumentDescription("LINE", optional: true, "Also check this line.")],
        options: [.root, .json, .quiet],
        examples: [
            .init("nightshift doctor", "the machine"),
            .init("sudo -u nightshift nightshift doctor rim", "line rim, as the timer's user"),
        ])

    package init(_ arguments: ParsedArguments) throws(UsageError) {
        line = arguments.argument("LINE") == nil ? nil : try arguments.line()
        root = try arguments.path("root")
    }

    package func run(_ console: Console) throws(VerbError) -> ExitCode {
        var findings = Findings.ofMachine(.current(), blasKernel: OpenBLAS.kernelName)
        let folders = LineFolders(line: line ?? "", root: root)
        findings.append(.init(.good, "root", folders.root.path))
        for name in ["models", "runs"] {
            let url = folders.root.appendingPathComponent(name)
            findings.append(Findings.ofFolder(name, url, writable: true, mustExist: false))
        }
        var newest: Date?
        if line != nil { findings += ofLine(folders, newest: &newest) }
        findings.append(Findings.ofDisk(at: folders.root.appendingPathComponent("runs")))
        findings.append(Findings.ofClock(now: Date(), newest: newest))
        tell(findings, console)
        return findings.contains { $0.state == .bad } ? .failed : .done
    }

    private func ofLine(_ folders: LineFolders, newest: inout Date?) -> [Finding] {
        let recipe: Recipe
        do throws(VerbError) {
            recipe = try folders.loadRecipe()
        } catch {
            return [Finding(.bad, "recipe", error.description, advice: "`nightshift init \(folders.line)` writes one")]
        }
        let drop = folders.resolve(recipe.drop)
        newest = DoctorVerb.newestFile(in: drop)
        var findings = [
            Finding(.good, "recipe", folders.recipe.path),
            Findings.ofFolder("drop", drop, writable: recipe.archive == .move, mustExist: true),
        ]
        if recipe.archive == .move {
            let archive = folders.resolve(recipe.archiveFolder)
            findings.append(Findings.ofFolder("archive", archive, writable: true, mustExist: false))
        }
        var hasModel = false
        do throws(VerbError) {
            let model = try LineWork.openLine(folders.model.path, recipe: recipe)
            hasModel = true
            findings.append(Finding(.good, "model", "\(folders.model.path), trained \(model.card.createdAt)"))
            findings.append(Finding(.good, "judged by", DoctorVerb.method(of: model)))
            findings += Findings.ofQuery(model.card, recipe)
        } catch {
            findings.append(Finding(.bad, "model", error.description))
        }
        let good = folders.resolve(recipe.good)
        if !hasModel || FileManager.default.fileExists(atPath: good.path) {
            findings.append(Findings.ofFolder("good images", good, writable: false, mustExist: true))
        }
        if !recipe.hasOwnEncoder {
            let folder = folders.resolve(recipe.clip.folder).path
            do throws(CheckpointError) {
                let weights = try PublishedCLIP(path: folder)
                findings.append(
                    Finding(
                        .good, "CLIP",
                        "\(folder): \(weights.imageShape.depth) blocks, patches of \(weights.imageShape.patchSize) px, "
                            + "pictures of \(weights.inputSide) px"))
            } catch {
                // The bundle holds all that a run needs.
                findings.append(
                    Finding(
                        hasModel ? .warning : .bad, "CLIP", error.description,
                        advice: "training needs it; a trained model does not"))
            }
        }
        if recipe.hasOwnEncoder, recipe.encoder.source.hasPublishedWeights {
            let file = folders.resolve(recipe.encoder.file)
            do throws(VerbError) {
                let weights = try EncoderWeights(path: file.path)
                findings.append(Finding(.good, "encoder", "\(file.path): \(weights.summary)"))
            } catch {
                findings.append(
                    Finding(.bad, "encoder", error.description, advice: "training needs it; a trained model does not"))
            }
        }
        return findings + Findings.ofRegionIndex(lineFolder: folders.runs.path)
    }

    private static func method(of bundle: LineBundle) -> String {
        guard case .clip(let line) = bundle.model else {
            return bundle.model.language == nil ? "VL-JEPA, without names" : "VL-JEPA, with names for regions"
        }
        return "CLIP, \(line.sight.encoder == nil ? "published weights" : "trained here"), prompts about "
            + "\(line.sight.winclip.object.debugDescription); regions get no names, so ask and search find none"
    }

    /// Latest modification time among the drop's first 10,000 entries: enough to see a camera's clock.
    private static func newestFile(in folder: URL) -> Date? {
        let key = URLResourceKey.contentModificationDateKey
        guard let walk = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [key]) else {
            return nil
        }
        var newest: Date?
        for case let url as URL in walk.prefix(10_000) {
            guard let date = (try? url.resourceValues(forKeys: [key]))?.contentModificationDate else { continue }
            newest = max(newest ?? date, date)
        }
        return newest
    }

    private func tell(_ findings: [Finding], _ console: Console) {
        if console.isJSON {
            let list = findings.map { finding in
                JSONText.object([
                    "state": .text(finding.state.rawValue), "name": .text(finding.name), "found": .text(finding.found),
                    "advice": .text(finding.advice),
                ])
            }
            let isReady = !findings.contains { $0.state == .bad }
            console.result(JSONText.object(["ready": .flag(isReady), "findings": .list(list)]).line)
            return
        }
        let words: [Finding.State: String] = [.good: "ok", .warning: "look", .bad: "BAD"]
        console.result(
            Wording.table(
                findings.map { finding in
                    [words[finding.state] ?? "", finding.name]
                        + [
                            finding.found
                                + (finding.advice.isEmpty
                                    ? "" : "\(finding.found.isEmpty ? "" : ": ")\(finding.advice)")
                        ]
                }))
        let bad = findings.count { $0.state == .bad }
        console.result(bad == 0 ? "ready" : "\(Wording.count(bad, "problem")) would stop a run")
    }
}
