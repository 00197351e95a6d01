import Checkpoint
import Decode
import Embed
import Foundation
import Handover
import Imaging
import Network
import Numerics

/// What turns pictures into target tokens: an encoder with its input, and nothing that predicts.
package struct TokenEncoder: Sendable {
    package let network: InspectionModel<Float>
    package let lowLevel: LowLevelTargets?
    package let inputWidth: Int
    package let inputHeight: Int
    package let mean: [Float]
    package let standardDeviation: [Float]
    /// How the input is cut.
    package let tiles: TileLayout

    /// Without `tiles` the input is not cut.
    package init(
        network: InspectionModel<Float>, lowLevel: LowLevelTargets?, inputWidth: Int, inputHeight: Int, mean: [Float],
        standardDeviation: [Float], tiles: TileLayout? = nil
    ) {
        let side = network.shape.encoder.patchSize
        self.tiles = tiles ?? TileLayout(wholeRows: inputHeight / side, columns: inputWidth / side)
        self.network = network
        self.lowLevel = lowLevel
        self.inputWidth = inputWidth
        self.inputHeight = inputHeight
        self.mean = mean
        self.standardDeviation = standardDeviation
    }

    package var patchSize: Int { network.shape.encoder.patchSize }
    package var gridRows: Int { inputHeight / patchSize }
    package var gridColumns: Int { inputWidth / patchSize }
    /// D.
    package var tokenWidth: Int { network.shape.targetWidth }

    /// What a bundle's card says of it.
    package var architecture: ArchitectureCard {
        ArchitectureCard(
            network: network.shape, inputWidth: inputWidth, inputHeight: inputHeight, mean: mean,
            standardDeviation: standardDeviation,
            tiles: tiles.isWhole ? nil : .init(rows: tiles.rows, columns: tiles.columns, overlap: tiles.overlap))
    }

    /// What decodes pictures for it.
    package func decoder(limits: DecodeLimits) -> Decoder {
        Decoder(
            limits: limits, inputWidth: inputWidth, inputHeight: inputHeight, patchSize: patchSize, mean: mean,
            standardDeviation: standardDeviation)
    }
}

/// The target tokens of pictures, without any prediction: what memory banks are made of, and what a CLIP looks at that
/// was trained here. One value per worker.
package final class TokenReader {
    private let decoder: Decoder
    private let embedder: Embedder

    package init(_ encoder: TokenEncoder, limits: DecodeLimits) {
        decoder = encoder.decoder(limits: limits)
        embedder = Embedder(model: encoder.network, lowLevel: encoder.lowLevel, tiles: encoder.tiles)
    }

    package convenience init(model: LoadedModel, limits: DecodeLimits) {
        self.init(model.encoder, limits: limits)
    }

    /// z, (N, D).
    package func tokens(_ intake: Intake) throws(Rejection) -> Matrix<Float> { try tokens(of: decoder.decode(intake)) }

    /// z of a picture that was decoded for this encoder.
    package func tokens(of image: DecodedImage) throws(Rejection) -> Matrix<Float> {
        try embedder.embed(image).target
    }

    /// The same of planes (3, H, W) in 0…1 of the model's input size, as made pictures are.
    package func tokens(planes: [Float]) throws(Rejection) -> Matrix<Float> {
        let count = decoder.inputWidth * decoder.inputHeight
        precondition(planes.count == 3 * count, "TokenReader: expected 3 x \(count) numbers, got \(planes.count)")
        let pixels = normalisedPlanes(planes, mean: decoder.mean, deviation: decoder.standardDeviation)
        let geometry = Geometry(
            originalWidth: decoder.inputWidth, originalHeight: decoder.inputHeight, inputWidth: decoder.inputWidth,
            inputHeight: decoder.inputHeight, patchSize: decoder.patchSize)
        return try tokens(
            of: DecodedImage(
                intake: Intake(file: "made", bytes: Data()), picture: Image(width: 1, height: 1, colour: [0]),
                pixels: pixels, geometry: geometry))
    }
}

extension Intake {
    /// A file that is measured, not inspected: nothing is recorded of it, so its hash stays empty.
    package init(file path: String, bytes: Data) {
        self.init(
            sha256: "", path: path, bytes: bytes, camera: "", drop: "", modifiedAt: Date(timeIntervalSince1970: 0))
    }
}
