import Calibration
import Checkpoint
import Decode
import Defects
import Foundation
import Handover
import Network
import Numerics
import Pipeline
import Predict
import Recipe
import Score

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
        let lowLevel = first.lowLevelTargets(network.shape, images: images)
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
            model: network, lowLevel: lowLevel, images: images, options: first.options(network.shape),
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

    /// Share of the map whose mean is the image score: the recipe's share of one tile's patches, so that an input of more
    /// tiles, which are there for small defects, is judged by as many patches and not by more of its good ones.
    private func topShare(_ tiles: TileLayout) -> Double {
        recipe.scoring.topFraction * Double(tiles.tilePatchCount) / Double(tiles.patchCount)
    }

    /// How much the place arm counts where the encoder is trained here: that arm looks at low-level targets, which need no
    /// learning, while all others rest on an encoder that has seen minutes. Of the demo's model it lifts image AUROC on rendered
    /// plates from 0.849 to 0.907 and costs no other set more than 0.001; with published weights it would cost macaroni1 0.011
    /// (Tests/Benchmarks/RESULTS.md).
    private static let placeWeightTrained: Float = 2

    /// The trained network with the line's own statistics, thresholds and names.
    private func calibrated(
        _ network: InspectionModel<Float>, lowLevel: LowLevelTargets?, line: ReadLine, images: TrainingImages,
        query: QueryCard?, tiles: TileLayout, decoder: Decoder, mean: [Float], deviation: [Float], names: LineLanguage,
        report: @escaping @Sendable (TrainingEvent) -> Void
    ) throws -> LoadedModel {
        let queryTokens = network.queryTokens(query?.tokens ?? [])
        let predictOptions = PredictOptions(
            blockSizes: recipe.mask.blockSizes, partitions: recipe.mask.partitions, repair: recipe.scoring.repair,
            interleaved: looksTwice(network.shape),
            secondPassShare: recipe.mask.secondPass ? recipe.mask.secondPassShare : nil)
        @Sendable func inspector() -> Inspector {
            Inspector(
                network: network, lowLevel: lowLevel, query: queryTokens, predictOptions: predictOptions,
                decoder: decoder, scorer: nil, tiles: tiles)
        }
        let parts = heldOutParts(line, inspector: inspector, report: report)
        let calibrator = Calibrator(
            options: CalibrationOptions(
                overkillRate: recipe.calibration.overkillRate, reviewRate: recipe.calibration.reviewRate,
                topShare: topShare(tiles), placeWeight: network.shape.source == .trained ? Self.placeWeightTrained : 1,
                nearestRate: nearestRate),
            armNames: predictOptions.armNames, gridRows: tiles.gridRows, gridColumns: tiles.gridColumns)
        let probe = TokenProbe(model: network, lowLevel: lowLevel, tiles: tiles)
        func projection(interleaved: Bool) -> (projection: Matrix<Float>, offset: [Float])? {
            guard recipe.scoring.place, !interleaved || predictOptions.interleaved else { return nil }
            return placeProjection(probe, images: images, interleaved: interleaved)
        }
        let (own, moved) = (projection(interleaved: false), projection(interleaved: true))
        let disturbances = Disturbances(
            DisturbedParts(
                parts: parts.map { ($0.intake, $0.part.prediction) }, limits: decoder.limits,
                seed: UInt64(recipe.seed), workers: workers
            ).predictions(inspector: inspector))
        func place(onto: (projection: Matrix<Float>, offset: [Float])?, interleaved: Bool) -> PlaceGaussian? {
            onto.flatMap {
                placeGaussian(
                    probe, images: images, interleaved: interleaved, onto: $0,
                    disturbed: disturbances.componentDifferences($0.projection, interleaved: interleaved))
            }
        }
        let statistics = try calibrator.fit(
            parts.map(\.part), place: place(onto: own, interleaved: false),
            interleavedPlace: place(onto: moved, interleaved: true), disturbances: disturbances)
        if statistics.overkillRate != recipe.calibration.overkillRate {
            report(
                .rate(
                    asked: recipe.calibration.overkillRate, taken: statistics.overkillRate,
                    heldOut: line.heldOut.count))
        }
        var model = LoadedModel(
            network: network, lowLevel: lowLevel, inputWidth: recipe.image.width, inputHeight: recipe.image.height,
            mean: mean, standardDeviation: deviation, predictOptions: predictOptions, statistics: statistics,
            query: query, tiles: tiles)
        model.language = names.fit(
            model, images: images, space: PixelSpace(mean: mean, deviation: deviation), report: report)
        return model
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
