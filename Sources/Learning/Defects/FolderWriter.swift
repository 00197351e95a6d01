import Foundation
import Imaging

/// Writes files below one new folder, with all trouble told as `DefectError`.
struct FolderWriter {
    let root: URL

    /// Makes the folder. Throws `notEmpty` if it holds anything, `notWritable` if it cannot be made.
    init(_ folder: String) throws(DefectError) {
        root = URL(fileURLWithPath: folder).standardizedFileURL
        do {
            try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
            let inside = try FileManager.default.contentsOfDirectory(atPath: root.path)
            if !inside.isEmpty { throw DefectError.notEmpty(folder: root.path) }
        } catch let error as DefectError {
            throw error
        } catch {
            throw .notWritable(path: root.path, reason: error.localizedDescription)
        }
    }

    /// Writes a file, with its folders; `path` is relative to the root. `modified` sets its time, else it is now.
    func write(_ data: Data, to path: String, modified: Date? = nil) throws(DefectError) {
        let file = root.appendingPathComponent(path)
        do {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try data.write(to: file)
            if let modified {
                try FileManager.default.setAttributes([.modificationDate: modified], ofItemAtPath: file.path)
            }
        } catch {
            throw .notWritable(path: file.path, reason: error.localizedDescription)
        }
    }

    /// Makes a symbolic link at `path` (relative to the root) that says `target`.
    func link(_ path: String, to target: String) throws(DefectError) {
        let file = root.appendingPathComponent(path)
        do {
            try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: target)
        } catch {
            throw .notWritable(path: file.path, reason: error.localizedDescription)
        }
    }

    /// A picture's bytes; the error names the file they were for.
    static func encode(_ path: String, _ make: () throws(ImageError) -> Data) throws(DefectError) -> Data {
        do { return try make() } catch { throw .notEncodable(path: path, error) }
    }
}

/// A table in RFC 4180's form: comma, quotes where needed, one line feed per row.
struct CommaTable {
    private(set) var text: String

    init(columns: [String]) { text = columns.joined(separator: ",") + "\n" }

    mutating func add(_ fields: [String]) {
        let quoted = fields.map { field -> String in
            let needs = field.contains { $0 == "," || $0 == "\"" || $0.isNewline }
            return needs ? "\"" + field.replacingOccurrences(of: "\"", with: "\"\"") + "\"" : field
        }
        text += quoted.joined(separator: ",") + "\n"
    }

    var data: Data { Data(text.utf8) }
}
