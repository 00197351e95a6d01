import Imaging
import Numerics

/// A picture ready for the model.
package struct DecodedImage: Sendable {
    package let intake: Intake
    /// The picture as decoded, upright, 8 bit; kept for panels and heatmaps.
    package let picture: Image
    /// (3, H, W) row-major planes in the model's normalisation, H and W the input size.
    package let pixels: [Float]
    package let geometry: Geometry

    package init(intake: Intake, picture: Image, pixels: [Float], geometry: Geometry) {
        self.intake = intake
        self.picture = picture
        self.pixels = pixels
        self.geometry = geometry
    }
}

/// What the target encoder says of every patch.
package struct Embedding: Sendable {
    package let image: DecodedImage
    /// Targets, (N, D): one row per patch, N = h·w, in the model's target space.
    package let target: Matrix<Float>
    /// What the predictor reads where nothing is hidden: of each tile all patches, tile below tile, (N, C) where the
    /// picture is not cut.
    package let context: Matrix<Float>
    /// Patches with their positions before the first block, tile below tile, (N, E) where the picture is not cut: what the
    /// context encoder re-encodes under a mask.
    package let patchTokens: Matrix<Float>
    /// Low-level targets beside those that are predicted, (N, L); nil where they are among these, or not looked at.
    package let lowLevel: Matrix<Float>?
    /// The same of the picture under its interleaved grid; nil where the model does not look at it.
    package let interleaved: Interleaved?

    /// A picture seen once more with its grid moved by half a patch up and to the left, what lies outside mirrored: a
    /// small defect that the first grid cuts into four pieces lies whole in a patch of this one.
    package struct Interleaved: Sendable {
        /// Targets, (N, D), and what the predictor reads, tile below tile, (N, C) where the picture is not cut.
        package let target: Matrix<Float>
        package let context: Matrix<Float>
        package let lowLevel: Matrix<Float>?

        package init(target: Matrix<Float>, context: Matrix<Float>, lowLevel: Matrix<Float>? = nil) {
            self.target = target
            self.context = context
            self.lowLevel = lowLevel
        }
    }

    package init(
        image: DecodedImage, target: Matrix<Float>, context: Matrix<Float>, patchTokens: Matrix<Float>,
        lowLevel: Matrix<Float>? = nil, interleaved: Interleaved? = nil
    ) {
        self.lowLevel = lowLevel
        self.interleaved = interleaved
        self.image = image
        self.target = target
        self.context = context
        self.patchTokens = patchTokens
    }
}

/// What the predictor said of every patch, one entry per arm.
package struct PatchPrediction: Sendable {
    /// One way of predicting: masked partitions of one block size, the repair pass with nothing hidden, or the second
    /// pass with all suspicious patches hidden at once.
    package struct Arm: Sendable {
        /// "masked.2" (block size 2), "repair" or "second".
        package let name: String
        /// ẑ, (N, D).
        package let predicted: Matrix<Float>
        /// The predictor's hidden state at each patch, (N, P).
        package let hidden: Matrix<Float>

        package init(name: String, predicted: Matrix<Float>, hidden: Matrix<Float>) {
            self.name = name
            self.predicted = predicted
            self.hidden = hidden
        }
    }

    package let image: DecodedImage
    /// z, (N, D).
    package let target: Matrix<Float>
    package let arms: [Arm]
    /// Log-odds that a patch is damaged, as learned from synthetic damage, (N); nil when the model has no such head.
    package let damage: [Float]?
    /// Low-level targets that no arm predicts, (N, L), as of `Embedding`.
    package let lowLevel: Matrix<Float>?
    /// What was predicted for the interleaved grid, with nothing hidden; nil where the model does not look at it.
    package let interleaved: Interleaved?

    /// The repair arm and the damage head on the interleaved grid, whose patch (row, column) begins half a patch above
    /// and to the left of the picture's own patch (row, column).
    package struct Interleaved: Sendable {
        /// z, (N, D).
        package let target: Matrix<Float>
        package let repair: Arm
        /// (N); nil when the model has no such head.
        package let damage: [Float]?
        package let lowLevel: Matrix<Float>?

        package init(target: Matrix<Float>, repair: Arm, damage: [Float]?, lowLevel: Matrix<Float>? = nil) {
            self.target = target
            self.repair = repair
            self.damage = damage
            self.lowLevel = lowLevel
        }
    }

    package init(
        image: DecodedImage, target: Matrix<Float>, arms: [Arm], damage: [Float]?, lowLevel: Matrix<Float>? = nil,
        interleaved: Interleaved? = nil
    ) {
        self.lowLevel = lowLevel
        self.interleaved = interleaved
        self.image = image
        self.target = target
        self.arms = arms
        self.damage = damage
    }
}
