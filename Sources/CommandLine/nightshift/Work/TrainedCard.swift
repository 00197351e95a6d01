import Checkpoint
import Files
import Foundation
import Handover
import Network
import Pipeline
import Recipe
import Score
import Training

/// The card of a model that was just trained.
package enum TrainedCard {
    package static func card(_ trained: TrainedLine, _ recipe: Recipe, name: String) -> ModelCard {
        let model = trained.model
        return ModelCard(
            name: name,
            architecture: model.encoder.architecture,
            recipeSHA256: SHA256.hex(of: recipe.canonicalJSON()), dataSHA256: trained.dataSHA256,
            seed: UInt64(recipe.seed), versions: Versions.current, createdAt: Date(),
            trainSeconds: trained.trainSeconds,
            metrics: [
                "trainingImages": Double(trained.trainingCount), "heldOutImages": Double(trained.heldOutCount),
                "samples": Double(trained.samples), "imagesPerSecond": trained.imagesPerSecond,
                "overkillRate": model.statistics.overkillRate,
                "errorOfAConstants": Double(trained.losses.hidden) / max(Double(trained.losses.constant), 1e-9),
            ].filter { $0.value.isFinite })
    }

    /// The card of a line that CLIP judges.
    package static func card(_ trained: TrainedCLIPLine, _ recipe: Recipe, name: String) -> ModelCard {
        let (architecture, clip) = trained.line.sight.card
        return ModelCard(
            name: name, architecture: architecture, recipeSHA256: SHA256.hex(of: recipe.canonicalJSON()),
            dataSHA256: trained.dataSHA256, seed: UInt64(recipe.seed), versions: Versions.current, createdAt: Date(),
            trainSeconds: trained.trainSeconds,
            metrics: [
                "trainingImages": Double(trained.trainingCount), "heldOutImages": Double(trained.heldOutCount),
                "overkillRate": trained.line.calibration.overkillRate,
            ], clip: clip)
    }
}
