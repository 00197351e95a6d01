/// The colours of a heatmap. Cool below the fail threshold, hot from the threshold on, with a visible step at exactly
/// 1, so that "red" and "fails" are the same statement.
///
/// Black means ordinary: added to the part's picture (`screen`), it leaves the picture alone. Every channel's sum and
/// the luminance grow with the value, so the brightest pixel is the peak for any reader, also in grey print.
package struct HeatmapColours: Sendable {
    /// Entries below the threshold, and as many from it on.
    private static let half = 512

    /// Map value that gets the last colour.
    package let top: Double
    /// RGB triplets: `half` cool colours for [0, 1), then `half` hot ones for [1, top].
    let table: [UInt8]
    private let hotPerUnit: Float

    /// Colours for a map whose highest value is `peak`. A map that stays below 2 uses the same scale as any other such
    /// map; a higher one stretches the hot colours, so that its peak never drowns in a saturated patch.
    package init(peak: Float) {
        top = max(2, Double(peak))
        hotPerUnit = Float(Double(Self.half - 1) / (top - 1))
        table = Self.triplets
    }

    /// Position in the table, in entries: negative values take the first, values from `top` on the last.
    @inline(__always)
    func entry(of value: Float) -> Int {
        let half = Float(Self.half)
        let position = value < 1 ? min(value * half, half - 1) : min(half + (value - 1) * hotPerUnit, 2 * half - 1)
        return position > 0 ? Int(position) : 0
    }

    /// The colour of one map value, (red, green, blue).
    package func colour(of value: Float) -> (red: UInt8, green: UInt8, blue: UInt8) {
        let index = 3 * entry(of: value)
        return (table[index], table[index + 1], table[index + 2])
    }

    private static let cool: [(at: Float, colour: SIMD3<Float>)] = [
        (0.0, SIMD3(0, 0, 0)), (0.35, SIMD3(10, 18, 62)), (0.7, SIMD3(30, 42, 120)), (1.0, SIMD3(98, 50, 150)),
    ]
    private static let hot: [(at: Float, colour: SIMD3<Float>)] = [
        (0.0, SIMD3(235, 58, 38)), (0.35, SIMD3(250, 128, 36)), (0.7, SIMD3(255, 204, 72)), (1.0, SIMD3(255, 250, 214)),
    ]

    private static let triplets: [UInt8] = [cool, hot].flatMap { stops in
        (0..<half).flatMap { index -> [UInt8] in
            let colour = blend(stops, at: Float(index) / Float(half - 1))
            return (0..<3).map { UInt8(colour[$0].rounded()) }
        }
    }

    private static func blend(_ stops: [(at: Float, colour: SIMD3<Float>)], at position: Float) -> SIMD3<Float> {
        var upper = 1
        while upper < stops.count - 1, stops[upper].at < position { upper += 1 }
        let (below, above) = (stops[upper - 1], stops[upper])
        let share = (position - below.at) / (above.at - below.at)
        return below.colour + (above.colour - below.colour) * share
    }
}
