import Foundation
import Numerics

/// The draws that rendering and damage need again and again.
extension RandomSource {
    /// Uniform in the range, as Float.
    mutating func float(in range: ClosedRange<Float>) -> Float {
        range.lowerBound + (range.upperBound - range.lowerBound) * Float(uniform())
    }

    /// Log-uniform in the range (both ends > 0): every factor of two is equally likely, so small sizes are not rare.
    mutating func logFloat(in range: ClosedRange<Float>) -> Float {
        exp(float(in: log(range.lowerBound)...log(range.upperBound)))
    }

    /// True with the given probability.
    mutating func chance(_ probability: Double) -> Bool { uniform() < probability }

    /// Standard normal number as Float.
    mutating func gauss() -> Float { Float(normal()) }

    /// One of the given values, each equally likely. Traps on an empty list.
    mutating func pick<Value>(_ values: [Value]) -> Value { values[integer(below: values.count)] }
}

/// 0 below 0, 1 above 1, smooth between (3t² − 2t³): the edge of every soft mask here.
@inline(__always)
func smoothUnit(_ t: Float) -> Float {
    let s = min(max(t, 0), 1)
    return s * s * (3 - 2 * s)
}

/// `t` limited to 0…1.
@inline(__always)
func saturate(_ t: Float) -> Float { min(max(t, 0), 1) }
