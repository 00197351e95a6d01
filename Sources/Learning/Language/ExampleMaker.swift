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
    ///   - tiles: the patch grid of the model's input, and how it is cut.
    package init(
        model: InspectionModel<Float>, lowLevel: LowLevelTargets?, query: Matrix<Float>, options: PredictOptions,
        tiles: TileLayout, space: PixelSpace
    ) {
        patchSize = model.shape.encoder.patchSize
        width = tiles.gridColumns * patchSize
        height = tiles.gridRows * patchSize
        cellsPerPatch = options.interleaved ? HalfPatch.cellsPerPatch : 1
        embedder = Embedder(model: model, lowLevel: lowLevel, tiles: tiles)
        let single =
            options.repair
            ? PredictOptions(blockSizes: [], partitions: options.partitions, repair: true)
            : PredictOptions(
                blockSizes: Array(options.blockSizes.prefix(1)), partitions: options.partitions, repair: false)
        predictor = PatchPredictor(
            model: model, options: single, query: query, tiles: tiles)
        painter = NamedDamage(width: width, height: height, space: space)
    }

    /// A painted place on a good picture, (3, H, W) in the model's normalisation; nil where its embedding is not finite.
    package func painted(
        _ kind: PaintedKind, on good: [Float], donor: [Float], captions: Int, using random: inout RandomSource
    ) -> RegionExample? {
        var pixels = good
        let place = painter.paint(kind, on: &pixels, donor: donor, captions: captions, using: &random)
        return example(pixels, place, using: &random)
    }

    private func example(
        _ pixels: [Float], _ place: NamedDamage.Place, using random: inout RandomSource
    ) -> RegionExample? {
        let area = CellArea(rows: height / patchSize * cellsPerPatch, columns: width / patchSize * cellsPerPatch)
        let cells = RegionFeatures.cells(
            rows: area.rows, columns: area.columns, width: width, height: height, where: { place.mask[$0] })
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
        let wide = area.grown(cells, by: 1)
        let errors = RegionFeatures.errors(of: prediction)
        let variants =
            [cells, wide, area.part(of: area.grown(cells, by: random.integer(below: 3)), using: &random)]
            + Self.coreLevels.map {
                area.standingOut(of: wide, errors: errors, cellsPerPatch: cellsPerPatch, level: $0)
            }
        let rows = variants.map { RegionFeatures.row(of: prediction, cells: $0, cellsPerPatch: cellsPerPatch) }
        guard rows.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { return nil }
        return RegionExample(rows: rows, kind: place.kind.rawValue, captions: place.captions, sizes: place.sizes)
    }

    /// Shares of the greatest error from which a cell stands out.
    private static let coreLevels: [Float] = [0.5, 0.8]
}
