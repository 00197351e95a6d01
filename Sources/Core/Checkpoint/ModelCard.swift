import Foundation
import Network

/// The numbers that fix a network and its input, so that weights can be checked before they are read.
package struct ArchitectureCard: Codable, Sendable, Equatable {
    package var network: ModelShape
    /// Model input in pixels, multiples of the patch size.
    package var inputWidth: Int
    package var inputHeight: Int
    /// Per channel (3), in units where white is 1: input = (pixel − mean) / standardDeviation.
    package var mean: [Float]
    package var standardDeviation: [Float]
    /// How the input is cut for the network; absent where it is seen whole.
    package var tiles: Tiles?

    /// Tiles down and across, and the patches that neighbours share.
    package struct Tiles: Codable, Sendable, Equatable {
        package var rows: Int
        package var columns: Int
        package var overlap: Int

        package init(rows: Int, columns: Int, overlap: Int) {
            self.rows = rows
            self.columns = columns
            self.overlap = overlap
        }
    }

    package init(
        network: ModelShape, inputWidth: Int, inputHeight: Int, mean: [Float], standardDeviation: [Float],
        tiles: Tiles? = nil
    ) {
        self.tiles = tiles
        self.network = network
        self.inputWidth = inputWidth
        self.inputHeight = inputHeight
        self.mean = mean
        self.standardDeviation = standardDeviation
    }

    /// What is impossible about these numbers, as a sentence's end, or nil. The upper bounds are far above any network
    /// that runs on a CPU; they keep a damaged card from asking for all memory.
    var problem: String? {
        let encoder = network.encoder
        let sizes: [(String, Int, ClosedRange<Int>)] = [
            ("encoder.patchSize", encoder.patchSize, 1...256), ("encoder.width", encoder.width, 1...8192),
            ("encoder.depth", encoder.depth, 1...256), ("encoder.heads", encoder.heads, 1...256),
            ("encoder.hiddenWidth", encoder.hiddenWidth, 1...65_536),
            ("encoder.registerTokens", encoder.registerTokens, 0...64),
            ("encoder.learnedPositionSide", encoder.learnedPositionSide, 0...256),
            ("lowLevelWidth", network.lowLevelWidth, 0...LowLevelTargets.colourWidth),
            ("predictorWidth", network.predictorWidth, 4...8192), ("predictorDepth", network.predictorDepth, 0...256),
            ("predictorHeads", network.predictorHeads, 1...256), ("queryWidth", network.queryWidth, 0...8192),
            ("inputWidth", inputWidth, 1...16_384), ("inputHeight", inputHeight, 1...16_384),
            ("tiles.rows", tiles?.rows ?? 1, 1...256), ("tiles.columns", tiles?.columns ?? 1, 1...256),
            ("tiles.overlap", tiles?.overlap ?? 1, 0...256),
        ]
        for (name, value, range) in sizes where !range.contains(value) {
            return "architecture.\(name): expected \(range.lowerBound)…\(range.upperBound), got \(value)"
        }
        if let table = network.queryTable,
            !(1...100_000).contains(table.tokens) || !(1...1024).contains(table.positions) || network.queryWidth == 0
        {
            return "architecture.network.queryTable: expected 1…100000 tokens, 1…1024 positions and a query width, "
                + "got \(table.tokens), \(table.positions) and \(network.queryWidth)"
        }
        if inputWidth % encoder.patchSize != 0 || inputHeight % encoder.patchSize != 0 {
            return "architecture.inputWidth, inputHeight: expected multiples of the patch size \(encoder.patchSize), "
                + "got \(inputWidth) x \(inputHeight)"
        }
        if encoder.width % encoder.heads != 0 || network.predictorWidth % network.predictorHeads != 0
            || network.predictorWidth % 4 != 0 || encoder.learnedPositionSide == 0 && encoder.width % 4 != 0
        {
            return "architecture: expected widths that are multiples of their heads, and of 4 for the positions, "
                + "got \(encoder.width) / \(encoder.heads) and \(network.predictorWidth) / \(network.predictorHeads)"
        }
        if !(0...encoder.prefixTokens).contains(encoder.positionedPrefix) {
            return "architecture.encoder.positionedPrefix: expected 0…\(encoder.prefixTokens), the tokens before the "
                + "patches, got \(encoder.positionedPrefix)"
        }
        if !(encoder.epsilon.isFinite && encoder.epsilon > 0) {
            return "architecture.encoder.epsilon: expected a number > 0, got \(encoder.epsilon)"
        }
        let blocks = network.targetBlocks
        if blocks.isEmpty || !blocks.allSatisfy({ (1...encoder.depth).contains($0) })
            || zip(blocks, blocks.dropFirst()).contains(where: { $0 >= $1 })
        {
            return "architecture.targetBlocks: expected rising blocks in 1…\(encoder.depth), got \(blocks)"
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

/// How one line asks a network that serves several.
package struct QueryCard: Codable, Sendable, Equatable {
    /// What the camera should see, as the recipe said when the network was trained.
    package var text: String
    /// The text's tokens, as rows of the network's query table.
    package var tokens: [Int]
    /// Every line that the network serves, this one included, with its query. Their bundles hold the same weights:
    /// `files["weights.safetensors"]` is the same digest in all of their cards.
    package var lines: [String: String]

    package init(text: String, tokens: [Int], lines: [String: String]) {
        self.text = text
        self.tokens = tokens
        self.lines = lines
    }
}

/// What a model is and where it comes from: `card.json` of a bundle.
package struct ModelCard: Codable, Sendable, Equatable {
    /// The bundle format this program writes and reads. 2: arms are fused by families, on up to two grids; thresholds of
    /// format 1 were measured on scores that meant something else.
    package static let currentFormat = 2

    /// Version of the bundle's layout and of the tensors' meaning.
    package private(set) var formatVersion = ModelCard.currentFormat
    package var name: String
    package var architecture: ArchitectureCard
    /// How CLIP judges; nil: the model predicts, as VL-JEPA does.
    package var clip: CLIPCard?
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
    /// The line's own query, where its network serves other lines too; absent where the line has it for itself.
    package var query: QueryCard?
    /// SHA-256 of each file of the bundle, by name; filled in when the bundle is written.
    package internal(set) var files: [String: String] = [:]

    package init(
        name: String, architecture: ArchitectureCard, recipeSHA256: String, dataSHA256: String, seed: UInt64,
        versions: [String: String], createdAt: Date, trainSeconds: Double, metrics: [String: Double],
        clip: CLIPCard? = nil
    ) {
        self.clip = clip
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
        if let problem { throw .badCard(file: file, problem: problem) }
    }

    /// What is impossible about the query beside this network, or nil.
    private var queryProblem: String? {
        guard let table = architecture.network.queryTable else {
            return query == nil ? nil : "query: expected none, the network has no table of query tokens"
        }
        guard let query else { return "query is missing: the network serves several lines and needs to know which" }
        guard (1...table.positions).contains(query.tokens.count),
            query.tokens.allSatisfy({ (0..<table.tokens).contains($0) })
        else {
            return
                "query.tokens: expected 1…\(table.positions) tokens in 0..<\(table.tokens), got \(query.tokens.count)"
        }
        return nil
    }

    /// What is impossible about the numbers of the network, or nil.
    var problem: String? { architecture.problem ?? queryProblem ?? clip?.problem(architecture) }

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
