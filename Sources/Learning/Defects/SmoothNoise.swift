import Numerics

/// Low-frequency noise: standard normal numbers on a lattice, joined by Catmull–Rom splines in both directions.
enum SmoothNoise {
    /// A field (height · width) whose lattice points are `cell` pixels apart, with random phase.
    static func field(width: Int, height: Int, cell: Float, using random: inout RandomSource) -> [Float] {
        field(width: width, height: height, cellX: cell, cellY: cell, using: &random)
    }

    /// A field (height · width) with lattice distances of its own for x and y: long in one direction is a streak.
    static func field(
        width: Int, height: Int, cellX: Float, cellY: Float, using random: inout RandomSource
    ) -> [Float] {
        let columns = Int(Float(width) / cellX) + 5
        let rows = Int(Float(height) / cellY) + 5
        let phaseX = random.float(in: 0...0.999)
        let phaseY = random.float(in: 0...0.999)
        var taps = [SIMD4<Float>](repeating: .zero, count: width)
        var starts = [Int](repeating: 0, count: width)
        for x in 0..<width {
            let position = Float(x) / cellX + phaseX
            starts[x] = Int(position)
            taps[x] = weights(position - Float(starts[x]))
        }
        // Each lattice row stretched to the full width, then four of them mixed per line.
        var stretched = [Float](repeating: 0, count: rows * width)
        var lattice = [Float](repeating: 0, count: columns)
        for row in 0..<rows {
            for column in 0..<columns { lattice[column] = random.gauss() }
            for x in 0..<width {
                let s = starts[x]
                let four = SIMD4(lattice[s], lattice[s + 1], lattice[s + 2], lattice[s + 3])
                stretched[row * width + x] = (four * taps[x]).sum()
            }
        }
        var result = [Float](repeating: 0, count: width * height)
        for y in 0..<height {
            let position = Float(y) / cellY + phaseY
            let row = Int(position)
            let w = weights(position - Float(row))
            let base = row * width
            for x in 0..<width {
                let upper = stretched[base + x] * w[0] + stretched[base + width + x] * w[1]
                let lower = stretched[base + 2 * width + x] * w[2] + stretched[base + 3 * width + x] * w[3]
                result[y * width + x] = upper + lower
            }
        }
        return result
    }

    /// Catmull–Rom weights of the four lattice points around t in 0…1.
    private static func weights(_ t: Float) -> SIMD4<Float> {
        let t2 = t * t
        let t3 = t2 * t
        return SIMD4(
            -0.5 * t3 + t2 - 0.5 * t, 1.5 * t3 - 2.5 * t2 + 1, -1.5 * t3 + 2 * t2 + 0.5 * t, 0.5 * t3 - 0.5 * t2)
    }
}
