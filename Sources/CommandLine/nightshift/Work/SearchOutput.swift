import Files
import Foundation
import Handover
import Publish

/// What a search found, as text, as JSON and as a page.
package struct SearchOutput: Sendable {
    package let line: String
    /// What was looked for.
    package let what: String
    package let answer: RegionFinder.Answer

    /// Wide tables are read by nobody: longer names lose their middle.
    private static let longestName = 24

    /// How much was searched, for people.
    package var summary: String {
        let shown = answer.found.isEmpty ? "no region is near enough" : Wording.count(answer.found.count, "region")
        return "\(shown); compared \(Wording.count(answer.regions, "region")) of "
            + "\(Wording.count(answer.searchedRuns, "run")) in \(milliseconds) ms"
    }

    private var milliseconds: String { Wording.fixed(answer.seconds * 1000, 0) }

    /// What was not looked at, one sentence each.
    package var notes: [String] {
        var notes: [String] = []
        if !answer.missingRuns.isEmpty {
            let names = answer.missingRuns.prefix(3).joined(separator: ", ")
            let more = answer.missingRuns.count > 3 ? ", …" : ""
            notes.append(
                "\(Wording.count(answer.missingRuns.count, "run")) with described regions not in the index (\(names)\(more)): "
                    + "`nightshift search \(line) --rebuild` adds them")
        }
        if answer.deletedRuns > 0 {
            notes.append(
                "\(Wording.count(answer.deletedRuns, "run")) of the index no longer there, left out: `nightshift search "
                    + "\(line) --rebuild` forgets them")
        }
        if answer.tornBytes > 0 {
            notes.append(
                "the last \(answer.tornBytes) bytes of the index are not whole: a run is writing them now, or was ended while "
                    + "it did; left out")
        }
        return notes
    }

    /// One row a region.
    package var text: String {
        if answer.found.isEmpty { return "none" }
        let hasLabels = answer.found.contains { $0.region.label != nil }
        var rows = [
            ["#", "similarity"] + (hasLabels ? ["label"] : []) + ["verdict", "place", "part", "camera", "run"]
        ]
        for (rank, found) in answer.found.enumerated() {
            let box = found.region.bbox
            rows.append(
                ["\(rank + 1)", Wording.three(found.similarity)]
                    + (hasLabels ? [Wording.visible(found.region.label ?? "-")] : [])
                    + [
                        found.record.verdict.rawValue,
                        box.count == 4 ? "\(box[2])x\(box[3]) at \(box[0]),\(box[1])" : "-",
                        "\(found.record.part.id):\(found.number + 1)" + (found.alike > 0 ? " (+\(found.alike))" : ""),
                        Self.short(Wording.visible(found.record.part.camera)), found.run,
                    ])
        }
        return Wording.table(rows)
    }

    /// One object: what was searched, and the regions, nearest first.
    package var json: JSONText {
        .object([
            "line": .text(line), "text": .text(what), "regions": .list(answer.found.map(Self.json)),
            "compared": .number(Double(answer.regions)), "runs": .number(Double(answer.searchedRuns)),
            "seconds": .share(answer.seconds), "missingRuns": .list(answer.missingRuns.map { .text($0) }),
            "deletedRuns": .number(Double(answer.deletedRuns)), "tornBytes": .number(Double(answer.tornBytes)),
        ])
    }

    private static func json(_ found: FoundRegion) -> JSONText {
        let region = found.region
        return .object([
            "similarity": .share(found.similarity), "run": .text(found.run), "part": .text(found.record.part.id),
            "region": .number(Double(found.number + 1)), "path": .text(found.record.part.path),
            "camera": .text(found.record.part.camera), "verdict": .text(found.record.verdict.rawValue),
            "score": .number(found.record.score), "bbox": .list(region.bbox.map { .number(Double($0)) }),
            "peak": .number(region.peak), "label": region.label.map { .text($0) } ?? .null,
            "description": region.description.map { .text($0) } ?? .null,
            "capturedAt": found.record.part.capturedAt.map { .text($0) } ?? .null,
            "alike": .number(Double(found.alike)), "panel": found.picture(\.panel).map { .text($0) } ?? .null,
            "crop": found.closeup.map { .text($0) } ?? .null,
        ])
    }

    /// Writes the page; it appears whole or not at all.
    package func writePage(to path: String) throws(VerbError) {
        let compared = "\(Wording.count(answer.regions, "region")) of \(Wording.count(answer.searchedRuns, "run"))"
        let page = SearchPage(
            words: what, subtitle: "nearest of \(compared), line \(line)", notes: notes,
            facts: [("compared in", "\(milliseconds) ms"), ("nightshift", Program.version)])
        let cards = answer.found.lazy.map { found in
            func picture(_ path: String?) -> Data? { path.flatMap { FileManager.default.contents(atPath: $0) } }
            return SearchPage.Card(
                record: found.record, region: found.number, similarity: found.similarity, run: found.run,
                alike: found.alike, panel: found.picture(\.panel).map { Self.link(to: $0, from: path) },
                part: picture(found.picture(\.part)), closeup: picture(found.closeup))
        }
        do throws(FileError) {
            let file = try AtomicFileWriter(path: path)
            try page.write(cards) { (piece) throws(FileError) in try file.append(Data(piece.utf8)) }
            try file.finish()
        } catch {
            throw .failed("--page: \(error.description)")
        }
    }

    /// A relative link from a page to a file, both absolute paths: it holds where the share has another name.
    static func link(to target: String, from page: String) -> String {
        let there = target.split(separator: "/")
        let here = page.split(separator: "/").dropLast()
        let shared = zip(there, here).prefix { $0 == $1 }.count
        let steps = Array(repeating: "..", count: here.count - shared) + there.dropFirst(shared).map(String.init)
        // Encoded to the letter: a name with "?", "#" or ":" would mean something in a link.
        let safe = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
        return steps.map { $0.addingPercentEncoding(withAllowedCharacters: safe) ?? $0 }.joined(separator: "/")
    }

    private static func short(_ name: String) -> String {
        guard name.count > longestName else { return name }
        let half = (longestName - 1) / 2
        return name.prefix(half) + "…" + name.suffix(longestName - 1 - half)
    }
}
