import Imaging
import Numerics

/// Writes rendered parts in the layout of MVTec AD, which `benchmark` and a recipe's `language.examples` read.
package enum DemoDataset {
    /// Writes `train/good`, `test/good`, `test/<defect>`, `ground_truth/<defect>/<stem>_mask.png`,
    /// `test/wrong_<product>` and `captions.csv` (path,label,defect,caption; a row for each sentence) into a new or empty
    /// folder. The same seed gives the same bytes.
    /// - Parameters:
    ///   - trainGood: good parts to train on.
    ///   - testGood: good parts to test on.
    ///   - testPerDefect: parts with each of `defects`.
    ///   - wrongParts: what other lines make; of each `wrongCount` flawless parts are wrong ones here. They have no mask.
    ///   - jpegShare: 0…1 of the pictures stored as JPEG, as cameras do; masks are always PNG.
    /// - Throws: `notEmpty`, `notWritable`, `invalidRequest`.
    package static func write(
        to folder: String, kind: PartKind, design: PlateDesign = .fourHoles, trainGood: Int, testGood: Int,
        testPerDefect: Int, seed: UInt64, jpegShare: Double = 0, defects: [DefectKind] = DefectKind.allCases,
        wrongParts: [RenderedProduct] = [], wrongCount: Int = 0, side: Int = 320
    ) throws(DefectError) {
        guard trainGood >= 0, testGood >= 0, testPerDefect >= 0, wrongCount >= 0,
            trainGood + testGood + testPerDefect > 0,
            (0...1).contains(jpegShare), (64...4096).contains(side)
        else {
            throw .invalidRequest(
                what:
                    "demo data set: expected counts >= 0 that are not all 0, a JPEG share in 0...1 and a side in 64...4096, got \(trainGood), \(testGood), \(testPerDefect), \(jpegShare) and \(side)"
            )
        }
        let writer = try FolderWriter(folder)
        let own = RenderedProduct(kind, design: design)
        var table = CommaTable(columns: ["path", "label", "defect", "caption"])
        var groups: [(folder: String, product: RenderedProduct, defect: DefectKind?, count: Int)] = [
            ("train/good", own, nil, trainGood), ("test/good", own, nil, testGood),
        ]
        for defect in defects { groups.append(("test/\(defect.rawValue)", own, defect, testPerDefect)) }
        for product in wrongParts { groups.append(("test/wrong_\(product.name)", product, nil, wrongCount)) }
        for (index, group) in groups.enumerated() {
            let renderer = PartRenderer(
                kind: group.product.kind, design: group.product.design, width: side, height: side)
            for number in 0..<group.count {
                // One stream per group and number: more training parts do not change the test parts.
                var random = RandomSource(seed: seed, stream: UInt64(index) << 32 | UInt64(number))
                let part = renderer.render(defect: group.defect, using: &random)
                let digits = String(number)
                let stem = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
                let isJPEG = random.chance(jpegShare)
                let path = "\(group.folder)/\(stem).\(isJPEG ? "jpg" : "png")"
                let data = try FolderWriter.encode(path) { () throws(ImageError) in
                    isJPEG ? try part.image.jpegData(quality: 92) : try part.image.pngData()
                }
                try writer.write(data, to: path)
                if let defect = group.defect, let mask = part.mask {
                    let maskPath = "ground_truth/\(defect.rawValue)/\(stem)_mask.png"
                    let maskData = try FolderWriter.encode(maskPath) { () throws(ImageError) in try mask.pngData() }
                    try writer.write(maskData, to: maskPath)
                }
                for caption in part.captions {
                    table.add([
                        path, group.defect == nil && group.product == own ? "good" : "defective",
                        group.defect?.rawValue ?? (group.product == own ? "" : "wrong_\(group.product.name)"), caption,
                    ])
                }
            }
        }
        try writer.write(table.data, to: "captions.csv")
    }
}
