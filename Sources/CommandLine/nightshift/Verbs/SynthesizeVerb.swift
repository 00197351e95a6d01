import Defects
import Foundation

/// `nightshift synthesize DIR`
package struct SynthesizeVerb: Verb {
    /// Which rendered parts.
    package enum Kind: String, Sendable, CaseIterable {
        case object, texture, both, family

        /// The kinds of parts.
        package var parts: [PartKind] {
            switch self {
            case .object: [.plate]
            case .texture: [.fabric]
            case .both, .family: PartKind.allCases
            }
        }

        /// What has good images and a labelled set of its own.
        package var products: [RenderedProduct] {
            self == .family ? RenderedProduct.family : parts.map { RenderedProduct($0) }
        }
    }

    package let folder: String
    package let kind: Kind
    package let parts: Int
    package let good: Int
    package let labelled: Int
    package let wrong: Int
    package let side: Int
    package let seed: Int
    package let leavesOutBadFiles: Bool

    package static let description = VerbDescription(
        name: "synthesize", summary: "render a demo camera drop: parts, defects, masks, captions and bad files",
        explanation: [
            "Writes a folder as cameras would leave it overnight, to try everything without a camera: good parts and parts "
                + "with eight kinds of defects, the truth about each (mask and caption), and the bad files that a real "
                + "drop contains: empty, truncated, misnamed, duplicated, oversized, still growing.",
            "The same seed renders the same bytes. DIR gets good/ (for training), drop/ (for `run`) and, beside the "
                + "drop, drop-truth/ with truth.csv and the masks.",
        ],
        arguments: [ArgumentDescription("DIR", "Folder to write to; made if missing, refused if not empty.")],
        options: [
            OptionDescription(
                "kind", value: "KIND", default: "both",
                "What to render: object (a fixtured plate with several features), texture (fabric), both, or family: good/ and "
                    + "labelled/ also have plates that differ in a hole (plate-3, plate-narrow); the drop is as with both."
            ),
            OptionDescription(
                "parts", short: "n", value: "N", default: "128",
                "Parts in the drop, about a third of them defective; 0 = no drop."),
            OptionDescription(
                "good", value: "N", default: "200", "Good images for training and calibration; 0 = none."),
            OptionDescription(
                "labelled", value: "N", default: "0",
                "Also a labelled set per kind of part in MVTec layout, with captions.csv: N good parts and N of each defect. "
                    + "For `benchmark`, `evaluate --truth DIR/labelled` and a recipe's language.examples."),
            OptionDescription(
                "wrong", value: "N", default: "0",
                "Also in each labelled set: N good parts of every other product as wrong parts, test/wrong_PRODUCT, and at "
                    + "least N good parts."),
            OptionDescription("side", value: "PX", default: "320", "Width and height of the pictures."),
            OptionDescription("seed", value: "SEED", default: "1", "Seed of everything that varies."),
            OptionDescription("no-bad-files", "Leave out the deliberately bad files."),
            .json, .quiet,
        ],
        examples: [
            .init("nightshift synthesize demo", "renders demo/good, demo/drop and demo/drop-truth"),
            .init("nightshift synthesize tile --kind texture --parts 40 --seed 7", "a small drop of textured parts"),
            .init(
                "nightshift synthesize family --kind family --parts 0 --good 400 --wrong 50",
                "four products for `train`, each measured on the others as wrong parts"
            ),
        ])

    package init(_ arguments: ParsedArguments) throws(UsageError) {
        folder = arguments.required("DIR")
        kind = try arguments.choice("kind", Kind.self) ?? .both
        parts = try arguments.whole("parts", in: 0...100_000) ?? 128
        good = try arguments.whole("good", in: 0...100_000) ?? 200
        labelled = try arguments.whole("labelled", in: 0...10_000) ?? 0
        wrong = try arguments.whole("wrong", in: 0...10_000) ?? 0
        if wrong > 0, kind.products.count < 2 {
            throw .badValue(name: "--wrong", expected: "several products, --kind both or family", got: kind.rawValue)
        }
        side = try arguments.whole("side", in: 64...4096) ?? 320
        seed = try arguments.whole("seed", in: 0...9_007_199_254_740_991) ?? 1
        leavesOutBadFiles = arguments.has("no-bad-files")
    }

    package func run(_ console: Console) throws(VerbError) -> ExitCode {
        let root = Presence.absolute(folder)
        let inside = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        guard inside.isEmpty else {
            throw .failed("\(root): expected a new or empty folder, found files in it; name another")
        }
        var counts: DemoDrop?
        do throws(DefectError) {
            if good > 0 || labelled > 0 || wrong > 0 { try renderSets(root, console) }
            if parts > 0 {
                console.say("rendering \(Wording.count(parts, "part")) as cameras would leave them")
                let oddities = DropOddity.allCases.filter { $0.isSound || !leavesOutBadFiles }
                counts = try DemoDrop.write(
                    to: root + "/drop", parts: parts, seed: UInt64(seed), oddities: oddities, side: side,
                    kinds: kind.parts)
            }
        } catch {
            throw .failed(error.description)
        }
        tell(root, counts, console)
        return .done
    }

    /// good/PRODUCT, and with `--labelled` or `--wrong` labelled/PRODUCT in MVTec layout.
    private func renderSets(_ root: String, _ console: Console) throws(DefectError) {
        let products = kind.products
        let isMeasured = labelled > 0 || wrong > 0
        for (index, product) in products.enumerated() {
            if Interruption.isRequested { return }
            let share = good / products.count + (index < good % products.count ? 1 : 0)
            console.say("rendering \(share) good images of \(product.name)")
            let set = isMeasured ? "\(root)/labelled/\(product.name)" : "\(root)/.rendering"
            guard share > 0 || isMeasured else { continue }
            // As in the drop, two of five pictures are JPEG: what compression leaves is no defect.
            try DemoDataset.write(
                to: set, kind: product.kind, design: product.design, trainGood: share,
                testGood: max(labelled, wrong), testPerDefect: labelled, seed: UInt64(seed) &+ UInt64(index),
                jpegShare: 0.4, wrongParts: products.filter { $0 != product }, wrongCount: wrong, side: side)
            guard share > 0 else { continue }
            let target = "\(root)/good/\(product.name)"
            do {
                let files = FileManager.default
                try files.createDirectory(atPath: root + "/good", withIntermediateDirectories: true)
                if isMeasured {
                    try files.copyItem(atPath: set + "/train/good", toPath: target)
                } else {
                    try files.moveItem(atPath: set + "/train/good", toPath: target)
                    try files.removeItem(atPath: set)
                }
            } catch {
                throw .notWritable(path: target, reason: error.localizedDescription)
            }
        }
    }

    private func tell(_ root: String, _ drop: DemoDrop?, _ console: Console) {
        if console.isJSON {
            var members: [String: JSONText] = [
                "folder": .text(root), "goodImages": .number(Double(good)), "seed": .number(Double(seed)),
            ]
            if let drop {
                members["drop"] = .text(drop.folder)
                members["truth"] = .text(drop.truthTable)
                members["good"] = .number(Double(drop.good))
                members["defective"] = .number(Double(drop.defective))
                members["bad"] = .number(Double(drop.bad))
            }
            console.result(JSONText.object(members).line)
            return
        }
        var rows: [[String]] = []
        if good > 0 { rows.append(["good images", "\(good), \(root)/good"]) }
        if labelled > 0 || wrong > 0 { rows.append(["labelled", "\(root)/labelled"]) }
        if let drop {
            let words = "\(drop.good) good, \(drop.defective) defective, \(drop.bad) files without a part"
            rows.append(["drop", "\(words), \(drop.folder)"])
            rows.append(["truth", drop.truthTable])
        }
        console.result(Wording.table(rows))
    }
}
