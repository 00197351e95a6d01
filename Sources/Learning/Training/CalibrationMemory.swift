import Recipe

/// What calibration holds in memory at once: of every held-out part, and of some with changed pictures, what each arm said
/// of each patch. It grows with the parts and with the patches, so with tiles, and is known before anything is trained.
package enum CalibrationMemory {
    /// Bytes, without what training itself takes.
    ///
    /// - Parameters:
    ///   - recipe: with the input size decided.
    ///   - heldOut: good parts held out.
    package static func bytes(_ recipe: Recipe, heldOut: Int) -> Int {
        let side = recipe.encoder.patchSize
        let patches = recipe.image.width / side * (recipe.image.height / side)
        let target = recipe.encoder.width * recipe.encoder.targetBlocks.count
        let own = recipe.mask.blockSizes.count + (recipe.scoring.repair ? 1 : 0) + (recipe.mask.secondPass ? 1 : 0)
        let moved = recipe.scoring.interleaved && recipe.scoring.repair ? 1 : 0
        // A target on each grid, what each arm predicted, and the residuals of the arm that is being fitted.
        let rows = (1 + moved + own + moved + 1) * target + (own + moved) * recipe.predictor.width
        return (heldOut + DisturbedParts.count) * patches * rows * MemoryLayout<Float>.stride
    }
}
