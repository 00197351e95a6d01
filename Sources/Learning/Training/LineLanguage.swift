import Checkpoint
import Defects
import Describe
import Files
import Foundation
import Handover
import Imaging
import Language
import Network
import Numerics
import Pipeline
import Predict
import Recipe
import Text

/// The last step of a line's training: names for damage, learned from what is painted on its good pictures and from the
/// defects of the line that are known already.
///
/// It reads the trained network and changes nothing in it: a line with language flags exactly what it flags without.
struct LineLanguage {
    private let recipe: Recipe
    private let workers: Int
    private let limits: DecodeLimits
    /// Published text weights where the recipe's language is imported.
    private let published: (encoder: SentenceEncoder, reference: ModelLanguage.PublishedReference)?
    /// nil where the recipe names none.
    private let known: KnownDefects?

    /// Captions of each painted place: as many wordings of it.
    private static let captions = 4
    /// One place of so many is kept for measuring where names begin to fit; no divisor of the number of kinds.
    private static let calibrationStride = 7

    /// Reads published text weights and known defects, so that what is wrong with them is known before anything is
    /// trained.
    ///
    /// - Parameters:
    ///   - textFolder: of the weights when the recipe's language is imported.
    ///   - examplesFolder: of known defects; nil without.
    init(
        recipe: Recipe, textFolder: String?, examplesFolder: String?, limits: DecodeLimits, workers: Int,
        report: @escaping @Sendable (TrainingEvent) -> Void
    ) throws {
        self.recipe = recipe
        self.workers = workers
        self.limits = limits
        if recipe.language.source == .imported {
            let file = try PublishedText(path: textFolder ?? recipe.language.file)
            published = (
                try file.load(),
                ModelLanguage.PublishedReference(
                    path: URL(fileURLWithPath: Folder.parent(of: file.weightsPath)).standardizedFileURL.path,
                    sha256: try SHA256.hex(ofFile: file.weightsPath))
            )
        } else {
            published = nil
        }
        if let examplesFolder, recipe.language.source != .none {
            known = try KnownDefects.read(examplesFolder, limits: limits) { report(.skipped(path: $0, why: $1)) }
        } else {
            known = nil
        }
    }

    /// nil where the recipe wants no language.
    ///
    /// - Parameters:
    ///   - model: trained and calibrated.
    ///   - images: good pictures that it learned from.
    func fit(
        _ model: LoadedModel, images: TrainingImages, space: PixelSpace,
        report: @escaping @Sendable (TrainingEvent) -> Void
    ) -> ModelLanguage? {
        guard recipe.language.source != .none else { return nil }
        let done = LockedValue(0)
        let total = recipe.language.samples + (known?.pictures.count ?? 0)
        @Sendable func advance(_ count: Int) {
            let done = done.withLock { done -> Int in
                done += count
                return done
            }
            report(.naming(done: done, of: total))
        }
        let painted = painted(model, images: images, space: space, advance: advance)
        var told: [[RegionExample]] = []
        if let known {
            told = KnownExamples(
                known: known, model: model, limits: limits, flipsHorizontal: recipe.training.flipHorizontal,
                flipsVertical: recipe.training.flipVertical, seed: UInt64(recipe.seed)
            ).make(workers: workers) { advance(1) }
        }
        // Pictures come kind by kind, so that each kind keeps its share back; views of one picture stay together.
        let (keptPainted, learnedPainted) = Self.split(painted)
        let (keptTold, learnedTold) = Self.split(told)
        guard Set(learnedPainted.map(\.kind)).count > 1 else { return nil }
        let names = VocabularyName.all(words: recipe.language.words, known: known?.kinds ?? [])
        let region = LanguageTrainer(
            options: .usual(
                loss: recipe.language.loss == .infoNCE ? .infoNCE : .leVLJEPA, hasKnown: !learnedTold.isEmpty,
                seed: UInt64(recipe.seed))
        ).fit(
            learnedPainted, known: learnedTold.flatMap { $0 }, published: published?.encoder, names: names,
            calibration: keptPainted + keptTold.flatMap { $0 })
        func right(_ examples: [RegionExample]) -> Double {
            guard !examples.isEmpty else { return 0 }
            let embeddings = region.embeddings(examples.map { $0.rows[0] })
            let right = examples.indices.filter { index in
                let label = region.vocabulary.ranked(embeddings.row(index))[0].label
                return names.contains { $0.label == label && $0.kind == examples[index].kind }
            }
            return Double(right.count) / Double(examples.count)
        }
        report(.named(right: right(keptPainted), of: keptPainted.count))
        let uprightTold = keptTold.compactMap(\.first)
        if !uprightTold.isEmpty { report(.namedKnown(right: right(uprightTold), of: uprightTold.count)) }
        return ModelLanguage(region: region, published: published?.reference)
    }

    /// Every seventh is kept back from learning.
    private static func split<Element>(_ examples: [Element]) -> (kept: [Element], learned: [Element]) {
        var (kept, learned): ([Element], [Element]) = ([], [])
        for (number, example) in examples.enumerated() {
            if number % calibrationStride == 0 { kept.append(example) } else { learned.append(example) }
        }
        return (kept, learned)
    }

    /// Painted places, each kind equally often. A place depends on the seed and its number alone, so any number of
    /// workers paints the same ones.
    private func painted(
        _ model: LoadedModel, images: TrainingImages, space: PixelSpace, advance: @escaping @Sendable (Int) -> Void
    ) -> [RegionExample] {
        let total = recipe.language.samples
        let chunk = 12
        let seed = UInt64(recipe.seed)
        return parallelMap(count: (total + chunk - 1) / chunk, workers: workers) { task -> [RegionExample] in
            let maker = ExampleMaker(
                model: model.network, lowLevel: model.lowLevel, query: model.queryTokens, options: model.predictOptions,
                tiles: model.tiles, space: space)
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
            advance(min(total, (task + 1) * chunk) - task * chunk)
            return found
        }.flatMap { $0 }
    }
}
