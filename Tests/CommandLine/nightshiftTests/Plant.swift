import Evaluation
import Foundation
import nightshift

/// A plant for tests of the built program: rendered good images and a drop, a small recipe, and a model that was trained
/// in seconds. Made once, at first use; every test works in a root of its own with a copy of recipe and model.
final class Plant: Sendable {
    /// The one plant of this process, or why it could not be made.
    static let shared = Result { try Plant() }

    let folder: URL
    /// Parts of both kinds with every bad file, as `synthesize` renders them.
    let drop: URL
    /// What `train` printed with `--json`.
    let trained: String

    private init() throws {
        let binary = try Binary()
        folder = binary.folder
        drop = folder.appendingPathComponent("camera/drop")
        Plant.removeAtExit(folder.path)
        try binary.expect(
            0, ["synthesize", "camera", "--parts", "30", "--good", "64", "--side", "128", "--seed", "11", "--quiet"])
        let recipe = folder.appendingPathComponent("pipelines/demo/recipe.json5")
        try FileManager.default.createDirectory(
            at: recipe.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(Plant.recipe.utf8).write(to: recipe)
        trained = try binary.expect(0, ["train", "demo", "--json"]).stdout
    }

    static let recipe = """
        {
          line: "demo", drop: "../../camera/drop", good: "../../camera/good", settleSeconds: 0, workers: 2,
          encoder: {source: "trained", width: 64, depth: 2, heads: 2, targetBlocks: [2]},
          predictor: {width: 64, depth: 1, heads: 2},
          training: {minutes: 0.1}, language: {samples: 96},
          calibration: {overkillRate: 0.1, reviewRate: 0.3},
        }
        """

    /// A fresh root with this plant's recipe and model; the drop stays where it is, and is named by `--drop`.
    func root() throws -> Binary {
        let binary = try Binary()
        for name in ["pipelines", "models"] {
            try FileManager.default.copyItem(
                at: folder.appendingPathComponent(name), to: binary.folder.appendingPathComponent(name))
        }
        return binary
    }

    /// Words of a run over the plant's drop.
    func run(_ more: String...) -> [String] { ["run", "demo", "--drop", drop.path] + more }

    /// The drop's truth by path: label, kind of defect, oddity, mask.
    func truth() throws -> [String: [String: String]] {
        let table = folder.appendingPathComponent("camera/drop-truth/truth.csv")
        var rows = CommaText.rows(try String(contentsOf: table, encoding: .utf8))
        let head = rows.removeFirst()
        return Dictionary(
            uniqueKeysWithValues: rows.map { row in
                let cells = Dictionary(uniqueKeysWithValues: zip(head, row))
                return (cells["path"] ?? "", cells)
            })
    }

    /// The folder outlives every test, so the end of the process takes it away.
    private static func removeAtExit(_ path: String) {
        Leftover.path = path
        atexit { Leftover.path.map { try? FileManager.default.removeItem(atPath: $0) } }
    }
}

/// Where the plant lies; written once, before the exit handler that reads it is installed.
private enum Leftover {
    nonisolated(unsafe) static var path: String?
}

/// One finished or unfinished run as its folder tells it.
struct RunReading {
    let folder: URL

    /// The only run of the line below `root`.
    init(of binary: Binary) throws {
        let runs = binary.folder.appendingPathComponent("runs/demo")
        let names = try FileManager.default.contentsOfDirectory(atPath: runs.path).filter { $0.first?.isNumber == true }
        guard names.count == 1 else { throw Surprise("expected one run, got \(names.sorted())") }
        folder = runs.appendingPathComponent(names[0])
    }

    func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }

    func object(_ name: String) throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: Data(try text(name).utf8)) as? [String: Any] ?? [:]
    }

    /// Lines of JSON as objects.
    func lines(_ name: String) throws -> [[String: Any]] {
        try text(name).split(separator: "\n").map {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
        }
    }

    /// The verdicts without their timings, which no two runs share, each as one text with every digit of its numbers.
    func verdictsWithoutTimings() throws -> [String] {
        try lines("verdicts.jsonl").map { line in
            var line = line
            line["timingsMs"] = nil
            return String(
                decoding: try JSONSerialization.data(withJSONObject: line, options: [.sortedKeys]), as: UTF8.self)
        }
    }

    /// Outcome by path.
    func outcomes() throws -> [String: String] {
        let pairs = try lines("outcomes.jsonl").map { ($0["path"] as? String ?? "", $0["outcome"] as? String ?? "") }
        return try Dictionary(pairs) { _, _ in throw Surprise("a path has two outcomes") }
    }
}

/// Something a test did not expect to have to handle.
struct Surprise: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
