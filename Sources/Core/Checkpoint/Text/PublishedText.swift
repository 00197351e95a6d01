import Foundation
import Numerics
import Text

/// A published text encoder in `transformers`' names: what its folder says it is, and its numbers.
///
/// Read are BERT sentence encoders with mean pooling (all-MiniLM-L6-v2 and its kin: `model.safetensors`, `vocab.txt`,
/// `config.json`) and CLIP (`model.safetensors` of CLIPModel or CLIPTextModelWithProjection, `vocab.json`,
/// `merges.txt`, `config.json`). Any other checkpoint is refused with the tensors that were expected.
package struct PublishedText: Sendable {
    package let shape: TextTowerShape
    /// Longest sequence of tokens that is read; longer texts are cut.
    package let longestSequence: Int
    /// Path of the weights, and of all files that belong to them.
    package let weightsPath: String
    package let filePaths: [String]
    private let folder: TextFolder
    private let file: SafetensorsFile
    private let prefix: String
    private let tokenizer: SentenceEncoder.Tokenizer

    /// Opens the folder (or the weights in it), and checks configuration, vocabulary and every tensor's shape.
    package init(path: String) throws(CheckpointError) {
        folder = TextFolder(path)
        weightsPath = folder.weightsPath
        file = try SafetensorsFile(path: folder.weightsPath)
        let vocabularyFiles: [String]
        if file.shape(CLIPNames.tokens) != nil {
            prefix = ""
            let configuration = try CLIPConfiguration.read(folder)
            shape = try configuration.shape(file, folder: folder)
            longestSequence = shape.positions
            vocabularyFiles = ["vocab.json", "merges.txt"]
            tokenizer = .bytePairs(try Self.bytePairs(folder, longest: longestSequence))
        } else {
            guard let found = ["", "bert."].first(where: { [file] in file.shape($0 + BERTNames.tokens) != nil }) else {
                throw .foreign(
                    file: folder.weightsPath,
                    missing: ["\(BERTNames.tokens) (V, D) of BERT", "or \(CLIPNames.tokens) (V, D) of CLIP"],
                    missingCount: 1, found: Array(file.names.prefix(8)), foundCount: file.names.count)
            }
            prefix = found
            let configuration = try folder.json(TextFolder.configurationFile, as: BERTConfiguration.self)
            shape = try configuration.shape(file, prefix: found, folder: folder)
            longestSequence = try BERTConfiguration.longestSequence(folder, positions: shape.positions)
            vocabularyFiles = ["vocab.txt"]
            tokenizer = .wordPiece(try Self.wordPiece(folder, longest: longestSequence))
        }
        filePaths = ([TextFolder.configurationFile] + vocabularyFiles + [BERTConfiguration.lengthFile])
            .filter { [folder] in folder.has($0) }.map { [folder] in folder.path(of: $0) }
        let count =
            switch tokenizer {
            case .wordPiece(let pieces): pieces.count
            case .bytePairs(let pairs): pairs.count
            }
        guard count <= shape.tokens else {
            throw .badTextFile(
                file: folder.path(of: vocabularyFiles[0]),
                problem:
                    "expected at most \(shape.tokens) tokens, as the weights have, got \(count); use the vocabulary "
                    + "that was published with them")
        }
        var wanted: [String: [Int]] = [:]
        for tensor in Self.tensors(TextTower(shape), prefix: prefix).map(\.tensor) {
            for name in tensor.names { wanted[name] = tensor.shape }
        }
        try file.require(wanted)
    }

    /// Reads the numbers.
    package func load() throws(CheckpointError) -> SentenceEncoder {
        var tower = TextTower(shape)
        for (parameter, tensor) in Self.tensors(tower, prefix: prefix) {
            var numbers: [Float] = []
            for name in tensor.names { numbers += try file.floats(name, expectedShape: tensor.shape) }
            guard numbers.allSatisfy(\.isFinite) else {
                throw .damagedTensor(
                    file: weightsPath, tensor: tensor.names[0], expected: "finite numbers", got: "NaN or infinity")
            }
            // BERT has a row for each of two sentences; ours is always the first.
            tower.store[parameter] = numbers[..<parameter.count]
        }
        return SentenceEncoder(tokenizer: tokenizer, tower: tower)
    }

    /// What CLIP has beside its two towers; nil for a file without it (BERT, or a text tower alone).
    package struct Contrast: Sendable {
        /// Pooled image tokens → the common space, (outputWidth, image width), without bias.
        package let imageProjection: Matrix<Float>
        /// Logarithm of the scale of the logits.
        package let logScale: Float
    }

    /// Reads CLIP's `visual_projection` and `logit_scale`.
    package func contrast() throws(CheckpointError) -> Contrast? {
        guard shape.family == .clip, let projection = file.shape(CLIPNames.imageProjection),
            file.shape(CLIPNames.logScale) != nil
        else { return nil }
        guard projection.count == 2, projection[0] == shape.outputWidth else {
            throw .wrongShape(
                file: weightsPath, tensor: CLIPNames.imageProjection,
                expected: [shape.outputWidth, projection.last ?? 0],
                got: projection)
        }
        let numbers = try file.floats(CLIPNames.imageProjection)
        let logScale = try file.floats(CLIPNames.logScale, expectedShape: [])[0]
        guard numbers.allSatisfy(\.isFinite), logScale.isFinite else {
            throw .damagedTensor(
                file: weightsPath, tensor: CLIPNames.imageProjection, expected: "finite numbers", got: "NaN or infinity"
            )
        }
        return Contrast(
            imageProjection: Matrix(rows: projection[0], columns: projection[1], storage: numbers), logScale: logScale)
    }

    private static func tensors(
        _ tower: TextTower, prefix: String
    ) -> [(parameter: Parameter, tensor: PublishedTensor)] {
        switch tower.shape.family {
        case .bert: BERTNames.tensors(tower, prefix: prefix)
        case .clip: CLIPNames.tensors(tower)
        }
    }

    private static func wordPiece(_ folder: TextFolder, longest: Int) throws(CheckpointError) -> WordPiece {
        let bytes = try folder.bytes("vocab.txt", limit: WordPiece.largestFile)
        do throws(TextError) {
            return try WordPiece(vocabulary: bytes, source: folder.path(of: "vocab.txt"), maximumLength: longest)
        } catch {
            throw translated(error)
        }
    }

    private static func bytePairs(_ folder: TextFolder, longest: Int) throws(CheckpointError) -> BytePairs {
        let json = try folder.bytes("vocab.json", limit: BytePairs.largestFile)
        let merges = try folder.bytes("merges.txt", limit: BytePairs.largestFile)
        do throws(TextError) {
            return try BytePairs(
                vocabulary: json, vocabularySource: folder.path(of: "vocab.json"), merges: merges,
                mergesSource: folder.path(of: "merges.txt"), maximumLength: longest)
        } catch {
            throw translated(error)
        }
    }

    /// The room's error with the file's own name in front.
    private static func translated(_ error: TextError) -> CheckpointError {
        switch error {
        case .badVocabulary(let source, let problem):
            .badTextFile(
                file: source, problem: "not a usable vocabulary: \(problem); copy or download it again")
        case .notUTF8(let source, let byte):
            .badTextFile(
                file: source, problem: "expected UTF-8, got other bytes at byte \(byte); copy or download it again")
        case .tooLarge(let source, let bytes, let limit):
            .badTextFile(file: source, problem: "expected at most \(limit) bytes, got \(bytes); use the published file")
        }
    }
}
