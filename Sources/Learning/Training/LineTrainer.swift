import Calibration
import Checkpoint
import Decode
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
import Score
import Text

/// What a line's training says while it works.
package enum TrainingEvent: Sendable {
    case reading(done: Int, of: Int)
    case skipped(path: String, why: String)
    case started(training: Int, heldOut: Int, resumedAtStep: Int)
    case progress(TrainingProgress)
    /// Of several lines, the one whose thresholds and names come next.
    case line(String)
    case calibrating(done: Int, of: Int)
    case naming(done: Int, of: Int)
    /// Pictures with captions, made for a CLIP that is trained here, and its steps.
    case captioning(done: Int, of: Int)
    case contrasting(done: Int, of: Int)
    /// Share of painted places, kept back from learning, that got their own name.
    case named(right: Double, of: Int)
    /// The same of known defects, by their masks.
    case namedKnown(right: Double, of: Int)
    case rate(asked: Double, taken: Double, heldOut: Int)
}

/// What a line's training gives.
package struct TrainedLine: Sendable {
    package let model: LoadedModel
    /// SHA-256 over the sorted hashes of the good images.
    package let dataSHA256: String
    package let trainSeconds: Double
    package let samples: Int
    package let imagesPerSecond: Double
    package let losses: StepLosses
    package let trainingCount: Int
    package let heldOutCount: Int
}

