import Evaluation
import Foundation

/// captions.csv of a set of known defects: what people say of its pictures and kinds. Text is data here: a path is only
/// ever compared with those that the set's folders list, never opened.
struct CaptionTable {
    /// Sentences by the picture's name in the set, "test/<kind>/<file>".
    let captions: [String: [String]]
    /// Further names by the kind's folder.
    let names: [String: [String]]

    /// No table is an empty one. A row about something that the set does not hold is told to `skipped` and passed over.
    init(
        folder: String, known images: [DatasetFolder.TestImage], skipped: (_ path: String, _ why: String) -> Void
    ) throws(KnownDefectsError) {
        let path = folder + "/captions.csv"
        guard FileManager.default.fileExists(atPath: path) else {
            (captions, names) = ([:], [:])
            return
        }
        func bad(_ row: Int, _ problem: String) -> KnownDefectsError {
            .badTable(path: path, row: row, problem: problem)
        }
        let size = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int ?? 0
        guard size <= KnownDefects.largestTable, let bytes = FileManager.default.contents(atPath: path) else {
            throw bad(1, "expected a readable file of at most \(KnownDefects.largestTable) bytes, got \(size)")
        }
        guard let text = String(data: bytes, encoding: .utf8) else { throw bad(1, "expected UTF-8 text") }
        // A spreadsheet may begin its file with a byte order mark.
        var rows = CommaText.rows(text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text)
        let head = rows.isEmpty ? [] : rows.removeFirst().map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
        guard let pathColumn = head.firstIndex(of: "path"), let captionColumn = head.firstIndex(of: "caption") else {
            throw bad(1, "expected columns path and caption, got \(head.joined(separator: ", ").prefix(200))")
        }
        let pictures = Set(images.map(\.name))
        let kinds = Set(images.compactMap(\.kind))
        var (captions, names): ([String: [String]], [String: [String]]) = ([:], [:])
        for (index, row) in rows.enumerated() {
            let number = index + 2
            if row.count == 1, row[0].trimmingCharacters(in: .whitespaces).isEmpty { continue }
            guard row.count == head.count else {
                throw bad(number, "expected \(head.count) columns, got \(row.count)")
            }
            let target = row[pathColumn].trimmingCharacters(in: .whitespaces)
            let caption = row[captionColumn].trimmingCharacters(in: .whitespacesAndNewlines)
            // What `synthesize` says of good parts, and a picture of which nothing is said.
            if target.hasPrefix("train/") || target.hasPrefix("test/good/") || caption.isEmpty { continue }
            guard caption.utf8.count <= KnownDefects.longestCaption, !Self.isHostile(caption) else {
                throw bad(
                    number,
                    "expected a caption of at most \(KnownDefects.longestCaption) bytes without control characters, got "
                        + "\(caption.utf8.count) bytes")
            }
            let folder = target.hasPrefix("test/") ? String(target.dropFirst("test/".count)) : ""
            if pictures.contains(target) {
                captions[target, default: []].append(caption)
            } else if kinds.contains(folder) {
                names[folder, default: []].append(caption)
            } else {
                skipped(
                    path, "row \(number): expected test/KIND/NAME of a picture, or test/KIND, got \(target.prefix(200))"
                )
            }
        }
        self.captions = captions
        self.names = names
    }

    /// Whether a text holds characters that no sentence has: controls, and what turns the direction of reading.
    static func isHostile(_ text: String) -> Bool {
        text.isEmpty
            || text.unicodeScalars.contains { scalar in
                scalar.properties.generalCategory == .control || (0x202A...0x202E).contains(scalar.value)
                    || (0x2066...0x2069).contains(scalar.value)
            }
    }
}
