import Numerics

/// A published text transformer, imported and frozen: tokens → one embedding for each text.
package struct TextTower: Sendable {
    package let shape: TextTowerShape
    package let layout: ParameterLayout
    package var store: ParameterStore<Float>
    package let tokenTable: Parameter
    package let positionTable: Parameter
    /// BERT's embedding of "first sentence", added to every token; nil for CLIP.
    package let typeVector: Parameter?
    /// After the embeddings in BERT, after the last block in CLIP.
    package let normScale: Parameter
    package let normShift: Parameter
    package let blocks: [TowerBlock]
    /// CLIP's `text_projection`, (outputWidth, width); nil for BERT.
    package let projection: Parameter?

    /// Rows that go through the blocks together: enough for full speed, few enough for a small memory.
    private static let rowsTogether = 1024

    /// A tower of this shape, all zeros: the importer fills `store`. Traps on sizes that cannot be.
    package init(_ shape: TextTowerShape) {
        precondition(
            shape.width % shape.heads == 0 && shape.tokens > 0 && shape.positions > 0 && shape.outputWidth > 0,
            "TextTower: expected a width divisible by its heads, got \(shape)")
        self.shape = shape
        var layout = ParameterLayout()
        tokenTable = layout.add("tokens", rows: shape.tokens, columns: shape.width, .normal(0.02))
        positionTable = layout.add("positions", rows: shape.positions, columns: shape.width, .normal(0.02))
        typeVector = shape.family == .bert ? layout.add("type", columns: shape.width, .normal(0.02)) : nil
        normScale = layout.add("norm.weight", columns: shape.width, .ones)
        normShift = layout.add("norm.bias", columns: shape.width, .zeros)
        var blocks: [TowerBlock] = []
        for index in 0..<shape.depth { blocks.append(TowerBlock(&layout, index: index, shape: shape)) }
        self.blocks = blocks
        projection =
            shape.family == .clip
            ? layout.add("projection", rows: shape.outputWidth, columns: shape.width, .normal(0.02)) : nil
        self.layout = layout
        store = ParameterStore(zerosFor: layout)
    }

    /// The texts' embeddings as the architecture gives them, (texts, outputWidth), not of length 1.
    ///
    /// `sequences`: tokens of each text, at least one and at most `shape.positions`. `end`: the token whose first
    /// occurrence stands for the text in CLIP; the last token where it does not occur.
    /// Traps on a token or a length outside the shape.
    package func pooled(_ sequences: [[Int]], end: Int) -> Matrix<Float> {
        var result = Matrix<Float>(rows: sequences.count, columns: shape.outputWidth)
        var room = TowerBlock.Room(shape)
        var tokens = Matrix<Float>(rows: 0, columns: shape.width)
        var first = 0
        while first < sequences.count {
            var last = first
            var rows = 0
            while last < sequences.count, last == first || rows + sequences[last].count <= Self.rowsTogether {
                rows += sequences[last].count
                last += 1
            }
            let some = pool(sequences[first..<last], end: end, tokens: &tokens, room: &room)
            for row in 0..<some.rows { result.setRow(first + row, some.row(row)) }
            first = last
        }
        return result
    }

    private func pool(
        _ sequences: ArraySlice<[Int]>, end: Int, tokens: inout Matrix<Float>, room: inout TowerBlock.Room
    ) -> Matrix<Float> {
        var segments = Segments()
        var indices: [Int] = []
        var positions: [Int] = []
        var ends: [Int] = []
        for sequence in sequences {
            precondition(
                !sequence.isEmpty && sequence.count <= shape.positions,
                "TextTower: expected 1…\(shape.positions) tokens, got \(sequence.count)")
            ends.append(segments.rows + (sequence.firstIndex(of: end) ?? sequence.count - 1))
            segments.append(length: sequence.count)
            indices.append(contentsOf: sequence)
            positions.append(contentsOf: sequence.indices)
        }
        embeddingForward(&tokens, store: store, table: tokenTable, indices: indices)
        embeddingForward(&tokens, store: store, table: positionTable, indices: positions, accumulate: true)
        if let typeVector {
            let kind = store[typeVector]
            for row in 0..<tokens.rows { tokens.addRow(row, kind) }
            norm(&tokens, &room)
        }
        for block in blocks {
            block.forward(&tokens, segments: segments, store: store, shape: shape, room: &room)
        }
        var result = Matrix<Float>(rows: 0, columns: shape.width)
        guard let projection else {
            meanForward(&result, input: tokens, segments: segments)
            return result
        }
        gatherRows(&result, from: tokens, indices: ends)
        norm(&result, &room)
        var projected = Matrix<Float>(rows: 0, columns: shape.outputWidth)
        linearForward(&projected, input: result, store: store, weight: projection, bias: nil)
        return projected
    }

    private func norm(_ tokens: inout Matrix<Float>, _ room: inout TowerBlock.Room) {
        layerNormForward(
            &room.normed, statistics: &room.statistics, input: tokens, store: store, scale: normScale,
            shift: normShift, epsilon: Float(shape.epsilon))
        swap(&tokens, &room.normed)
    }
}

/// A text tower with its tokenizer: sentences in, embeddings of length 1 out.
package struct SentenceEncoder: Sendable {
    /// How a tower's texts become tokens.
    package enum Tokenizer: Sendable {
        case wordPiece(WordPiece)
        case bytePairs(BytePairs)
    }

    package let tokenizer: Tokenizer
    package let tower: TextTower

    /// Traps when the tokenizer has tokens or lengths that the tower has not.
    package init(tokenizer: Tokenizer, tower: TextTower) {
        let (count, length) =
            switch tokenizer {
            case .wordPiece(let pieces): (pieces.count, pieces.maximumLength)
            case .bytePairs(let pairs): (pairs.count, pairs.maximumLength)
            }
        precondition(
            count <= tower.shape.tokens && length <= tower.shape.positions,
            "SentenceEncoder: \(count) tokens, \(length) long, do not fit \(tower.shape)")
        self.tokenizer = tokenizer
        self.tower = tower
    }

    /// Width of an embedding.
    package var width: Int { tower.shape.outputWidth }

    /// A text's tokens.
    package func sequence(_ text: String) -> [Int] {
        switch tokenizer {
        case .wordPiece(let pieces): pieces.sequence(text)
        case .bytePairs(let pairs): pairs.sequence(text)
        }
    }

    /// Embeddings (texts, width), each of length 1; any text has one, the empty one too.
    package func embeddings(_ texts: [String]) -> Matrix<Float> {
        let end =
            switch tokenizer {
            case .wordPiece: -1
            case .bytePairs(let pairs): pairs.end
            }
        let pooled = tower.pooled(texts.map(sequence), end: end)
        var result = Matrix<Float>(rows: 0, columns: width)
        var norms: [Float] = []
        unitForward(&result, norms: &norms, input: pooled)
        return result
    }
}
