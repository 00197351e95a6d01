import CLIP
import Checkpoint
import Foundation
import Network
import Numerics
import Score

/// How a line that CLIP judges lies in a bundle. It is whole: the weights hold a copy of the image tower, the embeddings
/// of the prompts and, where the CLIP looks at tokens, their encoder. The text tower and the folder of published weights
/// stay outside: nobody needs them to inspect.
///
/// Tensors of the weights: `image.*` (the tower), `prompts` (2, width: normal, anomalous); over tokens also `encoder.*`,
/// `token.mean`, `token.scale` and `low_level.*`, as in every bundle. Calibration: `good_scores`, thresholds as JSON in
/// the metadata.
enum CLIPLineFile {
    private struct Thresholds: Codable {
        var zero: Double
        var review: Double
        var fail: Double
        var overkillRate: Double
    }

    private static let thresholdsKey = "nightshift.thresholds"
    private static let prompts = "prompts"

    static func weights(
        _ sight: CLIPSight, precision: SafetensorsWriter.Precision
    ) throws(CheckpointError) -> SafetensorsWriter {
        var writer = SafetensorsWriter()
        if let encoder = sight.encoder {
            let network = encoder.network
            try writer.add(network.encoderParameters, of: network.store, as: precision)
            try writer.addTokens(of: network, encoder.lowLevel)
        }
        let image = sight.winclip.image
        try writer.add(image.layout.parameters, of: image.store, as: precision)
        try writer.add(prompts, shape: [2, image.width], sight.winclip.prototypes.storage)
        return writer
    }

    static func calibration(_ calibration: ScoreCalibration) throws(CheckpointError) -> SafetensorsWriter {
        var writer = SafetensorsWriter()
        try writer.add(
            "good_scores", shape: [calibration.goodScores.count], calibration.goodScores.map { Float($0) })
        let head = Thresholds(
            zero: calibration.zero, review: calibration.review, fail: calibration.fail,
            overkillRate: calibration.overkillRate)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        do {
            writer.metadata[thresholdsKey] = String(decoding: try encoder.encode(head), as: UTF8.self)
        } catch {
            throw .badCard(file: ModelBundle.calibrationFile, problem: "expected finite numbers: \(error)")
        }
        return writer
    }

    /// The line of an open bundle, whose card has been checked.
    static func read(_ bundle: ModelBundle, _ card: CLIPCard) throws(CheckpointError) -> CLIPLine {
        let architecture = bundle.card.architecture
        var layout = ParameterLayout()
        _ = ImageTower(&layout, prefix: ImageSide.prefix, shape: card.tower, outputWidth: card.outputWidth)
        var store = ParameterStore<Float>(zerosFor: layout)
        try bundle.weights.fill(&store, layout.parameters)
        let prototypes = Matrix<Float>(
            rows: 2, columns: card.outputWidth,
            storage: try bundle.weights.floats(prompts, expectedShape: [2, card.outputWidth]))
        func winclip(_ image: ImageSide) -> WinCLIP {
            WinCLIP(image: image, object: card.object, scale: card.scale, prototypes: prototypes)
        }
        let sight: CLIPSight
        switch card.source {
        case .published:
            sight = CLIPSight(
                pixels: winclip(
                    ImageSide(
                        shape: card.tower, outputWidth: card.outputWidth, values: store.values,
                        pixels: .init(
                            side: architecture.inputWidth, mean: architecture.mean,
                            standardDeviation: architecture.standardDeviation))))
        case .trained:
            let encoder = try encoder(bundle.weights, architecture)
            sight = CLIPSight(
                winclip(
                    ImageSide(
                        shape: card.tower, outputWidth: card.outputWidth, values: store.values,
                        gridRows: encoder.gridRows, gridColumns: encoder.gridColumns)), over: encoder)
        }
        return CLIPLine(sight: sight, calibration: try calibration(bundle.calibration))
    }

    private static func encoder(
        _ file: SafetensorsFile, _ architecture: ArchitectureCard
    ) throws(CheckpointError) -> TokenEncoder {
        var random = RandomSource(seed: 0)
        var network = InspectionModel<Float>(shape: architecture.network, using: &random)
        try file.fill(&network.store, network.encoderParameters)
        let lowLevel = try file.readTokens(into: &network)
        return TokenEncoder(
            network: network, lowLevel: lowLevel, inputWidth: architecture.inputWidth,
            inputHeight: architecture.inputHeight, mean: architecture.mean,
            standardDeviation: architecture.standardDeviation)
    }

    private static func calibration(_ file: SafetensorsFile) throws(CheckpointError) -> ScoreCalibration {
        guard let text = file.metadata[thresholdsKey] else {
            throw .foreign(
                file: file.path, missing: [thresholdsKey], missingCount: 1, found: file.metadata.keys.sorted(),
                foundCount: file.metadata.count)
        }
        let head: Thresholds
        do { head = try JSONDecoder().decode(Thresholds.self, from: Data(text.utf8)) } catch {
            throw .damaged(file: file.path, problem: "\(thresholdsKey) is not what this version writes: \(error)")
        }
        let found = ScoreCalibration(
            goodScores: try file.floats("good_scores").map { Double($0) }, zero: head.zero, review: head.review,
            fail: head.fail, overkillRate: head.overkillRate)
        if let problem = found.problem { throw .damaged(file: file.path, problem: problem) }
        return found
    }
}
