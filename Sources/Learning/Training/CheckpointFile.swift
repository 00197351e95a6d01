import Checkpoint
import Files
import Foundation
import Network
import Numerics

/// The file a training goes on from after a stop: parameters, moments, step and time, all or nothing.
package struct CheckpointFile: Sendable {
    package let path: String
    /// What the training is about: recipe, images and encoder. A checkpoint of another identity is refused.
    package let identity: String

    package init(path: String, identity: String) {
        self.path = path
        self.identity = identity
    }

    /// nil when there is none; throws when it belongs to another training or is damaged.
    package func read(layout: ParameterLayout) throws -> TrainingState? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let file = try SafetensorsFile(path: path)
        guard file.metadata["identity"] == identity else {
            throw TrainingError.checkpointMismatch(
                path: path, expected: identity, got: file.metadata["identity"] ?? "none")
        }
        guard let step = Int(file.metadata["step"] ?? ""), step >= 0,
            let elapsed = Double(file.metadata["elapsed"] ?? ""), elapsed >= 0, elapsed.isFinite
        else {
            throw CheckpointError.damaged(
                file: path,
                problem: "expected a step and a time >= 0, got \(file.metadata["step"] ?? "none") and "
                    + (file.metadata["elapsed"] ?? "none"))
        }
        var store = ParameterStore<Float>(zerosFor: layout)
        store.values = try file.floats("parameters", expectedShape: [layout.count])
        return TrainingState(
            store: store, firstMoments: try file.floats("first_moments", expectedShape: [layout.count]),
            secondMoments: try file.floats("second_moments", expectedShape: [layout.count]),
            step: step, elapsed: elapsed)
    }

    /// Appears whole or not at all.
    package func write(_ state: TrainingState) throws {
        var writer = SafetensorsWriter()
        try writer.add("parameters", shape: [state.store.values.count], state.store.values)
        try writer.add("first_moments", shape: [state.firstMoments.count], state.firstMoments)
        try writer.add("second_moments", shape: [state.secondMoments.count], state.secondMoments)
        writer.metadata = ["identity": identity, "step": String(state.step), "elapsed": String(state.elapsed)]
        try AtomicFile.write(writer.encoded(), to: path)
    }

    /// After the model is written the checkpoint has done its work.
    package func remove() throws {
        if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
    }
}
