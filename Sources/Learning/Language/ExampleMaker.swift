import Defects
import Describe
import Embed
import Foundation
import Handover
import Imaging
import Network
import Numerics
import Predict

/// Makes region examples from pictures of good parts: paints damage on them and reads what the predictor says of the
/// damaged place. One value per worker.
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

    private func example(
        _ pixels: [Float], mask: [Bool], kind: String, captions: [String], using random: inout RandomSource
    ) -> RegionExample? {
        let area = CellArea(rows: height / patchSize * cellsPerPatch, columns: width / patchSize * cellsPerPatch)
        let cells = RegionFeatures.cells(
            rows: area.rows, columns: area.columns, width: width, height: height, where: { mask[$0] })
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
            cells, area.grown(cells, by: 1),
            area.part(of: area.grown(cells, by: random.integer(below: 3)), using: &random),
        ]
        let rows = variants.map { RegionFeatures.row(of: prediction, cells: $0, cellsPerPatch: cellsPerPatch) }
        guard rows.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { return nil }
        return RegionExample(rows: rows, kind: kind, captions: captions)
    }
}
