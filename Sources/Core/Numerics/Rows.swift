/// output row i = input row indices[i]. Traps on an index outside.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func gatherRows<Scalar: KernelScalar>(
    _ output: inout Matrix<Scalar>, from input: Matrix<Scalar>, indices: [Int]
) {
    precondition(output.columns == input.columns, "gatherRows: expected width \(input.columns), got \(output.columns)")
    output.resize(rows: indices.count)
    let width = input.columns
    output.storage.withUnsafeMutableBufferPointer { output in
        input.storage.withUnsafeBufferPointer { input in
            let rows = input.count / max(1, width)
            for (row, index) in indices.enumerated() {
                precondition(index >= 0 && index < rows, "gatherRows: row \(index) is outside")
                (output.baseAddress! + row * width).update(from: input.baseAddress! + index * width, count: width)
            }
        }
    }
}

/// output[i, column ..< column + input.columns] = input row indices[i]; the output's other columns stay. Traps on shapes
/// that do not fit and on an index outside.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func gatherRows<Scalar: KernelScalar>(
    _ output: inout Matrix<Scalar>, at column: Int, from input: Matrix<Scalar>, indices: [Int]
) {
    precondition(
        column >= 0 && column + input.columns <= output.columns && output.rows == indices.count,
        "gatherRows: expected room for (\(indices.count), \(input.columns)) at column \(column) of (\(output.rows), \(output.columns))"
    )
    let width = input.columns
    let stride = output.columns
    let rows = input.rows
    output.storage.withUnsafeMutableBufferPointer { output in
        input.storage.withUnsafeBufferPointer { input in
            for (row, index) in indices.enumerated() {
                precondition(index >= 0 && index < rows, "gatherRows: row \(index) is outside")
                (output.baseAddress! + row * stride + column).update(
                    from: input.baseAddress! + index * width, count: width)
            }
        }
    }
}

/// The backward of `gatherRows`: output row indices[i] += input row i.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func scatterAddRows<Scalar: KernelScalar>(
    _ output: inout Matrix<Scalar>, adding input: Matrix<Scalar>, indices: [Int]
) {
    precondition(
        output.columns == input.columns && indices.count == input.rows, "scatterAddRows: shapes do not fit")
    let width = input.columns
    let rows = output.rows
    output.storage.withUnsafeMutableBufferPointer { output in
        input.storage.withUnsafeBufferPointer { input in
            for (row, index) in indices.enumerated() {
                precondition(index >= 0 && index < rows, "scatterAddRows: row \(index) is outside")
                let target = output.baseAddress! + index * width
                let source = input.baseAddress! + row * width
                for column in 0..<width { target[column] += source[column] }
            }
        }
    }
}

extension Matrix {
    /// Adds `values` to row `row`.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package mutating func addRow(_ row: Int, _ values: ArraySlice<Scalar>) {
        precondition(values.count == columns, "addRow: expected \(columns) numbers, got \(values.count)")
        let width = columns
        storage.withUnsafeMutableBufferPointer { storage in
            values.withUnsafeBufferPointer { values in
                for column in 0..<width { storage[row * width + column] += values[column] }
            }
        }
    }

    /// Overwrites row `row`.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package mutating func setRow(_ row: Int, _ values: ArraySlice<Scalar>) {
        precondition(values.count == columns, "setRow: expected \(columns) numbers, got \(values.count)")
        let width = columns
        storage.withUnsafeMutableBufferPointer { storage in
            values.withUnsafeBufferPointer { values in
                for column in 0..<width { storage[row * width + column] = values[column] }
            }
        }
    }
}

/// Copies all rows into room that was taken before.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func copyRows<Scalar: KernelScalar>(_ output: inout Matrix<Scalar>, from input: Matrix<Scalar>) {
    precondition(output.columns == input.columns, "copyRows: expected width \(input.columns), got \(output.columns)")
    output.resize(rows: input.rows)
    output.storage.withUnsafeMutableBufferPointer { output in
        input.storage.withUnsafeBufferPointer { input in
            guard let target = output.baseAddress, let source = input.baseAddress else { return }
            target.update(from: source, count: input.count)
        }
    }
}

/// y += factor · x for whole matrices. Traps on different shapes.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
package func addScaled<Scalar: KernelScalar>(_ y: inout Matrix<Scalar>, _ factor: Scalar, _ x: Matrix<Scalar>) {
    precondition(y.rows == x.rows && y.columns == x.columns, "addScaled: expected equal shapes")
    y.storage.withUnsafeMutableBufferPointer { y in
        x.storage.withUnsafeBufferPointer { x in
            for index in 0..<y.count { y[index] += factor * x[index] }
        }
    }
}
