import Describe
import DescribedRuns
import Foundation
import Numerics
import TestFolders
import Testing

@testable import nightshift

@Suite("ask", .serialized) struct AskTests {
    static let vocabulary = Vocabulary(
        labels: ["scratch", "stain", "dent"],
        embeddings: Matrix(rows: 3, columns: 4, storage: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]), least: 0.3)

    static func answer(_ words: [Float], _ regions: [[Float]?], content: String = "words") -> PartAnswer {
        PartAnswer(words: words[...], content: content, regions: regions, vocabulary: vocabulary)
    }

    @Test("A region near the words says yes, and which one")
    func yes() {
        let answer = Self.answer([1, 0, 0, 0], [[0, 0.6, 0.8, 0], nil, [0.8, 0.6, 0, 0]])
        #expect(answer.reply == .yes && answer.region == 3 && abs((answer.similarity ?? 0) - 0.8) < 1e-6)
    }

    @Test("Known words that no region is near to are answered with no, and with what is there instead")
    func no() {
        let answer = Self.answer([1, 0, 0, 0], [[0, 1, 0, 0]])
        #expect(answer.reply == .no && answer.reason.contains("stain"))
    }

    @Test("Words that mean a name are answered by the regions that bear it")
    func sameAsLabel() {
        // The words lie 0.8 from the name, the region on the name but 0.24 from the words: below what fits.
        let answer = Self.answer([0, 0.8, 0, 0.6], [[0, 0.6, 0.1, -0.4]])
        #expect(answer.reply == .yes && abs((answer.similarity ?? 0) - 0.6) < 1e-6, "\(answer)")
    }

    @Test("A question by a label means it, even where its words lie elsewhere")
    func byLabel() {
        let region: [[Float]?] = [[0, 0, 0.7, 0.1]]
        #expect(Self.answer([0, 0, 0.1, 0.99], region, content: "dent").reply == .yes)
        #expect(Self.answer([0, 0, 0.1, 0.99], region, content: "scratch").reply == .no)
        #expect(Self.answer([0, 0, 0.1, 0.99], region, content: "socket").reply == .unknown)
    }

    @Test("A region that is nearest to the words and near to nothing is unknown, and no other name is blamed")
    func nearNothing() {
        let answer = Self.answer([1, 0, 0, 0], [[0.2, 0.1, 0, 0.97]])
        #expect(answer.reply == .unknown && !answer.reason.contains("stain"), "\(answer)")
    }

    @Test("Words that the line never learned, a tie, and parts without descriptions are unknown")
    func unknown() {
        #expect(Self.answer([0, 0, 0, 1], [[0, 1, 0, 0]]).reply == .unknown)
        #expect(Self.answer([1, 0, 0, 0], [[0.69, 0.72, 0, 0]]).reply == .unknown)
        #expect(Self.answer([1, 0, 0, 0], [nil]).reply == .unknown)
    }

    @Test("Through the real binary: passed parts, unknown ones, hostile words, and what is wrong with PART")
    func binary() throws {
        let binary = try Binary()
        defer { binary.clean() }
        let line = try DescribedLine(root: binary.folder.path)
        try line.put("cam1/a.png", "p")
        try line.put("cam1/b.png", "f 1")
        _ = try line.run(hour: 1)
        let passed = try binary.run(["ask", try line.part("cam1/a.png"), "is there a scratch?"])
        #expect(passed.code == 0 && passed.stdout.hasPrefix("no: the part passed"), "\(passed)")
        let good = try binary.run(["ask", try line.part("cam1/a.png"), "is it good?", "--json"])
        #expect(good.stdout.contains("\"answer\":\"yes\""), "\(good)")
        let flagged = try binary.run(["ask", try line.part("cam1/b.png"), "is it good?"])
        #expect(flagged.code == 0 && flagged.stdout.hasPrefix("no: the part was flagged"), "\(flagged)")
        for words in [
            ["no-such-part", "a scratch?"], ["../../etc/passwd", "a scratch?"], ["runs/x/flagged/", "dent?"],
        ] {
            let outcome = try binary.run(["ask"] + words)
            #expect(outcome.code == 1 && outcome.stderr.contains("expected"), "\(outcome)")
        }
        for words in ["", "   ", "?!", String(repeating: "long ", count: 500)] {
            #expect(try binary.run(["ask", try line.part("cam1/b.png"), words]).code == 2)
        }
        let hostile = try binary.run(["ask", try line.part("cam1/a.png"), "%s %n \u{1B}[31m ../.. a dent?"])
        #expect(hostile.code == 0 && !hostile.stdout.contains("\u{1B}"))
    }
}
