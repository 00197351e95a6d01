import Numerics

/// What a core can do at most: float32 multiply-adds that never leave its registers, and one large product through BLAS.
enum Peak {
    /// GFLOP per second, of all workers by the clock and of one core.
    struct Speed {
        let byTheClock: Double
        let ofACore: Double

        init(_ rate: Rate, operations: Double) {
            byTheClock = rate.perSecond * operations * 1e-9
            ofACore = rate.perCoreSecond * operations * 1e-9
        }
    }

    /// Multiply-adds in registers.
    static func registers(workers: Int, seconds: Double) -> Speed {
        let rounds = 1_000_000
        let rate = Rate.measure(
            workers: workers, seconds: seconds, make: { worker in Float(worker) * 1e-3 },
            { state in state = multiplyAdd(state, rounds: rounds) })
        return Speed(rate, operations: Double(rounds) * Double(chains * 8 * 2))
    }

    /// C (n, n) = A (n, n) · B (n, n).
    static func product(workers: Int, seconds: Double) -> Speed {
        let size = ProductSize(name: "", m: side, n: side, k: side, times: 1, transposeB: false)
        let rate = Rate.measure(
            workers: workers, seconds: seconds, make: { _ in ForwardProducts(only: size) }, { $0.run(size) })
        return Speed(rate, operations: size.operations)
    }

    static let side = 1536

    /// Independent sums: a multiply-add takes four cycles, two begin in each, and a few more hide what else happens.
    private static let chains = 12

    /// `rounds` times a multiply-add on each of twelve vectors of eight, which the baseline's AVX2 has registers for.
    @inline(never)
    private static func multiplyAdd(_ start: Float, rounds: Int) -> Float {
        let factor = SIMD8<Float>(repeating: 0.999_999)
        let summand = SIMD8<Float>(repeating: 1e-6)
        let first = SIMD8<Float>(repeating: start)
        var (a, b, c, d) = (first, first + 1, first + 2, first + 3)
        var (e, f, g, h) = (first + 4, first + 5, first + 6, first + 7)
        var (i, j, k, l) = (first + 8, first + 9, first + 10, first + 11)
        for _ in 0..<rounds {
            a = summand.addingProduct(a, factor)
            b = summand.addingProduct(b, factor)
            c = summand.addingProduct(c, factor)
            d = summand.addingProduct(d, factor)
            e = summand.addingProduct(e, factor)
            f = summand.addingProduct(f, factor)
            g = summand.addingProduct(g, factor)
            h = summand.addingProduct(h, factor)
            i = summand.addingProduct(i, factor)
            j = summand.addingProduct(j, factor)
            k = summand.addingProduct(k, factor)
            l = summand.addingProduct(l, factor)
        }
        let sum = a + b + c + d + e + f + g + h + i + j + k + l
        return sum.sum() * 1e-3
    }
}
