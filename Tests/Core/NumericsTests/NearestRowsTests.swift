import Testing

@testable import Numerics

@Suite("Nearest rows")
struct NearestRowsTests {
    private func random(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix<Float> {
        var random = RandomSource(seed: seed)
        return Matrix(
            rows: rows, columns: columns, storage: (0..<rows * columns).map { _ in Float(random.normal()) })
    }

    private func distance(_ a: Matrix<Float>, _ i: Int, _ b: Matrix<Float>, _ j: Int) -> Double {
        var square = 0.0
        for column in 0..<a.columns {
            let difference = Double(a[i, column]) - Double(b[j, column])
            square += difference * difference
        }
        return square.squareRoot()
    }

    @Test(
        "The same as every distance sorted, over block borders and odd widths", arguments: [(1, 7), (5, 33), (9, 64)])
    func naive(count: Int, width: Int) {
        // 2,100 rows and 150 queries cross the borders of both blocks.
        let bank = random(2_100, width, seed: 1)
        let queries = random(150, width, seed: 2)
        let found = NearestRows(bank).nearest(queries, count: count)
        for query in stride(from: 0, to: 150, by: 7) {
            let sorted = (0..<bank.rows).map { (distance(queries, query, bank, $0), $0) }.sorted { $0 < $1 }
            for k in 0..<count {
                #expect(found.indices[query * count + k] == sorted[k].1)
                #expect(abs(Double(found.distances[query * count + k]) - sorted[k].0) < 1e-4)
            }
        }
    }

    @Test("A row far from the origin finds itself at distance 0, which the product alone would not say")
    func cancellation() {
        var bank = random(50, 16, seed: 3)
        for index in bank.storage.indices { bank.storage[index] += 1000 }
        var query = Matrix<Float>(rows: 0, columns: 16)
        gatherRows(&query, from: bank, indices: [17])
        let found = NearestRows(bank).nearest(query, count: 50)
        #expect(found.distances[0] == 0 && found.indices[0] == 17)
        #expect(zip(found.distances, found.distances.dropFirst()).allSatisfy { $0 <= $1 })
    }

    @Test("Farthest first: covers clusters before it repeats one, and stops when nothing new is left")
    func farthest() {
        var points = Matrix<Float>(rows: 40, columns: 3)
        for row in 0..<40 { points[row, 0] = Float(row % 4) * 100 }
        let chosen = farthestFirst(points, count: 10, workers: 2)
        #expect(chosen.count == 4 && Set(chosen.map { $0 % 4 }).count == 4)
        #expect(farthestFirst(Matrix<Float>(rows: 0, columns: 3), count: 5, workers: 2).isEmpty)
        // 5,000 rows are shared out; the result is that of one worker.
        let many = random(5_000, 20, seed: 4)
        #expect(farthestFirst(many, count: 40, workers: 1) == farthestFirst(many, count: 40, workers: 3))
    }
}
