import Foundation
import Handover
import Imaging

/// The one picture that tells a flagged part: the part with its regions, the heatmap on it, the worst region enlarged,
/// and the numbers in words. It opens anywhere, needs no page around it, and can be sent by mail.
enum Panel {
    private static let width = 1280
    private static let margin = 32
    private static let gap = 20
    private static let view = (width - 2 * margin - 2 * gap) / 3
    private static let headerHeight = 104
    private static let captionHeight = 34
    /// The views may be lower than wide when the part is; never lower than this.
    private static let lowestView = 280

    static func draw(_ part: ScoredPart, record: VerdictRecord, heatmap: Heatmap) -> Image {
        let picture = part.image.picture
        let height = viewHeight(picture)
        let lines = numbers(record)
        let top = headerHeight + height + captionHeight + 30
        var canvas = Image(
            width: width, height: top + 66 + 26 * lines.count + margin,
            colour: [PanelColours.paper.red, PanelColours.paper.green, PanelColours.paper.blue])
        header(record, on: &canvas)

        let whole = Placement(of: (picture.width, picture.height), column: 0, viewHeight: height)
        let fitted = resized(picture.rgb(), to: whole)
        canvas.fill(
            x: whole.left, y: whole.top, width: whole.boxWidth, height: whole.boxHeight, colour: PanelColours.well)
        canvas.draw(fitted, x: whole.x, y: whole.y)
        outline(record.regions, in: whole, on: &canvas)
        caption("The part", under: whole, on: &canvas)

        let second = Placement(of: (picture.width, picture.height), column: 1, viewHeight: height)
        canvas.fill(
            x: second.left, y: second.top, width: second.boxWidth, height: second.boxHeight, colour: PanelColours.well)
        canvas.draw(overlaid(fitted, with: resized(heatmap.picture, to: second)), x: second.x, y: second.y)
        caption("Where it is unusual", under: second, on: &canvas)

        let square = Closeup(picture: (picture.width, picture.height), regions: part.regions)
        let third = Placement(of: (square.width, square.height), column: 2, viewHeight: height)
        canvas.fill(
            x: third.left, y: third.top, width: third.boxWidth, height: third.boxHeight, colour: PanelColours.well)
        canvas.draw(resized(square.cut(from: picture).rgb(), to: third), x: third.x, y: third.y)
        let zoom = Double(third.width) / Double(square.width)
        let enlarged = zoom > 1.05 ? ", enlarged \(HTMLText.number(zoom, decimals: 1))×" : ""
        caption(
            record.regions.isEmpty ? "The middle of the part" : "The worst region" + enlarged, under: third, on: &canvas
        )

        ruler(record, top: top, on: &canvas)
        for (index, line) in lines.enumerated() {
            canvas.letter(line, x: margin, y: top + 62 + 26 * index, size: 17, colour: PanelColours.soft)
        }
        return canvas
    }

    private static func viewHeight(_ picture: Image) -> Int {
        min(view, max(lowestView, view * picture.height / picture.width))
    }

    private static func header(_ record: VerdictRecord, on canvas: inout Image) {
        let name = record.verdict.rawValue.uppercased()
        let colour = record.verdict == .fail ? PanelColours.fail : PanelColours.review
        let badge = Lettering.width(name, size: 24) + 32
        canvas.fill(x: margin, y: 28, width: badge, height: 44, colour: colour)
        canvas.letter(name, x: margin + 16, y: 37, size: 24, colour: PanelColours.white)
        let score = HTMLText.score(record.score, thresholds: record.thresholds)
        canvas.letter(score, x: margin + badge + 20, y: 30, size: 38, colour: PanelColours.ink)
        let afterScore = margin + badge + 32 + Lettering.width(score, size: 38)
        canvas.letter("× the fail threshold", x: afterScore, y: 46, size: 18, colour: PanelColours.soft)
        let room = width - margin - (afterScore + 220)
        let path = shortened(record.part.path, size: 18, room: room)
        canvas.letter(
            path, x: width - margin - Lettering.width(path, size: 18), y: 32, size: 18, colour: PanelColours.ink)
        let about = [record.part.capturedAt ?? "", "\(record.part.width) × \(record.part.height) px"].filter {
            !$0.isEmpty
        }
        .joined(separator: "   ")
        canvas.letter(
            about, x: width - margin - Lettering.width(about, size: 15), y: 57, size: 15,
            colour: PanelColours.soft)
    }

    /// The end of a long path says more than its beginning.
    private static func shortened(_ path: String, size: Int, room: Int) -> String {
        if Lettering.width(path, size: size) <= room { return path }
        var tail = Substring(path)
        while !tail.isEmpty, Lettering.width("…" + tail, size: size) > room { tail = tail.dropFirst() }
        return "…" + tail
    }

    private static func caption(_ text: String, under place: Placement, on canvas: inout Image) {
        canvas.letter(text, x: place.left, y: place.top + place.boxHeight + 9, size: 16, colour: PanelColours.soft)
    }

