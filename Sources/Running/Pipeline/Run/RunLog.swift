import Files
import Foundation

/// log.jsonl: what happened, for people and for log collectors. Not synced line by line: it proves nothing.
/// Used by the writer's thread alone.
final class RunLog {
    private let file: AppendFile
    private let onEvent: @Sendable (RunEvent) -> Void

    init(folder: RunFolder, onEvent: @escaping @Sendable (RunEvent) -> Void) throws(RunError) {
        do { file = try AppendFile(path: folder.log) } catch { throw .file(error) }
        self.onEvent = onEvent
    }

    /// Adds an event. That the log cannot be written is no reason to stop: where it matters, the outcome that is
    /// written next fails with the same error.
    func add(_ level: RunEvent.Level, _ event: String, _ sentence: String, path: String? = nil) {
        let made = RunEvent(
            time: RunOpening.timestamp(Date()), level: level, event: event, sentence: sentence, path: path)
        try? file.append([RecordCoding.line(made)], synced: false)
        onEvent(made)
    }
}
