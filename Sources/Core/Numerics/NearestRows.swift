/// Exact nearest neighbours among the rows of a matrix, through matrix products: ‖a‖² + ‖b‖² − 2ab, block by block.
///
/// The product loses digits where two rows nearly coincide, so it only chooses: the distances that are returned are
/// computed again from the differences.
package struct NearestRows: Sendable {
    /// Rows that are searched, (M, D).
    package let bank: Matrix<Float>
    private let squares: [Float]

    /// Queries and bank rows of one block: 128 · 2048 products take 1 MB, and stay in the second-level cache.
    private static let queryBlock = 128
    private static let bankBlock = 2048

    /// Traps on an empty bank.
    package init(_ bank: Matrix<Float>) {
        precondition(bank.rows > 0 && bank.columns > 0, "NearestRows: expected rows to search, got none")
        self.bank = bank
        squares = rowSquares(bank)
    }

    /// The `count` nearest bank rows of every query (Q, D): their indices and Euclidean distances, (Q · count) each,
    /// ascending for each query; of equally near rows the first. Traps unless 1 <= count <= M and the widths agree.
    package func nearest(_ queries: Matrix<Float>, count: Int = 1) -> (indices: [Int], distances: [Float]) {
        precondition(
            queries.columns == bank.columns && count >= 1 && count <= bank.rows,
            "NearestRows: expected (Q, \(bank.columns)) and a count in 1...\(bank.rows), got (\(queries.rows), \(queries.columns)) and \(count)"
        )
        let width = bank.columns
        var indices = [Int](repeating: 0, count: queries.rows * count)
        var distances = [Float](repeating: .infinity, count: queries.rows * count)
        var products = [Float](repeating: 0, count: Self.queryBlock * min(Self.bankBlock, bank.rows))
        for firstQuery in stride(from: 0, to: queries.rows, by: Self.queryBlock) {
            let rows = min(Self.queryBlock, queries.rows - firstQuery)
            for firstBank in stride(from: 0, to: bank.rows, by: Self.bankBlock) {
                let columns = min(Self.bankBlock, bank.rows - firstBank)
                queries.storage.withUnsafeBufferPointer { q in
                    bank.storage.withUnsafeBufferPointer { b in
                        products.withUnsafeMutableBufferPointer { c in
                            guard let q = q.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
                            Float.product(
                                transposeA: false, transposeB: true, m: rows, n: columns, k: width, alpha: -2,
                                a: q + firstQuery * width, strideA: width, b: b + firstBank * width, strideB: width,
                                beta: 0, c: c, strideC: columns)
                            for row in 0..<rows {
                                let slot = (firstQuery + row) * count
                                for column in 0..<columns {
                                    // ‖a‖² is the same for all candidates of a query and changes no order.
                                    let value = squares[firstBank + column] + c[row * columns + column]
                                    if value < distances[slot + count - 1] {
                                        insert(
                                            value, firstBank + column, at: slot, count: count, &indices, &distances)
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        for query in 0..<queries.rows {
            settle(queries, query, slot: query * count, count: count, &indices, &distances)
        }
        return (indices, distances)
    }

    private func insert(
        _ value: Float, _ index: Int, at slot: Int, count: Int, _ indices: inout [Int], _ distances: inout [Float]
    ) {
        var place = slot + count - 1
        while place > slot, distances[place - 1] > value {
            distances[place] = distances[place - 1]
            indices[place] = indices[place - 1]
            place -= 1
        }
        distances[place] = value
        indices[place] = index
    }

    /// Exact distances of the chosen rows, in order.
    private func settle(
        _ queries: Matrix<Float>, _ query: Int, slot: Int, count: Int, _ indices: inout [Int],
        _ distances: inout [Float]
    ) {
        let exact = (slot..<slot + count).map { place -> (distance: Float, index: Int) in
            let square = squaredDistance(queries, query, bank, indices[place])
            return (square.squareRoot(), indices[place])
        }.sorted { ($0.distance, $0.index) < ($1.distance, $1.index) }
        for (offset, entry) in exact.enumerated() {
            distances[slot + offset] = entry.distance
            indices[slot + offset] = entry.index
        }
    }
}

/// Rows of `points` (M, d) that cover all of them well: greedy k-centre (Gonzalez 1985; PatchCore, arXiv 2106.08265).
///
/// Starts with row `first`, then takes again and again the row that lies farthest from all rows taken; of equally far
/// ones the first. Stops early when every row coincides with a taken one. Costs count · M · d products; the rows are
/// shared out to `workers`, and their number does not change the result.
package func farthestFirst(_ points: Matrix<Float>, count: Int, first: Int = 0, workers: Int) -> [Int] {
    precondition(
        points.rows == 0 || (0..<points.rows).contains(first),
        "farthestFirst: expected a first row below \(points.rows), got \(first)")
    guard points.rows > 0, count > 0 else { return [] }
    let nearest = SquaredDistances(count: points.rows)
    let chunk = max(1024, (points.rows + max(1, workers) - 1) / max(1, workers))
    let tasks = (points.rows + chunk - 1) / chunk
    var chosen = [first]
    while chosen.count < min(count, points.rows) {
        let centre = chosen[chosen.count - 1]
        let farthest = parallelMap(count: tasks, workers: workers) { task -> (square: Float, index: Int) in
            nearest.lower(task * chunk..<min(points.rows, (task + 1) * chunk), points, centre)
        }
        var best = farthest[0]
        for candidate in farthest.dropFirst() where candidate.square > best.square { best = candidate }
        guard best.square > 0 else { break }
        chosen.append(best.index)
    }
    return chosen
}

/// For each row the squared distance to the nearest centre so far. Tasks touch disjoint ranges.
private final class SquaredDistances: @unchecked Sendable {
    private let values: UnsafeMutableBufferPointer<Float>

    init(count: Int) {
        values = .allocate(capacity: count)
        values.initialize(repeating: .infinity)
    }

    deinit { values.deallocate() }

    /// Takes row `centre` into account for the rows of `range`; returns the farthest of them.
    func lower(_ range: Range<Int>, _ points: Matrix<Float>, _ centre: Int) -> (square: Float, index: Int) {
        var best = (square: -Float.infinity, index: range.lowerBound)
        for row in range {
            let square = min(values[row], squaredDistance(points, row, points, centre))
            values[row] = square
            if square > best.square { best = (square, row) }
        }
        return best
    }
}

/// ‖a_i − b_j‖², sixteen lanes at a time.
@inline(__always)
private func squaredDistance(_ a: Matrix<Float>, _ i: Int, _ b: Matrix<Float>, _ j: Int) -> Float {
    let width = a.columns
    return a.storage.withUnsafeBufferPointer { a in
        b.storage.withUnsafeBufferPointer { b in
            let x = UnsafeRawPointer(a.baseAddress! + i * width)
            let y = UnsafeRawPointer(b.baseAddress! + j * width)
            var lanes = SIMD16<Float>(repeating: 0)
            var column = 0
            while column + 16 <= width {
                let difference =
                    x.loadUnaligned(fromByteOffset: 4 * column, as: SIMD16<Float>.self)
                    - y.loadUnaligned(fromByteOffset: 4 * column, as: SIMD16<Float>.self)
                lanes = lanes.addingProduct(difference, difference)
                column += 16
            }
            var sum = lanes.sum()
            while column < width {
                let difference = a[i * width + column] - b[j * width + column]
                sum += difference * difference
                column += 1
            }
            return sum
        }
    }
}

/// ‖row‖² of every row.
private func rowSquares(_ matrix: Matrix<Float>) -> [Float] {
    (0..<matrix.rows).map { row in matrix.row(row).reduce(0) { $0 + $1 * $1 } }
}
