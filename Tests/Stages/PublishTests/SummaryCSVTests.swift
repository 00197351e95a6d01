import Foundation
import Handover
import Publish
import Testing

@Suite struct SummaryCSVTests {
    /// A reader of RFC 4180, written apart from the writer.
    static func cells(_ row: String) -> [String] {
        var cells = [""]
        var quoted = false
        var rest = Array(row.unicodeScalars)[...]
        while let scalar = rest.popFirst() {
            if quoted, scalar == "\"", rest.first == "\"" {
                rest.removeFirst()
                cells[cells.count - 1].unicodeScalars.append("\"")
            } else if scalar == "\"" {
                quoted.toggle()
            } else if scalar == ",", !quoted {
                cells.append("")
            } else {
                cells[cells.count - 1].unicodeScalars.append(scalar)
            }
        }
        return cells
    }

    private func row(path: String, camera: String = "cam-1", passing: Bool = false) throws -> [String: String] {
        var part = passing ? MadePart.passing() : MadePart()
        part.path = path
        part.camera = camera
        let row = try publisher.publish(part.scored(), partID: "id-1", timingsMs: [:]).csvRow
        #expect(!row.contains { $0.isNewline })
        let names = Self.cells(SummaryCSV.header)
        let values = Self.cells(row)
        #expect(names.count == values.count)
        return Dictionary(uniqueKeysWithValues: zip(names, values))
    }

    @Test func aFlaggedPartHasItsWorstRegion() throws {
        let row = try row(path: "cam-1/a.png")
        #expect(row["part"] == "id-1")
        #expect(row["verdict"] == "fail")
        #expect(row["score"] == "1.7")
        #expect(row["fail_threshold"] == "1")
        #expect(row["regions"] == "1")
        #expect(row["worst_x"] == "200")
        #expect(row["worst_height"] == "24")
        #expect(row["worst_peak"] == "2.5")
        #expect(row["captured_at"] == "2025-11-23T23:59:59Z")
    }

    @Test func aPassingPartHasEmptyRegionCells() throws {
        let row = try row(path: "cam-1/a.png", passing: true)
        #expect(row["verdict"] == "pass")
        #expect(row["worst_x"] == "")
        #expect(row["worst_peak"] == "")
    }

    @Test(arguments: ["a,b.png", "say \"hi\".png", "semi;colon.png", "plain.png", "\"", "ü,\"漢\".png"])
    func quotingSurvivesAReader(name: String) throws { #expect(try row(path: name)["path"] == name) }

    @Test(arguments: [
        "=cmd|' /C calc'!A0.png", "+1+1", "-2+3", "@SUM(1)", "=\u{301}1", " =1+1", "\t=1", "\u{FF1D}1+1",
    ])
    func formulasBecomeText(name: String) throws {
        for cell in [try row(path: name)["path"], try row(path: "x", camera: name)["camera"]] {
            #expect(cell?.unicodeScalars.first == "'")
        }
    }

    @Test func controlCharactersBecomeVisible() throws {
        #expect(try row(path: "a\nb\r\nc\u{0}d\u{85}e\u{2028}f")["path"] == "a␊b␍␊c␀d\u{2424}e\u{2424}f")
    }
}
