import Files
import Foundation
import Handover
import Imaging
import Ledger
import Numerics
import Pipeline
import Publish

/// A line whose runs describe regions, without a model: a file of its drop says what will be found. "f 3 8 8" is a failed
/// part with three regions whose embeddings are those of seeds 3, 8 and 8; "r" begins a part under review, "p" one that
/// passes.
package struct DescribedLine: Sendable {
    /// The plant's folder.
    package let root: String
    package let name: String
    package var drop: String { root + "/drop" }
    /// `runs/<line>`.
    package var folder: String { root + "/runs/" + name }
    package var textSpace = String(repeating: "5a", count: 32)
    package var width = 24
    /// Verdicts without embeddings, as by a model without language.
    package var hasLanguage = true

    package init(root: String, name: String = "demo") throws {
        self.root = root
        self.name = name
        try FileManager.default.createDirectory(atPath: root + "/drop", withIntermediateDirectories: true)
    }

    /// Puts a file into the drop.
    package func put(_ path: String, _ text: String) throws {
        let url = URL(fileURLWithPath: drop + "/" + path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    /// One run over the drop, begun `hour` hours after 2026-11-24T00:00:00Z. `change` may listen to it.
    package func run(hour: Int, change: (inout NightlyRun) -> Void = { _ in }) throws -> RunSummary {
        var options = RunOptions(
            line: name, drop: drop, folder: folder, settleSeconds: 0, maxBytes: 1_000_000, recipeSHA256: "recipe",
            modelName: "none", modelSHA256: "model", csvHeader: SummaryCSV.header)
        options.workers = 2
        options.now = Date(timeIntervalSince1970: 1_795_478_400 + 3600 * Double(hour))
        let publisher = Publisher(
            model: ModelStamp(name: "none", version: "1", sha256: String(repeating: "0", count: 64)),
            recipeSha256: String(repeating: "1", count: 64), query: "",
            tool: ToolStamp(name: "nightshift", version: "test"), textSpace: hasLanguage ? textSpace : nil)
        let line = self
        var run = NightlyRun(
            options: options, endsWhole: { _ in true },
            makeInspector: { { (intake) throws(Rejection) in line.inspect(intake) } },
            publish: { (part) throws(Rejection) in
                try publisher.publish(part, partID: PartIdentity.partID(of: part.image.intake), timingsMs: [:])
            })
        change(&run)
        return try run.run()
    }

    /// The id of a part of the drop.
    package func part(_ path: String) throws -> String {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: drop + "/" + path))
        return PartIdentity.partID(path: path, sha256: SHA256.hex(of: bytes))
    }

    /// The unit embedding of a seed.
    package func embedding(_ seed: Int) -> [Float] {
        var random = RandomSource(seed: UInt64(seed))
        let numbers = (0..<width).map { _ in Float(random.normal()) }
        let length = numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return numbers.map { $0 / length }
    }

    private func inspect(_ intake: Intake) -> ScoredPart {
        let words = String(decoding: intake.bytes, as: UTF8.self).split(separator: " ")
        let seeds = words.dropFirst().compactMap { Int($0) }
        let verdict: Verdict = words.first == "p" ? .pass : words.first == "r" ? .review : .fail
        var regions: [Region] = []
        for (number, seed) in seeds.enumerated() {
            var description: RegionDescription?
            if hasLanguage {
                description = RegionDescription(
                    label: "kind \(seed)", similarity: 0.5, alternatives: [], sentence: "Kind \(seed), small.",
                    embedding: embedding(seed))
            }
            regions.append(
                Region(
                    x: 8 + 40 * (number % 4), y: 12 + 30 * (number / 4 % 3), width: 26, height: 18, areaPx: 400,
                    areaFraction: 0.02, peak: 2 - 0.1 * Double(number), peakX: 20, peakY: 20, description: description))
        }
        return ScoredPart(
            image: DecodedImage(
                intake: intake, picture: Self.picture(regions), pixels: [],
                geometry: Geometry(
                    originalWidth: 176, originalHeight: 112, inputWidth: 32, inputHeight: 32, patchSize: 8)),
            anomalyMap: [Float](repeating: 0.5, count: 16), rawScore: 3, score: verdict == .pass ? 0.2 : 1.4,
            pValue: 0.01, verdict: verdict, thresholds: Thresholds(review: 0.8, fail: 1, overkillRate: 0.01),
            regions: verdict == .pass ? [] : regions)
    }

    /// A grey ramp with a darker spot in each region.
    private static func picture(_ regions: [Region]) -> Image {
        var pixels = [UInt8]((0..<112).map { _ in (0..<176).map { UInt8(90 + $0 / 2) } }.joined())
        for region in regions {
            for y in (region.y + 4)..<(region.y + region.height - 4) {
                for x in (region.x + 4)..<(region.x + region.width - 4) { pixels[y * 176 + x] = 30 }
            }
        }
        return Image(width: 176, height: 112, channels: 1, pixels: pixels)
    }
}
