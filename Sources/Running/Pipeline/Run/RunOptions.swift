import Files
import Foundation

/// Everything a run needs to know that is not an inspector: plain values, taken from recipe, model and command line.
package struct RunOptions: Sendable {
    /// Name of the line.
    package var line: String
    /// The drop's folder, absolute.
    package var drop: String
    /// `runs/<line>`, where the ledger, the lock and the runs' folders lie.
    package var folder: String
    /// Threads that inspect, each with an inspector of its own; at least 1. The results do not depend on it.
    package var workers = ProcessInfo.processInfo.activeProcessorCount
    /// See `DropScanner`.
    package var settleSeconds: Double
    /// See `DropScanner`.
    package var giveUpSeconds: Double = 86400
    /// Larger files are refused before memory is taken.
    package var maxBytes: Int
    /// Folder that inspected files are moved to; nil leaves the drop alone.
    package var archive: String?
    /// The share of the drop that this machine inspects; nil for all of it.
    package var shard: Shard?
    /// Inspect also what this model and recipe have given a verdict on, or have quarantined, in an earlier run.
    package var again = false
    /// SHA-256 of the recipe, hex.
    package var recipeSHA256: String
    /// Name and SHA-256 of the model bundle, hex.
    package var modelName: String
    package var modelSHA256: String
    /// What the model judges by, for the record.
    package var method: String?
    /// Versions by name: the tool, the libraries, the kernel.
    package var versions: [String: String] = [:]
    /// First row of summary.csv, without a line end.
    package var csvHeader: String
    /// The time of the run's start and of its scan.
    package var now = Date()

    package init(
        line: String, drop: String, folder: String, settleSeconds: Double, maxBytes: Int, recipeSHA256: String,
        modelName: String, modelSHA256: String, csvHeader: String
    ) {
        self.line = line
        self.drop = drop
        self.folder = folder
        self.settleSeconds = settleSeconds
        self.maxBytes = maxBytes
        self.recipeSHA256 = recipeSHA256
        self.modelName = modelName
        self.modelSHA256 = modelSHA256
        self.csvHeader = csvHeader
    }
}

/// Share `index` of `count` of a drop. Decided by the path alone, before a file is read; every path is in exactly one.
package struct Shard: Sendable, Equatable {
    /// From 0 to `count` − 1.
    package let index: Int
    package let count: Int

    /// nil unless 0 ≤ index < count.
    package init?(index: Int, count: Int) {
        guard index >= 0, index < count else { return nil }
        self.index = index
        self.count = count
    }

    /// True when the path (as text, see `DropPath`) belongs to this share.
    package func contains(_ path: String) -> Bool {
        // 60 bits: always a positive Int.
        guard let number = Int(SHA256.hex(of: path).prefix(15), radix: 16) else {
            preconditionFailure("Shard: a SHA-256 is hexadecimal")
        }
        return number % count == index
    }

    /// "3of8", part of file and run names.
    package var label: String { "\(index)of\(count)" }
}

/// Something that happened in a run, for the log and for people.
package struct RunEvent: Sendable, Equatable, Codable {
    package enum Level: String, Sendable, Codable { case info, warning, error }

    /// ISO 8601, UTC.
    package let time: String
    package let level: Level
    /// One word: started, resumed, abandoned, quarantined, deferred, duplicate, quarantinedBefore, archive, interrupted, failed, done.
    package let event: String
    package let sentence: String
    /// Path inside the drop, when the event is about one input.
    package let path: String?
}

/// How many inputs met each outcome.
package struct RunCounts: Sendable, Equatable, Codable {
    package var pass = 0
    package var review = 0
    package var fail = 0
    package var quarantined = 0
    package var deferred = 0
    package var alreadyDone = 0

    package init() {}

    /// The sum; equals the inputs of a run that is done.
    package var total: Int { pass + review + fail + quarantined + deferred + alreadyDone }
    /// Parts that people must look at.
    package var flagged: Int { review + fail }
    /// Parts with a verdict of this run.
    package var inspected: Int { pass + review + fail }
}

/// What a run came to.
package struct RunSummary: Sendable {
    package let id: String
    /// The run's folder.
    package let folder: String
    /// `done` or `interrupted`.
    package let state: RunRecord.State
    package let inputs: Int
    package let counts: RunCounts
    /// Parts whose content also lies under another path of this run.
    package let duplicates: Int
    /// Of those already done, the files that an earlier run has quarantined and that still lie in the drop.
    package let stillQuarantined: Int
    /// True when an earlier process had begun this run.
    package let isResumed: Bool
    /// Seconds of work by this process.
    package let seconds: Double
}
