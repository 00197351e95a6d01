import Foundation
import Imaging
import Testing
import nightshift

@Suite("Program: the real binary")
struct ProgramTests {
    /// Good parts: a bright rectangle at one place, or anywhere when `loose`.
    private func writeGood(_ count: Int, to folder: URL, loose: Bool = false) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for index in 0..<count {
            var image = Image(width: 120, height: 80, colour: [40])
            let left = loose ? (index * 37) % 80 : 30
            let top = loose ? (index * 23) % 50 : 20
            for row in top..<top + 28 {
                for column in left..<left + 36 {
                    image.pixels[row * 120 + column] = UInt8(180 + (index * 7 + row * column) % 20)
                }
            }
            try image.pngData().write(to: folder.appendingPathComponent("part\(index).png"))
        }
    }

    @Test(
        "wrong usage exits with 2, says why on stderr and nothing on stdout",
        arguments: [
            ([], "expected a verb"), (["trian"], "did you mean 'train'?"), (["run"], "expected LINE"),
            (["run", "rim", "--worker", "2"], "did you mean '--workers'?"), (["--verion"], "did you mean '--version'?"),
            (["run", "rim", "--workers", "two"], "--workers: expected a whole number, 0…256, got 'two'"),
            (["run", "../rim"], "LINE: expected a name"), (["init", "rim"], "expected --good DIR"),
            (["help", "nothing"], "unknown verb 'nothing'"), (["evaluate", "rim"], "expected --truth DIR"),
        ] as [([String], String)])
    func usage(words: [String], sentence: String) throws {
        let binary = try Binary()
        defer { binary.clean() }
        let outcome = try binary.run(words)
        #expect(outcome.code == 2)
        #expect(outcome.stdout.isEmpty && outcome.stderr.contains(sentence), "\(outcome.stderr)")
        #expect(outcome.stderr.hasPrefix("nightshift") && !outcome.stderr.contains("\u{1B}"))
    }

    @Test("help and version go to stdout and exit with 0")
    func help() throws {
        let binary = try Binary()
        defer { binary.clean() }
        #expect(try binary.run(["--version"]).stdout == "nightshift \(Program.version)\n")
        for words in [["--help"], ["help"], ["help", "run"], ["run", "-h"], ["run", "--help", "--json"]] {
            let outcome = try binary.run(words)
            #expect(outcome.code == 0 && outcome.stderr.isEmpty && outcome.stdout.contains("usage: nightshift"))
        }
        #expect(try binary.run(["help", "run"]).stdout == (try binary.run(["run", "--help"]).stdout))
    }

    @Test("with --json an error is one line of JSON on stderr")
    func jsonErrors() throws {
        let binary = try Binary()
        defer { binary.clean() }
        let outcome = try binary.run(["run", "--json", "rim", "--wokers", "2"])
        #expect(outcome.code == 2 && outcome.stdout.isEmpty)
        #expect(outcome.stderr.filter { $0 == "\n" }.count == 1)
        let value = try JSONSerialization.jsonObject(with: Data(outcome.stderr.utf8)) as? [String: [String: Any]]
        #expect(value?["error"]?["exitCode"] as? Int == 2 && value?["error"]?["verb"] as? String == "run")
    }

    @Test("init looks at good images, writes a recipe with reasons, and does not overwrite it unasked")
    func initialise() throws {
        let binary = try Binary()
        defer { binary.clean() }
        try writeGood(12, to: binary.folder.appendingPathComponent("ok"))
        try Data("no picture".utf8).write(to: binary.folder.appendingPathComponent("ok/torn.png"))
        let first = try binary.run(["init", "rim", "--good", "ok", "--query", "a \"bright\" bar"])
        #expect(first.code == 0, "\(first.stderr)")
        #expect(first.stdout.contains("12 (12 PNG), 12 of them grey") && first.stdout.contains("fixtured"))
        #expect(first.stderr.contains("torn.png") && first.stderr.contains("needs 49 held-out good images"))
        let recipe = binary.folder.appendingPathComponent("pipelines/rim/recipe.json5")
        let text = try String(contentsOf: recipe, encoding: .utf8)
        #expect(text.hasPrefix("// Recipe of line rim, proposed by `nightshift init` from 12 good images."))
        #expect(
            text.contains("nightshift train rim") && text.contains("good: \"../../ok\",")
                && text.contains(#"a \"bright\" bar"#))
        // 120 × 80: an area of 224², wider than high by 3/2.
        #expect(text.contains("width: 272,") && text.contains("height: 176,"))

        let second = try binary.run(["init", "rim", "--good", "ok"])
        #expect(second.code == 1 && second.stderr.contains("--force"))
        #expect(try String(contentsOf: recipe, encoding: .utf8) == text)
        let third = try binary.run(["init", "rim", "--good", "ok", "--force", "--json", "--minutes", "7"])
        #expect(third.code == 0)
        let facts = try JSONSerialization.jsonObject(with: Data(third.stdout.utf8)) as? [String: Any]
        #expect(facts?["goodImages"] as? Int == 12 && facts?["unreadable"] as? Int == 1)
        #expect(facts?["fixtured"] as? Bool == true)
        #expect(try String(contentsOf: recipe, encoding: .utf8).contains("minutes: 7,"))
    }

    @Test("init tells loose parts from fixtured ones, and an absolute folder outside the root stays absolute")
    func loose() throws {
        let binary = try Binary()
        let elsewhere = try Binary()
        defer {
            binary.clean()
            elsewhere.clean()
        }
        try writeGood(20, to: elsewhere.folder, loose: true)
        let outcome = try binary.run(["init", "bin", "--good", elsewhere.folder.path, "--drop", "cam"])
        #expect(outcome.code == 0 && outcome.stdout.contains("loose"), "\(outcome.stderr)")
        let recipe = binary.folder.appendingPathComponent("pipelines/bin/recipe.json5")
        let text = try String(contentsOf: recipe, encoding: .utf8)
        #expect(text.contains("good: \"\(elsewhere.folder.path)\"") && text.contains("drop: \"../../cam\""))
    }

    @Test("init without a usable good image fails with the reason and writes nothing")
    func noGoodImages() throws {
        let binary = try Binary()
        defer { binary.clean() }
        let missing = try binary.run(["init", "rim", "--good", "nowhere"])
        #expect(missing.code == 1 && missing.stderr.contains("expected a folder of good images"))
        let folder = binary.folder.appendingPathComponent("ok")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        #expect(try binary.run(["init", "rim", "--good", "ok"]).stderr.contains("got none"))
        try Data("text".utf8).write(to: folder.appendingPathComponent("a.jpg"))
        // A link is not followed: it may point out of the folder.
        try FileManager.default.createSymbolicLink(
            atPath: folder.appendingPathComponent("b.png").path, withDestinationPath: "/etc/passwd")
        let torn = try binary.run(["init", "rim", "--good", "ok"])
        #expect(torn.code == 1 && torn.stderr.contains("none of the 1 files") && torn.stderr.contains("a.jpg"))
        #expect(!FileManager.default.fileExists(atPath: binary.folder.appendingPathComponent("pipelines").path))
    }

    @Test("doctor: the machine is ready; a line without recipe is not, and the reason is told; JSON parses")
    func doctor() throws {
        let binary = try Binary()
        defer { binary.clean() }
        let machine = try binary.run(["doctor"])
        #expect(machine.code == 0, "\(machine.stdout)\(machine.stderr)")
        for word in [
            "processor", "cores", "memory", "kernel ", "libpng16.so", "libjpeg.so", "runs", "disk", "clock", "ready",
        ] {
            #expect(machine.stdout.contains(word))
        }
        let line = try binary.run(["doctor", "rim", "--json"])
        #expect(line.code == 1)
        let value = try JSONSerialization.jsonObject(with: Data(line.stdout.utf8)) as? [String: Any]
        #expect(value?["ready"] as? Bool == false)
        let bad = (value?["findings"] as? [[String: String]])?.filter { $0["state"] == "bad" } ?? []
        #expect(bad.count == 1 && bad[0]["name"] == "recipe" && bad[0]["found"]?.contains("there is no file") == true)
    }

    @Test("doctor finds a drop, a model and a broken recipe")
    func doctorOfALine() throws {
        let binary = try Binary()
        defer { binary.clean() }
        try writeGood(2, to: binary.folder.appendingPathComponent("ok"))
        #expect(try binary.run(["init", "rim", "--good", "ok", "--drop", "cam", "--quiet"]).code == 0)
        let before = try binary.run(["doctor", "rim"])
        #expect(before.code == 1 && before.stdout.contains("nightshift train rim"))
        for name in ["cam", "models/rim"] {
            try FileManager.default.createDirectory(
                at: binary.folder.appendingPathComponent(name), withIntermediateDirectories: true)
        }
        // A folder is no model yet.
        #expect(try binary.run(["doctor", "rim"]).stdout.contains("expected a model bundle"))
        try Data("{line: 'rim', sed: 1}".utf8).write(
            to: binary.folder.appendingPathComponent("pipelines/rim/recipe.json5"))
        let broken = try binary.run(["doctor", "rim"])
        #expect(broken.code == 1 && broken.stdout.contains("`sed`: unknown key; did you mean `seed`?"))
    }

    @Test("a reader that goes away does not kill the program with a signal")
    func closedReader() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", "\"$0\" --help | true; exit ${PIPESTATUS[0]}", Binary.program.path]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}
