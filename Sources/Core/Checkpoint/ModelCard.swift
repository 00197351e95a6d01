import Foundation

/// The numbers that fix a network, so that weights can be checked before they are read.
package struct ArchitectureCard: Codable, Sendable, Equatable {
    /// Where the encoder's weights come from.
    package enum EncoderKind: String, Codable, Sendable { case trained, imported }

    package var encoderKind: EncoderKind
    /// Side of a patch in input pixels.
    package var patchSize: Int
    /// Token width of the encoder, its blocks, its heads.
    package var encoderWidth: Int
    package var encoderDepth: Int
    package var encoderHeads: Int
    package var hasClassToken: Bool
    package var registerTokens: Int
    package var layerScale: Bool
    /// Encoder blocks (1 = after the first) whose tokens are the targets, and the width D of a target.
    package var targetBlocks: [Int]
    package var targetWidth: Int
    package var predictorWidth: Int
    package var predictorDepth: Int
    package var predictorHeads: Int
    package var hasDamageHead: Bool
    /// Model input in pixels, multiples of `patchSize`.
    package var inputWidth: Int
    package var inputHeight: Int
    /// Per channel (3), in units where white is 1: input = (pixel − mean) / standardDeviation.
    package var mean: [Float]
    package var standardDeviation: [Float]

    package init(
        encoderKind: EncoderKind, patchSize: Int, encoderWidth: Int, encoderDepth: Int, encoderHeads: Int,
        hasClassToken: Bool, registerTokens: Int, layerScale: Bool, targetBlocks: [Int], targetWidth: Int,
        predictorWidth: Int, predictorDepth: Int, predictorHeads: Int, hasDamageHead: Bool, inputWidth: Int,
        inputHeight: Int, mean: [Float], standardDeviation: [Float]
    ) {
        self.encoderKind = encoderKind
        self.patchSize = patchSize
        self.encoderWidth = encoderWidth
        self.encoderDepth = encoderDepth
        self.encoderHeads = encoderHeads
        self.hasClassToken = hasClassToken
        self.registerTokens = registerTokens
        self.layerScale = layerScale
        self.targetBlocks = targetBlocks
        self.targetWidth = targetWidth
        self.predictorWidth = predictorWidth
        self.predictorDepth = predictorDepth
        self.predictorHeads = predictorHeads
        self.hasDamageHead = hasDamageHead
        self.inputWidth = inputWidth
        self.inputHeight = inputHeight
        self.mean = mean
        self.standardDeviation = standardDeviation
    }

    /// What is impossible about these numbers, as a sentence's end, or nil. The upper bounds are far above any network
    /// that runs on a CPU; they keep a damaged card from asking for all memory.
    var problem: String? {
        let sizes: [(String, Int, ClosedRange<Int>)] = [
            ("patchSize", patchSize, 1...256), ("encoderWidth", encoderWidth, 1...8192),
            ("encoderDepth", encoderDepth, 1...256), ("encoderHeads", encoderHeads, 1...256),
            ("registerTokens", registerTokens, 0...256), ("targetWidth", targetWidth, 1...65_536),
            ("predictorWidth", predictorWidth, 1...8192), ("predictorDepth", predictorDepth, 0...256),
            ("predictorHeads", predictorHeads, 1...256), ("inputWidth", inputWidth, 1...16_384),
            ("inputHeight", inputHeight, 1...16_384),
        ]
        for (name, value, range) in sizes where !range.contains(value) {
            return "architecture.\(name): expected \(range.lowerBound)…\(range.upperBound), got \(value)"
        }
        if inputWidth % patchSize != 0 || inputHeight % patchSize != 0 {
            return "architecture.inputWidth, inputHeight: expected multiples of the patch size \(patchSize), "
                + "got \(inputWidth) x \(inputHeight)"
        }
        if encoderWidth % encoderHeads != 0 || predictorWidth % predictorHeads != 0 {
            return "architecture: expected widths that are multiples of their heads, "
                + "got \(encoderWidth) / \(encoderHeads) and \(predictorWidth) / \(predictorHeads)"
        }
        if targetBlocks.isEmpty || !targetBlocks.allSatisfy({ (1...encoderDepth).contains($0) }) {
            return "architecture.targetBlocks: expected blocks in 1…\(encoderDepth), got \(targetBlocks)"
        }
        if mean.count != 3 || !mean.allSatisfy(\.isFinite) {
            return "architecture.mean: expected 3 finite numbers, got \(mean)"
        }
        if standardDeviation.count != 3 || !standardDeviation.allSatisfy({ $0.isFinite && $0 > 0 }) {
            return "architecture.standardDeviation: expected 3 numbers > 0, got \(standardDeviation)"
        }
        return nil
    }
}

