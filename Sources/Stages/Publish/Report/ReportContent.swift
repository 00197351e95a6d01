import Foundation
import Handover

/// What the review page is made of: everything comes from the run's folder, so the page can be made again at any time.
package struct ReportContent {
    /// How many parts met one outcome.
    package struct Count: Sendable {
        /// "pass", "review", "fail", "quarantined", "deferred", "already done".
        package let outcome: String
        package let count: Int

        package init(outcome: String, count: Int) {
            self.outcome = outcome
            self.count = count
        }
    }

    /// A file of the drop that got no verdict.
    package struct SetAside: Sendable {
        /// Path inside the drop.
        package let path: String
        package let rejection: Rejection

        package init(path: String, rejection: Rejection) {
            self.path = path
            self.rejection = rejection
        }
    }

    /// One line of the page's colophon, such as "model" and "tile 3".
    package struct Fact: Sendable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package let line: String
    package let runID: String
    /// When the run began, as it shall be read.
    package let startedAt: String
    /// In the order in which they are shown.
    package let counts: [Count]
    /// The lines of `verdicts.jsonl`, in any order; read once, one at a time.
    package let verdictLines: AnySequence<String>
    package let setAside: [SetAside]
    /// Image scores of the held-out good parts that the thresholds come from; may be empty.
    package let calibrationScores: [Double]
    package let facts: [Fact]

    package init(
        line: String, runID: String, startedAt: String, counts: [Count], verdictLines: some Sequence<String>,
        setAside: [SetAside], calibrationScores: [Double], facts: [Fact]
    ) {
        self.line = line
        self.runID = runID
        self.startedAt = startedAt
        self.counts = counts
        self.verdictLines = AnySequence(verdictLines)
        self.setAside = setAside
        self.calibrationScores = calibrationScores
        self.facts = facts
    }
}
