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
            var scoreScale: ArmScale
            var heatScale: ArmScale?
            var floor: Float?
            /// Absent for 1, as in bundles from before 2026-11-25, whose voices all count the same.
            var weight: Float?
        }

        var blockSizes: [Int]
        var partitions: Int
        var repair: Bool
        var interleaved: Bool
        /// Absent where there is no second pass.
        var secondPassShare: Double?
        var arms: [Arm]
        var topShare: Double
        var zero: Double
        var review: Double
        var fail: Double
        var overkillRate: Double

        /// What is impossible about these numbers, or nil: they were read from a file and are about to be counted on.
        var problem: String? {
            if blockSizes.count > 16 || !blockSizes.allSatisfy({ (1...4096).contains($0) }) {
                return "blockSizes: expected at most 16 sizes in 1…4096, got \(blockSizes.prefix(17))"
            }
            if blockSizes.isEmpty && !repair { return "expected block sizes or the repair arm, got neither" }
            if !blockSizes.isEmpty && !(2...4096).contains(partitions) {
                return "partitions: expected 2…4096, got \(partitions)"
            }
            if let share = secondPassShare, !(share > 0 && share < 1) || blockSizes.isEmpty {
                return
                    "secondPassShare: expected more than 0, less than 1, and block sizes, got \(share) and \(blockSizes)"
            }
            if !(topShare > 0 && topShare <= 1) {
                return "topShare: expected more than 0 and at most 1, got \(topShare)"
            }
            for arm in arms {
                if let floor = arm.floor, !(floor > 0) {
                    return "\(arm.name).floor: expected more than 0, got \(floor)"
                }
                if let weight = arm.weight, !(weight > 0 && weight <= 16) {
                    return "\(arm.name).weight: expected more than 0, at most 16, got \(weight)"
                }
            }
            return nil
        }
    }

    /// Arms that look at usual patches.
    private static let usual = ["place", "mixture", "low-level"]

    private static let headKey = "nightshift.calibration"

    static func encode(_ model: LoadedModel) throws(CheckpointError) -> SafetensorsWriter {
        let statistics = model.statistics
        var writer = SafetensorsWriter()
        for arm in statistics.arms {
            func add(_ name: String, _ matrix: Matrix<Float>) throws(CheckpointError) {
                try writer.add("\(arm.name).\(name)", shape: [matrix.rows, matrix.columns], matrix.storage)
            }
            func add(_ name: String, _ vector: [Float]) throws(CheckpointError) {
                try writer.add("\(arm.name).\(name)", shape: [vector.count], vector)
            }
            switch arm.source {
            case .residual(_, let whitening):
                try add("residual_mean", whitening.mean)
                try add("whitening", whitening.factor)
            case .place(let gaussians), .mixture(let gaussians), .lowLevel(let gaussians):
                try add("projection", gaussians.projection)
                try add("offset", gaussians.offset)
                try add("mean", gaussians.mean)
                try add("factors", gaussians.factors)
            case .damage: break
            }
            guard let expected = arm.expected else { continue }
            try add("magnitude", expected.magnitude)
            try add("deviation", expected.deviation)
            try add("place_offset", expected.placeOffset)
            try add("place_deviation", expected.placeDeviation)
        }
        try writer.add(
            "good_scores", shape: [statistics.goodScores.count], statistics.goodScores.map { Float($0) })
        let head = Head(
            blockSizes: model.predictOptions.blockSizes, partitions: model.predictOptions.partitions,
            repair: model.predictOptions.repair, interleaved: model.predictOptions.interleaved,
            secondPassShare: model.predictOptions.secondPassShare,
            arms: statistics.arms.map {
                Head.Arm(
                    name: $0.name, scoreScale: $0.scoreScale, heatScale: $0.heatScale, floor: $0.expected?.floor,
                    weight: $0.weight == 1 ? nil : $0.weight)
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
        _ file: SafetensorsFile, architecture: ArchitectureCard, lowLevelWidth: Int?
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
        if let problem = head.problem { throw .damaged(file: file.path, problem: "\(headKey): \(problem)") }
        let side = architecture.network.encoder.patchSize
        let rows = architecture.inputHeight / side
        let columns = architecture.inputWidth / side
        let places = rows * columns
        let width = architecture.network.targetWidth
        let states = architecture.network.predictorWidth + 1
        var arms: [ArmStatistics] = []
        for arm in head.arms {
            func matrix(_ name: String, _ rows: Int, _ columns: Int) throws(CheckpointError) -> Matrix<Float> {
                Matrix(
                    rows: rows, columns: columns,
                    storage: try file.floats("\(arm.name).\(name)", expectedShape: [rows, columns]))
            }
            func vector(_ name: String, _ count: Int) throws(CheckpointError) -> [Float] {
                try file.floats("\(arm.name).\(name)", expectedShape: [count])
            }
            func gaussians(_ count: Int, width: Int = width) throws(CheckpointError) -> PatchGaussians {
                let components = file.shape("\(arm.name).offset")?.first ?? 0
                return PatchGaussians(
                    projection: try matrix("projection", components, width),
                    offset: try vector("offset", components), mean: try matrix("mean", count, components),
                    factors: try matrix("factors", count * components, components))
            }
            func kinds(width: Int = width) throws(CheckpointError) -> PatchGaussians {
                let count = file.shape("\(arm.name).mean")?.first ?? 0
                guard count > 0 else {
                    throw .damaged(file: file.path, problem: "\(arm.name).mean: expected a row at least, got none")
                }
                return try gaussians(count, width: width)
            }
            let source: ArmStatistics.Source
            let isInterleaved = arm.name.hasSuffix(ArmStatistics.interleavedSuffix)
            let family = isInterleaved ? String(arm.name.dropLast(ArmStatistics.interleavedSuffix.count)) : arm.name
            switch family {
            case "damage": source = .damage
            case "place": source = .place(try gaussians(places))
            case "mixture": source = .mixture(try kinds())
            case "low-level":
                guard let lowLevelWidth, architecture.network.lowLevelWidth == 0 else {
                    throw .damaged(
                        file: file.path,
                        problem: "\(arm.name): expected weights with low-level targets beside the network's, got none")
                }
                source = .lowLevel(try kinds(width: lowLevelWidth))
            default:
                source = .residual(
                    family,
                    Whitening(
                        mean: try matrix("residual_mean", places, width),
                        factor: try matrix("whitening", width, width)))
            }
            var expected: ExpectedError?
            if let floor = arm.floor {
                expected = ExpectedError(
                    magnitude: try vector("magnitude", states), deviation: try vector("deviation", states),
                    placeOffset: try vector("place_offset", places),
                    placeDeviation: try vector("place_deviation", places), floor: floor)
            }
            arms.append(
                ArmStatistics(
                    source: source, expected: expected, scoreScale: arm.scoreScale, heatScale: arm.heatScale,
                    isInterleaved: isInterleaved, weight: arm.weight ?? 1))
        }
        let interleaved = head.interleaved
        guard !interleaved || side % 2 == 0 else {
            throw .damaged(
                file: file.path, problem: "expected patches of an even side for an interleaved grid, got \(side)")
        }
        let options = PredictOptions(
            blockSizes: head.blockSizes, partitions: head.partitions, repair: head.repair, interleaved: interleaved,
            secondPassShare: head.secondPassShare)
        let own = Set(options.armNames + (architecture.network.hasDamageHead ? ["damage"] : []) + Self.usual)
        let moved = interleaved ? (["repair", "damage"] + Self.usual).filter(own.contains) : []
        let known = own.union(moved.map { $0 + ArmStatistics.interleavedSuffix })
        guard Set(arms.map(\.name)).isSubset(of: known), Set(arms.map(\.name)).count == arms.count,
            arms.contains(where: { $0.heatScale != nil })
        else {
            throw .damaged(
                file: file.path,
                problem: "expected different arms among \(known.sorted()), one at least with a heat scale, "
                    + "got \(arms.map(\.name))")
        }
        let whole = Set(arms.filter { !$0.isInterleaved }.map(\.name))
        if let lone = arms.first(where: { $0.isInterleaved && !whole.contains($0.family) }) {
            throw .damaged(file: file.path, problem: "expected an arm \(lone.family) beside \(lone.name), got none")
        }
        let calibration = ScoreCalibration(
            goodScores: try file.floats("good_scores").map { Double($0) }, zero: head.zero, review: head.review,
            fail: head.fail, overkillRate: head.overkillRate)
        if let problem = calibration.problem { throw .damaged(file: file.path, problem: problem) }
        return (
            options,
            ScoreStatistics(
                gridRows: rows, gridColumns: columns, arms: arms, topShare: head.topShare, calibration: calibration)
        )
    }
}
