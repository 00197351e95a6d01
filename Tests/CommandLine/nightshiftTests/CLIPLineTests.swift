import Foundation
import Testing
import nightshift

/// A line that CLIP judges, with the real binary: from `init` to `evaluate`.
@Suite("A line that CLIP judges, with the real binary", .serialized)
struct CLIPLineTests {
    let plant: Plant

    init() throws { plant = try Plant.shared.get() }

    private func object(_ text: String) throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
    }

    /// A root of its own with a folder `clip` in `transformers`' names: random weights, a few hundred kilobytes.
    private func rootWithPublishedCLIP() throws -> Binary {
        let root = try plant.root()
        try root.addPublishedCLIP()
        return root
    }

    /// Changes the recipe's text; the old words must be there.
    private func change(_ recipe: URL, _ old: String, to new: String) throws {
        let text = try String(contentsOf: recipe, encoding: .utf8)
        guard text.contains(old) else { throw Surprise("expected \(old) in \(recipe.path)") }
        try Data(text.replacing(old, with: new).utf8).write(to: recipe)
    }

    @Test(
        "published weights: init, train, run, verify, report, evaluate; the bundle is whole without the weights' folder"
    )
    func published() throws {
        let root = try rootWithPublishedCLIP()
        defer { root.clean() }
        let good = plant.folder.path + "/camera/good"
        try root.expect(
            0,
            [
                "init", "demo", "--good", good, "--drop", plant.drop.path, "--clip", "clip", "--query", "valve plate",
                "--force",
            ])
        let recipe = root.folder.appendingPathComponent("pipelines/demo/recipe.json5")
        let text = try String(contentsOf: recipe, encoding: .utf8)
        #expect(text.contains("method: \"clip\"") && text.contains("folder: \"../../clip\""))
        #expect(text.contains("reads a published CLIP"))
        // The model that is there predicts: nothing is inspected with it under this recipe.
        try change(recipe, "overkillRate: 0.02", to: "overkillRate: 0.1")
        try change(recipe, "reviewRate: 0.05", to: "reviewRate: 0.3")
        let stale = try root.run(["run", "demo", "--settle", "0"])
        #expect(stale.code == 1 && stale.stderr.contains("train again"), "\(stale.stderr)")
        #expect(stale.stderr.contains("\"clip\" in the recipe and \"vl-jepa\" in the model"))

        let trained = try object(root.expect(0, ["train", "demo", "--json"]).stdout)
        #expect(trained["method"] as? String == "clip" && trained["object"] as? String == "valve plate")
        #expect(trained["inputWidth"] as? Int == 32 && trained["heldOutImages"] as? Int == 16)
        // What inspection needs is in the bundle: the folder may go.
        try FileManager.default.moveItem(
            at: root.folder.appendingPathComponent("clip"), to: root.folder.appendingPathComponent("gone"))
        #expect(try root.run(["doctor", "demo"]).stdout.contains("prompts about \"valve plate\""))

        let outcome = try root.expect(3, ["run", "demo", "--settle", "0", "--json", "-j", "1"])
        let run = try RunReading(of: root)
        #expect(outcome.stdout == (try run.text("verdicts.jsonl")))
        let verdicts = try run.lines("verdicts.jsonl")
        #expect(verdicts.count > 20)
        for line in verdicts {
            #expect((line["model"] as? [String: Any])?["method"] as? String == "clip")
            #expect(Set((line["timingsMs"] as? [String: Double] ?? [:]).keys) == ["decode", "embed", "score"])
            let flagged = line["verdict"] as? String != "pass"
            let regions = line["regions"] as? [[String: Any]] ?? []
            #expect(flagged == !regions.isEmpty && regions.allSatisfy { $0["label"] == nil })
        }
        #expect(try run.text("report.html").contains("as WinCLIP does"))
        #expect(try root.run(["verify", run.folder.path]).stdout.hasSuffix("verified\n"))
        let page = try run.text("report.html")
        try root.expect(0, ["report", run.folder.path])
        #expect(try run.text("report.html") == page)
        // The next night knows the parts; three workers say to the digit what one said.
        let alone = try run.verdictsWithoutTimings()
        try root.expect(0, ["run", "demo", "--settle", "0", "--quiet"])
        try FileManager.default.removeItem(at: root.folder.appendingPathComponent("runs"))
        try root.expect(3, ["run", "demo", "--settle", "0", "--quiet", "-j", "3"])
        #expect(try RunReading(of: root).verdictsWithoutTimings() == alone)

        let figures = try object(
            root.expect(
                0, ["evaluate", "demo", "--truth", plant.drop.path, "--page", "figures.html", "--json", "--quiet"]
            ).stdout)
        #expect(figures["method"] as? String == "clip")
        for key in ["imageAUROC", "pixelAUROC", "aupro30", "overkill", "escape"] {
            #expect((0...1).contains((figures[key] as? NSNumber)?.doubleValue ?? -1), "\(key)")
        }
        try refusals(root, flagged: verdicts.first { $0["verdict"] as? String != "pass" })

        // A damaged bundle is refused; another object asks for another training.
        let weights = root.folder.appendingPathComponent("models/demo/weights.safetensors")
        var bytes = try Data(contentsOf: weights)
        bytes[bytes.count - 3] ^= 1
        try bytes.write(to: weights)
        let damaged = try root.run(["run", "demo", "--settle", "0"])
        #expect(damaged.code == 1 && damaged.stderr.contains("SHA-256"), "\(damaged.stderr)")
        bytes[bytes.count - 3] ^= 1
        try bytes.write(to: weights)
        try change(recipe, "query: \"valve plate\"", to: "query: \"gear\"")
        let renamed = try root.run(["evaluate", "demo", "--truth", plant.drop.path])
        #expect(renamed.code == 1 && renamed.stderr.contains("\"gear\" in the recipe and \"valve plate\""))
        let lost = try root.run(["train", "demo"])
        #expect(lost.code == 1 && lost.stderr.contains("model.safetensors"), "\(lost.stderr)")
    }

    /// What needs predictions says why it cannot be had, and nothing crashes.
    private func refusals(_ root: Binary, flagged: [String: Any]?) throws {
        let id = try #require((flagged?["part"] as? [String: Any])?["id"] as? String)
        let good = plant.folder.path + "/camera/good"
        for words in [
            ["ask", id, "is there a scratch?"], ["search", "demo", "scratch"],
            ["compare", "demo", "--truth", plant.drop.path, "--good", good], ["train", "demo", "--only-language"],
            ["evaluate", "demo", "--truth", plant.drop.path, "--names"],
            ["evaluate", "demo", "--truth", plant.drop.path, "--robustness"],
        ] {
            let refused = try root.run(words)
            #expect(refused.code == 1, "\(words): \(refused.code)")
            #expect(refused.stderr.contains("is judged by CLIP"), "\(words): \(refused.stderr)")
        }
        let like = try root.run(["search", "demo", "--like", id])
        #expect(like.code == 1 && like.stderr.contains("CLIP judges"), "\(like.stderr)")
    }

    @Test("A CLIP trained here over the line's own encoder: to verdicts, and back to the other method")
    func trainedHere() throws {
        let root = try plant.root()
        defer { root.clean() }
        let recipe = root.folder.appendingPathComponent("pipelines/demo/recipe.json5")
        try change(
            recipe, "training: {minutes: 0.1}",
            to: "training: {minutes: 5, steps: 4}, method: \"clip\", clip: {object: \"plate\", steps: 12}")
        let good = ["--good", plant.folder.path + "/camera/good"]
        let trained = try root.expect(0, ["train", "demo"] + good)
        #expect(trained.stdout.contains("prompts about \"plate\""), "\(trained.stdout)")
        let figures = try object(
            root.expect(0, ["evaluate", "demo", "--truth", plant.drop.path, "--json", "--quiet"]).stdout)
        #expect((0...1).contains((figures["imageAUROC"] as? NSNumber)?.doubleValue ?? -1))
        try root.expect(3, plant.run("--quiet"))
        let run = try RunReading(of: root)
        #expect(try root.run(["verify", run.folder.path]).stdout.hasSuffix("verified\n"))
        #expect(
            try run.lines("verdicts.jsonl").allSatisfy {
                ($0["model"] as? [String: Any])?["method"] as? String == "clip"
            }
        )
        // The same recipe and pictures give the same model to the bit, whatever the number of workers.
        let weights = root.folder.appendingPathComponent("models/demo/weights.safetensors")
        let first = try Data(contentsOf: weights)
        try root.expect(0, ["train", "demo", "--quiet", "-j", "1"] + good)
        #expect(try Data(contentsOf: weights) == first)

        try change(recipe, "method: \"clip\"", to: "method: \"vl-jepa\"")
        let stale = try root.run(plant.run("--quiet"))
        #expect(stale.code == 1 && stale.stderr.contains("train again"), "\(stale.stderr)")
        try root.expect(0, ["train", "demo", "--quiet"] + good)
        try root.expect(3, plant.run("--quiet", "--again"))
    }
}
