/// Why weights or a model bundle could not be read or written. `file` is the path as the caller gave it.
package enum CheckpointError: Error, Sendable, Equatable {
    /// The file is missing, is no regular file, or the system refused it.
    case unreadable(file: String, reason: String)
    /// The file could not be written.
    case unwritable(file: String, reason: String)
    /// The bytes break the safetensors format.
    case damaged(file: String, problem: String)
    /// A tensor's entry in the header breaks the safetensors format.
    case damagedTensor(file: String, tensor: String, expected: String, got: String)
    /// The file is sound but is not the checkpoint that was asked for. Lists hold the first names only.
    case foreign(file: String, missing: [String], missingCount: Int, found: [String], foundCount: Int)
    /// The file is sound but holds no encoder of the families that are read. `nearest` says which comes nearest,
    /// `expected` names that one's tensors, `wrong` are sentences on shapes, `unexpected` names tensors that would change
    /// what the encoder computes; `found` holds the first names only.
    case unknownEncoder(
        file: String, nearest: String, expected: [String], missing: [String], wrong: [String], unexpected: [String],
        found: [String], foundCount: Int)
    /// An encoder of a known family that cannot be run as it is.
    case unsupportedEncoder(file: String, reason: String)
    /// A tensor has another shape than the architecture says.
    case wrongShape(file: String, tensor: String, expected: [Int], got: [Int])
    /// A tensor's numbers are of a type that is not read as floats.
    case wrongType(file: String, tensor: String, got: String)
    /// A number cannot be stored in the type asked for.
    case notRepresentable(tensor: String, value: Float, type: String)
    /// The bundle's card is no valid card.
    case badCard(file: String, problem: String)
    /// The bundle was written by another version of this program.
    case wrongFormat(file: String, expected: Int, got: Int)
    /// A file of the bundle is not the one its card was written for.
    case wrongHash(file: String, expected: String, got: String)
    /// The bundle's model judges by another method than the one that was asked for.
    case otherMethod(file: String, expected: String, got: String)
    /// A vocabulary or a configuration beside published text weights cannot be used; the problem says what to do.
    case badTextFile(file: String, problem: String)
}

extension CheckpointError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable(let file, let reason):
            return "\(file): cannot be read: \(reason). Check the path and its permissions."
        case .unwritable(let file, let reason):
            return "\(file): cannot be written: \(reason). Check free space and the folder's permissions."
        case .damaged(let file, let problem):
            return "\(file): not a sound safetensors file: \(problem). Copy or download it again."
        case .damagedTensor(let file, let tensor, let expected, let got):
            return "\(file): tensor \"\(tensor)\": expected \(expected), got \(got). Copy or download the file again."
        case .foreign(let file, let missing, let missingCount, let found, let foundCount):
            return
                "\(file): not the expected checkpoint: of the tensors that were expected, \(missingCount) are missing "
                + "(\(Self.list(missing, of: missingCount))); the file holds \(foundCount) "
                + "(\(Self.list(found, of: foundCount))). Use a checkpoint of the architecture that was asked for."
        case .unknownEncoder(
            let file, let nearest, let expected, let missing, let wrong, let unexpected, let found, let foundCount):
            var text = "\(file): no encoder that can be read; nearest: \(nearest)"
            if !missing.isEmpty {
                text += "; of \(expected.count) expected tensors \(missing.count) are missing (\(Self.list(missing)))"
            }
            if !wrong.isEmpty { text += "; of another shape: \(Self.list(wrong, separator: "; "))" }
            if !unexpected.isEmpty { text += "; not of this family: \(Self.list(unexpected))" }
            return text
                + "; the file holds \(foundCount) (\(Self.list(found, of: foundCount))). Read are ViT, DINOv2 and "
                + "I-JEPA in timm's or transformers' names, and transformers' CLIP vision."
        case .unsupportedEncoder(let file, let reason): return "\(file): \(reason)."
        case .wrongShape(let file, let tensor, let expected, let got):
            return "\(file): tensor \"\(tensor)\": expected shape \(expected), got \(got). "
                + "Use the checkpoint that belongs to this architecture."
        case .wrongType(let file, let tensor, let got):
            return "\(file): tensor \"\(tensor)\": expected F32, F16, BF16 or F64, got \(got). "
                + "Convert the checkpoint to one of these."
        case .notRepresentable(let tensor, let value, let type):
            return "tensor \"\(tensor)\": expected numbers that fit \(type), got \(value). Store it as F32."
        case .badCard(let file, let problem):
            return "\(file): not a valid model card: \(problem). Train the model again, or restore the bundle."
        case .wrongFormat(let file, let expected, let got):
            return "\(file): expected bundle format \(expected), got \(got). "
                + "Train the model again with this version, or inspect with the version that made it."
        case .otherMethod(let file, let expected, let got):
            return "\(file): expected a model that judges by \(expected), got one that judges by \(got). "
                + "Set `method` in the recipe and train the line again."
        case .wrongHash(let file, let expected, let got):
            return "\(file): expected SHA-256 \(expected), got \(got): the file was changed or belongs to another "
                + "model. Restore the bundle, or train the model again."
        case .badTextFile(let file, let problem): return "\(file): \(problem)."
        }
    }

    private static func list(_ names: [String], separator: String = ", ") -> String {
        names.prefix(8).joined(separator: separator) + (names.count > 8 ? "\(separator)…" : "")
    }

    private static func list(_ names: [String], of count: Int) -> String {
        if names.isEmpty { return "none" }
        return names.joined(separator: ", ") + (count > names.count ? ", …" : "")
    }
}
