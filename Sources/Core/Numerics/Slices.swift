/// A flat stretch of numbers in slices for several workers. Where it is cut depends on the stretch alone, so sums over
/// the slices, added in their order, repeat to the bit for any number of workers.
struct Slices: Sendable {
    /// 256 KiB of Float: a slice of each of an optimiser's four streams lies in a core's cache at once.
    static let length = 1 << 16

    let range: Range<Int>

    var count: Int { (range.count + Self.length - 1) / Self.length }

    subscript(index: Int) -> Range<Int> {
        let start = range.lowerBound + index * Self.length
        return start..<min(start + Self.length, range.upperBound)
    }
}

/// A pointer that may cross threads: each task touches its own slice and nothing else.
struct SlicedPointer<Number>: @unchecked Sendable {
    let base: UnsafeMutablePointer<Number>

    init?(_ buffer: UnsafeMutableBufferPointer<Number>) {
        guard let base = buffer.baseAddress else { return nil }
        self.base = base
    }
}

extension ParameterStore {
    /// values += those of `others`, in their order, within `range`; gives back the Euclidean norm of the sum there, in
    /// Double. Runs on `workers` threads, with the same bits for any number of them. Traps on different layouts.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package mutating func add(_ others: [ParameterStore], range: Range<Int>, workers: Int) -> Double {
        precondition(
            others.allSatisfy { $0.values.count == values.count } && range.upperBound <= values.count,
            "ParameterStore.add: different layouts, or a range outside of them")
        let slices = Slices(range: range)
        return values.withUnsafeMutableBufferPointer { values in
            guard let sum = SlicedPointer(values) else { return 0 }
            let squares = parallelMap(count: slices.count, workers: workers) { index in
                let slice = slices[index]
                for other in others {
                    other.values.withUnsafeBufferPointer { other in addSlice(sum.base, other.baseAddress!, slice) }
                }
                return squareSum(sum.base, slice)
            }
            return squares.reduce(0, +).squareRoot()
        }
    }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func addSlice<Scalar: KernelScalar>(
    _ sum: UnsafeMutablePointer<Scalar>, _ other: UnsafePointer<Scalar>, _ range: Range<Int>
) {
    for index in range { sum[index] += other[index] }
}

/// Sixteen partial sums in Double, added in the order of their lanes.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func squareSum<Scalar: KernelScalar>(_ values: UnsafePointer<Scalar>, _ range: Range<Int>) -> Double {
    var sums = SIMD16<Double>(repeating: 0)
    var index = range.lowerBound
    while index + 16 <= range.upperBound {
        for lane in 0..<16 {
            let value = Double(values[index + lane])
            sums[lane] += value * value
        }
        index += 16
    }
    var square = sums.sum()
    while index < range.upperBound {
        square += Double(values[index]) * Double(values[index])
        index += 1
    }
    return square
}
