import Foundation
import Handover
import Imaging
import Publish
import Testing

@Suite struct PanelTests {
    static func file(_ name: String, of part: MadePart) throws -> Image {
        let files = try publisher.publish(part.scored(), partID: "id", timingsMs: [:]).files
        return try Image.decode(#require(files.first { $0.path == "flagged/id/\(name)" }).bytes)
    }

    private func count(_ picture: Image, where matches: (_ red: Int, _ green: Int, _ blue: Int) -> Bool) -> Int {
        (0..<picture.width * picture.height).reduce(0) { sum, pixel in
            let at = 3 * pixel
            return sum
                + (matches(Int(picture.pixels[at]), Int(picture.pixels[at + 1]), Int(picture.pixels[at + 2])) ? 1 : 0)
        }
    }

    @Test func aFailedPartIsRedAndAPartUnderReviewIsAmber() throws {
        var part = MadePart()
        let failed = try Self.file("panel.png", of: part)
        part.verdict = .review
        part.score = 0.9
        let reviewed = try Self.file("panel.png", of: part)
        // The badge alone has some 4,000 pixels; the ruler's tick 72.
        #expect(count(failed) { $0 == 210 && $1 == 50 && $2 == 31 } > 2000)
        #expect(count(reviewed) { $0 == 180 && $1 == 114 && $2 == 10 } > 2000)
        #expect(count(reviewed) { $0 == 210 && $1 == 50 && $2 == 31 } < 2000)
    }

    @Test func theRegionIsFramedWhereItLies() throws {
        let panel = try Self.file("panel.png", of: MadePart())
        // The part (320 x 240) fills the first view, 392 wide, from (32, 104); the region is 40 x 24 at (200, 100).
        let scale = 392.0 / 320
        let (left, right) = (32 + Int(200 * scale) - 2, 32 + Int(240 * scale) + 2)
        let (top, bottom) = (104 + Int(100 * scale) - 2, 104 + Int(124 * scale) + 2)
        func isWhite(_ x: Int, _ y: Int) -> Bool {
            let at = 3 * (y * panel.width + x)
            return panel.pixels[at..<at + 3].allSatisfy { $0 == 255 }
        }
        let (middleX, middleY) = ((left + right) / 2, (top + bottom) / 2)
        #expect((left - 1...left + 1).contains { isWhite($0, middleY) })
        #expect((right - 2...right + 1).contains { isWhite($0, middleY) })
        #expect((top - 1...top + 1).contains { isWhite(middleX, $0) })
        #expect((bottom - 2...bottom + 1).contains { isWhite(middleX, $0) })
        #expect(!isWhite(middleX, middleY))
    }

    @Test(arguments: [(1, 1), (8, 8), (4000, 9), (9, 4000), (33, 700), (1600, 1200)])
    func everyShapeOfPictureGivesAllFiles(width: Int, height: Int) throws {
        var part = MadePart()
        (part.width, part.height) = (width, height)
        part.regions = [
            Region(x: 0, y: 0, width: width, height: height, areaPx: 1, areaFraction: 1, peak: 2, peakX: 0, peakY: 0),
            // As wrong as a region can be: outside the picture.
            Region(
                x: width + 50, y: height + 9000, width: 10, height: 10, areaPx: 1, areaFraction: 0.1, peak: 3,
                peakX: 9, peakY: 9),
        ]
        let panel = try Self.file("panel.png", of: part)
        #expect(panel.width == 1280)
        let small = try Self.file("part.jpg", of: part)
        let heat = try Self.file("heat.jpg", of: part)
        #expect(small.width == heat.width && small.height == heat.height)
        #expect(max(small.width, small.height) <= 480)
        let closeup = try Self.file("closeup.jpg", of: part)
        #expect(closeup.width == closeup.height && closeup.width <= 240)
    }

    @Test(arguments: [(0, 0), (290, 0), (0, 214), (290, 214), (150, 100)])
    func theCloseupShowsTheWorstRegion(x: Int, y: Int) throws {
        var part = MadePart()
        // A white mark on black, at the worst region alone.
        var picture = Image(width: 320, height: 240, colour: [0])
        for row in y..<y + 26 { for column in x..<x + 30 { picture.pixels[row * 320 + column] = 255 } }
        part.picture = picture
        part.regions = [
            Region(
                x: 100, y: 20, width: 9, height: 9, areaPx: 81, areaFraction: 0.001, peak: 1.2, peakX: 104, peakY: 24),
            Region(x: x, y: y, width: 30, height: 26, areaPx: 780, areaFraction: 0.01, peak: 3, peakX: x, peakY: y),
        ]
        let closeup = try Self.file("closeup.jpg", of: part)
        let bright = closeup.greyscale().pixels.filter { $0 > 127 }.count
        #expect(abs(bright - 780) < 60)
    }

    @Test func aPartGivesTheSameBytesEveryTime() throws {
        let first = try publisher.publish(MadePart().scored(), partID: "id", timingsMs: [:])
        let second = try publisher.publish(MadePart().scored(), partID: "id", timingsMs: [:])
        #expect(first.files.map(\.bytes) == second.files.map(\.bytes))
        #expect(first.verdictLine == second.verdictLine && first.csvRow == second.csvRow)
    }

    @Test func hostileTextOnThePanelIsHarmless() throws {
        for path in [String(repeating: "very-long-folder/", count: 300) + "a.png", "\u{202E}\u{0}\n漢字🙂é.png", ""] {
            var part = MadePart()
            part.path = path
            #expect(try Self.file("panel.png", of: part).width == 1280)
        }
    }

    /// Pixels that differ between the panels of two paths, by row.
    private func changedRows(_ first: String, _ second: String) throws -> [Int] {
        let panels = try [first, second].map { path in
            var part = MadePart()
            part.path = path
            return try Self.file("panel.png", of: part)
        }
        let line = 3 * panels[0].width
        return (0..<panels[0].height).filter {
            panels[0].pixels[$0 * line..<($0 + 1) * line] != panels[1].pixels[$0 * line..<($0 + 1) * line]
        }
    }

    @Test func thePathIsLetteredInTheHeaderAndNowhereElse() throws {
        let rows = try changedRows("cam-1/a.png", "cam-1/b.png")
        #expect(!rows.isEmpty)
        #expect(rows.allSatisfy { (20..<104).contains($0) })
        // An accent written in two pieces is the same letter, and it is drawn: above the "e", not beside it.
        #expect(try changedRows("caf\u{E9}.png", "cafe\u{301}.png").isEmpty)
        #expect(try !changedRows("caf\u{E9}.png", "cafe.png").isEmpty)
    }
}
