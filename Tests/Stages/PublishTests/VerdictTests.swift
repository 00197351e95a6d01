import Foundation
import Handover
import Publish
import Testing

let hash = String(repeating: "0123456789abcdef", count: 4)

let publisher = Publisher(
    model: ModelStamp(name: "tile", version: "3", sha256: hash), recipeSha256: hash, query: "M8 hex nut, top view",
    tool: ToolStamp(name: "nightshift", version: "0.1.0"))

@Suite struct VerdictTests {
    static let timings = ["decode": 3.14159265, "score": 0.5, "predict": 71]

    private func publish(_ part: MadePart, timings: [String: Double] = timings) throws -> Publication {
        try publisher.publish(part.scored(), partID: "part-007-0123456789ab", timingsMs: timings)
    }

    private func faults(_ line: String) throws -> [String] {
        try SchemaValidator(VerdictSchema.json).faults(in: Data(line.utf8))
    }

    @Test func realVerdictsSatisfyTheSchema() throws {
        var review = MadePart()
        review.verdict = .review
        review.score = 0.93
        review.width = 3000
        review.height = 1100
        for part in [MadePart(), .passing(), review] {
            let publication = try publish(part)
            #expect(try faults(publication.verdictLine) == [])
            #expect(!publication.verdictLine.contains("\n"))
            if let document = publication.files.first(where: { $0.path.hasSuffix("verdict.json") }) {
                #expect(try SchemaValidator(VerdictSchema.json).faults(in: document.bytes) == [])
            }
        }
    }

