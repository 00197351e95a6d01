#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The two scalar types that kernels run in: Float for work, Double for gradient checks of the very same code.
package protocol KernelScalar: BinaryFloatingPoint, SIMDScalar, Codable, Sendable {
    /// C ← alpha · op(A) · op(B) + beta · C, row-major; A is m × k and B is k × n after `op`, C is m × n.
    static func product(
        transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Self, a: UnsafePointer<Self>, strideA: Int,
        b: UnsafePointer<Self>, strideB: Int, beta: Self, c: UnsafeMutablePointer<Self>, strideC: Int)

    /// e^x of sixteen numbers. Float: relative error below 2e-7 in -87...88, 0 below -87.3, e^88 above 88; e^∞ = ∞ and
    /// e^NaN = NaN, so that a fault shows where it is.
    static func exponential(_ x: SIMD16<Self>) -> SIMD16<Self>

    /// erf of sixteen numbers, never outside -1...1. Float: absolute error below 4e-7; erf(NaN) = NaN.
    static func errorFunction(_ x: SIMD16<Self>) -> SIMD16<Self>

    // Comparisons stand here because in generic code they are compiled lane by lane, twelve times as slow.

    /// The greater number of each lane; `a`'s where either is NaN.
    static func greater(_ a: SIMD16<Self>, _ b: SIMD16<Self>) -> SIMD16<Self>

    /// The greatest of sixteen numbers; unspecified when one of them is NaN.
    static func greatest(of x: SIMD16<Self>) -> Self

    /// The sum of sixteen numbers, halves added to halves: the same order everywhere.
    static func total(_ x: SIMD16<Self>) -> Self

    /// Each number, brought into -limit...limit; NaN stays NaN.
    static func clip(_ x: SIMD16<Self>, to limit: Self) -> SIMD16<Self>
}

private let rowMajor: Int32 = 101
private let plain: Int32 = 111
private let transposed: Int32 = 112

extension Float: KernelScalar {
    @inline(__always)
    package static func product(
        transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Float, a: UnsafePointer<Float>, strideA: Int,
        b: UnsafePointer<Float>, strideB: Int, beta: Float, c: UnsafeMutablePointer<Float>, strideC: Int
    ) {
        guard m > 0, n > 0 else { return }
        OpenBLAS.library.singleProduct(
            rowMajor, transposeA ? transposed : plain, transposeB ? transposed : plain, Int32(m), Int32(n), Int32(k),
            alpha, a, Int32(strideA), b, Int32(strideB), beta, c, Int32(strideC))
    }

    /// 2^n · p(r) with Cephes' polynomial (Moshier, `expf.c`); the integer part is taken by adding 1.5 · 2^23.
    @inline(__always)
    package static func exponential(_ x: SIMD16<Float>) -> SIMD16<Float> {
        // `pointwiseMin` and `pointwiseMax` are called lane by lane; comparing and replacing are two instructions.
        let clamped = x.replacing(with: 88, where: x .> 88).replacing(with: -87.3, where: x .< -87.3)
        let magic = SIMD16<Float>(repeating: 12_582_912)
        let shifted = magic.addingProduct(clamped, SIMD16<Float>(repeating: 1.442_695_04))
        let whole = shifted - magic
        var r = clamped.addingProduct(whole, SIMD16<Float>(repeating: -0.693_359_375))
        r = r.addingProduct(whole, SIMD16<Float>(repeating: 2.121_944_4e-4))
        var p = SIMD16<Float>(repeating: 1.987_569_1e-4)
        p = SIMD16<Float>(repeating: 1.398_2e-3).addingProduct(p, r)
        p = SIMD16<Float>(repeating: 8.333_452e-3).addingProduct(p, r)
        p = SIMD16<Float>(repeating: 4.166_579_6e-2).addingProduct(p, r)
        p = SIMD16<Float>(repeating: 0.166_666_65).addingProduct(p, r)
        p = SIMD16<Float>(repeating: 0.5).addingProduct(p, r)
        p = (r + 1).addingProduct(p, r * r)
        let exponent = unsafeBitCast(shifted, to: SIMD16<Int32>.self) &<< 23
        let result = unsafeBitCast(unsafeBitCast(p, to: SIMD16<Int32>.self) &+ exponent, to: SIMD16<Float>.self)
        // Adding the exponent to a NaN's bits could make a number of it: what is not below infinity stays what it is.
        return result.replacing(with: 0, where: x .< -87.3).replacing(with: x, where: .!(x .< .infinity))
    }

