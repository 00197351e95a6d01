import Defects
import Describe
import Embed
import Foundation
import Handover
import Imaging
import Network
import Numerics
import Predict

/// Makes region examples from pictures: paints damage on good ones, or takes defective ones with their masks, and reads
/// what the predictor says of the damaged place. One value per worker.
package final class ExampleMaker {
    private let embedder: Embedder
    private let predictor: PatchPredictor
    private let patchSize: Int
    private let width: Int
    private let height: Int
    private let cellsPerPatch: Int
    private let painter: NamedDamage

    /// - Parameters:
    ///   - query: the tokens that condition the predictor, (Q, queryWidth); none for a network of one line.
    ///   - options: how inspection predicts; of its passes only the one that descriptions are read from is made.
    ///   - width, height: the model's input.
    package init(
        model: InspectionModel<Float>, lowLevel: LowLevelTargets?, query: Matrix<Float>, options: PredictOptions,
        width: Int, height: Int, space: PixelSpace
    ) {
        patchSize = model.shape.encoder.patchSize
        self.width = width
        self.height = height
        cellsPerPatch = options.interleaved ? HalfPatch.cellsPerPatch : 1
        let rows = height / patchSize
        let columns = width / patchSize
        embedder = Embedder(model: model, lowLevel: lowLevel, gridRows: rows, gridColumns: columns)
        let single =
            options.repair
            ? PredictOptions(blockSizes: [], partitions: options.partitions, repair: true)
            : PredictOptions(
                blockSizes: Array(options.blockSizes.prefix(1)), partitions: options.partitions, repair: false)
        predictor = PatchPredictor(
            model: model, options: single, query: query, gridRows: rows, gridColumns: columns)
        painter = NamedDamage(width: width, height: height, space: space)
    }

    /// A painted place on a good picture, (3, H, W) in the model's normalisation; nil where its embedding is not finite.
    package func painted(
        _ kind: PaintedKind, on good: [Float], donor: [Float], captions: Int, using random: inout RandomSource
    ) -> RegionExample? {
        var pixels = good
        let place = painter.paint(kind, on: &pixels, donor: donor, captions: captions, using: &random)
        return example(pixels, mask: place.mask, kind: kind.rawValue, captions: place.captions, using: &random)
    }

    /// The example of a picture whose defect is known, by its mask (H · W) in the model's input size; nil where the mask
    /// is empty or the embedding not finite.
    package func example(
        _ pixels: [Float], mask: [Bool], kind: String, captions: [String], using random: inout RandomSource
    ) -> RegionExample? {
        let cells = RegionFeatures.cells(
            rows: rows, columns: columns, width: width, height: height, where: { mask[$0] })
        guard !cells.isEmpty else { return nil }
        let geometry = Geometry(
            originalWidth: width, originalHeight: height, inputWidth: width, inputHeight: height, patchSize: patchSize)
        let intake = Intake(
            sha256: "", path: "", bytes: Data(), camera: "", drop: "", modifiedAt: Date(timeIntervalSince1970: 0))
        let image = DecodedImage(
            intake: intake, picture: Image(width: 1, height: 1, channels: 1, pixels: [0]), pixels: pixels,
            geometry: geometry)
        guard let embedding = try? embedder.embed(image) else { return nil }
        let prediction = predictor.predict(embedding)
        let variants = [
            cells, grown(cells, by: 1), part(of: grown(cells, by: random.integer(below: 3)), using: &random),
        ]
        let rows = variants.map { RegionFeatures.row(of: prediction, cells: $0, cellsPerPatch: cellsPerPatch) }
        guard rows.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { return nil }
        return RegionExample(rows: rows, kind: kind, captions: captions)
    }

    private var columns: Int { width / patchSize * cellsPerPatch }
    private var rows: Int { height / patchSize * cellsPerPatch }

    /// With neighbours up to `reach` cells away: the map's regions are wider than what caused them.
    private func grown(_ cells: [Int], by reach: Int) -> [Int] {
        var found = Set(cells)
        for cell in cells {
            let (row, column) = (cell / columns, cell % columns)
            for y in max(0, row - reach)...min(rows - 1, row + reach) {
                for x in max(0, column - reach)...min(columns - 1, column + reach) { found.insert(y * columns + x) }
            }
        }
        return found.sorted()
    }

    /// The cells of the patches that stand out most, a share of the region's patches, as a heatmap's core shows them.
    private func core(of cells: [Int], _ prediction: PatchPrediction, share: Double) -> [Int] {
        guard let arm = RegionFeatures.arm(of: prediction) else { return cells }
        let across = width / patchSize
        func patch(_ cell: Int) -> Int { cell / columns / cellsPerPatch * across + cell % columns / cellsPerPatch }
        let patches = Array(Set(cells.map(patch))).sorted()
        let heat = patches.map { patch -> Float in
            if let damage = prediction.damage { return damage[patch] }
            return zip(arm.predicted.row(patch), prediction.target.row(patch)).reduce(0) {
                $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
            }
        }
        let order = patches.indices.sorted { (heat[$1], $0) < (heat[$0], $1) }
        let kept = Set(order.prefix(max(1, Int(share * Double(patches.count)))).map { patches[$0] })
        return cells.filter { kept.contains(patch($0)) }
    }

    /// What lies on one side of a line through the middle, or all: the map may show a part of a defect only.
    private func part(of cells: [Int], using random: inout RandomSource) -> [Int] {
        guard cells.count >= 6, random.uniform() < 0.6 else { return cells }
        let angle = random.uniform() * 2 * .pi
        let along = cells.map { Double($0 % columns) * cos(angle) + Double($0 / columns) * sin(angle) }
        let limit = along.sorted()[Int(Double(cells.count) * (0.2 + 0.4 * random.uniform()))]
        let kept = cells.indices.filter { along[$0] >= limit }.map { cells[$0] }
        return kept.isEmpty ? cells : kept
    }
}
