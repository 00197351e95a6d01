import Foundation
import Handover
import Imaging
import Numerics
import Pipeline
import Recipe

/// Which good images a line learns from and which are held out for its thresholds. Decided by the recipe's seed and the
/// number of readable images alone, so whoever measures a trained line finds the same split again.
package struct GoodSplit: Sendable {
    /// Paths, in the order they were given.
    package let learning: [String]
    package let heldOut: [String]
    /// SHA-256 over the sorted hashes of the files, as a model's card has it.
    package let dataSHA256: String

    /// Reads all images at `good` (sorted paths, as training was given them) to find those that can be read.
    /// - Parameter nearestRate: true splits also where the images are too few for the overkill rate.
    package init(
        good: [String], recipe: Recipe, nearestRate: Bool, workers: Int,
        report: @escaping @Sendable (TrainingEvent) -> Void
    ) throws {
        // Any size will do: only what can be read is asked.
        let gallery = try Gallery.read(
            good, limits: DecodeLimits(recipe.limits), width: 16, height: 16, workers: workers, report: report)
        let split = try Self.indices(count: gallery.count, recipe: recipe, nearestRate: nearestRate)
        func path(_ index: Int) -> String { gallery.intake(index).drop + "/" + gallery.intake(index).path }
        learning = split.learning.map(path)
        heldOut = split.heldOut.map(path)
        dataSHA256 = gallery.sha256
    }

    /// Indices of `count` readable good images, ascending each.
    static func indices(
        count: Int, recipe: Recipe, nearestRate: Bool
    ) throws(TrainingError) -> (learning: [Int], heldOut: [Int]) {
        let heldOutCount: Int
        if let enough = recipe.calibration.heldOutCount(of: count) {
            heldOutCount = enough
        } else if nearestRate {
            // Too few for the rate: 30 % keep a usable order statistic and leave most to learn from.
            heldOutCount = max(4, Int(Double(count) * 0.3))
        } else {
            let needed = Recipe.Calibration.partsNeeded(rate: recipe.calibration.overkillRate)
            throw TrainingError.tooFewImages(
                found: count, needed: 2 * needed,
                why: "an overkill rate of \(recipe.calibration.overkillRate) needs \(needed) of them held out for "
                    + "calibration, and as many to learn from; bring more, or raise `calibration.overkillRate`")
        }
        guard count >= 8 else {
            throw TrainingError.tooFewImages(
                found: count, needed: 8, why: "fewer say nothing about what varies")
        }
        var order = RandomSource(seed: UInt64(recipe.seed), stream: 0xC0FFEE)
        let permutation = order.permutation(count)
        return (permutation.dropFirst(heldOutCount).sorted(), permutation.prefix(heldOutCount).sorted())
    }
}
