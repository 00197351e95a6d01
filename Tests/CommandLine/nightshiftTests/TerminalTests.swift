import Foundation
import Testing
import nightshift

@Suite("Terminal")
struct TerminalTests {
    @Test(
        "durations read well",
        arguments: [
            (0, "0.0 s"), (0.44, "0.4 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min 00 s"),
            (185, "3 min 05 s"), (7620, "2 h 07 min"), (86_400, "1 d 00 h"), (.infinity, "unknown"), (-1, "unknown"),
            (1e300, "11574074 d 01 h"),
        ])
    func durations(seconds: Double, words: String) { #expect(Wording.duration(seconds: seconds) == words) }

    @Test(
        "bytes read well",
        arguments: [
            (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (200 << 20, "200 MiB"),
            (1 << 30, "1.0 GiB"), (1_048_575, "1.0 MiB"), (Int.max, "8192 PiB"),
        ])
    func bytes(count: Int, words: String) { #expect(Wording.bytes(count) == words) }

    @Test("rates, plurals and tables")
    func words() {
        #expect(Wording.rate(perSecond: 14.23) == "14.2/s" && Wording.rate(perSecond: 0.025) == "1.5/min")
        #expect(Wording.rate(perSecond: 250) == "250/s" && Wording.rate(perSecond: .nan) == "?/s")
        #expect(Wording.count(1, "part") == "1 part" && Wording.count(0, "part") == "0 parts")
        #expect(Wording.table([["a", "1"], ["long", "2"], ["x"]]) == "a     1\nlong  2\nx")
    }

    @Test("a bar fits its width, shows share, rate and time left, and survives odd numbers")
    func bar() {
        let moment = ProgressBar.Moment(label: "run", done: 50, total: 200, elapsed: 10)
        let bar = ProgressBar.bar(moment, width: 100, showsRate: true)
        #expect(bar == "run [#######-----------------------] 25 %  50/200  5.0/s  10 s, 30 s left")
        for width in [1, 5, 20, 40, 79, 200] {
            for done in [0.0, 1e18, -3] {
                let odd = ProgressBar.Moment(label: "train", done: done, total: 0, elapsed: 0, note: "loss 0.2")
                #expect(ProgressBar.bar(odd, width: width, showsRate: false).count < max(2, width))
            }
        }
        let last = ProgressBar.bar(
            .init(label: "run", done: 200, total: 200, elapsed: 40), width: 80, showsRate: true, isLast: true)
        #expect(last == "run [##############################] 100 %  200/200  5.0/s  40 s")
    }

    @Test("a plain line has no control characters; without a total it still counts")
    func plain() {
        let moment = ProgressBar.Moment(label: "train", done: 252, total: 600, elapsed: 252, note: "loss 0.231")
        #expect(
            ProgressBar.plainLine(moment, showsRate: false)
                == "train  42 %  4 min 12 s, 5 min 48 s left  loss 0.231")
        #expect(
            ProgressBar.plainLine(.init(label: "run", done: 7, total: nil, elapsed: 2), showsRate: true)
                == "run  7  3.5/s  2.0 s")
    }

    @Test("NO_COLOR forbids colours, an empty one does not (no-color.org)")
    func colours() {
        #expect(Console.allowsColours(isTerminal: true, noColour: nil))
        #expect(Console.allowsColours(isTerminal: true, noColour: ""))
        #expect(!Console.allowsColours(isTerminal: true, noColour: "1"))
        #expect(!Console.allowsColours(isTerminal: false, noColour: nil))
    }

    @Test("an error as JSON is one line that parses, whatever the sentence holds")
    func json() throws {
        let sentence = "a \"quote\"\nand a / slash \u{1} é"
        let line = Console.errorJSON(verb: "run", sentence: sentence, code: .locked)
        #expect(!line.contains("\n"))
        let value = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: [String: Any]])
        #expect(value["error"]?["message"] as? String == sentence)
        #expect(value["error"]?["exitCode"] as? Int == 11 && value["error"]?["verb"] as? String == "run")
        #expect(JSONText.list([.number(.nan), .number(0.5), .number(3)]).line == "[null,0.5,3]")
    }

    @Test("exit codes are a contract")
    func exitCodes() {
        #expect(ExitCode.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 11, 130])
        #expect(ExitCode.ofRun(quarantined: 0, flagged: 5, failOnFlagged: false) == .done)
        #expect(ExitCode.ofRun(quarantined: 0, flagged: 5, failOnFlagged: true) == .flagged)
        #expect(ExitCode.ofRun(quarantined: 0, flagged: 0, failOnFlagged: true) == .done)
        #expect(ExitCode.ofRun(quarantined: 1, flagged: 5, failOnFlagged: true) == .quarantined)
        #expect(VerbError.locked("x").exitCode == .locked && VerbError.interrupted("x").exitCode == .interrupted)
        #expect(VerbError.usage(.noVerb).exitCode == .usage && VerbError.failed("x").exitCode == .failed)
    }
}