    /// Rational approximation x · P(x²) / Q(x²) (the coefficients of Eigen's `erf` for float), ±1 from 3.7 on, where the
    /// quotient would step over 1. Without exact ends GELU would leak 6e-8 · x of large negative numbers.
    @inline(__always)
    package static func errorFunction(_ x: SIMD16<Float>) -> SIMD16<Float> {
        let s = x * x
        var p = SIMD16<Float>(repeating: -2.726_142_3e-10)
        p = SIMD16<Float>(repeating: 2.770_681_4e-8).addingProduct(p, s)
        p = SIMD16<Float>(repeating: -2.101_024_0e-6).addingProduct(p, s)
        p = SIMD16<Float>(repeating: -5.692_506_4e-5).addingProduct(p, s)
        p = SIMD16<Float>(repeating: -7.349_906_3e-4).addingProduct(p, s)
        p = SIMD16<Float>(repeating: -2.954_600_0e-3).addingProduct(p, s)
        p = SIMD16<Float>(repeating: -1.609_603_3e-2).addingProduct(p, s)
        var q = SIMD16<Float>(repeating: -1.456_607_2e-5)
        q = SIMD16<Float>(repeating: -2.133_740_6e-4).addingProduct(q, s)
        q = SIMD16<Float>(repeating: -1.682_827e-3).addingProduct(q, s)
        q = SIMD16<Float>(repeating: -7.373_329_3e-3).addingProduct(q, s)
        q = SIMD16<Float>(repeating: -1.426_473_9e-2).addingProduct(q, s)
        return (x * p / q).replacing(with: 1, where: x .>= 3.7).replacing(with: -1, where: x .<= -3.7)
    }

    @inline(__always)
    package static func greater(_ a: SIMD16<Float>, _ b: SIMD16<Float>) -> SIMD16<Float> {
        a.replacing(with: b, where: b .> a)
    }

    @inline(__always)
    package static func greatest(of x: SIMD16<Float>) -> Float {
        let eight = x.lowHalf.replacing(with: x.highHalf, where: x.highHalf .> x.lowHalf)
        let four = eight.lowHalf.replacing(with: eight.highHalf, where: eight.highHalf .> eight.lowHalf)
        let two = four.lowHalf.replacing(with: four.highHalf, where: four.highHalf .> four.lowHalf)
        return two.y > two.x ? two.y : two.x
    }

    @inline(__always)
    package static func total(_ x: SIMD16<Float>) -> Float {
        let eight = x.lowHalf + x.highHalf
        let four = eight.lowHalf + eight.highHalf
        let two = four.lowHalf + four.highHalf
        return two.x + two.y
    }

    @inline(__always)
    package static func clip(_ x: SIMD16<Float>, to limit: Float) -> SIMD16<Float> {
        x.replacing(with: limit, where: x .> limit).replacing(with: -limit, where: x .< -limit)
    }
}

extension Double: KernelScalar {
    package static func product(
        transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Double, a: UnsafePointer<Double>,
        strideA: Int, b: UnsafePointer<Double>, strideB: Int, beta: Double, c: UnsafeMutablePointer<Double>,
        strideC: Int
    ) {
        guard m > 0, n > 0 else { return }
        OpenBLAS.library.doubleProduct(
            rowMajor, transposeA ? transposed : plain, transposeB ? transposed : plain, Int32(m), Int32(n), Int32(k),
            alpha, a, Int32(strideA), b, Int32(strideB), beta, c, Int32(strideC))
    }

    package static func exponential(_ x: SIMD16<Double>) -> SIMD16<Double> {
        var result = x
        for lane in 0..<16 { result[lane] = exp(x[lane]) }
        return result
    }

    package static func errorFunction(_ x: SIMD16<Double>) -> SIMD16<Double> {
        var result = x
        for lane in 0..<16 { result[lane] = erf(x[lane]) }
        return result
    }

    @inline(__always)
    package static func greater(_ a: SIMD16<Double>, _ b: SIMD16<Double>) -> SIMD16<Double> {
        a.replacing(with: b, where: b .> a)
    }

    @inline(__always)
    package static func greatest(of x: SIMD16<Double>) -> Double {
        let eight = x.lowHalf.replacing(with: x.highHalf, where: x.highHalf .> x.lowHalf)
        let four = eight.lowHalf.replacing(with: eight.highHalf, where: eight.highHalf .> eight.lowHalf)
        let two = four.lowHalf.replacing(with: four.highHalf, where: four.highHalf .> four.lowHalf)
        return two.y > two.x ? two.y : two.x
    }

    @inline(__always)
    package static func total(_ x: SIMD16<Double>) -> Double {
        let eight = x.lowHalf + x.highHalf
        let four = eight.lowHalf + eight.highHalf
        let two = four.lowHalf + four.highHalf
        return two.x + two.y
    }

    @inline(__always)
    package static func clip(_ x: SIMD16<Double>, to limit: Double) -> SIMD16<Double> {
        x.replacing(with: limit, where: x .> limit).replacing(with: -limit, where: x .< -limit)
    }
}

extension UnsafePointer where Pointee: KernelScalar {
    /// Sixteen numbers from here on; no alignment is needed.
    @inline(__always)
    func load16(_ index: Int) -> SIMD16<Pointee> {
        UnsafeRawPointer(self + index).loadUnaligned(as: SIMD16<Pointee>.self)
    }
}

extension UnsafeMutablePointer where Pointee: KernelScalar {
    @inline(__always)
    func load16(_ index: Int) -> SIMD16<Pointee> {
        UnsafeRawPointer(self + index).loadUnaligned(as: SIMD16<Pointee>.self)
    }

    @inline(__always)
    func store16(_ index: Int, _ value: SIMD16<Pointee>) {
        UnsafeMutableRawPointer(self + index).storeBytes(of: value, as: SIMD16<Pointee>.self)
    }
}
