import Foundation
import Testing
import nightshift

/// `train` with several lines, as people type it.
@Suite("Several lines, one model", .serialized)
struct TogetherTests {
    static func plant() throws -> Binary {
        let binary = try Binary()
        try binary.expect(
            0,
            [
                "synthesize", "parts", "--parts", "0", "--good", "60", "--wrong", "6", "--side", "64", "--seed", "5",
                "--quiet",
            ])
        for (line, query) in [("plate", "a valve plate"), ("fabric", "a woven fabric")] {
            try write(binary, line, query)
        }
        return binary
    }

    static func write(_ binary: Binary, _ line: String, _ query: String, width: Int = 32) throws {
        let folder = binary.folder.appendingPathComponent("pipelines/\(line)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let recipe = """
            {
              line: "\(line)", query: "\(query)", drop: "../../parts/labelled/\(line)/test",
              good: "../../parts/good/\(line)", settleSeconds: 0, workers: 2, image: {width: 64, height: 64},
              encoder: {source: "trained", patchSize: 8, width: 32, depth: 2, heads: 2, targetBlocks: [2]},
              predictor: {width: \(width), depth: 2, heads: 2}, language: {source: "none"},
              training: {steps: 60}, calibration: {overkillRate: 0.1, reviewRate: 0.3, heldOutFraction: 0.4},
            }
            """
        try Data(recipe.utf8).write(to: folder.appendingPathComponent("recipe.json5"))
    }

    static func object(_ text: String) throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
    }

    @Test("Two lines get bundles with the same weights; each runs, and flags the other's parts")
    func twoLines() throws {
        let binary = try Self.plant()
        defer { binary.clean() }
        // Where recipes disagree, or queries do not, nothing is trained.
        try Self.write(binary, "fabric", "a woven fabric", width: 64)
        let differ = try binary.expect(1, ["train", "plate", "fabric"]).stderr
        #expect(differ.contains("`predictor.width`") && differ.contains("64") && differ.contains("32"), "\(differ)")
        try Self.write(binary, "fabric", "A valve  plate")
        #expect(try binary.expect(1, ["train", "plate", "fabric"]).stderr.contains("tell them apart"))
        try Self.write(binary, "fabric", "a woven fabric")
        #expect(try binary.expect(2, ["train", "plate", "fabric", "plate"]).stderr.contains("plate twice"))
        #expect(try binary.expect(2, ["train", "plate", "fabric", "--good", "x"]).stderr.contains("--good"))
        #expect(!FileManager.default.fileExists(atPath: binary.folder.path + "/models/plate/card.json"))

        let told = try Self.object(try binary.expect(0, ["train", "plate", "fabric", "--json"]).stdout)
        #expect((told["lines"] as? [[String: Any]])?.compactMap { $0["line"] as? String } == ["fabric", "plate"])
        func weights(_ line: String) throws -> Data {
            try Data(contentsOf: binary.folder.appendingPathComponent("models/\(line)/weights.safetensors"))
        }
        #expect(try weights("plate") == weights("fabric"))
        for (line, other) in [("plate", "fabric"), ("fabric", "plate")] {
            let result = try Self.object(
                try binary.expect(0, ["evaluate", line, "--truth", "parts/labelled/\(line)", "--json"]).stdout)
            let kinds = result["kinds"] as? [String: [String: Any]]
            #expect(kinds?["wrong_\(other)"]?["imageAUROC"] as? Double == 1, "\(result)")
            let run = try binary.expect(0, ["run", line, "--json"]).stdout
            #expect(!run.isEmpty)
        }
        let doctor = try binary.expect(0, ["doctor", "plate", "--json"]).stdout
        #expect(doctor.contains("trained together with fabric"), "\(doctor)")
        try Self.write(binary, "plate", "another plate")
        #expect(try binary.expect(0, ["doctor", "plate", "--json"]).stdout.contains("train fabric plate"))
    }
}
