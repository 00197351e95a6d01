import Decode
import Embed
import Foundation
import Handover
import Imaging
import Numerics
import Pipeline

/// The target tokens of pictures, without any prediction: what memory banks are made of. One value per worker.
package final class TokenReader {
    private let decoder: Decoder
    private let embedder: Embedder

    package init(model: LoadedModel, limits: DecodeLimits) {
        decoder = Decoder(
            limits: limits, inputWidth: model.inputWidth, inputHeight: model.inputHeight, patchSize: model.patchSize,
            mean: model.mean, standardDeviation: model.standardDeviation)
        embedder = Embedder(
            model: model.network, lowLevel: model.lowLevel, gridRows: model.inputHeight / model.patchSize,
            gridColumns: model.inputWidth / model.patchSize)
    }

    /// z, (N, D).
    package func tokens(_ intake: Intake) throws(Rejection) -> Matrix<Float> {
        try embedder.embed(try decoder.decode(intake)).target
    }

    /// The same of planes (3, H, W) in 0…1 of the model's input size, as made pictures are.
    package func tokens(planes: [Float]) throws(Rejection) -> Matrix<Float> {
        let count = decoder.inputWidth * decoder.inputHeight
        precondition(planes.count == 3 * count, "TokenReader: expected 3 x \(count) numbers, got \(planes.count)")
        let pixels = normalisedPlanes(planes, mean: decoder.mean, deviation: decoder.standardDeviation)
        let geometry = Geometry(
            originalWidth: decoder.inputWidth, originalHeight: decoder.inputHeight, inputWidth: decoder.inputWidth,
            inputHeight: decoder.inputHeight, patchSize: decoder.patchSize)
        return try embedder.embed(
            DecodedImage(
                intake: Intake(file: "made", bytes: Data()), picture: Image(width: 1, height: 1, colour: [0]),
                pixels: pixels, geometry: geometry)
        ).target
    }
}

/// Local aggregation as in PatchCore (arXiv 2106.08265, eq. 2): each token becomes the mean of its 3 × 3 neighbourhood.
/// At the border the mean runs over the neighbours that exist; zeros in their place would make borders look odd.
package func neighbourhoodMeans(_ tokens: Matrix<Float>, rows: Int, columns: Int) -> Matrix<Float> {
    precondition(
        tokens.rows == rows * columns,
        "neighbourhoodMeans: expected \(rows) x \(columns) tokens, got \(tokens.rows)")
    let width = tokens.columns
    var result = Matrix<Float>(rows: tokens.rows, columns: width)
    tokens.storage.withUnsafeBufferPointer { source in
        result.storage.withUnsafeMutableBufferPointer { target in
            for row in 0..<rows {
                for column in 0..<columns {
                    let base = (row * columns + column) * width
                    let vertical = max(0, row - 1)...min(rows - 1, row + 1)
                    let horizontal = max(0, column - 1)...min(columns - 1, column + 1)
                    for y in vertical {
                        for x in horizontal {
                            let from = (y * columns + x) * width
                            for index in 0..<width { target[base + index] += source[from + index] }
                        }
                    }
                    let share = 1 / Float(vertical.count * horizontal.count)
                    for index in 0..<width { target[base + index] *= share }
                }
            }
        }
    }
    return result
}
