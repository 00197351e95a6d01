import Foundation
import Handover
import Imaging
import Numerics

@testable import Calibration

/// Held-out parts drawn from a known law.
struct HeldOutMaker {
    var rows = 4
    var columns = 5
    var width = 6
    var states = 3
    var random: RandomSource

    var places: Int { rows * columns }

    init(seed: UInt64) { random = RandomSource(seed: seed) }

    static func image(rows: Int, columns: Int) -> DecodedImage {
        let intake = Intake(
            sha256: String(repeating: "0", count: 64), path: "a.png", bytes: Data(count: 1000), camera: "",
            drop: "/drop", modifiedAt: Date(timeIntervalSince1970: 0))
        return DecodedImage(
            intake: intake, picture: Image(width: 64, height: 64, colour: [0]), pixels: [1, 2, 3],
            geometry: Geometry(
                originalWidth: columns * 8, originalHeight: rows * 8, inputWidth: columns * 8, inputHeight: rows * 8,
                patchSize: 8))
    }

    mutating func normals(_ rows: Int, _ columns: Int, scale: Double = 1) -> Matrix<Float> {
        Matrix(
            rows: rows, columns: columns, storage: (0..<rows * columns).map { _ in Float(random.normal() * scale) })
    }

    /// A part whose prediction misses by `residual`; the hidden states are given or drawn.
    mutating func prediction(residual: Matrix<Float>, hidden: Matrix<Float>? = nil) -> PatchPrediction {
        let target = normals(places, width)
        var predicted = target
        addScaled(&predicted, 1, residual)
        return prediction(predicted: predicted, target: target, hidden: hidden ?? normals(places, states))
    }

    func prediction(
        predicted: Matrix<Float>, target: Matrix<Float>, hidden: Matrix<Float>
    ) -> PatchPrediction {
        PatchPrediction(
            image: Self.image(rows: rows, columns: columns), target: target,
            arms: [PatchPrediction.Arm(name: "masked.2", predicted: predicted, hidden: hidden)], damage: nil)
    }

    /// A good part with plain noise as residual.
    mutating func good(scale: Double = 1) -> HeldOutPart {
        HeldOutPart(prediction(residual: normals(places, width, scale: scale)))
    }

    mutating func goods(_ count: Int) -> [HeldOutPart] { (0..<count).map { _ in good() } }

    func calibrator(_ options: CalibrationOptions) -> Calibrator {
        Calibrator(options: options, armNames: ["masked.2"], gridRows: rows, gridColumns: columns)
    }
}
