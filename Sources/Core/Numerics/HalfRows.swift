/// Dot products of a vector with rows of float16 numbers, which lie in memory as they lie in a file.
///
/// products[r] = Σ_c rows[r, c] · vector[c], in float32, sixteen lanes at a time. A row is read, widened and multiplied in
/// one pass: a product of one vector is bound by memory, and a float32 copy of the rows for a BLAS product would be
/// three times as much to move.
///
/// `rows` holds at least `count` rows of `vector.count` little-endian float16 numbers, without gaps; `products` becomes
/// (count). Traps when `rows` is too short.
package func halfRowProducts(_ products: inout [Float], rows: [UInt8], count: Int, vector: [Float]) {
    let width = vector.count
    precondition(
        count >= 0 && rows.count >= count * width * 2,
        "halfRowProducts: expected \(count) x \(width) numbers of 2 bytes, got \(rows.count) bytes")
    if products.count != count { products = [Float](repeating: 0, count: count) }
    guard count > 0, width > 0 else { return }
    rows.withUnsafeBytes { rows in
        vector.withUnsafeBytes { vector in
            products.withUnsafeMutableBufferPointer { products in
                guard let first = rows.baseAddress, let v = vector.baseAddress else { return }
                for row in 0..<count { products[row] = halfProduct(first + row * width * 2, v, width) }
            }
        }
    }
}

/// Numbers as little-endian float16, rounded to the nearest.
package func halfBytes(_ numbers: some Collection<Float>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(numbers.count * 2)
    for number in numbers {
        let bits = Float16(number).bitPattern
        bytes.append(UInt8(truncatingIfNeeded: bits))
        bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
    }
    return bytes
}

/// The `count` little-endian float16 numbers that begin at byte `offset`. Traps past the end.
package func halfNumbers(_ bytes: [UInt8], from offset: Int, count: Int) -> [Float] {
    precondition(
        offset >= 0 && count >= 0 && offset + 2 * count <= bytes.count,
        "halfNumbers: expected \(count) numbers from byte \(offset) on, got \(bytes.count) bytes")
    return (0..<count).map { index in
        let at = offset + 2 * index
        return Float(Float16(bitPattern: UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8))
    }
}

/// One row times the vector. The bytes are read as the machine's own numbers: x86-64 and ARM64 are little-endian.
@inline(__always)
private func halfProduct(_ row: UnsafeRawPointer, _ vector: UnsafeRawPointer, _ width: Int) -> Float {
    var lanes = SIMD16<Float>(repeating: 0)
    var column = 0
    while column + 16 <= width {
        let half = row.loadUnaligned(fromByteOffset: 2 * column, as: SIMD16<Float16>.self)
        let numbers = vector.loadUnaligned(fromByteOffset: 4 * column, as: SIMD16<Float>.self)
        lanes = lanes.addingProduct(SIMD16<Float>(half), numbers)
        column += 16
    }
    var sum = lanes.sum()
    while column < width {
        let half = row.loadUnaligned(fromByteOffset: 2 * column, as: Float16.self)
        sum += Float(half) * vector.loadUnaligned(fromByteOffset: 4 * column, as: Float.self)
        column += 1
    }
    return sum
}
