import Numerics

/// A text encoder that was trained with a line: its tokenizer, its network and the numbers.
package struct TrainedText: Sendable {
    package let tokenizer: LineTokenizer
    package let encoder: LineTextEncoder
    package let layout: ParameterLayout
    package var store: ParameterStore<Float>

    /// An encoder with freshly drawn numbers.
    package init(tokenizer: LineTokenizer, shape: LineTextShape, using random: inout RandomSource) {
        var layout = ParameterLayout()
        encoder = LineTextEncoder(&layout, prefix: "text.", shape: shape)
        self.tokenizer = tokenizer
        self.layout = layout
        store = ParameterStore(initialising: layout, using: &random)
    }

    /// Embeddings of `texts`, (texts, d), each of unit length.
    package func embeddings(_ texts: [String]) -> Matrix<Float> {
        var activations = LineTextEncoder.Activations<Float>(encoder.shape)
        encoder.forward(texts.map(tokenizer.sequence), store: store, activations: &activations, training: false)
        return activations.embeddings
    }
}

/// Where a line's descriptions, phrases and questions become comparable: a text encoder, and the point that its
/// embeddings are looked at from.
///
/// Sentences about one subject lie close together in a general encoder's space; seen from their middle they differ by
/// what they say.
package struct TextSpace: Sendable {
    /// What embeds a text.
    package enum Encoder: Sendable {
        /// Trained with the line; part of its bundle.
        case trained(TrainedText)
        /// Published weights, frozen.
        case published(SentenceEncoder)
        /// Published weights that are not here: known phrases have embeddings, new texts have none.
        case absent
    }

    package let encoder: Encoder
    /// Where embeddings are looked at from: the mean of those of some texts, or zeros, (d).
    package let centre: [Float]

    /// Width d.
    package var width: Int { centre.count }

    package init(encoder: Encoder, centre: [Float]) {
        self.encoder = encoder
        self.centre = centre
    }

    /// The space of `encoder` with its centre at the mean of `texts`.
    package init(encoder: Encoder, centredOn texts: [String]) {
        guard let embeddings = Self.raw(encoder, texts), embeddings.rows > 0 else {
            preconditionFailure("TextSpace: expected an encoder and texts, got neither")
        }
        var mean = [Float](repeating: 0, count: embeddings.columns)
        for row in 0..<embeddings.rows {
            for (column, value) in embeddings.row(row).enumerated() { mean[column] += value / Float(embeddings.rows) }
        }
        self.init(encoder: encoder, centre: mean)
    }

    /// Embeddings of `texts` seen from the centre, (texts, d), each of unit length; nil where the encoder is absent.
    package func embeddings(_ texts: [String]) -> Matrix<Float>? {
        guard var result = Self.raw(encoder, texts) else { return nil }
        for row in 0..<result.rows {
            for column in 0..<result.columns { result[row, column] -= centre[column] }
        }
        var unit = Matrix<Float>(rows: 0, columns: result.columns)
        var norms: [Float] = []
        unitForward(&unit, norms: &norms, input: result)
        return unit
    }

    /// The middle of each list of phrases, (lists, d), each of unit length: what all of a thing's wordings say. nil where
    /// the encoder is absent.
    package func middles(_ phrases: [[String]]) -> Matrix<Float>? {
        var sums = Matrix<Float>(rows: phrases.count, columns: width)
        for (row, texts) in phrases.enumerated() {
            guard let embeddings = embeddings(texts) else { return nil }
            for text in 0..<embeddings.rows { sums.addRow(row, embeddings.row(text)) }
        }
        var unit = Matrix<Float>(rows: 0, columns: width)
        var norms: [Float] = []
        unitForward(&unit, norms: &norms, input: sums)
        return unit
    }

    /// A few at a time: room for one batch serves any number of texts.
    private static func raw(_ encoder: Encoder, _ texts: [String]) -> Matrix<Float>? {
        var result: Matrix<Float>?
        for start in stride(from: 0, to: texts.count, by: 64) {
            let part = Array(texts[start..<min(texts.count, start + 64)])
            let embeddings: Matrix<Float>
            switch encoder {
            case .trained(let text): embeddings = text.embeddings(part)
            case .published(let sentence): embeddings = sentence.embeddings(part)
            case .absent: return nil
            }
            if result == nil {
                result = embeddings
            } else {
                result?.storage.append(contentsOf: embeddings.storage)
                result?.rows += embeddings.rows
            }
        }
        return result
    }
}