    /// Every rule of the schema must be able to refuse: each damaged verdict breaks one.
    @Test(arguments: [
        (#""schema":1"#, #""schema":2"#), (#""verdict":"fail""#, #""verdict":"broken""#),
        (#""verdict":"fail""#, #""verdict":"pass""#), (#""score":1.7"#, #""score":"1.7""#),
        (#""score":1.7,"#, ""), (#""bbox":[200,100,40,24]"#, #""bbox":[200,100,40]"#),
        (#""bbox":[200,100,40,24]"#, #""bbox":[-1,100,40,24]"#), (#""bbox":[200,100,40,24]"#, #""bbox":[0.5,1,4,2]"#),
        (#""pValue":"#, #""pValue":0,"p":"#), (#""width":320"#, #""width":0"#),
        (#""sha256":"0123"#, #""sha256":"X123"#), (#"heatmaps/"#, #"../heatmaps/"#),
        (#""query":"#, #""extra":1,"query":"#), (#""predict":71"#, #""predict":-71"#), (#""camera":"#, #""kamera":"#),
    ])
    func theSchemaRefuses(original: String, damaged: String) throws {
        let line = try publish(MadePart()).verdictLine
        #expect(line.contains(original))
        #expect(try !faults(line.replacingOccurrences(of: original, with: damaged)).isEmpty)
    }

    /// Found through the PATH.
    static let hasPython =
        run(["python3", "-c", "import jsonschema; jsonschema.Draft202012Validator"], input: "") == 0

    static func run(_ arguments: [String], input: String) -> Int32 {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardInput = pipe
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return -1 }
        try? pipe.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try? pipe.fileHandleForWriting.close()
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// The same question to the reference implementation, and that it refuses a damaged verdict.
    @Test(.enabled(if: hasPython, "needs python3 with jsonschema; the validator written here runs in any case"))
    func anIndependentValidatorAgrees() throws {
        let script = """
            import json, sys, jsonschema
            schema, verdict = (json.loads(text) for text in sys.stdin.read().split("\\x00"))
            jsonschema.Draft202012Validator.check_schema(schema)
            sys.exit(0 if jsonschema.Draft202012Validator(schema).is_valid(verdict) else 9)
            """
        let line = try publish(MadePart()).verdictLine
        #expect(Self.run(["python3", "-c", script], input: VerdictSchema.json + "\0" + line) == 0)
        let broken = line.replacingOccurrences(of: #""verdict":"fail""#, with: #""verdict":"broken""#)
        #expect(Self.run(["python3", "-c", script], input: VerdictSchema.json + "\0" + broken) == 9)
    }

    @Test func readingAndWritingAgainGivesTheSameBytes() throws {
        var random = SeededNumbers(state: 11)
        for _ in 0..<30 {
            var part = MadePart()
            part.score = Double.random(in: 1...5, using: &random)
            part.rawScore = Double.random(in: -1e12...1e12, using: &random)
            part.pValue = Double.random(in: 1e-9...1, using: &random)
            part.review = Double.random(in: 0...1, using: &random)
            part.width = 20
            part.height = 20
            let line = try publish(part, timings: ["decode": Double.random(in: 0...1e4, using: &random)]).verdictLine
            let again = try VerdictRecord.read(line: line)
            #expect(again.line() == line)
        }
    }

    @Test func keysAreSortedAndNumbersShort() throws {
        let line = try publish(MadePart()).verdictLine
        let keys = [
            "heatmap", "model", "pValue", "part", "query", "rawScore", "recipeSha256", "regions", "schema", "score",
            "thresholds", "timingsMs", "tool", "verdict",
        ]
        let places = keys.map { key in line.range(of: "\"\(key)\":")!.lowerBound }
        #expect(places == places.sorted())
        #expect(line.contains(#""decode":3.142"#))
        #expect(line.contains(#""pValue":0.004975"#))
        #expect(line.contains(#""areaFraction":0.010417"#))
        #expect(!line.contains("label"))
        #expect(line.contains(#""path":"cam-1/part 007.png""#))
    }

    /// 0.99999996 rounds to 1, which would read as a fail.
    @Test(arguments: [
        (0.99999996, Verdict.review), (1.0, .fail), (1.00000004, .fail), (0.79999996, .pass), (0.8, .review),
    ])
    func roundingNeverCarriesAScoreAcrossAThreshold(score: Double, verdict: Verdict) throws {
        var part = MadePart()
        part.score = score
        part.verdict = verdict
        if verdict == .pass { part.regions = [] }
        let written = try VerdictRecord.read(line: try publish(part).verdictLine)
        let reread: Verdict =
            written.score >= written.thresholds.fail
            ? .fail : written.score >= written.thresholds.review ? .review : .pass
        #expect(reread == verdict)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func numbersThatAreNotFiniteAreRejected(bad: Double) throws {
        var parts = [MadePart(), MadePart(), MadePart(), MadePart()]
        parts[0].score = bad
        parts[1].rawScore = bad
        parts[2].map = [Float](repeating: 0, count: 195) + [Float(bad)]
        parts[3].regions = [
            Region(x: 0, y: 0, width: 1, height: 1, areaPx: 1, areaFraction: 0.1, peak: bad, peakX: 0, peakY: 0)
        ]
        for part in parts {
            let rejection = #expect(throws: Rejection.self) { try publish(part) }
            #expect(rejection?.reason == .notFinite)
            #expect(rejection?.stage == .publish)
        }
        let line = try publish(MadePart(), timings: ["decode": bad, "score": 1]).verdictLine
        #expect(line.contains(#""timingsMs":{"score":1}"#))
    }

    @Test func filesOfAPassAndOfAFlaggedPart() throws {
        let id = "part-007-0123456789ab"
        #expect(try publish(.passing()).files.map(\.path) == ["heatmaps/\(id).png"])
        let flagged = try publish(MadePart()).files.map(\.path)
        #expect(
            flagged == [
                "heatmaps/\(id).png", "flagged/\(id)/panel.png", "flagged/\(id)/verdict.json",
                "flagged/\(id)/part.jpg", "flagged/\(id)/heat.jpg", "flagged/\(id)/closeup.jpg",
            ])
    }

    @Test func timesAreWrittenInUTC() throws {
        for (seconds, text) in [
            (0.0, "1970-01-01T00:00:00Z"), (951_827_696, "2000-02-29T12:34:56Z"), (-1, "1969-12-31T23:59:59Z"),
            (1_763_942_399.9, "2025-11-23T23:59:59Z"), (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            var part = MadePart()
            part.modifiedAt = Date(timeIntervalSince1970: seconds)
            #expect(try VerdictRecord.read(line: publish(part).verdictLine).part.capturedAt == text)
        }
        var broken = MadePart()
        broken.modifiedAt = Date(timeIntervalSince1970: 1e18)
        let line = try publish(broken).verdictLine
        #expect(!line.contains("capturedAt"))
        #expect(try faults(line) == [])
    }

    @Test func hostileNamesStayInsideTheJSON() throws {
        for name in ["a\"b\\c\n.png", "</script><script>alert(1)</script>.png", "\u{202E}gnp.exe", "é\u{301}\u{0}.png"]
        {
            var part = MadePart()
            part.path = name
            let line = try publish(part).verdictLine
            #expect(!line.contains("\n"))
            #expect(try VerdictRecord.read(line: line).part.path == name)
            #expect(try faults(line) == [])
        }
    }
}
