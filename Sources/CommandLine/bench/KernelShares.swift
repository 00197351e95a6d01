import Numerics

/// Where the time of a forward pass goes, kernel by kernel on one worker: each kernel alone, at the pass's sizes.
struct KernelShares: Sendable {
    private let shape: BenchShape
    private let batch: Int
    private let seconds: Double

    init(_ shape: BenchShape, batch: Int, seconds: Double) {
        self.shape = shape
        self.batch = batch
        self.seconds = seconds
    }

    /// What the kernels work on.
    private struct Room: Sendable {
        var layout = ParameterLayout()
        let scale: Parameter
        let shift: Parameter
        let store: ParameterStore<Float>
        let segments: Segments
        let input: Matrix<Float>
        var output: Matrix<Float>
        var statistics = Matrix<Float>(rows: 0, columns: 2)
        let hidden: Matrix<Float>
        var activated: Matrix<Float>
        let qkv: Matrix<Float>
        var weights: [Float] = []
        let pixels: [Float]

        init(_ shape: BenchShape, batch: Int) {
            scale = layout.add("scale", columns: shape.width, .ones)
            shift = layout.add("shift", columns: shape.width, .zeros)
            var random = RandomSource(seed: 4)
            store = ParameterStore(initialising: layout, using: &random)
            segments = Segments(lengths: [Int](repeating: shape.tokens, count: batch))
            func normal(_ columns: Int) -> Matrix<Float> {
                let rows = batch * shape.tokens
                return Matrix(
                    rows: rows, columns: columns, storage: (0..<rows * columns).map { _ in Float(random.normal()) })
            }
            input = normal(shape.width)
            output = input
            hidden = normal(4 * shape.width)
            activated = hidden
            qkv = normal(3 * shape.width)
            pixels = shape.pixels(seed: 5)
        }
    }

    /// Milliseconds a picture of each kind of elementwise work.
    func measure() -> [(name: String, milliseconds: Double)] {
        let shape = shape
        let batch = batch
        let depth = Double(shape.depth)
        func perCall(_ task: @escaping @Sendable (inout Room) -> Void) -> Double {
            1e3
                / Rate.measure(workers: 1, seconds: seconds, make: { _ in Room(shape, batch: batch) }, task)
                .perCoreSecond
                / Double(batch)
        }
        let norm = perCall { room in
            layerNormForward(
                &room.output, statistics: &room.statistics, input: room.input, store: room.store, scale: room.scale,
                shift: room.shift, epsilon: 1e-6)
        }
        let gelu = perCall { room in geluForward(&room.activated, input: room.hidden) }
        let attention = perCall { room in
            attentionForward(
                &room.output, weights: &room.weights, qkv: room.qkv, segments: room.segments, heads: shape.heads,
                keepWeights: false)
        }
        let products = ForwardProducts(shape: shape, batch: batch)
        let inAttention = products.sizes.filter { $0.name.contains(" . ") }
        let rate = Rate.measure(
            workers: 1, seconds: seconds, make: { _ in products },
            { products in
                for size in inAttention { for _ in 0..<size.times { products.run(size) } }
            })
        let attentionProducts = 1e3 / rate.perCoreSecond / Double(batch)
        let bias = perCall { room in addScaled(&room.output, 1e-6, room.input) }
        return [
            ("LayerNorm", 2 * depth * norm), ("GELU", depth * gelu),
            ("softmax (attention less its products)", depth * attention - attentionProducts),
            // Widths 3 + 1 + 4 + 1, half the traffic of y += x.
            ("bias and residual (as additions)", 4.5 * depth * bias),
        ]
    }
}
