import Checkpoint
import Describe
import Foundation
import Handover
import Imaging
import Network
import Numerics
import Predict
import Score

/// A model that can inspect: network, input, how it is asked, and its calibration.
package struct LoadedModel: Sendable {
    /// The network, its input and how that is cut.
    package let encoder: TokenEncoder
    package let predictOptions: PredictOptions
    package let statistics: ScoreStatistics
    /// nil where regions get no names.
    package var language: ModelLanguage?
    /// How this line asks a network that serves several; nil where it has the network for itself.
    package let query: QueryCard?

    /// Without `tiles` the input is not cut.
    package init(
        network: InspectionModel<Float>, lowLevel: LowLevelTargets?, inputWidth: Int, inputHeight: Int, mean: [Float],
        standardDeviation: [Float], predictOptions: PredictOptions, statistics: ScoreStatistics,
        language: ModelLanguage? = nil, query: QueryCard? = nil, tiles: TileLayout? = nil
    ) {
        encoder = TokenEncoder(
            network: network, lowLevel: lowLevel, inputWidth: inputWidth, inputHeight: inputHeight, mean: mean,
            standardDeviation: standardDeviation, tiles: tiles)
        self.query = query
        self.language = language
        self.predictOptions = predictOptions
        self.statistics = statistics
    }

    package var network: InspectionModel<Float> { encoder.network }
    package var lowLevel: LowLevelTargets? { encoder.lowLevel }
    package var inputWidth: Int { encoder.inputWidth }
    package var inputHeight: Int { encoder.inputHeight }
    package var mean: [Float] { encoder.mean }
    package var standardDeviation: [Float] { encoder.standardDeviation }
    /// How the input is cut for the network; the input as its only tile where it is not.
    package var tiles: TileLayout { encoder.tiles }
    package var patchSize: Int { encoder.patchSize }

    /// The tokens that condition the predictor, (Q, queryWidth); none where the line has the network for itself.
    package var queryTokens: Matrix<Float> { network.queryTokens(query?.tokens ?? []) }
}

/// A model and its bundle: `models/<name>/`.
package struct ModelFolder: Sendable {
    package let model: LoadedModel
    package let card: ModelCard
    /// SHA-256 of the bundle, which names the model in verdicts.
    package let sha256: String

    /// Reads and checks a bundle. Refuses one whose model judges by another method.
    package init(_ folder: String) throws(CheckpointError) { try self.init(ModelBundle(folder: folder)) }

    /// The model of an open bundle.
    init(_ bundle: ModelBundle) throws(CheckpointError) {
        guard bundle.card.clip == nil else {
            throw .otherMethod(file: bundle.weights.path, expected: "vl-jepa", got: "clip")
        }
        card = bundle.card
        sha256 = bundle.sha256
        let architecture = bundle.card.architecture
        var random = RandomSource(seed: 0)
        var network = InspectionModel<Float>(shape: architecture.network, using: &random)
        try bundle.weights.fill(&network.store, network.layout.parameters)
        let lowLevel = try bundle.weights.readTokens(into: &network)
        let calibration = try CalibrationFile.read(
            bundle.calibration, architecture: architecture, lowLevelWidth: lowLevel?.width)
        var language: ModelLanguage?
        if let file = bundle.language {
            let width = RegionFeatures.width(
                targetWidth: architecture.network.targetWidth, stateWidth: architecture.network.predictorWidth)
            language = try LanguageFile.read(file, inputWidth: width)
        }
        model = LoadedModel(
            network: network, lowLevel: lowLevel, inputWidth: architecture.inputWidth,
            inputHeight: architecture.inputHeight, mean: architecture.mean,
            standardDeviation: architecture.standardDeviation, predictOptions: calibration.options,
            statistics: calibration.statistics, language: language, query: bundle.card.query,
            tiles: try Self.tiles(of: architecture, file: bundle.weights.path))
    }

    /// How the card says that the input is cut.
    private static func tiles(of architecture: ArchitectureCard, file: String) throws(CheckpointError) -> TileLayout? {
        guard let tiles = architecture.tiles else { return nil }
        let side = architecture.network.encoder.patchSize
        let rows = architecture.inputHeight / side
        let columns = architecture.inputWidth / side
        guard
            let layout = TileLayout(
                gridRows: rows, gridColumns: columns, rows: tiles.rows, columns: tiles.columns,
                overlap: tiles.overlap)
        else {
            throw .badCard(
                file: file,
                problem: "architecture.tiles: expected tiles that cover \(rows) x \(columns) patches, got "
                    + "\(tiles.rows) x \(tiles.columns) with an overlap of \(tiles.overlap)")
        }
        return layout
    }

    /// Writes a bundle, the card with the model's query, and gives back the card as written; the folder must exist.
    /// `precision` is that of the weights; calibration stays float32.
    @discardableResult
    package static func write(
        _ model: LoadedModel, card: ModelCard, precision: SafetensorsWriter.Precision = .f32, to folder: String
    ) throws(CheckpointError) -> ModelCard {
        var weights = SafetensorsWriter()
        try weights.add(model.network.layout.parameters, of: model.network.store, as: precision)
        try weights.addTokens(of: model.network, model.lowLevel)
        var language: SafetensorsWriter?
        if let words = model.language { language = try LanguageFile.encode(words) }
        var card = card
        card.query = model.query
        return try ModelBundle.write(
            card, weights: weights, calibration: try CalibrationFile.encode(model), language: language, to: folder)
    }
}
