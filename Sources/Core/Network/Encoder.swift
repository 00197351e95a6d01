import Numerics

/// A vision transformer (arXiv 2010.11929) over any subset of patches: the context encoder sees the visible patches of
/// each sequence, the target encoder all of them. Holds places of parameters, no numbers.
package struct Encoder: Sendable {
    package let shape: EncoderShape
    package let embedWeight: Parameter
    package let embedBias: Parameter?
    package let classToken: Parameter?
    /// (registerTokens, width).
    package let registers: Parameter?
    /// (positionedPrefix + learnedPositionSide², width).
    package let positions: Parameter?
    package let preNormScale: Parameter?
    package let preNormShift: Parameter?
    package let blocks: [Block]

    /// Adds the encoder's tensors to `layout` below `prefix`, under timm's names. `initialisation` of the embedding
    /// is Xavier-like, as in MAE.
    package init(_ layout: inout ParameterLayout, prefix: String, shape: EncoderShape) {
        self.shape = shape
        let inputs = shape.inputWidth ?? 3 * shape.patchSize * shape.patchSize
        let deviation = (2.0 / Double(inputs + shape.width)).squareRoot()
        embedWeight = layout.add(
            "\(prefix)patch_embed.proj.weight", rows: shape.width, columns: inputs, .normal(deviation))
        embedBias =
            shape.hasPatchBias ? layout.add("\(prefix)patch_embed.proj.bias", columns: shape.width, .zeros) : nil
        classToken =
            shape.hasClassToken ? layout.add("\(prefix)cls_token", columns: shape.width, .normal(0.02)) : nil
        registers =
            shape.registerTokens > 0
            ? layout.add(
                "\(prefix)reg_token", rows: shape.registerTokens, columns: shape.width, .normal(0.02)) : nil
        let side = shape.learnedPositionSide
        positions =
            side > 0
            ? layout.add(
                "\(prefix)pos_embed", rows: side * side + shape.positionedPrefix, columns: shape.width, .normal(0.02))
            : nil
        preNormScale = shape.hasPreNorm ? layout.add("\(prefix)norm_pre.weight", columns: shape.width, .ones) : nil
        preNormShift = shape.hasPreNorm ? layout.add("\(prefix)norm_pre.bias", columns: shape.width, .zeros) : nil
        var blocks: [Block] = []
        for index in 0..<shape.depth {
            blocks.append(Block(&layout, prefix: "\(prefix)blocks.\(index)", shape: shape.block))
        }
        self.blocks = blocks
    }

    /// What a pass leaves behind.
    package struct Activations<Scalar: KernelScalar>: Sendable {
        /// Tokens after the last block that ran, (R, width).
        package var tokens: Matrix<Scalar>
        /// Tokens after each block asked for.
        package var kept: [Int: Matrix<Scalar>] = [:]
        var blocks: [Block.Activations<Scalar>]
        var segments = Segments()
        var patchRows: [Int] = []
        var scratch: Block.Scratch<Scalar>
        /// The tokens before `norm_pre`, and its moments; empty without it.
        var gathered: Matrix<Scalar>
        var preNormMoments = Matrix<Scalar>(rows: 0, columns: 2)

        package init(_ shape: EncoderShape, training: Bool) {
            tokens = Matrix(rows: 0, columns: shape.width)
            gathered = tokens
            blocks = (0..<(training ? shape.depth : 1)).map { _ in
                Block.Activations(width: shape.width, hiddenWidth: shape.hiddenWidth)
            }
            scratch = Block.Scratch(width: shape.width, hiddenWidth: shape.hiddenWidth)
        }
    }

    /// Positions for a grid of patches, (rows · columns, width), without those of prefix tokens.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package func gridPositions<Scalar: KernelScalar>(
        rows: Int, columns: Int, store: ParameterStore<Scalar>
    ) -> Matrix<Scalar> {
        guard let positions else { return Positions.sineCosine(rows: rows, columns: columns, width: shape.width) }
        let learned = Matrix(
            rows: shape.learnedPositionSide * shape.learnedPositionSide, columns: shape.width,
            storage: Array(store[positions].dropFirst(shape.positionedPrefix * shape.width)))
        return Positions.interpolated(
            learned, side: shape.learnedPositionSide, rows: rows, columns: columns, by: shape.interpolation)
    }

    /// Cuts planes (3, H, W) into patches (N, 3 · patchSize²) in the order of a convolution's weights (channel, y, x).
    /// With `firstRow`, writes from that row on into an output that has room for it; else the output becomes this picture's.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package func patches<Scalar: KernelScalar>(
        _ output: inout Matrix<Scalar>, at firstRow: Int? = nil, pixels: [Scalar], height: Int, width: Int
    ) {
        let p = shape.patchSize
        precondition(
            pixels.count == 3 * height * width && height % p == 0 && width % p == 0 && output.columns == 3 * p * p,
            "Encoder.patches: expected (3, H, W) with sides divisible by \(p), got \(pixels.count) numbers for \(height) x \(width)"
        )
        let columns = width / p
        let count = height / p * columns
        if firstRow == nil { output.resize(rows: count) }
        let start = (firstRow ?? 0) * output.columns
        precondition(
            start >= 0 && start + count * output.columns <= output.storage.count,
            "Encoder.patches: expected room for \(count) patches from row \(firstRow ?? 0) of \(output.rows) on")
        guard columns > 0, height > 0 else { return }
        let stride = output.columns
        output.storage.withUnsafeMutableBufferPointer { output in
            pixels.withUnsafeBufferPointer { pixels in
                for channel in 0..<3 {
                    for y in 0..<height {
                        let source = channel * height * width + y * width
                        let target = start + y / p * columns * stride + channel * p * p + y % p * p
                        for column in 0..<columns {
                            (output.baseAddress! + target + column * stride).update(
                                from: pixels.baseAddress! + source + column * p, count: p)
                        }
                    }
                }
            }
        }
    }

    /// Patch tokens before the first block: projection plus positions, (N, width). `positions` is what
    /// `gridPositions` gave for this grid, (N, width).
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package func embed<Scalar: KernelScalar>(
        _ tokens: inout Matrix<Scalar>, patches: Matrix<Scalar>, positions: Matrix<Scalar>,
        store: ParameterStore<Scalar>
    ) {
        linearForward(&tokens, input: patches, store: store, weight: embedWeight, bias: embedBias)
        addTiled(&tokens, positions)
    }

    /// Runs the first `depth` blocks over subsets of embedded patches.
    ///
    /// - Parameters:
    ///   - patchTokens: embedded patches of a batch, (B · N, width).
    ///   - subsets: for each sequence the rows of `patchTokens` it sees.
    ///   - keep: blocks (counted from 1) after which a copy of the tokens is kept.
    /// The result is in `activations.tokens`: for each sequence its prefix tokens, if any, then its patches.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package func forward<Scalar: KernelScalar>(
        patchTokens: Matrix<Scalar>, subsets: [[Int]], depth: Int, keep: Set<Int> = [],
        store: ParameterStore<Scalar>, activations a: inout Activations<Scalar>, training: Bool
    ) {
        precondition(depth <= blocks.count, "Encoder: expected at most \(blocks.count) blocks, got \(depth)")
        let extra = shape.prefixTokens
        a.segments.removeAll()
        a.patchRows.removeAll(keepingCapacity: true)
        for subset in subsets {
            a.segments.append(length: subset.count + extra)
            a.patchRows.append(contentsOf: subset)
        }
        if extra == 0 {
            gatherRows(&a.tokens, from: patchTokens, indices: a.patchRows)
        } else {
            gatherWithPrefix(patchTokens, subsets: subsets, store: store, tokens: &a.tokens)
        }
        if let preNormScale, let preNormShift {
            layerNormForward(
                &a.gathered, statistics: &a.preNormMoments, input: a.tokens, store: store, scale: preNormScale,
                shift: preNormShift, epsilon: Scalar(shape.epsilon))
            swap(&a.tokens, &a.gathered)
        }
        for index in 0..<depth {
            let slot = training ? index : 0
            blocks[index].forward(
                &a.tokens, segments: a.segments, store: store, activations: &a.blocks[slot], training: training)
            if keep.contains(index + 1) {
                if a.kept[index + 1] == nil { a.kept[index + 1] = Matrix(rows: 0, columns: shape.width) }
                copyRows(&a.kept[index + 1]!, from: a.tokens)
            }
        }
    }

    /// The prefix tokens with their positions, (prefixTokens, width).
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    private func prefix<Scalar: KernelScalar>(_ store: ParameterStore<Scalar>) -> Matrix<Scalar> {
        var storage: [Scalar] = []
        storage.reserveCapacity(shape.prefixTokens * shape.width)
        if let classToken { storage.append(contentsOf: store[classToken]) }
        if let registers { storage.append(contentsOf: store[registers]) }
        if let positions {
            let own = store[positions].prefix(shape.positionedPrefix * shape.width)
            for (index, value) in own.enumerated() { storage[index] += value }
        }
        return Matrix(rows: shape.prefixTokens, columns: shape.width, storage: storage)
    }

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    private func gatherWithPrefix<Scalar: KernelScalar>(
        _ patchTokens: Matrix<Scalar>, subsets: [[Int]], store: ParameterStore<Scalar>, tokens: inout Matrix<Scalar>
    ) {
        let prefix = prefix(store)
        // The prefix tokens' rows are gathered from row 0 and overwritten below.
        var indices: [Int] = []
        indices.reserveCapacity(patchTokens.rows + subsets.count * prefix.rows)
        for subset in subsets {
            for _ in 0..<prefix.rows { indices.append(0) }
            indices.append(contentsOf: subset)
        }
        gatherRows(&tokens, from: patchTokens, indices: indices)
        var row = 0
        for subset in subsets {
            for index in 0..<prefix.rows { tokens.setRow(row + index, prefix.row(index)) }
            row += subset.count + prefix.rows
        }
    }

    /// The backward of a training `forward` and of the `embed` before it.
    ///
    /// - Parameters:
    ///   - gradient: d loss / d tokens after block `depth`, (R, width); overwritten.
    ///   - injected: what reaches the tokens after earlier blocks besides, by block counted from 1.
    ///   - patches: what `embed` was given, (B · N, 3 · patchSize²).
    ///   - grid: the grid that `gridPositions` was asked for, where learned positions of patches learn; nil leaves
    ///     them as they are. Prefix tokens and their own positions always learn.
    /// Parameters' gradients are added to.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package func backward<Scalar: KernelScalar>(
        _ gradient: inout Matrix<Scalar>, injected: [Int: Matrix<Scalar>] = [:], patches: Matrix<Scalar>, depth: Int,
        grid: (rows: Int, columns: Int)? = nil, gradients: inout ParameterStore<Scalar>, store: ParameterStore<Scalar>,
        activations a: inout Activations<Scalar>
    ) {
        for index in stride(from: depth - 1, through: 0, by: -1) {
            if index + 1 < depth, let more = injected[index + 1] { addScaled(&gradient, 1, more) }
            blocks[index].backward(
                &gradient, gradients: &gradients, segments: a.segments, store: store, activations: a.blocks[index],
                scratch: &a.scratch)
        }
        if let preNormScale, let preNormShift {
            var below = Matrix<Scalar>(rows: gradient.rows, columns: shape.width)
            layerNormBackward(
                addingTo: &below, gradients: &gradients, outputGradient: gradient, input: a.gathered,
                statistics: a.preNormMoments, store: store, scale: preNormScale, shift: preNormShift)
            gradient = below
        }
        if shape.prefixTokens > 0 { takePrefix(&gradient, segments: a.segments, gradients: &gradients) }
        if let grid, let positions {
            addPositionGradient(gradient, rows: a.patchRows, positions: positions, grid: grid, gradients: &gradients)
        }
        var seen = Matrix<Scalar>(rows: 0, columns: patches.columns)
        gatherRows(&seen, from: patches, indices: a.patchRows)
        var nothingBelow: Matrix<Scalar>?
        linearBackward(
            inputGradient: &nothingBelow, gradients: &gradients, outputGradient: gradient, input: seen,
            store: store, weight: embedWeight, bias: embedBias)
    }

    /// Adds the gradients of the prefix tokens' rows and takes these rows out.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    private func takePrefix<Scalar: KernelScalar>(
        _ gradient: inout Matrix<Scalar>, segments: Segments, gradients: inout ParameterStore<Scalar>
    ) {
        let width = shape.width
        let count = shape.prefixTokens
        var sums = [Scalar](repeating: 0, count: count * width)
        var kept: [Int] = []
        for index in 0..<segments.count {
            let rows = segments[index]
            kept.append(contentsOf: rows.dropFirst(count))
            let start = rows.lowerBound * width
            for place in 0..<count * width { sums[place] += gradient.storage[start + place] }
        }
        func add(_ values: ArraySlice<Scalar>, to offset: Int) {
            for (index, value) in values.enumerated() { gradients.values[offset + index] += value }
        }
        if let classToken { add(sums[..<width], to: classToken.offset) }
        if let registers { add(sums[((count - shape.registerTokens) * width)...], to: registers.offset) }
        if let positions { add(sums[..<(shape.positionedPrefix * width)], to: positions.offset) }
        var patchGradient = Matrix<Scalar>(rows: 0, columns: shape.width)
        gatherRows(&patchGradient, from: gradient, indices: kept)
        gradient = patchGradient
    }

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    private func addPositionGradient<Scalar: KernelScalar>(
        _ gradient: Matrix<Scalar>, rows: [Int], positions: Parameter, grid: (rows: Int, columns: Int),
        gradients: inout ParameterStore<Scalar>
    ) {
        let count = grid.rows * grid.columns
        var onGrid = Matrix<Scalar>(rows: count, columns: shape.width)
        scatterAddRows(&onGrid, adding: gradient, indices: rows.map { $0 % count })
        let learned = Positions.interpolatedBackward(
            onGrid, side: shape.learnedPositionSide, rows: grid.rows, columns: grid.columns, by: shape.interpolation)
        let start = positions.offset + shape.positionedPrefix * shape.width
        for (index, value) in learned.storage.enumerated() { gradients.values[start + index] += value }
    }
}

/// tokens row i += positions row (i mod N).
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func addTiled<Scalar: KernelScalar>(_ tokens: inout Matrix<Scalar>, _ positions: Matrix<Scalar>) {
    precondition(
        tokens.columns == positions.columns && tokens.rows % max(1, positions.rows) == 0,
        "addTiled: expected a multiple of \(positions.rows) rows, got \(tokens.rows)")
    let period = positions.storage.count
    tokens.storage.withUnsafeMutableBufferPointer { tokens in
        positions.storage.withUnsafeBufferPointer { positions in
            var base = 0
            while base < tokens.count {
                for index in 0..<period { tokens[base + index] += positions[index] }
                base += period
            }
        }
    }
}
