import Foundation
import Handover

/// A page of the regions that a search found, nearest first, each with its crop and its place on the part, in the style
/// of the review page. It works from a file share, without a network, a script or any other file.
package struct SearchPage: Sendable {
    /// One region.
    package struct Card: Sendable {
        package let record: VerdictRecord
        /// Which of the verdict's regions, from 0.
        package let region: Int
        /// Cosine to what was looked for, −1…1.
        package let similarity: Double
        /// The run's id.
        package let run: String
        /// Further regions of the part that show the same.
        package let alike: Int
        /// The part's panel as a relative link; nil where it is gone.
        package let panel: String?
        /// JPEG of the part's small picture, and of the closeup where it shows this region; nil where there is none.
        package let part: Data?
        package let closeup: Data?

        package init(
            record: VerdictRecord, region: Int, similarity: Double, run: String, alike: Int, panel: String?,
            part: Data?, closeup: Data?
        ) {
            precondition(
                record.regions.indices.contains(region), "SearchPage: expected one of \(record.regions.count) regions")
            self.record = record
            self.region = region
            self.similarity = similarity
            self.run = run
            self.alike = alike
            self.panel = panel
            self.part = part
            self.closeup = closeup
        }
    }

    private let words: String
    private let subtitle: String
    private let notes: [String]
    private let facts: [(name: String, value: String)]

    /// - Parameters:
    ///   - words: what was looked for.
    ///   - notes: what the search did not look at, one sentence each.
    package init(words: String, subtitle: String, notes: [String], facts: [(name: String, value: String)]) {
        self.words = words
        self.subtitle = subtitle
        self.notes = notes
        self.facts = facts
    }

    /// Writes the page piece by piece: the pictures of one card are in memory at a time. `put` takes the next piece; what
    /// it throws ends the writing. All text is escaped.
    package func write<Failure: Error>(
        _ cards: some Sequence<Card>, put: (String) throws(Failure) -> Void
    ) throws(Failure) {
        try put(opening)
        for note in notes { try put("<p class=\"alarm\">\(HTMLText.escaped(note))</p>\n") }
        try put("<main>\n")
        var rank = 0
        for card in cards {
            rank += 1
            try put(Self.html(card, rank: rank))
        }
        if rank == 0 { try put("<p class=\"quiet\">No region is near enough.</p>\n") }
        try put("</main>\n\(PageFrame.colophon(facts))\n</body>\n</html>\n")
    }

    private var opening: String {
        PageFrame.head(
            title: "\(words) · search", allowing: ["img-src data:", "style-src 'unsafe-inline'"], css: Self.css)
                + """
                <body>
                <header><div class="title"><h1><bdi>\(HTMLText.escaped(words))</bdi></h1><p>\(HTMLText.escaped(subtitle))</p></div></header>

                """
    }

    private static let css = """
        main { margin-top: 26px; }
        .found { display: grid; grid-template-columns: 220px 220px minmax(0, 1fr); gap: 0 20px; margin: 0 0 14px; overflow: hidden;
          border: 1px solid var(--rule); border-radius: 12px; background: var(--card); box-shadow: var(--shadow); }
        .found .look { display: block; width: 220px; height: 100%; min-height: 220px; object-fit: cover; background: var(--well); }
        .found .look.gone { display: grid; place-items: center; color: var(--soft); font-size: 13px; text-align: center; padding: 16px; }
        .found .where { padding: 12px 0; height: 220px; }
        .found .where svg, .found .where img { width: 100%; height: 100%; object-fit: contain; display: block; }
        .found rect { fill: none; stroke: #fff; stroke-width: 2; vector-effect: non-scaling-stroke;
          filter: drop-shadow(0 0 1px #000) drop-shadow(0 0 1px #000); }
        .found .facts { gap: 8px; padding: 16px 22px 14px 0; }
        .found .near { display: flex; align-items: center; gap: 10px; color: var(--soft); font-size: 14px; }
        .found .near b { color: var(--ink); font-size: 24px; font-weight: 620; letter-spacing: -.01em; }
        .found .near i { flex: 0 1 160px; height: 6px; border-radius: 3px; background: linear-gradient(to right, var(--focus) var(--share), var(--well) var(--share)); }
        .found .said b { font-weight: 620; } .found .said small { color: var(--soft); }
        .found .source { margin-top: auto; color: var(--soft); font-size: 13.5px; overflow-wrap: anywhere; }
        @media (max-width: 820px) { .found { grid-template-columns: 1fr 1fr; } .found .look { width: 100%; }
          .found .facts { grid-column: 1 / -1; padding: 14px 16px; } }
        @media print { .found { break-inside: avoid; } }
        """

    private static func html(_ card: Card, rank: Int) -> String {
        let record = card.record
        let region = record.regions[card.region]
        let slash = record.part.path.lastIndex(of: "/")
        let folder = slash.map { String(record.part.path[...$0]) } ?? ""
        let name = slash.map { String(record.part.path[record.part.path.index(after: $0)...]) } ?? record.part.path
        var said = ""
        if let label = region.label {
            let near = region.similarity.map { " <small>\(HTMLText.number($0, decimals: 2))</small>" } ?? ""
            said = "<b>\(HTMLText.escaped(label))</b>\(near)"
        }
        if let sentence = region.description {
            said += (said.isEmpty ? "" : "<br>") + HTMLText.escaped(sentence)
        }
        let size =
            region.bbox.count == 4
            ? "\(region.bbox[2]) × \(region.bbox[3]) px at \(region.bbox[0]), \(region.bbox[1])" : ""
        let alike =
            card.alike > 0
            ? " · \(HTMLText.count(card.alike)) more of this part look\(card.alike == 1 ? "s" : "") the same" : ""
        let panel = card.panel.map { " · <a href=\"\(HTMLText.escaped($0))\">panel</a>" } ?? ""
        let captured = record.part.capturedAt.map { " · <bdi>\(HTMLText.escaped($0))</bdi>" } ?? ""
        let share = HTMLText.number(max(0, min(1, card.similarity)) * 100, decimals: 1)
        return """
            <article class="found">
            \(pictures(card, region, rank))
            <div class="facts">
            <div class="heading"><span class="rank">\(rank)</span><h2><span class="folder"><bdi>\(HTMLText.escaped(folder))</bdi></span>\
            <bdi>\(HTMLText.escaped(name))</bdi></h2><span class="badge \(record.verdict.rawValue)">\(record.verdict.rawValue)</span></div>
            <p class="near"><b>\(HTMLText.number(card.similarity, decimals: 3))</b><i style="--share:\(share)%"></i>similarity</p>
            <p class="said">\(said)</p>
            <p class="quiet">\(size), peak \(HTMLText.number(region.peak, decimals: 2))\(alike)</p>
            <p class="source">run <bdi>\(HTMLText.escaped(card.run))</bdi>\(captured)\(panel)</p>
            </div>
            </article>

            """
    }

    /// The crop, and the part with the region marked. The part's picture is in the page once; the crop is a view of it
    /// where the run has cut out another region.
    private static func pictures(_ card: Card, _ region: VerdictRecord.Region, _ rank: Int) -> String {
        let (width, height) = (card.record.part.width, card.record.part.height)
        let closeup = card.closeup.map { "<img class=\"look\" alt=\"The region\" src=\"\(embedded($0))\">" }
        guard let part = card.part, width > 0, height > 0, region.bbox.count == 4 else {
            return (closeup ?? "<div class=\"look gone\">The pictures are no longer in the run's folder.</div>")
                + "<div class=\"where\"></div>"
        }
        let box = Region(
            x: region.bbox[0], y: region.bbox[1], width: region.bbox[2], height: region.bbox[3], areaPx: region.areaPx,
            areaFraction: region.areaFraction, peak: region.peak, peakX: region.bbox[0], peakY: region.bbox[1])
        let square = Closeup(picture: (width, height), regions: [box])
        let view = "\(square.x) \(square.y) \(square.width) \(square.height)"
        return """
            \(closeup ?? "<svg class=\"look\" viewBox=\"\(view)\" role=\"img\" aria-label=\"The region\"><use href=\"#part\(rank)\"/></svg>")
            <div class="where"><svg viewBox="0 0 \(width) \(height)" role="img" aria-label="Its place on the part">\
            <image id="part\(rank)" width="\(width)" height="\(height)" preserveAspectRatio="none" href="\(embedded(part))"/>\
            <rect x="\(box.x)" y="\(box.y)" width="\(box.width)" height="\(box.height)"/></svg></div>
            """
    }

    private static func embedded(_ jpeg: Data) -> String { "data:image/jpeg;base64,\(jpeg.base64EncodedString())" }
}
