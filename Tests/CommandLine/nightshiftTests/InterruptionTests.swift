import Foundation
import Testing
import nightshift

@Suite("Kills, signals and locks with the real binary", .serialized)
struct InterruptionTests {
    let plant: Plant

    init() throws { plant = try Plant.shared.get() }

    @Test(
        "killed at 20 random moments, a run ends with the verdicts of one that was left alone: none missing, none twice"
    )
    func kills() throws {
        let quiet = try plant.root()
        defer { quiet.clean() }
        let clock = ContinuousClock.now
        try quiet.expect(3, plant.run("--workers", "1"))
        let whole = (ContinuousClock.now - clock) / .seconds(1)
        let expected = try RunReading(of: quiet)

        var root = try plant.root()
        defer { root.clean() }
        func compare() throws {
            let run = try RunReading(of: root)
            #expect(try run.verdictsWithoutTimings() == (try expected.verdictsWithoutTimings()))
            #expect(try run.outcomes() == (try expected.outcomes()))
            #expect(try run.object("run.json")["state"] as? String == "done")
            let verified = try root.run(["verify", run.folder.path])
            #expect(verified.code == 0, "\(verified.stdout)\(verified.stderr)")
        }
        // A generator with a fixed start: the moments differ from kill to kill, not from day to day.
        var moment: UInt64 = 0x9E37_79B9_7F4A_7C15
        var kills = 0
        while kills < 20 {
            moment = moment &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let share = Double(moment >> 40) / Double(1 << 24)
            let running = try root.start(plant.run("--workers", "1"))
            Thread.sleep(forTimeInterval: 0.9 * share * whole)
            running.signal(SIGKILL)
            if try running.finish().code == -SIGKILL {
                kills += 1
            } else {
                // It was faster than the kill: a finished run, and a new one.
                try compare()
                root.clean()
                root = try plant.root()
            }
        }
        let last = try root.run(plant.run("--workers", "2"))
        #expect(last.code == 3, "\(last.stderr)")
        try compare()
    }

    @Test("a second run of the line says who is at work and exits with 11; the first goes on unharmed")
    func locked() throws {
        let root = try plant.root()
        defer { root.clean() }
        let first = try root.start(plant.run("--workers", "1"))
        // Stopped in the middle of its work, it holds the lock for as long as the test wants.
        let runs = root.folder.appendingPathComponent("runs/demo").path
        while !((try? FileManager.default.contentsOfDirectory(atPath: runs)) ?? []).contains(where: {
            $0.first?.isNumber == true
        }), first.process.isRunning {
            Thread.sleep(forTimeInterval: 0.005)
        }
        first.signal(SIGSTOP)
        let second = try root.run(plant.run())
        let third = try root.run(plant.run("--json"))
        first.signal(SIGCONT)
        #expect(second.code == 11 && second.stderr.contains("process \(first.process.processIdentifier)"))
        #expect(third.code == 11 && third.stdout.isEmpty && third.stderr.hasPrefix("{\"error\""))
        #expect(try first.finish().code == 3)
        try root.expect(0, ["verify", try RunReading(of: root).folder.path])
    }

