import Calibration
import Checkpoint
import Decode
import Defects
import Foundation
import Handover
import Imaging
import Network
import Numerics
import Pipeline
import Predict
import Recipe
import Score

/// From a trained network to one line's statistics and thresholds.
extension LineTrainer {
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

    /// The same of the mixture arm, which looks at the same targets: with it macaroni1's image AUROC rises from 0.813 to 0.861 at
    /// a weight of one and to 0.913 at four, and magnetic tile's stays within 0.855 and 0.861; in the heat it lifts the tile's
    /// AUPRO@0.3 from 0.657 to 0.693, and costs 0.007 of it with published weights (Tests/Benchmarks/RESULTS.md).
    private static let mixtureWeightTrained: Float = 4

    /// And of the damage arm, which rests on the encoder that has seen minutes: a half instead of a whole lifts magnetic tile from 0.874
    /// to 0.876 image AUROC, macaroni1 from 0.914 to 0.917 (Tests/Benchmarks/RESULTS.md).
    private static let damageWeightTrained: Float = 0.5

    /// The same beside published weights, and of the arms that know damage and low-level targets: where parts lie loose the first two
    /// know most. Grey parts in free rotation 0.932 to 0.944 image AUROC against a weight of one, macaroni1 0.951 to 0.953,
    /// magnetic tile 0.936 to 0.934 (Tests/Benchmarks/RESULTS.md).
    private static let mixtureWeightPublished: Float = 1.5
    private static let damageWeightPublished: Float = 1.5
    private static let lowLevelWeight: Float = 1