/// From a folder of good images and a recipe to a calibrated model: read, fit the fixed statistics, train, predict the
/// held-out parts, calibrate.
package struct LineTrainer {
    let recipe: Recipe
    let encoderFile: String?
    let workers: Int
    let nearestRate: Bool
    let textFolder: String?
    let examplesFolder: String?

    /// - Parameters:
    ///   - recipe: with the input size decided.
    ///   - encoderFile: published weights when the recipe's encoder is imported or adapted.
    ///   - textFolder: published text weights when the recipe's language is imported.
    ///   - examplesFolder: known defects of the line, see `KnownDefects`; nil without.
    ///   - nearestRate: true takes the nearest overkill rate that the number of images allows, and says so.
    package init(
        recipe: Recipe, encoderFile: String?, textFolder: String? = nil, examplesFolder: String? = nil, workers: Int,
        nearestRate: Bool
    ) {
        self.textFolder = textFolder
        self.examplesFolder = examplesFolder
        self.recipe = recipe
        self.encoderFile = encoderFile
        self.workers = workers
        self.nearestRate = nearestRate
    }

    /// - Parameters:
    ///   - good: paths of the good images, sorted.
    ///   - checkpoint: file that the training goes on from and writes to, or nil.
    package func run(
        good: [String], checkpoint: CheckpointFile?, report: @escaping @Sendable (TrainingEvent) -> Void,
        shouldStop: () -> Bool
    ) throws -> TrainedLine {
        try Self.run(
            [self], good: [good], queries: nil, checkpoint: checkpoint, report: report, shouldStop: shouldStop)[
                0]
    }

    /// Names for a model that is trained already, from the good images it learned from; nothing else of it changes.
    package func learnLanguage(
        of model: LoadedModel, good: [String], report: @escaping @Sendable (TrainingEvent) -> Void
    ) throws -> ModelLanguage? {
        let names = try names(report)
        let gallery = try Gallery.read(
            good, limits: limits, width: model.inputWidth, height: model.inputHeight, workers: workers, report: report)
        let (learning, heldOut) = try GoodSplit.indices(
            count: gallery.count, recipe: recipe, nearestRate: nearestRate)
        var images = TrainingImages(width: model.inputWidth, height: model.inputHeight)
        for index in learning {
            images.append(
                normalisedPlanes(gallery.planes(index), mean: model.mean, deviation: model.standardDeviation))
        }
        report(.started(training: learning.count, heldOut: heldOut.count, resumedAtStep: 0))
        return names.fit(
            model, images: images, space: PixelSpace(mean: model.mean, deviation: model.standardDeviation),
            report: report)
    }

    /// What the names are learned with, read and checked.
    func names(_ report: @escaping @Sendable (TrainingEvent) -> Void) throws -> LineLanguage {
        try LineLanguage(
            recipe: recipe, textFolder: textFolder, examplesFolder: examplesFolder, limits: limits, workers: workers,
            report: report)
    }

    var limits: DecodeLimits { DecodeLimits(recipe.limits) }

    /// The recipe's tiles over the input's patch grid.
    func tiles(patchSize: Int) -> TileLayout {
        let image = recipe.image
        guard
            let tiles = TileLayout(
                gridRows: image.height / patchSize, gridColumns: image.width / patchSize, rows: image.tileRows,
                columns: image.tileColumns, overlap: image.tileOverlap)
        else {
            preconditionFailure("LineTrainer: the recipe's tiles do not fit its input; validate() says which would")
        }
        return tiles
    }

    /// Whether the interleaved grid is looked at: it is repaired, and half a patch must be whole pixels.
    func looksTwice(_ shape: ModelShape) -> Bool {
        recipe.scoring.interleaved && recipe.scoring.repair && shape.encoder.patchSize % 2 == 0
    }

    func options(_ shape: ModelShape) -> TrainingOptions {
        let training = recipe.training
        return TrainingOptions(
            minutes: training.minutes, steps: training.steps, batchSize: training.batchSize,
            learningRate: training.learningRate,
            weightDecay: training.weightDecay, warmupSteps: training.warmupSteps, damageShare: training.damageShare,
            // Only the damage head learns from a wrong part.
            wrongPartShare: recipe.scoring.damage ? Self.wrongPartShare : 0, noise: training.noise,
            flipHorizontal: training.flipHorizontal, flipVertical: training.flipVertical,
            quarterTurns: training.rotate, interleaved: looksTwice(shape),
            regularisation: recipe.encoder.source == .adapted ? Self.adaptedRegularisation : Self.regularisation,
            seed: UInt64(recipe.seed), workers: workers)
    }

    /// Of a training for several lines, the share of samples that show a part under another line's query.
    static let wrongPartShare = 0.15
    /// SIGReg's weight for an encoder that starts from nothing: LeJEPA's.
    private static let regularisation = 0.05
    /// For published weights, which are far from collapse and not isotropic: enough to be felt where they lose rank,
    /// too little to lead.
    private static let adaptedRegularisation = 0.01

    /// The network before training, and the normalisation of its input: published for an imported or adapted encoder,
    /// the good images' own mean and deviation for one that is trained here.
    /// - Parameters:
    ///   - lines: the images it learns from.
    ///   - queryTable: the table of the lines' queries; nil where one line has the network for itself.
    func initialNetwork(
        _ lines: [ReadLine], queryTable: QueryTableShape?
    ) throws -> (InspectionModel<Float>, mean: [Float], deviation: [Float]) {
        var random = RandomSource(seed: UInt64(recipe.seed), stream: 0x1417)
        func shape(_ encoder: EncoderShape, _ source: EncoderSource, blocks: [Int], lowLevel: Int) -> ModelShape {
            ModelShape(
                source: source, encoder: encoder, targetBlocks: blocks, lowLevelWidth: lowLevel,
                predictorWidth: recipe.predictor.width, predictorDepth: recipe.predictor.depth,
                predictorHeads: recipe.predictor.heads, queryWidth: queryTable == nil ? 0 : LineQueries.width,
                hasDamageHead: recipe.scoring.damage, queryTable: queryTable)
        }
        switch recipe.encoder.source {
        case .imported, .adapted:
            let file = encoderFile ?? recipe.encoder.file
            let published = try PublishedEncoder(SafetensorsFile(path: file))
            var encoder = published.shape
            guard encoder.patchSize == recipe.encoder.patchSize else {
                throw TrainingError.otherPatchSize(
                    file: file, published: encoder.patchSize, recipe: recipe.encoder.patchSize)
            }
            let blocks = recipe.encoder.targetBlocks
            guard let deepest = blocks.last, deepest <= encoder.depth else {
                throw TrainingError.encoderTooShallow(blocks: encoder.depth, wanted: blocks)
            }
            encoder.depth = deepest  // blocks above the last target would never run
            var network = InspectionModel<Float>(
                shape: shape(
                    encoder, recipe.encoder.source == .adapted ? .adapted : .imported, blocks: blocks, lowLevel: 0),
                using: &random)
            try published.load(into: &network)
            return (network, published.normalisation.mean, published.normalisation.standardDeviation)
        case .trained:
            let encoder = EncoderShape(
                patchSize: recipe.encoder.patchSize, width: recipe.encoder.width, depth: recipe.encoder.depth,
                heads: recipe.encoder.heads, hasClassToken: false, learnedPositionSide: 0)
            let (mean, deviation) = Gallery.moments(lines.map { ($0.gallery, $0.learning) })
            let network = InspectionModel<Float>(
                shape: shape(
                    encoder, .trained, blocks: recipe.encoder.targetBlocks,
                    lowLevel: Self.lowLevelWidth(
                        isColoured: Self.areColoured(lines, mean: mean, deviation: deviation))), using: &random)
            return (network, mean, deviation)
        }
    }

    /// Low-level components of grey parts and of coloured ones. With 48 of grey parts the place arm was worse on magnetic
    /// tile and macaroni1.
    private static let greyTargets = 24
    private static let colouredTargets = 32
    /// Hue strength, in deviations of the pictures, below which a tint is the camera's rather than the parts'.
    private static let leastHue: Float = 0.1

    private static func lowLevelWidth(isColoured: Bool) -> Int { isColoured ? colouredTargets : greyTargets }

    /// Whether any line's good pictures show colour: told from 20 of each.
    static func areColoured(_ lines: [ReadLine], mean: [Float], deviation: [Float]) -> Bool {
        lines.contains { line in
            let some = stride(from: 0, to: line.learning.count, by: max(1, line.learning.count / 20))
            let strengths = some.map { index in
                LowLevelTargets.hueStrength(
                    normalisedPlanes(line.gallery.planes(line.learning[index]), mean: mean, deviation: deviation))
            }
            return strengths.reduce(0, +) > leastHue * Float(strengths.count)
        }
    }

    /// Fitted on the good pictures that training sees; nil for a network that predicts none, unless they are wanted beside it.
    func lowLevelTargets(
        _ shape: ModelShape, images: TrainingImages, isColoured: Bool, beside: Bool
    ) -> LowLevelTargets? {
        guard shape.lowLevelWidth > 0 || beside else { return nil }
        // 60 pictures give more than 10,000 patches: plenty for about 100 dimensions.
        let step = max(1, images.count / 60)
        var all = Matrix<Float>(
            rows: 0, columns: isColoured ? LowLevelTargets.colourWidth : LowLevelTargets.textureWidth)
        for index in stride(from: 0, to: images.count, by: step) {
            let part = LowLevelTargets.descriptors(
                pixels: images.pixels(index), height: images.height, width: images.width,
                patchSize: shape.encoder.patchSize, colour: isColoured)
            all.storage.append(contentsOf: part.storage)
            all.rows += part.rows
        }
        return LowLevelTargets(
            fitting: all, patchSize: shape.encoder.patchSize,
            width: Self.lowLevelWidth(isColoured: isColoured))
    }

    /// Pictures that tell the scale of a published encoder's tokens.
    static let standardisingPictures = 60

    /// Brings the published encoder's normed tokens to mean 0 and deviation 1 per dimension over good patches.
    func standardiseTokens(
        _ network: inout InspectionModel<Float>, images: TrainingImages, tiles: TileLayout
    ) {
        let step = max(1, images.count / Self.standardisingPictures)
        let indices = Array(stride(from: 0, to: images.count, by: step))
        let probe = TokenProbe(model: network, lowLevel: nil, tiles: tiles)
        let sums = parallelMap(count: indices.count, workers: workers) { probe.moments(images.pixels(indices[$0])) }
        var total = TokenMoments(width: network.shape.contextWidth)
        for part in sums { total.add(part) }
        (network.tokenMean, network.tokenScale) = total.meanAndScale()
    }
}
