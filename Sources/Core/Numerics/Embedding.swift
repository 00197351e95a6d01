/// output row i = row indices[i] of a table of parameters. Traps on an index outside the table.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func embeddingForward<Scalar: KernelScalar>(
    _ output: inout Matrix<Scalar>, store: ParameterStore<Scalar>, table: Parameter, indices: [Int],
    accumulate: Bool = false
) {
    precondition(
        output.columns == table.columns && (!accumulate || output.rows == indices.count),
        "embedding \(table.name): expected (\(indices.count), \(table.columns)), got (\(output.rows), \(output.columns))"
    )
    if !accumulate { output.resize(rows: indices.count) }
    let width = table.columns
    output.storage.withUnsafeMutableBufferPointer { output in
        store.values.withUnsafeBufferPointer { values in
            guard let y = output.baseAddress, let base = values.baseAddress else { return }
            for (row, index) in indices.enumerated() {
                precondition(
                    index >= 0 && index < table.rows,
                    "embedding \(table.name): expected an index below \(table.rows), got \(index)")
                let target = y + row * width
                let source = base + table.offset + index * width
                if accumulate {
                    for column in 0..<width { target[column] += source[column] }
                } else {
                    target.update(from: source, count: width)
                }
            }
        }
    }
}

/// The backward of `embeddingForward`: row indices[i] of the table's gradient += row i of dy.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func embeddingBackward<Scalar: KernelScalar>(
    gradients: inout ParameterStore<Scalar>, table: Parameter, outputGradient: Matrix<Scalar>, indices: [Int]
) {
    precondition(
        outputGradient.columns == table.columns && outputGradient.rows == indices.count,
        "embedding backward \(table.name): expected (\(indices.count), \(table.columns))")
    let width = table.columns
    gradients.values.withUnsafeMutableBufferPointer { gradients in
        outputGradient.storage.withUnsafeBufferPointer { dy in
            guard let base = gradients.baseAddress, let dy = dy.baseAddress else { return }
            for (row, index) in indices.enumerated() {
                precondition(index >= 0 && index < table.rows, "embedding backward \(table.name): index \(index)")
                let target = base + table.offset + index * width
                let source = dy + row * width
                for column in 0..<width { target[column] += source[column] }
            }
        }
    }
}
