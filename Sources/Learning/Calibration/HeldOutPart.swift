import Foundation
import Handover
import Imaging
import Numerics
import Score

/// What calibration keeps of a held-out good part.
package struct HeldOutPart: Sendable {
    package let prediction: PatchPrediction

    /// Keeps what the arms said and where; the picture and the file's bytes go: hundreds of them would not fit.
    package init(_ prediction: PatchPrediction) {
        let intake = prediction.image.intake
        self.prediction = PatchPrediction(
            image: DecodedImage(
                intake: Intake(
                    sha256: intake.sha256, path: intake.path, bytes: Data(), camera: intake.camera, drop: intake.drop,
                    modifiedAt: intake.modifiedAt), picture: Image(width: 1, height: 1, colour: [0]), pixels: [],
                geometry: prediction.image.geometry), target: prediction.target, arms: prediction.arms,
            damage: prediction.damage, lowLevel: prediction.lowLevel, interleaved: prediction.interleaved)
    }

    /// ẑ − z of the arm of this name on one of the grids, (N, D).
    func residual(_ name: String, interleaved: Bool) -> Matrix<Float> {
        let view = ArmStatistics.view(prediction, interleaved: interleaved)
        guard let arm = view.arms.first(where: { $0.name == name }) else {
            preconditionFailure("HeldOutPart: the prediction has no arm \(name)")
        }
        var residual = arm.predicted
        addScaled(&residual, -1, view.target)
        return residual
    }
}

/// What good embeddings are on one grid, told from the parts that training saw.
package struct UsualEmbeddings: Sendable {
    /// At their places; nil leaves the place arm out.
    package var place: PatchGaussians?
    /// Wherever they lie; nil leaves the mixture arm out.
    package var mixture: PatchGaussians?
    /// Of the low-level targets beside them, wherever they lie; nil leaves the low-level arm out.
    package var lowLevel: PatchGaussians?

    package init(place: PatchGaussians? = nil, mixture: PatchGaussians? = nil, lowLevel: PatchGaussians? = nil) {
        self.place = place
        self.mixture = mixture
        self.lowLevel = lowLevel
    }
}

/// How calibration is to be made.
package struct CalibrationOptions: Sendable, Equatable {
    /// α: the share of good parts that may be failed.
    package var overkillRate: Double
    /// The share of good parts sent to review or failed.
    package var reviewRate: Double
    /// Folds of the cross-fit within the held-out parts.
    package var folds: Int
    /// Share of the map whose mean is the image score.
    package var topShare: Double
    /// Weight of the mean variance in the shrunk covariance.
    package var shrinkage: Double
    /// How much the place arm counts beside another one.
    package var placeWeight: Float
    /// How much the mixture arm counts beside another one.
    package var mixtureWeight: Float
    /// True if the mixture arm's plain magnitudes have a part in the heatmap.
    package var mixtureInHeat: Bool
    /// How much the low-level arm counts beside another one.
    package var lowLevelWeight: Float
    /// How much the damage arm counts beside another one.
    package var damageWeight: Float
    /// True takes the nearest rate that the number of parts allows instead of refusing.
    package var nearestRate: Bool

    package static let usualShrinkage = 0.1

    package init(
        overkillRate: Double, reviewRate: Double, folds: Int = 4, topShare: Double = 0.01,
        shrinkage: Double = Self.usualShrinkage,
        placeWeight: Float = 1, mixtureWeight: Float = 1, mixtureInHeat: Bool = false,
        lowLevelWeight: Float = 1, damageWeight: Float = 1, nearestRate: Bool = false
    ) {
        self.overkillRate = overkillRate
        self.reviewRate = reviewRate
        self.folds = folds
        self.topShare = topShare
        self.shrinkage = shrinkage
        self.placeWeight = placeWeight
        self.mixtureWeight = mixtureWeight
        self.mixtureInHeat = mixtureInHeat
        self.lowLevelWeight = lowLevelWeight
        self.damageWeight = damageWeight
        self.nearestRate = nearestRate
    }
}

/// Why no calibration can be made.
package enum CalibrationError: Error, Sendable, Equatable, CustomStringConvertible {
    case tooFewParts(found: Int, needed: Int, rate: Double)
    case notFinite(arm: String)

    package var description: String {
        switch self {
        case .tooFewParts(let found, let needed, let rate):
            "calibration: an overkill rate of \(percent(rate)) needs at least \(needed) held-out good parts, got \(found); "
                + "add good images, raise `calibration.heldOutFraction`, or raise `calibration.overkillRate` to at least "
                + percent(1 / Double(found + 1))
        case .notFinite(let arm): "calibration: the statistics of \(arm) are not finite; a good image may be damaged"
        }
    }
}

private func percent(_ rate: Double) -> String { "\(Double((rate * 10_000).rounded()) / 100) %" }
