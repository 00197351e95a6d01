import Foundation
import Handover
import Imaging
import Numerics
import Score

/// Predictions and statistics small enough to work out by hand: the damage arm's log-odds are the map itself.
enum Made {
    static func image(rows: Int, columns: Int, patch: Int = 8, original: (Int, Int)? = nil) -> DecodedImage {
        let intake = Intake(
            sha256: String(repeating: "0", count: 64), path: "a.png", bytes: Data(), camera: "", drop: "/drop",
            modifiedAt: Date(timeIntervalSince1970: 0))
        let geometry = Geometry(
            originalWidth: original?.0 ?? columns * patch, originalHeight: original?.1 ?? rows * patch,
            inputWidth: columns * patch, inputHeight: rows * patch, patchSize: patch)
        return DecodedImage(
            intake: intake, picture: Image(width: 1, height: 1, colour: [0]), pixels: [], geometry: geometry)
    }

    /// A prediction whose damage log-odds are `map`.
    static func prediction(
        _ map: [Float], rows: Int, columns: Int, original: (Int, Int)? = nil
    ) -> PatchPrediction {
        PatchPrediction(
            image: image(rows: rows, columns: columns, original: original),
            target: Matrix(rows: rows * columns, columns: 1), arms: [], damage: map)
    }

    /// Statistics with the damage arm alone, whose z is the log-odds themselves.
    static func statistics(
        rows: Int, columns: Int, topShare: Double = 0.01, zero: Double = 1, review: Double = 3, fail: Double = 5,
        goodScores: [Double] = [0.5, 1, 1, 2]
    ) -> ScoreStatistics {
        let unit = ArmScale(median: 0, percentile99: 1)
        return ScoreStatistics(
            gridRows: rows, gridColumns: columns,
            arms: [ArmStatistics(source: .damage, expected: nil, scoreScale: unit, heatScale: unit)],
            topShare: topShare, goodScores: goodScores, zero: zero, review: review, fail: fail, overkillRate: 0.02)
    }

    static func normals(_ count: Int, _ random: inout RandomSource, scale: Double = 1) -> [Float] {
        (0..<count).map { _ in Float(random.normal() * scale) }
    }

    static func matrix(_ rows: Int, _ columns: Int, _ random: inout RandomSource) -> Matrix<Float> {
        Matrix(rows: rows, columns: columns, storage: normals(rows * columns, &random))
    }
}
