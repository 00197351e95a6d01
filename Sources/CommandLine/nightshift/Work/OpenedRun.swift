import Foundation
import Pipeline

/// A run's folder that a person named, with its record.
package enum OpenedRun {
    /// Opens it; fails with advice where there is no run.
    package static func open(_ path: String) throws(VerbError) -> (RunFolder, RunRecord) {
        let folder = RunFolder(path: Presence.absolute(path))
        guard let record = folder.readRecord() else {
            throw .failed("expected a run's folder with its run.json at \(folder.path), found none that can be read")
        }
        return (folder, record)
    }

    /// run.json as a run writes it.
    package static func document(_ record: RunRecord) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        guard let bytes = try? encoder.encode(record) else {
            preconditionFailure("OpenedRun: what was read from JSON can be written as JSON")
        }
        return bytes + Data("\n".utf8)
    }
}
