import Defects
import Foundation
import Imaging
import Network
import Numerics
import Training

/// A training as `train` runs it, drawing of samples, gradient sum and optimiser included, on rendered parts in memory.
struct TrainingWorkload {
    /// What a training reached.
    struct Speed {
        let imagesPerSecond: Double
        /// Seconds of all cores per image.
        let coreSecondsPerImage: Double
        /// Share of the workers' time in which they did not run.
        let idle: Double
    }

    private let model: InspectionModel<Float>
    private let lowLevel: LowLevelTargets?
    private let images: TrainingImages
    private let space: PixelSpace

    /// - Parameter depth: blocks of an encoder that starts from nothing.
    init(_ shape: BenchShape, source: EncoderSource, depth: Int = 0) {
        let isFresh = !source.hasPublishedWeights
        var random = RandomSource(seed: 6)
        let renderer = PartRenderer(kind: .plate, width: shape.side, height: shape.side)
        let (mean, deviation): (Float, Float) = (0.5, 0.25)
        var images = TrainingImages(width: shape.side, height: shape.side)
        for _ in 0..<24 {
            let picture = renderer.render(defect: nil, using: &random).image
            let plane = shape.side * shape.side
            images.append(
                (0..<3 * plane).map { index in
                    let value = picture.pixels[index % plane * picture.channels + index / plane % picture.channels]
                    return (Float(value) / 255 - mean) / deviation
                })
        }
        let width = isFresh ? 24 : 0
        let encoder = EncoderShape(
            patchSize: shape.patchSize, width: shape.width, depth: isFresh ? depth : 8, heads: shape.heads,
            hasClassToken: !isFresh, learnedPositionSide: isFresh ? 0 : 14)
        model = InspectionModel(
            shape: ModelShape(
                source: source, encoder: encoder, targetBlocks: isFresh ? [depth] : [4, 6, 8], lowLevelWidth: width,
                predictorWidth: 192, predictorDepth: 3, predictorHeads: 3, hasDamageHead: true), using: &random)
        lowLevel =
            isFresh
            ? LowLevelTargets(
                fitting: LowLevelTargets.descriptors(
                    pixels: images.pixels(0), height: shape.side, width: shape.side, patchSize: shape.patchSize,
                    colour: false),
                patchSize: shape.patchSize, width: width) : nil
        self.images = images
        space = PixelSpace(
            mean: [mean, mean, mean], deviation: [deviation, deviation, deviation])
    }

    /// Trains for `seconds` after a few steps that are not counted.
    func run(workers: Int, seconds: Double) throws -> Speed {
        let options = TrainingOptions(minutes: 60, batchSize: Self.batch, flipHorizontal: true, workers: workers)
        var trainer = try Trainer(model: model, lowLevel: lowLevel, images: images, options: options, space: space)
        var steps = 0
        var start = (wall: 0.0, cores: 0.0)
        do {
            _ = try trainer.run(
                progress: { _ in }, save: { _ in },
                shouldStop: {
                    if steps == Self.warmup { start = (Rate.now(), Rate.processSeconds()) }
                    steps += 1
                    return steps > Self.warmup + 1 && Rate.now() - start.wall >= seconds
                })
        } catch TrainingError.stopped {
            // How this measurement ends.
        }
        let wall = Rate.now() - start.wall
        let cores = Rate.processSeconds() - start.cores
        let count = Double((steps - 1 - Self.warmup) * Self.batch)
        return Speed(
            imagesPerSecond: count / wall, coreSecondsPerImage: cores / count,
            idle: max(0, 1 - cores / (wall * Double(workers))))
    }

    private static let batch = 8
    private static let warmup = 3
}
