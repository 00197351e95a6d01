import Numerics

/// One matrix product of the network: C (m, n) = A (m, k) · Bᵀ (n, k), as a linear layer asks for it.
struct ProductSize: Sendable {
    let name: String
    let m: Int
    let n: Int
    let k: Int
    /// How often one forward pass of a batch has it.
    let times: Int
    /// False for weights · values, whose B is (k, n).
    var transposeB = true

    var operations: Double { 2 * Double(m) * Double(n) * Double(k) }
}

/// The products of a ViT forward pass without anything between them: the ceiling that the machine's BLAS sets.
struct ForwardProducts: Sendable {
    let sizes: [ProductSize]
    private var a: [Float]
    private var b: [Float]
    private var c: [Float]

    /// The products of `shape` over `batch` pictures of `patches` patches each.
    init(shape: BenchShape, batch: Int) { self.init(sizes: Self.sizes(shape, batch: batch)) }

    /// One product alone.
    init(only size: ProductSize) { self.init(sizes: [size]) }

    private init(sizes: [ProductSize]) {
        self.sizes = sizes
        let greatest = sizes.map { max($0.m * $0.n, $0.m * $0.k, $0.n * $0.k) }.max() ?? 0
        var random = RandomSource(seed: 1)
        a = (0..<greatest).map { _ in Float(random.normal()) }
        b = a
        c = a
    }

    static func sizes(_ shape: BenchShape, batch: Int) -> [ProductSize] {
        let rows = batch * shape.tokens
        let d = shape.width
        let head = d / shape.heads
        let perHead = shape.depth * shape.heads * batch
        return [
            ProductSize(
                name: "patch embedding", m: batch * shape.patches, n: d, k: 3 * shape.patchSize * shape.patchSize,
                times: 1),
            ProductSize(name: "qkv", m: rows, n: 3 * d, k: d, times: shape.depth),
            ProductSize(name: "query . key", m: shape.tokens, n: shape.tokens, k: head, times: perHead),
            ProductSize(
                name: "weights . value", m: shape.tokens, n: head, k: shape.tokens, times: perHead, transposeB: false),
            ProductSize(name: "projection", m: rows, n: d, k: d, times: shape.depth),
            ProductSize(name: "mlp in", m: rows, n: 4 * d, k: d, times: shape.depth),
            ProductSize(name: "mlp out", m: rows, n: d, k: 4 * d, times: shape.depth),
        ]
    }

    /// Floating-point operations of one pass, 2 per multiply-add.
    var operations: Double { sizes.reduce(0) { $0 + Double($1.times) * $1.operations } }

    /// Every product of one pass.
    mutating func run() {
        for size in sizes { for _ in 0..<size.times { run(size) } }
    }

    /// One product.
    mutating func run(_ size: ProductSize) {
        let a = a
        let b = b
        c.withUnsafeMutableBufferPointer { c in
            a.withUnsafeBufferPointer { a in
                b.withUnsafeBufferPointer { b in
                    Float.product(
                        transposeA: false, transposeB: size.transposeB, m: size.m, n: size.n, k: size.k, alpha: 1,
                        a: a.baseAddress!, strideA: size.k, b: b.baseAddress!,
                        strideB: size.transposeB ? size.k : size.n, beta: 0, c: c.baseAddress!, strideC: size.n)
                }
            }
        }
    }
}
