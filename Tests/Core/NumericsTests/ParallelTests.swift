import Numerics
import Testing

@Suite struct ParallelTests {
    @Test(arguments: [1, 2, 4, 100], [0, 1, 2, 57])
    func resultsComeInOrder(workers: Int, count: Int) {
        #expect(parallelMap(count: count, workers: workers) { $0 * $0 } == (0..<count).map { $0 * $0 })
    }

    @Test func everyTaskRunsOnce() {
        let runs = LockedValue([Int](repeating: 0, count: 500))
        _ = parallelMap(count: 500, workers: 4) { index in runs.withLock { $0[index] += 1 } }
        #expect(runs.withLock { $0 } == [Int](repeating: 1, count: 500))
    }

    /// A row of products, attention and activations per task gives the same bits with 1, 2 and 4 workers.
    @Test func bitsDoNotDependOnTheWorkers() {
        var layout = ParameterLayout()
        let weight = layout.add("w", rows: 3 * 48, columns: 48, .zeros)
        let bias = layout.add("b", columns: 3 * 48, .zeros)
        let store = ParameterStore<Float>(drawing: layout, seed: 1)
        let results = [1, 2, 4].map { workers in
            parallelMap(count: 24, workers: workers) { index in
                let x = Matrix<Float>.random(30 + index, 48, seed: UInt64(index))
                var qkv = Matrix<Float>(rows: 0, columns: 3 * 48)
                linearForward(&qkv, input: x, store: store, weight: weight, bias: bias)
                var output = Matrix<Float>(rows: 0, columns: 48)
                var weights: [Float] = []
                attentionForward(
                    &output, weights: &weights, qkv: qkv, segments: Segments(lengths: [10, 20 + index]), heads: 3,
                    keepWeights: false)
                var y = output
                geluForward(&y, input: output)
                return y.storage.map(\.bitPattern)
            }
        }
        #expect(results[0] == results[1] && results[0] == results[2])
        #expect(results[0][3] != results[0][4])
    }
}