    /// The trained network with the line's own statistics, thresholds and names.
    func calibrated(
        _ network: InspectionModel<Float>, lowLevel: LowLevelTargets?, line: ReadLine, images: TrainingImages,
        query: QueryCard?, tiles: TileLayout, decoder: Decoder, mean: [Float], deviation: [Float], names: LineLanguage,
        report: @escaping @Sendable (TrainingEvent) -> Void
    ) throws -> LoadedModel {
        let queryTokens = network.queryTokens(query?.tokens ?? [])
        let predictOptions = PredictOptions(
            blockSizes: recipe.mask.blockSizes, partitions: recipe.mask.partitions, repair: recipe.scoring.repair,
            interleaved: looksTwice(network.shape),
            secondPassShare: recipe.mask.secondPass ? recipe.mask.secondPassShare : nil)
        @Sendable func inspector(_ decoder: Decoder) -> Inspector {
            Inspector(
                network: network, lowLevel: lowLevel, query: queryTokens, predictOptions: predictOptions,
                decoder: decoder, scorer: nil, tiles: tiles)
        }
        let all = line.heldOut.count + DisturbedParts.count
        let looked = LockedValue(0)
        @Sendable func done() {
            let count = looked.withLock {
                $0 += 1
                return $0
            }
            report(.calibrating(done: count, of: all))
        }
        let parts = heldOutParts(line, inspector: { inspector(decoder) }, done: done)
        let isTrained = network.shape.source == .trained
        let calibrator = Calibrator(
            options: CalibrationOptions(
                overkillRate: recipe.calibration.overkillRate, reviewRate: recipe.calibration.reviewRate,
                topShare: topShare(tiles), placeWeight: isTrained ? Self.placeWeightTrained : 1,
                mixtureWeight: isTrained ? Self.mixtureWeightTrained : Self.mixtureWeightPublished,
                mixtureInHeat: isTrained,
                lowLevelWeight: Self.lowLevelWeight,
                damageWeight: isTrained ? Self.damageWeightTrained : Self.damageWeightPublished,
                nearestRate: nearestRate),
            armNames: predictOptions.armNames, gridRows: tiles.gridRows, gridColumns: tiles.gridColumns)
        let probe = TokenProbe(model: network, lowLevel: lowLevel, tiles: tiles)
        func projection(interleaved: Bool) -> (projection: Matrix<Float>, offset: [Float])? {
            guard recipe.scoring.place || recipe.scoring.mixture, !interleaved || predictOptions.interleaved else {
                return nil
            }
            return placeProjection(probe, images: images, interleaved: interleaved)
        }
        let (own, moved) = (projection(interleaved: false), projection(interleaved: true))
        let changed = Decoder(
            limits: decoder.limits.forChangedPictures, inputWidth: decoder.inputWidth, inputHeight: decoder.inputHeight,
            patchSize: network.shape.encoder.patchSize, mean: mean, standardDeviation: deviation)
        let disturbances = Disturbances(
            DisturbedParts(
                parts: parts.map { ($0.intake, $0.part.prediction) }, limits: decoder.limits,
                seed: UInt64(recipe.seed), workers: workers
            ).predictions(inspector: { inspector(changed) }, done: done))
        func usual(onto: (projection: Matrix<Float>, offset: [Float])?, interleaved: Bool) -> UsualEmbeddings {
            var result =
                onto.map {
                    usualEmbeddings(
                        probe, images: images, interleaved: interleaved, onto: $0,
                        disturbed: disturbances.componentDifferences($0.projection, interleaved: interleaved))
                } ?? UsualEmbeddings()
            if !interleaved || predictOptions.interleaved {
                result.lowLevel = usualLowLevelTargets(
                    probe, images: images, interleaved: interleaved, disturbances: disturbances)
            }
            return result
        }
        let statistics = try calibrator.fit(
            parts.map(\.part), usual: usual(onto: own, interleaved: false),
            interleavedUsual: usual(onto: moved, interleaved: true), disturbances: disturbances)
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

    /// Onto what the place and mixture arms look at, (k, D), with its offset: 64 components of a published encoder's tokens, adapted or
    /// not, the low-level targets themselves where the encoder is trained here (it has seen too little to say what is usual).
    private func placeProjection(
        _ probe: TokenProbe, images: TrainingImages, interleaved: Bool
    ) -> (projection: Matrix<Float>, offset: [Float]) {
        let shape = probe.model.shape
        if shape.lowLevelWidth > 0, let lowLevel = probe.lowLevel {
            return (
                Self.selection(lowLevel.width, from: shape.contextWidth, of: shape.targetWidth),
                [Float](repeating: 0, count: lowLevel.width)
            )
        }
        let some = Array(stride(from: 0, to: images.count, by: max(1, images.count / 60)))
        let targets = parallelMap(count: some.count, workers: workers) {
            probe.targets(images, some[$0], interleaved: interleaved)
        }
        var random = RandomSource(seed: UInt64(recipe.seed), stream: 0x9CA)
        return PlaceFit.components(targets, count: Self.placeComponents, using: &random)
    }

    /// What good embeddings are, at each place and wherever they lie.
    ///
    /// - Parameter disturbed: as of `PlaceFit.fit`.
    private func usualEmbeddings(
        _ probe: TokenProbe, images: TrainingImages, interleaved: Bool,
        onto: (projection: Matrix<Float>, offset: [Float]), disturbed: [[Matrix<Float>]]
    ) -> UsualEmbeddings {
        let (projection, offset) = onto
        let components = parallelMap(count: images.count, workers: workers) { index in
            PatchGaussians.components(
                probe.targets(images, index, interleaved: interleaved), projection: projection, offset: offset)
        }
        var random = RandomSource(seed: UInt64(recipe.seed), stream: 0x9CB)
        return UsualEmbeddings(
            place: recipe.scoring.place
                ? PlaceFit.fit(components, projection: projection, offset: offset, disturbed: disturbed) : nil,
            mixture: recipe.scoring.mixture
                ? MixtureFit.fit(
                    components, projection: projection, offset: offset, disturbed: disturbed,
                    style: probe.model.shape.lowLevelWidth > 0 ? .lowLevel : .embeddings, using: &random) : nil)
    }

    /// What low-level targets beside a published encoder's are on good parts, wherever they lie; nil without them.
    private func usualLowLevelTargets(
        _ probe: TokenProbe, images: TrainingImages, interleaved: Bool, disturbances: Disturbances
    ) -> PatchGaussians? {
        guard recipe.scoring.lowLevel, probe.model.shape.lowLevelWidth == 0, let width = probe.lowLevel?.width else {
            return nil
        }
        let targets = parallelMap(count: images.count, workers: workers) {
            probe.lowLevelTargets(images, $0, interleaved: interleaved)
        }
        // They are whitened components already.
        let all = Self.selection(width, from: 0, of: width)
        let disturbed = disturbances.componentDifferences(all, interleaved: interleaved) { view in
            guard let lowLevel = view.lowLevel else {
                preconditionFailure("LineTrainer: a disturbed part has no low-level targets")
            }
            return lowLevel
        }
        var random = RandomSource(seed: UInt64(recipe.seed), stream: 0x9CC)
        return MixtureFit.fit(
            targets, projection: all, offset: [Float](repeating: 0, count: width), disturbed: disturbed,
            style: .lowLevel, using: &random)
    }

    /// What takes `count` numbers from `first` on out of `width`, (count, width).
    private static func selection(_ count: Int, from first: Int, of width: Int) -> Matrix<Float> {
        var result = Matrix<Float>(rows: count, columns: width)
        for row in 0..<count { result[row, first + row] = 1 }
        return result
    }

    /// Components of the place arm for an encoder with published weights.
    private static let placeComponents = 64

    /// What is said of the held-out parts, with the file of each.
    private func heldOutParts(
        _ line: ReadLine, inspector: @escaping @Sendable () -> Inspector, done: @escaping @Sendable () -> Void
    ) -> [(intake: Intake, part: HeldOutPart)] {
        let (heldOut, gallery) = (line.heldOut, line.gallery)
        // A few parts per task, so that each worker's room is used more than once.
        let chunk = 4
        let tasks = (heldOut.count + chunk - 1) / chunk
        return parallelMap(count: tasks, workers: workers) { task -> [(intake: Intake, part: HeldOutPart)] in
            let inspector = inspector()
            return heldOut[task * chunk..<min(heldOut.count, (task + 1) * chunk)].compactMap { index in
                defer { done() }
                let intake = gallery.intake(index)
                guard let prediction = try? inspector.predict(intake) else { return nil }
                return (intake, HeldOutPart(prediction))
            }
        }.flatMap { $0 }
    }
}
