import Foundation
import Text

/// A folder with published text weights: `model.safetensors`, `config.json` and the vocabulary, each looked at only up
/// to its greatest size.
struct TextFolder: Sendable {
    static let weightsFile = "model.safetensors"
    static let configurationFile = "config.json"
    private static let largestConfiguration = 1_000_000

    let path: String

    /// `path`: the folder, or the weights in it.
    init(_ path: String) {
        self.path = path.hasSuffix(".safetensors") ? URL(fileURLWithPath: path).deletingLastPathComponent().path : path
        weightsPath = path.hasSuffix(".safetensors") ? path : path + "/" + Self.weightsFile
    }

    let weightsPath: String

    func path(of name: String) -> String { path + "/" + name }

    /// Whether the folder has a file of this name.
    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(of: name)) }

    /// The bytes of a file, at most `limit`.
    func bytes(_ name: String, limit: Int) throws(CheckpointError) -> [UInt8] {
        let data = try SafetensorsFile.mapped(path(of: name))
        guard data.count <= limit else {
            throw .badTextFile(
                file: path(of: name),
                problem: "expected at most \(limit) bytes, got \(data.count); use the published file")
        }
        return [UInt8](data)
    }

    /// A JSON file as a value; unknown keys are passed over.
    func json<Value: Decodable>(_ name: String, as type: Value.Type) throws(CheckpointError) -> Value {
        let bytes = try bytes(name, limit: Self.largestConfiguration)
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw .badTextFile(
                file: path(of: name),
                problem: "not the expected configuration: \(Self.sentence(error)); use the published file")
        }
    }

    private static func sentence(_ error: any Error) -> String {
        func path(_ keys: [any CodingKey]) -> String { keys.map(\.stringValue).joined(separator: ".") }
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            return "\(path(context.codingPath + [key])) is missing"
        case DecodingError.typeMismatch(let type, let context), DecodingError.valueNotFound(let type, let context):
            return "\(path(context.codingPath)): expected \(type)"
        default: return "no sound JSON"
        }
    }
}

/// One linear layer or norm of a published tower, and where its numbers go.
struct PublishedTensor {
    /// Their names, one below the other: queries, keys and values are three tensors there and one here.
    let names: [String]
    /// The shape of each.
    let shape: [Int]
}
