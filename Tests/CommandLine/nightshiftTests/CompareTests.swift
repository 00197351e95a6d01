import Evaluation
import Foundation
import Testing
import nightshift

@Suite("Compare with the real binary", .serialized)
struct CompareTests {
    let plant: Plant

    init() throws { plant = try Plant.shared.get() }

    private func object(_ text: String) throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
    }

    /// `compare` over the plant's drop, with the good images it was trained on.
    private func words(_ more: String...) -> [String] {
        ["compare", "demo", "--truth", plant.drop.path, "--good", plant.folder.path + "/camera/good", "--quiet"] + more
    }

    @Test(
        "every method is measured on the same parts, the product as `evaluate` does, and table, CSV and page are written"
    )
    func all() throws {
        let root = try plant.root()
        defer { root.clean() }
        let outcome = try root.expect(0, words("--json"))
        #expect(!outcome.stderr.contains("warning"), "\(outcome.stderr)")
        let comparison = try object(outcome.stdout)
        let methods = comparison["methods"] as? [[String: Any]] ?? []
        let names = methods.compactMap { $0["method"] as? String }
        #expect(names.prefix(6) == ["vl-jepa", "knn", "padim", "jepa-raw", "jepa-whitened", "jepa-calibrated"])
        let evaluated = try object(
            root.expect(0, ["evaluate", "demo", "--truth", plant.drop.path, "--json", "--quiet"]).stdout)
        for key in ["imageAUROC", "averagePrecision", "pixelAUROC", "aupro30", "aupro05", "overkill", "escape"] {
            #expect(methods[0][key] as? Double == evaluated[key] as? Double, "\(key)")
        }
        #expect((methods[0]["overkillInterval"] as? [Double]) == (evaluated["overkillInterval"] as? [Double]))
        for method in methods {
            for key in ["imageAUROC", "imagesPerSecond", "megabytes", "trainSeconds"] {
                #expect((method[key] as? NSNumber)?.doubleValue ?? -1 > 0, "\(method["method"] ?? ""): \(key)")
            }
            let difference = (method["aurocDifference"] as? NSNumber)?.doubleValue
            let interval = method["aurocDifferenceInterval"] as? [NSNumber]
            #expect((difference == nil) == (method["method"] as? String == "vl-jepa"))
            if let difference, let interval {
                #expect(interval[0].doubleValue <= difference && difference <= interval[1].doubleValue)
            }
        }
        #expect((comparison["finding"] as? String ?? "").contains("fused score"))
        func text(_ name: String) throws -> String {
            try String(
                contentsOf: root.folder.appendingPathComponent("models/demo/compare/\(name)"), encoding: .utf8)
        }
        #expect(try text("comparison.json") == outcome.stdout)
        let rows = CommaText.rows(try text("comparison.csv"))
        #expect(rows.count == names.count + 1 && rows.allSatisfy { $0.count == rows[0].count })
        #expect(rows.dropFirst().map { $0[0] } == names)
        #expect(try text("comparison.html").contains("class=\"methods\""))
        // The model beside which it lies is still whole.
        try root.expect(0, ["evaluate", "demo", "--truth", plant.drop.path, "--quiet"])
    }

    @Test("chosen methods, a folder of one's own, and robustness on real and on simplifying damage")
    func chosen() throws {
        let root = try plant.root()
        defer { root.clean() }
        try root.expect(
            0,
            ["synthesize", "set", "--parts", "0", "--good", "0", "--labelled", "1", "--kind", "object", "--side", "96"])
        let truth = ["--truth", "set/labelled/plate", "--good", plant.folder.path + "/camera/good"]
        let outcome = try root.expect(
            0,
            ["compare", "demo"] + truth + [
                "--method", "knn", "--method", "vl-jepa", "--robustness", "--out", "tables", "--json", "--quiet",
            ])
        let comparison = try object(outcome.stdout)
        #expect(
            (comparison["methods"] as? [[String: Any]])?.compactMap { $0["method"] as? String } == ["vl-jepa", "knn"])
        let conditions = comparison["robustness"] as? [[String: Any]] ?? []
        #expect(conditions.count == 2 * 12 && conditions[0]["condition"] as? String == "as it is")
        let simplified = comparison["simplified"] as? [[String: Any]] ?? []
        #expect(simplified.count == 2 * 3 && simplified.allSatisfy { $0["imageAUROC"] is NSNumber })
        let page = try String(contentsOf: root.folder.appendingPathComponent("tables/comparison.html"), encoding: .utf8)
        #expect(page.contains("rotation −3°") && page.contains("print wiped"))

        let stranger = try root.run(["compare", "demo"] + truth + ["--method", "clip9"])
        #expect(stranger.code == 2 && stranger.stderr.contains("vl-jepa, knn, padim"))
        #expect(try root.run(["compare", "demo"]).code == 2)
    }

    @Test("CLIP from a folder of published weights judges beside the product; what is no CLIP is refused")
    func clip() throws {
        let root = try plant.root()
        defer { root.clean() }
        try root.addPublishedCLIP()
        let outcome = try root.expect(
            0,
            words(
                "--json", "--clip", "clip", "--object", "valve plate", "--method", "winclip", "--method", "vl-jepa",
                "--method", "knn"))
        let methods = try object(outcome.stdout)["methods"] as? [[String: Any]] ?? []
        #expect(methods.compactMap { $0["method"] as? String } == ["vl-jepa", "knn", "winclip"])
        let row = try #require(methods.last)
        // Random weights: what they say is nothing, but it is said of every part, by the image tower alone.
        for key in ["imageAUROC", "pixelAUROC", "overkill", "escape"] {
            #expect((0...1).contains((row[key] as? NSNumber)?.doubleValue ?? -1), "\(key)")
        }
        #expect((row["megabytes"] as? NSNumber)?.doubleValue ?? 1 < 0.2)
        let page = try String(
            contentsOf: root.folder.appendingPathComponent("models/demo/compare/comparison.html"), encoding: .utf8)
        #expect(page.contains("WinCLIP, published CLIP"))

        try FileManager.default.removeItem(at: root.folder.appendingPathComponent("clip/merges.txt"))
        let refused = try root.run(words("--clip", "clip"))
        #expect(refused.code == 1 && refused.stderr.contains("missing: merges.txt"), "\(refused.stderr)")
        let alone = try root.run(["benchmark", "set", "--clip", "here"])
        #expect(alone.code == 2 && alone.stderr.contains("--compare"))
    }

    @Test("A learning curve has a point for every share with enough images, in table, JSON and page")
    func curve() throws {
        let root = try plant.root()
        defer { root.clean() }
        try root.expect(
            0,
            ["synthesize", "set", "--parts", "0", "--good", "0", "--labelled", "1", "--kind", "object", "--side", "96"])
        let outcome = try root.expect(
            0,
            [
                "compare", "demo", "--truth", "set/labelled/plate", "--good", plant.folder.path + "/camera/good",
                "--method", "vl-jepa", "--method", "padim", "--curve", "--curve-minutes", "0.05", "--json", "--quiet",
            ])
        let points = try object(outcome.stdout)["curve"] as? [[String: Any]] ?? []
        // 64 good images: 10 % are 6, too few.
        #expect(outcome.stderr.contains("10.0 % of 64 good images are 6"), "\(outcome.stderr)")
        #expect(points.compactMap { $0["goodImages"] as? Int } == [16, 16, 32, 32, 64, 64])
        #expect(
            points.compactMap { $0["method"] as? String } == [
                "vl-jepa", "padim", "vl-jepa", "padim", "vl-jepa", "padim",
            ])
        for point in points {
            for key in ["imageAUROC", "trainSeconds", "imagesPerSecond", "megabytes"] {
                #expect((point[key] as? NSNumber)?.doubleValue ?? -1 > 0, "\(key)")
            }
        }
        let page = try String(
            contentsOf: root.folder.appendingPathComponent("models/demo/compare/comparison.html"), encoding: .utf8)
        #expect(page.contains("How much data is needed") && page.contains("class=\"curve product\""))
    }

    @Test("images that are not those of training are compared with a warning")
    func otherImages() throws {
        let root = try plant.root()
        defer { root.clean() }
        try root.expect(
            0, ["synthesize", "other", "--parts", "0", "--good", "24", "--side", "128", "--seed", "5", "--quiet"])
        let outcome = try root.expect(
            0,
            [
                "compare", "demo", "--truth", plant.drop.path, "--good", "other/good", "--method", "padim", "--quiet",
            ])
        #expect(outcome.stderr.contains("are not those the model was trained with"))
        #expect(outcome.stdout.contains("padim") && !outcome.stdout.contains("fused"))
    }

    @Test("evaluate writes a page with reliability plots, and --robustness adds a table")
    func evaluation() throws {
        let root = try plant.root()
        defer { root.clean() }
        let outcome = try root.expect(
            0,
            [
                "evaluate", "demo", "--truth", plant.drop.path, "--robustness", "--page", "figures.html", "--quiet",
            ])
        #expect(outcome.stdout.contains("promised 10.0 %") && outcome.stdout.contains("gamma 1.25"))
        let page = try String(contentsOf: root.folder.appendingPathComponent("figures.html"), encoding: .utf8)
        #expect(page.components(separatedBy: "class=\"reliability\"").count == 3)
        #expect(page.contains("Promised: 10.0 %") && page.contains("JPEG quality 60"))
        #expect(
            try root.run(["evaluate", "demo", "--truth", plant.drop.path, "--page", "no/such/x.html"]).code == 1)
    }
}
