import Checkpoint
import Foundation
import Network
import Numerics
import Predict
import Score

/// `calibration.safetensors` of a bundle: the statistics as tensors, and what they belong to as JSON in the metadata.
enum CalibrationFile {
    private struct Head: Codable {
        struct Arm: Codable {
            var name: String
            var median: Float
            var percentile99: Float
            var weight: Float
            var floor: Float
        }

        var blockSizes: [Int]
        var partitions: Int
        var repair: Bool
        var arms: [Arm]
        var topShare: Double
        var zero: Double
        var review: Double
        var fail: Double
        var overkillRate: Double
    }

    private static let headKey = "nightshift.calibration"

    static func encode(_ model: LoadedModel) throws(CheckpointError) -> SafetensorsWriter {
        let statistics = model.statistics
        var writer = SafetensorsWriter()
        for arm in statistics.arms {
            if let whitening = arm.whitening {
                try writer.add(
                    "\(arm.name).residual_mean", shape: [whitening.mean.rows, whitening.mean.columns],
                    whitening.mean.storage)
                try writer.add(
                    "\(arm.name).whitening", shape: [whitening.factor.rows, whitening.factor.columns],
                    whitening.factor.storage)
            }
            let expected = arm.expected
            try writer.add("\(arm.name).magnitude", shape: [expected.magnitude.count], expected.magnitude)
            try writer.add("\(arm.name).deviation", shape: [expected.deviation.count], expected.deviation)
            try writer.add("\(arm.name).place_offset", shape: [expected.placeOffset.count], expected.placeOffset)
            try writer.add(
                "\(arm.name).place_deviation", shape: [expected.placeDeviation.count], expected.placeDeviation)
        }
        try writer.add(
            "good_scores", shape: [statistics.goodScores.count], statistics.goodScores.map { Float($0) })
        let head = Head(
            blockSizes: model.predictOptions.blockSizes, partitions: model.predictOptions.partitions,
            repair: model.predictOptions.repair,
            arms: statistics.arms.map {
                Head.Arm(
                    name: $0.name, median: $0.median, percentile99: $0.percentile99, weight: $0.weight,
                    floor: $0.expected.floor)
            }, topShare: statistics.topShare, zero: statistics.zero, review: statistics.review, fail: statistics.fail,
            overkillRate: statistics.overkillRate)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        do {
            writer.metadata[headKey] = String(decoding: try encoder.encode(head), as: UTF8.self)
        } catch {
            throw .badCard(file: ModelBundle.calibrationFile, problem: "expected finite numbers: \(error)")
        }
        return writer
    }

    static func read(
        _ file: SafetensorsFile, architecture: ArchitectureCard
    ) throws(CheckpointError) -> (options: PredictOptions, statistics: ScoreStatistics) {
        guard let text = file.metadata[headKey] else {
            throw .foreign(
                file: file.path, missing: [headKey], missingCount: 1, found: file.metadata.keys.sorted(),
                foundCount: file.metadata.count)
        }
        let head: Head
        do {
            head = try JSONDecoder().decode(Head.self, from: Data(text.utf8))
        } catch {
            throw .damaged(file: file.path, problem: "\(headKey) is not what this version writes: \(error)")
        }
        let side = architecture.network.encoder.patchSize
        let rows = architecture.inputHeight / side
        let columns = architecture.inputWidth / side
        let places = rows * columns
        let width = architecture.network.targetWidth
        let states = architecture.network.predictorWidth + 1
        var arms: [ArmStatistics] = []
        for arm in head.arms {
            var whitening: Whitening?
            if arm.name != "damage" {
                whitening = Whitening(
                    mean: Matrix(
                        rows: places, columns: width,
                        storage: try file.floats("\(arm.name).residual_mean", expectedShape: [places, width])),
                    factor: Matrix(
                        rows: width, columns: width,
                        storage: try file.floats("\(arm.name).whitening", expectedShape: [width, width])))
            }
            arms.append(
                ArmStatistics(
                    name: arm.name, whitening: whitening,
                    expected: ExpectedError(
                        magnitude: try file.floats("\(arm.name).magnitude", expectedShape: [states]),
                        deviation: try file.floats("\(arm.name).deviation", expectedShape: [states]),
                        placeOffset: try file.floats("\(arm.name).place_offset", expectedShape: [places]),
                        placeDeviation: try file.floats("\(arm.name).place_deviation", expectedShape: [places]),
                        floor: arm.floor), median: arm.median, percentile99: arm.percentile99, weight: arm.weight))
        }
        let known =
            Set(head.blockSizes.map { "masked.\($0)" }).union(head.repair ? ["repair"] : [])
            .union(architecture.network.hasDamageHead ? ["damage"] : [])
        guard Set(arms.map(\.name)).isSubset(of: known), !arms.isEmpty, head.blockSizes.allSatisfy({ $0 >= 1 }),
            head.partitions >= 2 || head.blockSizes.isEmpty, head.fail > head.zero
        else {
            throw .damaged(
                file: file.path,
                problem: "expected arms among \(known.sorted()) and a fail threshold above \(head.zero), "
                    + "got \(arms.map(\.name)) and \(head.fail)")
        }
        let scores = try file.floats("good_scores")
        return (
            PredictOptions(blockSizes: head.blockSizes, partitions: head.partitions, repair: head.repair),
            ScoreStatistics(
                gridRows: rows, gridColumns: columns, arms: arms, topShare: head.topShare,
                goodScores: scores.map { Double($0) }, zero: head.zero, review: head.review, fail: head.fail,
                overkillRate: head.overkillRate)
        )
    }
}
