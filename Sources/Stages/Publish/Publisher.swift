import Foundation
import Handover
import Imaging

/// The last stage: turns a scored part into the files, the line and the row that the run's folder keeps.
///
/// It makes bytes and writes nothing. One value serves a whole run and any number of workers.
package struct Publisher: Sendable {
    private let model: ModelStamp
    private let recipeSha256: String
    private let query: String
    private let tool: ToolStamp

    /// - Parameters:
    ///   - recipeSha256: SHA-256 of the recipe file, 64 lower-case hex digits.
    ///   - query: what the camera should see; "" when the recipe asks nothing.
    package init(model: ModelStamp, recipeSha256: String, query: String, tool: ToolStamp) {
        self.model = model
        self.recipeSha256 = recipeSha256
        self.query = query
        self.tool = tool
    }

    /// Publishes one part.
    ///
    /// Files: `heatmaps/<part>.png` for every part; for a part under review or failed also `panel.png`, `verdict.json`,
    /// and the small pictures of the review page, `part.jpg`, `heat.jpg` and `closeup.jpg`, in `flagged/<part>/`.
    /// - Parameters:
    ///   - partID: from `Intake.partID(stem:identity:)`; the caller knows the identity.
    ///   - timingsMs: milliseconds per stage; values that are not finite are left out.
    /// - Throws: a `Rejection` when a number of the part is not finite, or a picture cannot be written.
    package func publish(
        _ part: ScoredPart, partID: String, timingsMs: [String: Double]
    ) throws(Rejection) -> Publication {
        try Self.requireFinite(part)
        let heatmap = Heatmap(of: part)
        let record = record(of: part, partID: partID, heatmap: heatmap, timingsMs: timingsMs)
        var files = [
            Publication.File(path: record.heatmap.path, bytes: try Self.png(heatmap.picture, of: "the heatmap"))
        ]
        if part.verdict != .pass {
            files += try Self.flagged(part, record: record, heatmap: heatmap)
        }
        return Publication(files: files, verdictLine: record.line(), csvRow: SummaryCSV.row(record))
    }

    /// What is written of a part.
    func record(
        of part: ScoredPart, partID: String, heatmap: Heatmap, timingsMs: [String: Double]
    ) -> VerdictRecord {
        let intake = part.image.intake
        let geometry = part.image.geometry
        return VerdictRecord(
            schema: VerdictRecord.currentSchema,
            part: VerdictRecord.Part(
                id: partID, path: intake.path, sha256: intake.sha256, bytes: intake.bytes.count,
                width: geometry.originalWidth, height: geometry.originalHeight, camera: intake.camera,
                capturedAt: Self.timestamp(intake.modifiedAt)),
            verdict: part.verdict,
            score: WrittenNumber.score(part.score, thresholds: part.thresholds),
            rawScore: WrittenNumber.rounded(part.rawScore),
            pValue: WrittenNumber.share(part.pValue),
            thresholds: part.thresholds,
            regions: part.regions.map(Self.regionRecord),
            heatmap: VerdictRecord.HeatmapFile(
                path: "heatmaps/\(partID).png", scale: WrittenNumber.rounded(heatmap.scale),
                top: WrittenNumber.rounded(heatmap.colours.top)),
            model: model, recipeSha256: recipeSha256, query: query,
            timingsMs: timingsMs.filter { $0.value.isFinite }.mapValues { WrittenNumber.milliseconds(max(0, $0)) },
            tool: tool)
    }

    private static func regionRecord(_ region: Region) -> VerdictRecord.Region {
        let words = region.description
        return VerdictRecord.Region(
            bbox: [region.x, region.y, region.width, region.height], areaPx: region.areaPx,
            areaFraction: WrittenNumber.rounded(region.areaFraction), peak: WrittenNumber.rounded(region.peak),
            peakAt: [region.peakX, region.peakY], label: words?.label,
            similarity: words.map { WrittenNumber.rounded($0.similarity) },
            alternatives: words?.alternatives.map {
                VerdictRecord.Alternative(label: $0.label, similarity: WrittenNumber.rounded($0.similarity))
            }, description: words?.sentence)
    }

    private static func flagged(
        _ part: ScoredPart, record: VerdictRecord, heatmap: Heatmap
    ) throws(Rejection) -> [Publication.File] {
        let folder = FlaggedFolder(partID: record.part.id)
        let panel = Panel.draw(part, record: record, heatmap: heatmap)
        let small = ReviewThumbnails(part: part.image.picture, heatmap: heatmap.picture, regions: part.regions)
        return [
            Publication.File(path: folder.panel, bytes: try png(panel, of: "the panel")),
            Publication.File(path: folder.verdict, bytes: record.document()),
            Publication.File(path: folder.part, bytes: try jpeg(small.part, of: "the part's small picture")),
            Publication.File(path: folder.heat, bytes: try jpeg(small.heat, of: "the heatmap's small picture")),
            Publication.File(path: folder.closeup, bytes: try jpeg(small.closeup, of: "the closeup")),
        ]
    }

    private static func png(_ picture: Image, of what: String) throws(Rejection) -> Data {
        do throws(ImageError) { return try picture.pngData() } catch { throw notWritten(what, error) }
    }

    private static func jpeg(_ picture: Image, of what: String) throws(Rejection) -> Data {
        do throws(ImageError) { return try picture.jpegData(quality: 85) } catch { throw notWritten(what, error) }
    }

    /// Writing a picture of sane size fails for want of memory only: a passing trouble.
    private static func notWritten(_ what: String, _ error: ImageError) -> Rejection {
        Rejection(
            stage: .publish, outcome: .deferred, reason: .noSpace,
            sentence: "Expected to write \(what), but \(error.description) The next run tries again.")
    }

    private static func requireFinite(_ part: ScoredPart) throws(Rejection) {
        let numbers =
            [part.score, part.rawScore, part.pValue, part.thresholds.review, part.thresholds.fail]
            + [part.thresholds.overkillRate] + part.regions.flatMap { [$0.peak, $0.areaFraction] }
        let names = ["score", "raw score", "p-value", "review threshold", "fail threshold", "overkill rate"]
        if let bad = numbers.firstIndex(where: { !$0.isFinite }) {
            let name = bad < names.count ? names[bad] : "region"
            throw notFinite("the \(name) is \(numbers[bad])")
        }
        if let bad = part.anomalyMap.firstIndex(where: { !$0.isFinite }) {
            throw notFinite("the anomaly map has \(part.anomalyMap[bad]) at patch \(bad)")
        }
    }

    private static func notFinite(_ found: String) -> Rejection {
        Rejection(
            stage: .publish, outcome: .quarantined, reason: .notFinite,
            sentence: "Expected finite numbers in the verdict, but \(found); check the model with `nightshift doctor`.")
    }

    /// ISO 8601 with whole seconds, UTC. Computed by hand: a formatter's text depends on the machine it runs on.
    static func timestamp(_ date: Date) -> String? {
        let seconds = date.timeIntervalSince1970.rounded(.down)
        // Outside the years 0001 to 9999 the clock that wrote the file is broken, and so would be the text.
        guard seconds >= -62_135_596_800, seconds < 253_402_300_800 else { return nil }
        let days = Int((seconds / 86400).rounded(.down))
        let second = Int(seconds) - days * 86400
        // Days to a civil date (Howard Hinnant, "chrono-compatible low-level date algorithms").
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let calendarMonth = month < 10 ? month + 3 : month - 9
        let year = yearOfEra + era * 400 + (calendarMonth <= 2 ? 1 : 0)
        func padded(_ value: Int, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(year, 4))-\(padded(calendarMonth, 2))-\(padded(day, 2))T"
            + "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))Z"
    }
}

/// The files of a flagged part, relative to the run's folder.
package struct FlaggedFolder: Sendable {
    /// `flagged/<part>`.
    package let path: String

    package init(partID: String) { path = "flagged/\(partID)" }

    /// The picture for people: part, regions, heatmap, worst region, numbers.
    package var panel: String { path + "/panel.png" }
    /// The verdict, laid out for people.
    package var verdict: String { path + "/verdict.json" }
    /// The part's small picture.
    package var part: String { path + "/part.jpg" }
    /// The heatmap's small picture, as large as `part`.
    package var heat: String { path + "/heat.jpg" }
    /// The place of the worst region at the picture's own resolution.
    package var closeup: String { path + "/closeup.jpg" }
}
