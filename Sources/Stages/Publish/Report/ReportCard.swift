import Foundation
import Handover

/// The run's common scale for score bars: every card of a page is drawn to the same ruler.
struct ScoreScale {
    private let high: Double

    /// - Parameter worst: the highest score that is drawn.
    init(worst: Double) {
        // Beyond four thresholds a longer bar says nothing more.
        high = max(1.6, min(4, worst) * 1.04)
    }

    /// Position on the bar, 0…1.
    func share(_ score: Double) -> Double { min(max(score / high, 0), 1) }

    /// Position on the bar in percent.
    func percent(_ score: Double) -> String { HTMLText.number(share(score) * 100, decimals: 2) }
}

/// One flagged part on the page.
struct ReportCard {
    let record: VerdictRecord
    let rank: Int
    let scale: ScoreScale
    /// The small pictures, JPEG; nil when they are no longer in the run's folder.
    let part: Data?
    let heat: Data?
    let closeup: Data?

    init(record: VerdictRecord, rank: Int, scale: ScoreScale, read: (String) -> Data?) {
        self.record = record
        self.rank = rank
        self.scale = scale
        // A verdicts.jsonl that somebody edited must not make this page read outside the run's folder.
        let folder = HTMLText.isSafeName(record.part.id) ? FlaggedFolder(partID: record.part.id) : nil
        part = folder.flatMap { read($0.part) }
        heat = folder.flatMap { read($0.heat) }
        closeup = folder.flatMap { read($0.closeup) }
    }

    var html: String {
        let labels = record.regions.compactMap(\.label)
        let name = record.part.path.split(separator: "/").last.map(String.init) ?? record.part.path
        let folder = String(record.part.path.dropLast(name.count))
        return """
            <article class="card \(record.verdict.rawValue)" tabindex="-1" data-part="\(HTMLText.escaped(record.part.id))" \
            data-sha256="\(HTMLText.escaped(record.part.sha256))" data-verdict="\(record.verdict.rawValue)" \
            data-camera="\(HTMLText.escaped(record.part.camera))" data-labels="\(HTMLText.escaped(labels.joined(separator: "\u{1F}")))">
            \(stage)
            <div class="facts">
            <div class="heading"><span class="rank">\(rank)</span>
            <h2><span class="folder"><bdi>\(HTMLText.escaped(folder))</bdi></span><bdi>\(HTMLText.escaped(name))</bdi></h2>
            <span class="badge \(record.verdict.rawValue)">\(record.verdict.rawValue)</span></div>
            \(scoreBar)
            <p class="numbers"><b>\(HTMLText.score(record.score, thresholds: record.thresholds))</b> × threshold<span>p \(pValue), \
            \(HTMLText.rarity(pValue: record.pValue))</span></p>
            <div class="detail">\(closeupPicture)<div>\(regions)</div></div>
            <div class="decide"><button data-decide="good" aria-pressed="false">Good <kbd>g</kbd></button>\
            <button data-decide="defect" aria-pressed="false">Defect <kbd>d</kbd></button><span class="links">\(links)</span></div>
            </div>
            </article>

            """
    }

    private var pValue: String {
        record.pValue < 0.001 ? "< 0.001" : HTMLText.number(record.pValue, decimals: record.pValue < 0.1 ? 4 : 2)
    }

    private func embedded(_ jpeg: Data) -> String { "data:image/jpeg;base64,\(jpeg.base64EncodedString())" }

    private var stage: String {
        let (width, height) = (record.part.width, record.part.height)
        guard width > 0, height > 0, let part else {
            return "<div class=\"stage missing\"><p>The picture is no longer in the run's folder.</p></div>"
        }
        let heat = heat.map { "<img class=\"heat\" alt=\"\" src=\"\(embedded($0))\">" } ?? ""
        let boxes = record.regions.filter { $0.bbox.count == 4 }.enumerated().map { index, region in
            "<rect class=\"\(index == 0 ? "worst" : "other")\" x=\"\(region.bbox[0])\" y=\"\(region.bbox[1])\" "
                + "width=\"\(region.bbox[2])\" height=\"\(region.bbox[3])\"/>"
        }.joined()
        return """
            <div class="stage"><div class="frame" style="aspect-ratio:\(width)/\(height);--shape:\(HTMLText.number(Double(width) / Double(height), decimals: 4))">\
            <img alt="" src="\(embedded(part))">\(heat)\
            <svg viewBox="0 0 \(width) \(height)" preserveAspectRatio="none" aria-hidden="true">\(boxes)</svg></div></div>
            """
    }

    private var closeupPicture: String {
        guard let closeup else { return "" }
        return "<img class=\"closeup\" alt=\"Closeup of the worst region\" src=\"\(embedded(closeup))\">"
    }

    private var scoreBar: String {
        let thresholds = record.thresholds
        let (review, fail, score) = (
            scale.percent(thresholds.review), scale.percent(thresholds.fail), scale.percent(record.score)
        )
        return """
            <div class="ruler" style="--at-review:\(review)%;--at-fail:\(fail)%;--at-score:\(score)%" role="img" \
            aria-label="Score \(HTMLText.score(record.score, thresholds: record.thresholds)), fail threshold 1"><i></i><b></b></div>
            """
    }

    private var regions: String {
        if record.regions.isEmpty {
            return "<p class=\"regions none\">No single region stands out; the whole part does.</p>"
        }
        let shown = record.regions.prefix(4).map { region in
            let size = region.bbox.count == 4 ? "\(region.bbox[2]) × \(region.bbox[3]) px" : ""
            let place = region.peakAt.count == 2 ? "at \(region.peakAt[0]), \(region.peakAt[1])" : ""
            var label = ""
            if let name = region.label {
                let near = region.similarity.map { " <small>\(HTMLText.number($0, decimals: 2))</small>" } ?? ""
                label = "<b class=\"label\">\(HTMLText.escaped(name))</b>\(near)"
            }
            return
                "<li>\(label)<span>\(size) \(place)</span><em>peak \(HTMLText.number(region.peak, decimals: 2))</em></li>"
        }.joined()
        let rest = record.regions.count - 4
        return "<ol class=\"regions\">\(shown)</ol>"
            + (rest > 0 ? "<p class=\"regions none\">and \(rest) more</p>" : "")
    }

    private var links: String {
        guard HTMLText.isSafeName(record.part.id) else { return "" }
        let folder = FlaggedFolder(partID: record.part.id)
        return "<a href=\"\(folder.panel)\">panel</a> <a href=\"heatmaps/\(record.part.id).png\">heatmap</a> "
            + "<a href=\"\(folder.verdict)\">verdict</a>"
    }
}
