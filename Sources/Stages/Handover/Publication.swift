import Foundation

/// Everything a part leaves in the run's folder, as bytes: the stage makes them, the pipeline writes them atomically.
package struct Publication: Sendable {
    /// One file to write.
    package struct File: Sendable {
        /// Path relative to the run's folder, with `/` between folders; never absolute, never containing `..`.
        package let path: String
        package let bytes: Data

        package init(path: String, bytes: Data) {
            self.path = path
            self.bytes = bytes
        }
    }

    package let files: [File]
    /// The verdict as one line of JSON, without a line end.
    package let verdictLine: String
    /// The part's row of summary.csv, without a line end.
    package let csvRow: String

    package init(files: [File], verdictLine: String, csvRow: String) {
        self.files = files
        self.verdictLine = verdictLine
        self.csvRow = csvRow
    }
}