/// What a model is and where it comes from: `card.json` of a bundle.
package struct ModelCard: Codable, Sendable, Equatable {
    /// The bundle format this program writes and reads.
    package static let currentFormat = 1

    /// Version of the bundle's layout and of the tensors' meaning.
    package private(set) var formatVersion = ModelCard.currentFormat
    package var name: String
    package var architecture: ArchitectureCard
    /// SHA-256 of the recipe's bytes, and of the training images (sorted hashes of the files, hashed).
    package var recipeSHA256: String
    package var dataSHA256: String
    package var seed: UInt64
    /// Program and library versions, by name.
    package var versions: [String: String]
    /// When training ended, UTC, ISO 8601.
    package var createdAt: String
    package var trainSeconds: Double
    /// Figures measured at the end of training, by name.
    package var metrics: [String: Double]
    /// SHA-256 of each file of the bundle, by name; filled in when the bundle is written.
    package internal(set) var files: [String: String] = [:]

    package init(
        name: String, architecture: ArchitectureCard, recipeSHA256: String, dataSHA256: String, seed: UInt64,
        versions: [String: String], createdAt: Date, trainSeconds: Double, metrics: [String: Double]
    ) {
        self.name = name
        self.architecture = architecture
        self.recipeSHA256 = recipeSHA256
        self.dataSHA256 = dataSHA256
        self.seed = seed
        self.versions = versions
        self.createdAt = createdAt.formatted(.iso8601)
        self.trainSeconds = trainSeconds
        self.metrics = metrics
    }

    /// The JSON of the card: keys sorted, so that the same card gives the same bytes.
    func encoded(file: String) throws(CheckpointError) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            return try encoder.encode(self) + Data("\n".utf8)
        } catch {
            throw .badCard(file: file, problem: "expected finite numbers (\(Self.sentence(error)))")
        }
    }

    /// Reads and checks a card; the format is looked at first, so that another version is named as such.
    init(json: Data, file: String) throws(CheckpointError) {
        struct Format: Decodable { let formatVersion: Int }
        do {
            let format = try JSONDecoder().decode(Format.self, from: json).formatVersion
            if format != Self.currentFormat {
                throw CheckpointError.wrongFormat(file: file, expected: Self.currentFormat, got: format)
            }
            self = try JSONDecoder().decode(ModelCard.self, from: json)
        } catch let error as CheckpointError {
            throw error
        } catch {
            throw .badCard(file: file, problem: Self.sentence(error))
        }
        if let problem = architecture.problem { throw .badCard(file: file, problem: problem) }
    }

    private static func sentence(_ error: any Error) -> String {
        func path(_ keys: [any CodingKey]) -> String {
            keys.isEmpty ? "the card" : keys.map(\.stringValue).joined(separator: ".")
        }
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            return "\(path(context.codingPath + [key])) is missing"
        case DecodingError.typeMismatch(let type, let context), DecodingError.valueNotFound(let type, let context):
            return "\(path(context.codingPath)): expected \(type)"
        case DecodingError.dataCorrupted(let context):
            return "\(path(context.codingPath)): \(context.debugDescription)"
        case EncodingError.invalidValue(let value, let context):
            return "\(path(context.codingPath)) is \(value)"
        default: return error.localizedDescription
        }
    }
}
