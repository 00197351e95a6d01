import Checkpoint
import Defects
import Describe
import Files
import Foundation
import Handover
import Language
import Network
import Numerics
import Pipeline
import Predict
import Recipe
import Text

/// The last step of a line's training: names for damage, learned from what is painted on its good pictures.
///
/// It reads the trained network and changes nothing in it: a line with language flags exactly what it flags without.
struct LineLanguage {
    private let recipe: Recipe
    private let workers: Int
    /// Published text weights where the recipe's language is imported.
    private let published: (encoder: SentenceEncoder, reference: ModelLanguage.PublishedReference)?

    /// Captions of each painted place: as many wordings of it.
    private static let captions = 4
    /// One place of so many is kept for measuring where names begin to fit; no divisor of the number of kinds.
    private static let calibrationStride = 7

    /// Reads published text weights, so that what is wrong with them is known before anything is trained.
    ///
    /// - Parameter textFolder: their folder when the recipe's language is imported.
    init(recipe: Recipe, textFolder: String?, workers: Int) throws {
        self.recipe = recipe
        self.workers = workers
        guard recipe.language.source == .imported else {
            published = nil
            return
        }
        let file = try PublishedText(path: textFolder ?? recipe.language.file)
        published = (
            try file.load(),
            ModelLanguage.PublishedReference(
                path: URL(fileURLWithPath: Folder.parent(of: file.weightsPath)).standardizedFileURL.path,
                sha256: try SHA256.hex(ofFile: file.weightsPath))
        )
    }

    /// nil where the recipe wants no language.
    func fit(
        _ network: InspectionModel<Float>, lowLevel: LowLevelTargets?, query: Matrix<Float>, options: PredictOptions,
        images: TrainingImages, space: PixelSpace, report: @escaping @Sendable (TrainingEvent) -> Void
    ) -> ModelLanguage? {
        guard recipe.language.source != .none else { return nil }
        let examples = examples(
            network, lowLevel: lowLevel, query: query, options: options, images: images, space: space, report: report)
        let kept = examples.enumerated().filter { $0.offset % Self.calibrationStride == 0 }.map(\.element)
        let learned = examples.enumerated().filter { $0.offset % Self.calibrationStride != 0 }.map(\.element)
        guard Set(learned.map(\.kind)).count > 1 else { return nil }
        let region = LanguageTrainer(
            options: LanguageOptions(
                loss: recipe.language.loss == .infoNCE ? .infoNCE : .leVLJEPA, seed: UInt64(recipe.seed))
        ).fit(
            learned, published: published?.encoder, names: VocabularyName.all(words: recipe.language.words),
            calibration: kept)
        let embeddings = region.embeddings(kept.map { $0.rows[0] })
        let right = kept.indices.filter {
            region.vocabulary.ranked(embeddings.row($0))[0].label
                == PaintedKind(rawValue: kept[$0].kind).map(VocabularyName.label)
        }
        report(.named(right: Double(right.count) / Double(max(1, kept.count)), of: kept.count))
        return ModelLanguage(region: region, published: published?.reference)
    }

    /// Painted places, each kind equally often. A place depends on the seed and its number alone, so any number of
    /// workers paints the same ones.
    private func examples(
        _ network: InspectionModel<Float>, lowLevel: LowLevelTargets?, query: Matrix<Float>, options: PredictOptions,
        images: TrainingImages, space: PixelSpace, report: @escaping @Sendable (TrainingEvent) -> Void
    ) -> [RegionExample] {
        let total = recipe.language.samples
        let done = LockedValue(0)
        let chunk = 12
        let seed = UInt64(recipe.seed)
        return parallelMap(count: (total + chunk - 1) / chunk, workers: workers) { task -> [RegionExample] in
            let maker = ExampleMaker(
                model: network, lowLevel: lowLevel, query: query, options: options, width: images.width,
                height: images.height, space: space)
            var found: [RegionExample] = []
            for number in task * chunk..<min(total, (task + 1) * chunk) {
                var random = RandomSource(seed: seed ^ 0x6C61_6E67, stream: UInt64(number))
                let kind = PaintedKind.allCases[number % PaintedKind.allCases.count]
                let good = images.pixels(random.integer(below: images.count))
                let donor = images.pixels(random.integer(below: images.count))
                if let example = maker.painted(
                    kind, on: good, donor: donor, captions: Self.captions, using: &random)
                {
                    found.append(example)
                }
            }
            let count = done.withLock { done -> Int in
                done += min(total, (task + 1) * chunk) - task * chunk
                return done
            }
            report(.naming(done: count, of: total))
            return found
        }.flatMap { $0 }
    }
}