    @Test("SIGTERM ends a run with 130 after the parts in work; the same command goes on to the same verdicts")
    func terminated() throws {
        let root = try plant.root()
        let quiet = try plant.root()
        defer {
            root.clean()
            quiet.clean()
        }
        let first = try root.start(plant.run("--workers", "1", "--json"))
        let runs = root.folder.appendingPathComponent("runs/demo")
        func verdicts() -> Int {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: runs.path)) ?? []
            let run = names.first { $0.first?.isNumber == true } ?? ""
            return FileManager.default.contents(atPath: runs.path + "/\(run)/verdicts.jsonl")?.count ?? 0
        }
        while verdicts() == 0, first.process.isRunning { Thread.sleep(forTimeInterval: 0.002) }
        first.signal(SIGTERM)
        let outcome = try first.finish()
        // A machine that was busy elsewhere may have let the run finish before the signal came.
        try #require([130, 3].contains(outcome.code), "\(outcome.stderr)")
        if outcome.code == 130 {
            #expect(outcome.stderr.contains("goes on from there"))
            #expect(try RunReading(of: root).object("run.json")["state"] as? String == "interrupted")
            try root.expect(3, plant.run("--workers", "1"))
        }
        try quiet.expect(3, plant.run())
        #expect(
            try RunReading(of: root).verdictsWithoutTimings() == (try RunReading(of: quiet).verdictsWithoutTimings()))
    }

    @Test("an interrupted training keeps its checkpoint and goes on; a changed recipe is told apart, --fresh forgets")
    func training() throws {
        let root = try plant.root()
        defer { root.clean() }
        let good = plant.folder.appendingPathComponent("camera/good").path
        let bundle = root.folder.appendingPathComponent("models/demo")
        let card = try Data(contentsOf: bundle.appendingPathComponent("card.json"))
        let words = ["train", "demo", "--good", good]
        let first = try root.start(words + ["--minutes", "5"])
        Thread.sleep(forTimeInterval: 4)
        let second = try root.run(words)
        // The test runner's threads hand down a mask that blocks it: it must arrive all the same.
        first.signal(SIGINT)
        #expect(second.code == 11 && second.stderr.contains("being trained"), "\(second.stderr)")
        #expect(try first.finish().code == 130)
        #expect(FileManager.default.fileExists(atPath: bundle.path + "/.training.safetensors"))
        // The model of before is untouched, and still inspects.
        #expect(try Data(contentsOf: bundle.appendingPathComponent("card.json")) == card)

        let again = try root.start(words + ["--minutes", "5"])
        Thread.sleep(forTimeInterval: 4)
        again.signal(SIGINT)
        let resumed = try again.finish()
        #expect(resumed.code == 130 && resumed.stderr.contains("going on from step"), "\(resumed.stderr)")

        let other = try root.run(words + ["--minutes", "0.05"])
        #expect(other.code == 1 && other.stderr.contains("--fresh"), "\(other.stderr)")
        try root.expect(0, words + ["--minutes", "0.05", "--fresh", "--precision", "f16"])
        #expect(!FileManager.default.fileExists(atPath: bundle.path + "/.training.safetensors"))
        try root.expect(3, plant.run())
    }

    @Test("too few good images for the overkill rate: refused with the number that is needed")
    func tooFew() throws {
        let root = try plant.root()
        defer { root.clean() }
        let recipe = root.folder.appendingPathComponent("pipelines/demo/recipe.json5")
        let strict = Plant.recipe.replacingOccurrences(of: "overkillRate: 0.1", with: "overkillRate: 0.01")
        try Data(strict.utf8).write(to: recipe)
        let good = plant.folder.appendingPathComponent("camera/good").path
        let outcome = try root.run(["train", "demo", "--good", good])
        #expect(outcome.code == 1 && outcome.stderr.contains("198"), "\(outcome.stderr)")
        let none = try root.run(["train", "demo", "--good", "nowhere"])
        #expect(none.code == 1 && none.stderr.contains("expected a folder of good images"))
    }

    @Test("import-encoder refuses what is no encoder, and what leads out of its folder")
    func encoder() throws {
        let binary = try Binary()
        defer { binary.clean() }
        try Data([0x80, 0x02, 0x7D] + Array("pickled".utf8)).write(to: binary.folder.appendingPathComponent("a.pth"))
        let pickle = try binary.run(["import-encoder", "a.pth"])
        #expect(pickle.code == 1 && pickle.stderr.contains("a.pth"), "\(pickle.stderr)")
        #expect(try binary.run(["import-encoder", "nothing.safetensors"]).code == 1)
        #expect(try binary.run(["import-encoder", "a.pth", "--name", "../a"]).code == 2)
        #expect(!FileManager.default.fileExists(atPath: binary.folder.path + "/models"))
    }

    @Test(
        "import-encoder copies published weights whole and says how to use them",
        .enabled(if: FileManager.default.fileExists(atPath: Self.weights), "no ../shared/weights beside this package"))
    func published() throws {
        let binary = try Binary()
        defer { binary.clean() }
        let outcome = try binary.expect(0, ["import-encoder", Self.weights, "--name", "tiny", "--json"])
        let value = try JSONSerialization.jsonObject(with: Data(outcome.stdout.utf8)) as? [String: Any]
        #expect(value?["width"] as? Int == 192 && value?["depth"] as? Int == 12 && value?["heads"] as? Int == 3)
        let copy = binary.folder.path + "/models/encoders/tiny.safetensors"
        #expect(FileManager.default.contentsEqual(atPath: copy, andPath: Self.weights))
    }

    private static let weights = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("shared/weights/vit_tiny_patch16_224.safetensors").path
}
