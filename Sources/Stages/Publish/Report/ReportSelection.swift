import Foundation
import Handover

/// A part as a row of a table on the page: what is kept of a record that gets no card.
struct ReportRow {
    let id: String
    let path: String
    let verdict: Verdict
    let score: Double
    let pValue: Double
    let thresholds: Thresholds
    let regionCount: Int

    init(_ record: VerdictRecord) {
        id = record.part.id
        path = record.part.path
        verdict = record.verdict
        score = record.score
        pValue = record.pValue
        thresholds = record.thresholds
        regionCount = record.regions.count
    }
}

/// Which parts of a run the page shows, worst first, from one pass over the verdicts. Of a part that is not shown its
/// score and p-value alone are kept, so a page of a hundred thousand parts takes little more memory than one of a hundred.
struct ReportSelection {
    /// Passing parts that are listed: enough to see what nearly went to review, few enough to read.
    private static let passLimit = 50

    /// The worst flagged parts, which get a card.
    let cards: [VerdictRecord]
    /// The next ones, which get a row, and how many there are of them in all.
    let moreFlagged: [ReportRow]
    let moreFlaggedCount: Int
    /// The passing parts with the highest scores.
    let nearestPasses: [ReportRow]
    /// Image score and p-value of every part.
    let scores: [Double]
    let pValues: [Double]
    /// Those of the worst part; nil when there is none.
    let thresholds: Thresholds?
    /// Of the flagged parts.
    let cameras: Set<String>
    let labels: Set<String>
    /// Lines that are no verdict.
    let unreadable: Int

    init(lines: some Sequence<String>) {
        // Equal scores order by id: the page is the same however the lines were written.
        var cards = Worst<VerdictRecord>(limit: ReportPage.cardLimit) { ($0.score, $0.part.id) }
        var more = Worst<ReportRow>(limit: ReportTables.rowLimit) { ($0.score, $0.id) }
        var passes = Worst<ReportRow>(limit: Self.passLimit) { ($0.score, $0.id) }
        var scores: [Double] = []
        var pValues: [Double] = []
        var cameras: Set<String> = []
        var labels: Set<String> = []
        var moreCount = 0
        var unreadable = 0
        for line in lines where !line.allSatisfy(\.isWhitespace) {
            guard let record = try? VerdictRecord.read(line: line) else {
                unreadable += 1
                continue
            }
            scores.append(record.score)
            pValues.append(record.pValue)
            guard record.verdict != .pass else {
                _ = passes.insert(ReportRow(record))
                continue
            }
            cameras.insert(record.part.camera)
            for region in record.regions { if let label = region.label { labels.insert(label) } }
            if let left = cards.insert(record) {
                moreCount += 1
                _ = more.insert(ReportRow(left))
            }
        }
        self.cards = cards.elements
        moreFlagged = more.elements
        moreFlaggedCount = moreCount
        nearestPasses = passes.elements
        self.scores = scores
        self.pValues = pValues
        thresholds = cards.elements.first?.thresholds ?? passes.elements.first?.thresholds
        self.cameras = cameras
        self.labels = labels
        self.unreadable = unreadable
    }
}

/// The `limit` elements with the highest scores, worst first.
private struct Worst<Element> {
    private(set) var elements: [Element] = []
    private let limit: Int
    private let key: (Element) -> (score: Double, id: String)

    init(limit: Int, key: @escaping (Element) -> (score: Double, id: String)) {
        self.limit = limit
        self.key = key
    }

    /// Takes an element in; gives back the one that falls out, if any.
    mutating func insert(_ element: Element) -> Element? {
        let new = key(element)
        var low = 0
        var high = elements.count
        while low < high {
            let middle = (low + high) / 2
            let old = key(elements[middle])
            if (new.score, old.id) < (old.score, new.id) { low = middle + 1 } else { high = middle }
        }
        guard low < limit else { return element }
        elements.insert(element, at: low)
        return elements.count > limit ? elements.removeLast() : nil
    }
}
