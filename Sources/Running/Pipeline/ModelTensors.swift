import Checkpoint
import Network
import Numerics

/// The tensors of a network as every bundle names them.
extension SafetensorsWriter {
    /// Tensors of a store under their parameters' names.
    mutating func add(
        _ parameters: [Parameter], of store: ParameterStore<Float>, as precision: Precision
    ) throws(CheckpointError) {
        for parameter in parameters {
            try add(parameter.name, shape: parameter.tensorShape, Array(store[parameter]), as: precision)
        }
    }

    /// What brings an encoder's tokens to unit scale, and the low-level targets beside them.
    mutating func addTokens(
        of network: InspectionModel<Float>, _ lowLevel: LowLevelTargets?
    ) throws(CheckpointError) {
        try add("token.mean", shape: [network.tokenMean.count], network.tokenMean)
        try add("token.scale", shape: [network.tokenScale.count], network.tokenScale)
        guard let lowLevel else { return }
        try add("low_level.mean", shape: [lowLevel.mean.count], lowLevel.mean)
        try add(
            "low_level.projection", shape: [lowLevel.projection.rows, lowLevel.projection.columns],
            lowLevel.projection.storage)
    }
}

extension SafetensorsFile {
    /// Fills parameters of a store from the tensors of their names.
    func fill(_ store: inout ParameterStore<Float>, _ parameters: [Parameter]) throws(CheckpointError) {
        for parameter in parameters {
            store[parameter] = try floats(parameter.name, expectedShape: parameter.tensorShape)[...]
        }
    }

    /// Reads what `addTokens` wrote: the statistics into the network, the low-level targets as a value. A network that predicts
    /// none may have them beside its own, or not.
    func readTokens(into network: inout InspectionModel<Float>) throws(CheckpointError) -> LowLevelTargets? {
        let width = network.shape.contextWidth
        network.tokenMean = try floats("token.mean", expectedShape: [width])
        network.tokenScale = try floats("token.scale", expectedShape: [width])
        let isColoured = shape("low_level.mean") == [LowLevelTargets.colourWidth]
        let features = isColoured ? LowLevelTargets.colourWidth : LowLevelTargets.textureWidth
        let rows: Int
        if network.shape.lowLevelWidth > 0 {
            rows = network.shape.lowLevelWidth
        } else {
            guard let beside = shape("low_level.projection") else { return nil }
            // One at least, and never more than there are numbers in a description; another shape is refused below.
            rows = max(1, min(beside.first ?? 0, features))
        }
        return LowLevelTargets(
            patchSize: network.shape.encoder.patchSize,
            mean: try floats("low_level.mean", expectedShape: [features]),
            projection: Matrix(
                rows: rows, columns: features,
                storage: try floats("low_level.projection", expectedShape: [rows, features])))
    }
}

extension Parameter {
    fileprivate var tensorShape: [Int] { rows == 1 ? [columns] : [rows, columns] }
}