    private static func outline(_ regions: [VerdictRecord.Region], in place: Placement, on canvas: inout Image) {
        // The worst is drawn last and stays on top.
        for region in regions.sorted(by: { $0.peak < $1.peak }) where region.bbox.count == 4 {
            let left = place.x + Int((Double(region.bbox[0]) * place.scale).rounded(.down))
            let top = place.y + Int((Double(region.bbox[1]) * place.scale).rounded(.down))
            let width = max(6, Int((Double(region.bbox[2]) * place.scale).rounded(.up)))
            let height = max(6, Int((Double(region.bbox[3]) * place.scale).rounded(.up)))
            // Dark around light is seen on any part.
            canvas.drawBox(
                x: left - 3, y: top - 3, width: width + 6, height: height + 6, colour: PanelColours.ink, thickness: 4)
            canvas.drawBox(
                x: left - 2, y: top - 2, width: width + 4, height: height + 4, colour: PanelColours.white, thickness: 2)
        }
    }

    /// The heatmap over the part: black leaves the part as it is, brighter covers more.
    static func overlaid(_ picture: Image, with heat: Image) -> Image {
        var pixels = picture.pixels
        for pixel in 0..<picture.width * picture.height {
            let at = 3 * pixel
            let (red, green, blue) = (Int(heat.pixels[at]), Int(heat.pixels[at + 1]), Int(heat.pixels[at + 2]))
            // Cover in 1/256, at most 70 %: the part must stay visible under its worst place.
            let cover = min(180, max(0, red + (4 * green + 4 * blue) / 5 - 80))
            pixels[at] = UInt8((Int(picture.pixels[at]) * (256 - cover) + red * cover) >> 8)
            pixels[at + 1] = UInt8((Int(picture.pixels[at + 1]) * (256 - cover) + green * cover) >> 8)
            pixels[at + 2] = UInt8((Int(picture.pixels[at + 2]) * (256 - cover) + blue * cover) >> 8)
        }
        return Image(width: picture.width, height: picture.height, channels: 3, pixels: pixels)
    }

    private static func ruler(_ record: VerdictRecord, top: Int, on canvas: inout Image) {
        let scale = ScoreScale(worst: record.score)
        let length = Double(width - 2 * margin)
        func at(_ score: Double) -> Int { margin + Int((scale.share(score) * length).rounded()) }
        let (review, fail, score) = (at(record.thresholds.review), at(record.thresholds.fail), at(record.score))
        canvas.fill(x: margin, y: top, width: width - 2 * margin, height: 10, colour: PanelColours.failSoft)
        canvas.fill(x: margin, y: top, width: fail - margin, height: 10, colour: PanelColours.reviewSoft)
        canvas.fill(x: margin, y: top, width: review - margin, height: 10, colour: PanelColours.rule)
        canvas.fill(x: fail - 1, y: top - 7, width: 3, height: 24, colour: PanelColours.fail)
        canvas.fill(x: score - 7, y: top - 4, width: 14, height: 18, colour: PanelColours.paper)
        canvas.fill(x: score - 4, y: top - 7, width: 8, height: 24, colour: PanelColours.ink)

        let failText = "fail from \(HTMLText.number(record.thresholds.fail, decimals: 2))"
        canvas.letter(failText, x: fail + 2, y: top + 22, size: 15, colour: PanelColours.fail)
        let reviewText = "review from \(HTMLText.number(record.thresholds.review, decimals: 2))"
        let reviewAt = min(review, fail - 16 - Lettering.width(reviewText, size: 15))
        if record.thresholds.review < record.thresholds.fail, reviewAt >= margin {
            canvas.letter(reviewText, x: reviewAt, y: top + 22, size: 15, colour: PanelColours.review)
        }
    }

    private static func numbers(_ record: VerdictRecord) -> [String] {
        var lines = ["p \(HTMLText.number(record.pValue, decimals: 4)): \(HTMLText.rarity(pValue: record.pValue))."]
        let worstFirst = record.regions.sorted { $0.peak > $1.peak }
        for region in worstFirst.prefix(3) where region.bbox.count == 4 {
            let label = region.label.map { $0 + ", " } ?? ""
            lines.append(
                "Region \(label)\(region.bbox[2]) × \(region.bbox[3]) px at (\(region.bbox[0]), \(region.bbox[1])), "
                    + "peak \(HTMLText.number(region.peak, decimals: 2)).")
        }
        if record.regions.count > 3 { lines.append("And \(record.regions.count - 3) more regions.") }
        lines.append(
            "Model \(record.model.name) \(record.model.version), recipe \(record.recipeSha256.prefix(8)), "
                + "\(record.tool.name) \(record.tool.version).")
        return lines
    }

    private static func resized(_ image: Image, to place: Placement) -> Image {
        if image.width == place.width, image.height == place.height { return image }
        return image.resized(width: place.width, height: place.height, filter: .bicubic)
    }

    /// Where one of the three views lies: its box, and the picture fitted into the middle of it.
    private struct Placement {
        let left: Int
        let top = headerHeight
        let boxWidth = view
        let boxHeight: Int
        let x: Int
        let y: Int
        let width: Int
        let height: Int
        /// Panel pixels per pixel of the picture.
        let scale: Double

        init(of picture: (width: Int, height: Int), column: Int, viewHeight: Int) {
            left = margin + column * (view + gap)
            boxHeight = viewHeight
            let fit = min(Double(view) / Double(picture.width), Double(viewHeight) / Double(picture.height))
            width = max(1, min(view, Int((Double(picture.width) * fit).rounded())))
            height = max(1, min(viewHeight, Int((Double(picture.height) * fit).rounded())))
            x = left + (view - width) / 2
            y = headerHeight + (viewHeight - height) / 2
            scale = fit
        }
    }
}
