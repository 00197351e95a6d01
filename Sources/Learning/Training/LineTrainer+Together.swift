import Checkpoint
import Decode
import Defects
import Foundation
import Handover
import Network
import Numerics
import Pipeline
import Recipe

/// A line's good images, and which of them it learns from and which are held out.
struct ReadLine: Sendable {
    let trainer: LineTrainer
    let gallery: Gallery
    let learning: [Int]
    let heldOut: [Int]
}

extension LineTrainer {
    /// One network for one line or for several, which it tells apart by their queries; thresholds and names for each line
    /// from its own images, under its own query.
    ///
    /// - Parameters:
    ///   - trainers: one for each line. What fixes the network is read from the first: `LineQueries` has made sure that
    ///     they agree.
    ///   - good: paths of each line's good images, sorted.
    ///   - queries: of the lines, in the same order; nil for one line that has the network for itself.
    ///   - checkpoint: file that the training goes on from and writes to, or nil.
    package static func run(
        _ trainers: [LineTrainer], good: [[String]], queries: LineQueries?, checkpoint: CheckpointFile?,
        report: @escaping @Sendable (TrainingEvent) -> Void, shouldStop: () -> Bool
    ) throws -> [TrainedLine] {
        precondition(
            !trainers.isEmpty && good.count == trainers.count && (queries?.cards.count ?? 1) == trainers.count,
            "LineTrainer: expected images and a query for each of \(trainers.count) lines")
        let start = Date()
        let first = trainers[0]
        let names = try trainers.map { try $0.names(report) }
        let lines = try zip(trainers, good).map { try $0.read($1, report: report) }

        var (network, mean, deviation) = try first.initialNetwork(lines, queryTable: queries?.table)
        let decoder = Decoder(
            limits: first.limits, inputWidth: first.recipe.image.width, inputHeight: first.recipe.image.height,
            patchSize: network.shape.encoder.patchSize, mean: mean, standardDeviation: deviation)
        let pictures = lines.map { $0.pictures(mean: mean, deviation: deviation) }
        var images = pictures[0]
        for others in pictures.dropFirst() { images.append(others) }
        let lowLevel = first.lowLevelTargets(
            network.shape, images: images,
            isColoured: LineTrainer.areColoured(lines, mean: mean, deviation: deviation),
            beside: trainers.contains(where: \.recipe.scoring.lowLevel))
        // Of the published weights, also where these go on learning: what training saw is then what inspection sees, and a
        // resumed training finds the same again.
        let tiles = first.tiles(patchSize: network.shape.encoder.patchSize)
        if network.shape.source.hasPublishedWeights {
            first.standardiseTokens(&network, images: images, tiles: tiles)
        }

        let resume = try checkpoint?.read(layout: network.layout)
        report(
            .started(
                training: images.count, heldOut: lines.reduce(0) { $0 + $1.heldOut.count },
                resumedAtStep: resume?.step ?? 0))
        var trainer = try Trainer(
            model: network, lowLevel: network.shape.lowLevelWidth > 0 ? lowLevel : nil, images: images,
            options: first.options(network.shape),
            space: PixelSpace(mean: mean, deviation: deviation), lines: linePictures(trainers, pictures, queries),
            tiles: tiles)
        let last = LockedValue<TrainingProgress?>(nil)
        network = try trainer.run(
            resume: resume,
            progress: { progress in
                last.withLock { $0 = progress }
                report(.progress(progress))
            }, save: { state in try checkpoint?.write(state) }, shouldStop: shouldStop)

        return try lines.indices.map { index in
            if lines.count > 1 { report(.line(trainers[index].recipe.line)) }
            let model = try trainers[index].calibrated(
                network, lowLevel: lowLevel, line: lines[index], images: pictures[index],
                query: queries?.cards[index], tiles: tiles, decoder: decoder, mean: mean, deviation: deviation,
                names: names[index],
                report: report)
            let progress = last.withLock { $0 }
            return TrainedLine(
                model: model, dataSHA256: lines[index].gallery.sha256,
                trainSeconds: Date().timeIntervalSince(start), samples: progress?.samples ?? 0,
                imagesPerSecond: progress?.imagesPerSecond ?? 0, losses: progress?.losses ?? StepLosses(),
                trainingCount: lines[index].learning.count, heldOutCount: lines[index].heldOut.count)
        }
    }

    /// Where each line's pictures lie among all; none where one line is alone.
    private static func linePictures(
        _ trainers: [LineTrainer], _ pictures: [TrainingImages], _ queries: LineQueries?
    ) -> [LinePictures] {
        guard let queries else { return [] }
        var start = 0
        return trainers.indices.map { index in
            defer { start += pictures[index].count }
            let training = trainers[index].recipe.training
            return LinePictures(
                pictures: start..<start + pictures[index].count, query: queries.cards[index].tokens,
                flipHorizontal: training.flipHorizontal, flipVertical: training.flipVertical,
                quarterTurns: training.rotate)
        }
    }

    private func read(
        _ good: [String], report: @escaping @Sendable (TrainingEvent) -> Void
    ) throws -> ReadLine {
        let gallery = try Gallery.read(
            good, limits: limits, width: recipe.image.width, height: recipe.image.height, workers: workers,
            report: report)
        let (learning, heldOut) = try GoodSplit.indices(
            count: gallery.count, recipe: recipe, nearestRate: nearestRate)
        return ReadLine(trainer: self, gallery: gallery, learning: learning, heldOut: heldOut)
    }
}

extension ReadLine {
    /// What it learns from, normalised.
    fileprivate func pictures(mean: [Float], deviation: [Float]) -> TrainingImages {
        var images = TrainingImages(width: trainer.recipe.image.width, height: trainer.recipe.image.height)
        for index in learning {
            images.append(normalisedPlanes(gallery.planes(index), mean: mean, deviation: deviation))
        }
        return images
    }
}
