/// Row-major matrix of `rows` × `columns` numbers: the one matrix type of the project.
///
/// A batch of B sequences is one matrix whose rows are the tokens of all sequences, one below the other; which rows
/// belong together is said by `Segments` in the Network room.
package struct Matrix<Scalar: KernelScalar>: Sendable, Equatable {
    package var rows: Int
    package let columns: Int
    package var storage: [Scalar]

    /// A matrix of zeros. Traps on a negative size.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package init(rows: Int, columns: Int) {
        precondition(rows >= 0 && columns >= 0, "Matrix: expected sizes >= 0, got \(rows) x \(columns)")
        self.rows = rows
        self.columns = columns
        storage = [Scalar](repeating: 0, count: rows * columns)
    }

    /// A matrix over given numbers. Traps unless `storage.count == rows * columns`.
    @inlinable
    package init(rows: Int, columns: Int, storage: [Scalar]) {
        precondition(
            storage.count == rows * columns,
            "Matrix: expected \(rows) x \(columns) = \(rows * columns) numbers, got \(storage.count)")
        self.rows = rows
        self.columns = columns
        self.storage = storage
    }

    @inlinable
    package subscript(row: Int, column: Int) -> Scalar {
        get { storage[row * columns + column] }
        set { storage[row * columns + column] = newValue }
    }

    /// Changes the number of rows. Room that was taken once is kept, so a matrix that is used again for another image
    /// allocates nothing; the numbers are unspecified afterwards.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package mutating func resize(rows count: Int) {
        let wanted = count * columns
        if wanted < storage.count {
            storage.removeLast(storage.count - wanted)
        } else if wanted > storage.count {
            storage.append(contentsOf: repeatElement(0, count: wanted - storage.count))
        }
        rows = count
    }

    /// Sets every number to `value`.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package mutating func fill(_ value: Scalar) {
        storage.withUnsafeMutableBufferPointer { $0.update(repeating: value) }
    }

    /// The numbers of one row, (columns).
    @inlinable
    package func row(_ index: Int) -> ArraySlice<Scalar> { storage[index * columns..<(index + 1) * columns] }

    /// A range of rows as a matrix of its own.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package func rows(_ range: Range<Int>) -> Matrix {
        Matrix(
            rows: range.count, columns: columns,
            storage: Array(storage[range.lowerBound * columns..<range.upperBound * columns]))
    }

    /// Puts `other`'s rows below these. Traps unless both have the same columns.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package mutating func append(_ other: Matrix) {
        precondition(columns == other.columns, "append: expected \(columns) columns, got \(other.columns)")
        storage.append(contentsOf: other.storage)
        rows += other.rows
    }

    /// This matrix with `other`'s columns to its right. Traps unless both have the same rows.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package func joined(_ other: Matrix) -> Matrix {
        precondition(rows == other.rows, "joined: expected \(rows) rows, got \(other.rows)")
        var result = Matrix(rows: rows, columns: columns + other.columns)
        for row in 0..<rows {
            let start = row * result.columns
            result.storage.replaceSubrange(start..<start + columns, with: self.row(row))
            result.storage.replaceSubrange(start + columns..<start + result.columns, with: other.row(row))
        }
        return result
    }
}
