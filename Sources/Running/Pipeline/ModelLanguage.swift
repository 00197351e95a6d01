import Checkpoint
import Describe
import Files
import Foundation
import Network
import Numerics
import Text

/// The language of a bundle: how regions get names, and the space in which texts meet them.
package struct ModelLanguage: Sendable {
    /// Published text weights that a language was made with; they stay outside of the bundle.
    package struct PublishedReference: Sendable, Equatable, Codable {
        /// Folder with the weights, absolute.
        package let path: String
        /// SHA-256 of the weights, 64 lower-case hex digits.
        package let sha256: String

        package init(path: String, sha256: String) {
            self.path = path
            self.sha256 = sha256
        }
    }

    package let region: RegionLanguage
    /// nil where the text encoder was trained with the line.
    package let published: PublishedReference?
    /// SHA-256 that names the text space: embeddings of different ones must never be compared.
    package let identity: String

    package init(region: RegionLanguage, published: PublishedReference?) {
        self.region = region
        self.published = published
        var bytes = Data((published?.sha256 ?? "trained here").utf8)
        if case .trained(let text) = region.space.encoder {
            for word in text.tokenizer.words { bytes.append(Data((word + "\n").utf8)) }
            text.store.values.withUnsafeBytes { bytes.append(contentsOf: $0) }
        }
        region.space.centre.withUnsafeBytes { bytes.append(contentsOf: $0) }
        identity = SHA256.hex(of: bytes)
    }

    /// The same language with its text encoder at hand: published weights are read where they are not in memory.
    package func ready() throws(CheckpointError) -> ModelLanguage {
        guard case .absent = region.space.encoder, let published else { return self }
        let file = try PublishedText(path: published.path)
        let got: String
        do throws(FileError) { got = try SHA256.hex(ofFile: file.weightsPath) } catch {
            throw .unreadable(file: file.weightsPath, reason: error.description)
        }
        guard got == published.sha256 else {
            throw .wrongHash(file: file.weightsPath, expected: published.sha256, got: got)
        }
        var region = region
        region.space = TextSpace(encoder: .published(try file.load()), centre: region.space.centre)
        return ModelLanguage(region: region, published: published)
    }

    /// Embeddings of texts in the space of ŝ, (texts, d), each of unit length. Reads published weights each time unless
    /// the language is `ready`.
    package func embeddings(of texts: [String]) throws(CheckpointError) -> Matrix<Float> {
        if let found = region.space.embeddings(texts) { return found }
        guard let found = try ready().region.space.embeddings(texts) else {
            preconditionFailure("ModelLanguage: a language that is ready embeds every text")
        }
        return found
    }
}

/// `language.safetensors` of a bundle.
enum LanguageFile {
    private struct Head: Codable {
        var shape: RegionHeadShape
        var labels: [String]
        var least: Double
        var published: ModelLanguage.PublishedReference?
        var tokenizer: LineTokenizer?
        var text: LineTextShape?
    }

    private static let headKey = "nightshift.language"
    /// Far above what a line needs; keeps a damaged file from asking for all memory.
    private static let widest = 1_000_000

    static func encode(_ language: ModelLanguage) throws(CheckpointError) -> SafetensorsWriter {
        let region = language.region
        var writer = SafetensorsWriter()
        func add(_ layout: ParameterLayout, _ store: ParameterStore<Float>) throws(CheckpointError) {
            for parameter in layout.parameters {
                let shape = parameter.rows == 1 ? [parameter.columns] : [parameter.rows, parameter.columns]
                try writer.add(parameter.name, shape: shape, Array(store[parameter]))
            }
        }
        try add(region.layout, region.store)
        try writer.add("feature.mean", shape: [region.featureMean.count], region.featureMean)
        try writer.add("feature.scale", shape: [region.featureScale.count], region.featureScale)
        let names = region.vocabulary.embeddings
        try writer.add("vocabulary", shape: [names.rows, names.columns], names.storage)
        try writer.add("centre", shape: [region.space.centre.count], region.space.centre)
        var head = Head(
            shape: region.head.shape, labels: region.vocabulary.labels, least: region.vocabulary.least,
            published: language.published)
        if case .trained(let text) = region.space.encoder {
            try add(text.layout, text.store)
            head.tokenizer = text.tokenizer
            head.text = text.encoder.shape
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            writer.metadata[headKey] = String(decoding: try encoder.encode(head), as: UTF8.self)
        } catch {
            throw .badCard(file: ModelBundle.languageFile, problem: "expected finite numbers: \(error)")
        }
        return writer
    }

    /// - Parameter inputWidth: numbers that inspection reads of a region.
    static func read(_ file: SafetensorsFile, inputWidth: Int) throws(CheckpointError) -> ModelLanguage {
        guard let json = file.metadata[headKey] else {
            throw .foreign(
                file: file.path, missing: [headKey], missingCount: 1, found: file.metadata.keys.sorted(),
                foundCount: file.metadata.count)
        }
        let head: Head
        do { head = try JSONDecoder().decode(Head.self, from: Data(json.utf8)) } catch {
            throw .damaged(file: file.path, problem: "\(headKey) is not what this version writes: \(error)")
        }
        func damaged(_ problem: String) -> CheckpointError {
            .damaged(file: file.path, problem: "\(headKey): \(problem)")
        }
        guard head.shape.inputWidth == inputWidth else {
            throw damaged("inputWidth: expected \(inputWidth), as the model has, got \(head.shape.inputWidth)")
        }
        guard (1...widest).contains(head.shape.hiddenWidth), (1...widest).contains(head.shape.outputWidth) else {
            throw damaged("expected widths in 1…\(widest), got \(head.shape.hiddenWidth), \(head.shape.outputWidth)")
        }
        guard !head.labels.isEmpty, head.labels.allSatisfy({ !$0.isEmpty }), head.least.isFinite else {
            throw damaged("expected names and a finite least similarity")
        }
        let width = head.shape.outputWidth
        var random = RandomSource(seed: 0)
        func fill(_ layout: ParameterLayout, _ store: inout ParameterStore<Float>) throws(CheckpointError) {
            for parameter in layout.parameters {
                let shape = parameter.rows == 1 ? [parameter.columns] : [parameter.rows, parameter.columns]
                store[parameter] = try file.floats(parameter.name, expectedShape: shape)[...]
            }
        }
        var encoder = TextSpace.Encoder.absent
        if let tokenizer = head.tokenizer, let shape = head.text {
            if let problem = shape.problem { throw damaged(problem) }
            guard shape.outputWidth == width, shape.tokens == tokenizer.count,
                tokenizer.maximumLength <= shape.positions
            else { throw damaged("the text encoder, its tokenizer and the head do not fit each other") }
            var text = TrainedText(tokenizer: tokenizer, shape: shape, using: &random)
            try fill(text.layout, &text.store)
            encoder = .trained(text)
        } else if head.published == nil {
            throw damaged("expected a text encoder or where a published one lies, got neither")
        }
        let names = try file.floats("vocabulary", expectedShape: [head.labels.count, width])
        var region = RegionLanguage(
            shape: head.shape,
            featureMean: try file.floats("feature.mean", expectedShape: [inputWidth]),
            featureScale: try file.floats("feature.scale", expectedShape: [inputWidth]),
            vocabulary: Vocabulary(
                labels: head.labels,
                embeddings: Matrix(rows: head.labels.count, columns: width, storage: names), least: head.least),
            space: TextSpace(encoder: encoder, centre: try file.floats("centre", expectedShape: [width])),
            using: &random)
        try fill(region.layout, &region.store)
        return ModelLanguage(region: region, published: head.published)
    }
}
