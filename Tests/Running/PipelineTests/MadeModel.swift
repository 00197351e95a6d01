import Checkpoint
import Foundation
import Handover
import Imaging
import Network
import Numerics
import Pipeline
import Predict
import Score

/// A small model with random numbers everywhere and a calibration that fits them: what is tested is that nothing of it
/// is lost or mixed up.
enum MadeModel {
    static let rows = 4
    static let columns = 6
    static let targetWidth = 16 * 2 + 5

    static var shape: ModelShape { shape(.trained) }

    static func shape(_ source: EncoderSource) -> ModelShape {
        ModelShape(
            source: source,
            encoder: EncoderShape(
                patchSize: 8, width: 16, depth: 2, heads: 2, hasClassToken: true, learnedPositionSide: 3),
            targetBlocks: [1, 2], lowLevelWidth: source == .trained ? 5 : 0, predictorWidth: 12, predictorDepth: 1,
            predictorHeads: 3,
            hasDamageHead: true)
    }

    /// - Parameters:
    ///   - secondPassShare: adds the arm "second"; all else stays as it is for the same seed up to that arm.
    ///   - colour: low-level targets of coloured parts.
    ///   - source: with published weights, low-level targets lie beside the network's own.
    static func model(
        seed: UInt64 = 1, secondPassShare: Double? = nil, colour: Bool = false, source: EncoderSource = .trained
    ) -> LoadedModel {
        var random = RandomSource(seed: seed)
        func normals(_ count: Int, _ scale: Double = 1) -> [Float] {
            (0..<count).map { _ in Float(random.normal() * scale) }
        }
        func matrix(_ rows: Int, _ columns: Int, _ scale: Double = 1) -> Matrix<Float> {
            Matrix(rows: rows, columns: columns, storage: normals(rows * columns, scale))
        }
        func lower(_ n: Int) -> Matrix<Float> {
            var factor = Matrix<Float>(rows: n, columns: n)
            for row in 0..<n {
                for column in 0..<row { factor[row, column] = Float(random.normal() * 0.1) }
                factor[row, row] = Float(random.uniform(0.5...1.5))
            }
            return factor
        }
        var initial = RandomSource(seed: seed + 100)
        var network = InspectionModel<Float>(shape: shape(source), using: &initial)
        network.tokenMean = normals(32, 0.1)
        network.tokenScale = normals(32, 0.1).map { 1 + abs($0) }
        let features = colour ? LowLevelTargets.colourWidth : LowLevelTargets.textureWidth
        let low = LowLevelTargets(patchSize: 8, mean: normals(features), projection: matrix(5, features, 0.1))
        let places = rows * columns
        let width = network.shape.targetWidth
        func expected() -> ExpectedError {
            ExpectedError(
                magnitude: normals(13, 0.1), deviation: normals(13, 0.1), placeOffset: normals(places, 0.1),
                placeDeviation: normals(places, 0.1).map { abs($0) }, floor: 0.3)
        }
        func scale() -> ArmScale {
            ArmScale(median: Float(random.normal() * 0.1), percentile99: Float(random.uniform(1...2)))
        }
        func gaussians(_ count: Int, of width: Int) -> PatchGaussians {
            PatchGaussians(
                projection: matrix(4, width, 0.3), offset: normals(4), mean: matrix(count, 4),
                factors: Matrix(rows: 4 * count, columns: 4, storage: (0..<count).flatMap { _ in lower(4).storage }))
        }
        let (gaussian, mixture) = (gaussians(places, of: width), gaussians(3, of: width))
        var arms: [ArmStatistics] = []
        let predictOptions = PredictOptions(
            blockSizes: [1, 2], partitions: 4, repair: true, interleaved: true, secondPassShare: secondPassShare)
        for name in predictOptions.armNames {
            arms.append(
                ArmStatistics(
                    source: .residual(name, Whitening(mean: matrix(places, width), factor: lower(width))),
                    expected: expected(), scoreScale: scale(), heatScale: scale(),
                    weight: name.hasPrefix("masked") ? 0.25 : 1))
        }
        arms.append(
            ArmStatistics(source: .place(gaussian), expected: expected(), scoreScale: scale(), heatScale: nil))
        arms.append(
            ArmStatistics(source: .mixture(mixture), expected: expected(), scoreScale: scale(), heatScale: nil))
        arms.append(ArmStatistics(source: .damage, expected: nil, scoreScale: scale(), heatScale: scale()))
        arms.append(
            ArmStatistics(
                source: .residual("repair", Whitening(mean: matrix(places, width), factor: lower(width))),
                expected: expected(), scoreScale: scale(), heatScale: scale(), isInterleaved: true))
        arms.append(
            ArmStatistics(
                source: .place(gaussian), expected: expected(), scoreScale: scale(), heatScale: nil,
                isInterleaved: true))
        arms.append(
            ArmStatistics(
                source: .mixture(mixture), expected: expected(), scoreScale: scale(), heatScale: nil,
                isInterleaved: true))
        arms.append(
            ArmStatistics(
                source: .damage, expected: nil, scoreScale: scale(), heatScale: scale(), isInterleaved: true))
        if source != .trained {
            for isInterleaved in [false, true] {
                arms.append(
                    ArmStatistics(
                        source: .lowLevel(gaussians(2, of: low.width)), expected: expected(), scoreScale: scale(),
                        heatScale: nil, isInterleaved: isInterleaved))
            }
        }
        return LoadedModel(
            network: network, lowLevel: low, inputWidth: columns * 8, inputHeight: rows * 8, mean: [0.4, 0.5, 0.6],
            standardDeviation: [0.2, 0.25, 0.3],
            predictOptions: predictOptions,
            statistics: ScoreStatistics(
                gridRows: rows, gridColumns: columns, arms: arms, topShare: 0.05,
                goodScores: (0..<20).map { Double($0) / 4 }, zero: 2.1, review: 4.3, fail: 4.7, overkillRate: 0.05))
    }

    static func architecture(_ model: LoadedModel) -> ArchitectureCard {
        ArchitectureCard(
            network: model.network.shape, inputWidth: model.inputWidth, inputHeight: model.inputHeight,
            mean: model.mean, standardDeviation: model.standardDeviation)
    }

    static func card(_ model: LoadedModel) -> ModelCard {
        ModelCard(
            name: "made", architecture: architecture(model), recipeSHA256: String(repeating: "a", count: 64),
            dataSHA256: String(repeating: "b", count: 64), seed: 1, versions: [:],
            createdAt: Date(timeIntervalSince1970: 1_700_000_000), trainSeconds: 1, metrics: [:])
    }

    /// A picture of noise, 70 × 50.
    static func intake(_ seed: UInt64) throws -> Intake {
        var random = RandomSource(seed: seed)
        let image = Image(
            width: 70, height: 50, channels: 3,
            pixels: (0..<70 * 50 * 3).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        return Intake(
            sha256: String(repeating: "0", count: 64), path: "\(seed).png", bytes: try image.pngData(), camera: "",
            drop: "/drop", modifiedAt: Date(timeIntervalSince1970: 0))
    }
}
