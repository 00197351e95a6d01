import Evaluation
import Foundation
import Imaging
import Testing
import nightshift

@Suite("Where a defect is seen", .serialized)
struct PlaceTests {
    /// This package's folder.
    static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    static let hasShippedModel = FileManager.default.fileExists(
        atPath: package.appendingPathComponent("models/demo/card.json").path)

    /// The verdict's worst place, in pixels of the picture.
    private func worstPlace(_ verdict: [String: Any]) -> (x: Int, y: Int)? {
        let regions = verdict["regions"] as? [[String: Any]] ?? []
        let worst = regions.max { ($0["peak"] as? Double ?? 0) < ($1["peak"] as? Double ?? 0) }
        guard let place = worst?["peakAt"] as? [Int], place.count == 2 else { return nil }
        return (place[0], place[1])
    }

    @Test("a gross defect painted on a good part is flagged, with the heatmap's peak on it")
    func painted() throws {
        let plant = try Plant.shared.get()
        let root = try plant.root()
        defer { root.clean() }
        let drop = root.folder.appendingPathComponent("drop")
        try FileManager.default.createDirectory(at: drop, withIntermediateDirectories: true)
        let folder = plant.folder.appendingPathComponent("camera/good/fabric")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().prefix(4)
        let places = [(24, 20), (80, 30), (20, 88), (84, 84)]
        for (name, place) in zip(names, places) {
            var image = try Image.decode(try Data(contentsOf: folder.appendingPathComponent(name)))
            for row in place.1..<place.1 + 24 {
                for column in place.0..<place.0 + 24 {
                    for channel in 0..<image.channels {
                        let index = (row * image.width + column) * image.channels + channel
                        image.pixels[index] = (row / 4 + column / 4) % 2 == 0 ? 255 : 0
                    }
                }
            }
            try image.pngData().write(to: drop.appendingPathComponent("\(place.0)-\(place.1).png"))
        }
        try root.expect(0, ["run", "demo", "--drop", drop.path])
        let verdicts = try RunReading(of: root).lines("verdicts.jsonl")
        #expect(verdicts.count == 4)
        for verdict in verdicts {
            let path = (verdict["part"] as? [String: Any])?["path"] as? String ?? ""
            let numbers = path.dropLast(4).split(separator: "-").compactMap { Int($0) }
            let peak = try #require(worstPlace(verdict), "\(path) has no region: \(verdict["score"] ?? "")")
            // Half a patch of slack: the map is smoothed.
            #expect(
                (numbers[0] - 8...numbers[0] + 32).contains(peak.x)
                    && (numbers[1] - 8...numbers[1] + 32).contains(peak.y),
                "\(path): peak at \(peak)")
        }
    }

    @Test(
        "the shipped model finds the strong defects of a drop it has never seen, where their masks are",
        .enabled(if: hasShippedModel, "no model in models/demo; `make demo-model` trains it"))
    func shipped() throws {
        let root = try Binary()
        defer { root.clean() }
        for name in ["pipelines/demo", "models/demo"] {
            let target = root.folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
            try FileManager.default.copyItem(at: Self.package.appendingPathComponent(name), to: target)
        }
        try root.expect(0, ["synthesize", "camera", "--parts", "48", "--good", "0", "--seed", "4242", "--quiet"])
        try root.expect(3, ["run", "demo", "--drop", "camera/drop", "--settle", "0"])
        let run = try RunReading(of: root)
        let figures = try root.expect(0, ["evaluate", "demo", "--truth", "camera/drop", "--json", "--quiet"])
        let value = try JSONSerialization.jsonObject(with: Data(figures.stdout.utf8)) as? [String: Any]
        let auroc = value?["imageAUROC"] as? Double ?? 0
        #expect(auroc >= 0.85, "image AUROC \(auroc)")

        var rows = CommaText.rows(
            try String(contentsOf: root.folder.appendingPathComponent("camera/drop-truth/truth.csv"), encoding: .utf8))
        let head = rows.removeFirst()
        let masks = Dictionary(
            uniqueKeysWithValues: rows.map { row in
                (row[head.firstIndex(of: "path") ?? 0], row[head.firstIndex(of: "mask") ?? 0])
            })
        var (strong, flagged, near) = (0, 0, 0)
        for verdict in try run.lines("verdicts.jsonl") {
            let path = (verdict["part"] as? [String: Any])?["path"] as? String ?? ""
            guard let name = masks[path], !name.isEmpty else { continue }
            let file = root.folder.appendingPathComponent("camera/drop-truth/\(name)")
            let mask = try Image.decode(try Data(contentsOf: file)).greyscale()
            // At least half a percent of the picture.
            guard mask.pixels.count(where: { $0 > 127 }) * 200 >= mask.pixels.count else { continue }
            strong += 1
            guard let peak = worstPlace(verdict) else { continue }
            flagged += 1
            // One patch is 23 px of the picture.
            let reach = 24
            var isNear = false
            for y in max(0, peak.y - reach)...min(mask.height - 1, peak.y + reach) {
                for x in max(0, peak.x - reach)...min(mask.width - 1, peak.x + reach)
                where mask.pixels[y * mask.width + x] > 127 {
                    isNear = true
                }
            }
            if isNear { near += 1 }
        }
        #expect(strong >= 4 && flagged * 2 >= strong, "\(flagged) of \(strong) strong defects are flagged")
        #expect(near * 5 >= flagged * 4, "\(near) of \(flagged) peaks are on the defect")
    }
}
