import Foundation
import Numerics

/// What is wrong with a weave itself, as opposed to something on top of it.
struct WeaveFault {
    /// Threads that are not there between two places along them, all in thread counts.
    struct Gap {
        let isWarp: Bool
        let thread: Int
        let from: Float
        let to: Float
    }
    var gaps: [Gap] = []
    /// Where the weave runs in another direction, and by how much it is turned there (radians).
    var turned: Stencil?
    var turn: Float = 0
}

/// A woven twill that fills the picture, with free phase.
struct FabricScene {
    let width: Int
    let height: Int
    /// Distance of two threads in pixels.
    let period: Float
    let warpColour: SIMD4<Float>
    let weftColour: SIMD4<Float>
    private let phase: SIMD2<Float>
    private let cosine: Float
    private let sine: Float
    private let thickness: Float
    private let bend: Float
    private let along: [Float]
    private let across: [Float]
    private let drift: [Float]
    private let seed: UInt32
    private let unit: Float

    /// Draws thread size, colours, phase, rotation (±2°) and irregularity of one piece of cloth.
    init(width: Int, height: Int, using random: inout RandomSource) {
        self.width = width
        self.height = height
        unit = Float(min(width, height)) / 320
        period = random.float(in: 9.2...10.4) * unit
        phase = SIMD2(random.float(in: 0...64), random.float(in: 0...64))
        let angle = random.float(in: -0.035...0.035)
        cosine = cos(angle)
        sine = sin(angle)
        thickness = random.float(in: 0.88...0.98)
        bend = random.float(in: 0.5...0.62)
        let tone = random.float(in: 0.92...1.08)
        let tint = random.float(in: -0.012...0.012)
        warpColour = SIMD4(0.13 + tint, 0.19, 0.31 - tint, 0.04) * tone
        weftColour = SIMD4(0.50 + tint, 0.48, 0.43 - tint, 0.04) * tone
        let strength = random.float(in: 0.12...0.18)
        along = SmoothNoise.field(
            width: width, height: height, cellX: 1.1 * unit, cellY: 7 * unit, using: &random
        ).map { $0 * strength }
        across = SmoothNoise.field(
            width: width, height: height, cellX: 7 * unit, cellY: 1.1 * unit, using: &random
        ).map { $0 * strength }
        let wander = random.float(in: 0.05...0.09)
        drift = SmoothNoise.field(width: width, height: height, cell: 26 * unit, using: &random).map { $0 * wander }
        seed = UInt32(truncatingIfNeeded: random.next())
    }

    /// Position in threads: warp count, weft count.
    func threads(at pixel: SIMD2<Float>) -> SIMD2<Float> {
        let d = pixel - SIMD2(Float(width), Float(height)) / 2
        return SIMD2(d.x * cosine + d.y * sine, d.y * cosine - d.x * sine) / period + phase
    }

    /// The cloth as a surface.
    func paint(_ fault: WeaveFault? = nil) -> Surface {
        var surface = Surface(width: width, height: height)
        let turn = fault?.turn ?? 0
        let (turnCosine, turnSine) = (cos(turn), sin(turn))
        for y in 0..<height {
            for x in 0..<width {
                let index = y * width + x
                var p = threads(at: SIMD2(Float(x) + 0.5, Float(y) + 0.5))
                p.x += drift[index]
                p.y += drift[index] * 0.7
                var mirrored = false
                if let region = fault?.turned, region.values[index] > 0.5 {
                    mirrored = true
                    p = SIMD2(p.x * turnCosine + p.y * turnSine, p.y * turnCosine - p.x * turnSine)
                }
                let (z, material) = weave(p, index, mirrored, fault?.gaps ?? [])
                surface.relief[index] = z
                surface.material[index] = material
            }
        }
        return surface
    }

    /// Height (pixels) and material of the cloth at a place given in threads.
    @inline(__always)
    private func weave(
        _ p: SIMD2<Float>, _ index: Int, _ mirrored: Bool, _ gaps: [WeaveFault.Gap]
    ) -> (Float, SIMD4<Float>) {
        let i = Int(p.x.rounded(.down))
        let j = Int(p.y.rounded(.down))
        let fu = p.x - Float(i) - 0.5
        let fv = p.y - Float(j) - 0.5
        // +1 where the warp thread lies on top: a 2/2 twill, its diagonal turned over inside a fault.
        @inline(__always) func over(_ a: Int, _ b: Int) -> Float { ((mirrored ? a - b : a + b) & 3) < 2 ? 1 : -1 }
        let here = over(i, j)
        let nextV = over(i, j + (fv > 0 ? 1 : -1))
        let nextU = over(i + (fu > 0 ? 1 : -1), j)
        let warpBend = here + (nextV - here) * 0.5 * smoothUnit(2 * abs(fv))
        let weftBend = -(here + (nextU - here) * 0.5 * smoothUnit(2 * abs(fu)))
        let cu = 2 * fu / thickness
        let cv = 2 * fv / thickness
        var warpRound = 1 - cu * cu
        var weftRound = 1 - cv * cv
        if !gaps.isEmpty {
            for gap in gaps {
                if gap.isWarp, gap.thread == i, p.y > gap.from, p.y < gap.to { warpRound = -1 }
                if !gap.isWarp, gap.thread == j, p.x > gap.from, p.x < gap.to { weftRound = -1 }
            }
        }
        let size = 0.34 * period
        let warpHeight = warpRound > 0 ? size * (warpRound.squareRoot() + bend * warpBend) : -size * 1.5
        let weftHeight = weftRound > 0 ? size * (weftRound.squareRoot() + bend * weftBend) : -size * 1.5
        let blend = smoothUnit((warpHeight - weftHeight) / (0.7 * unit) + 0.5)
        // Yarn is twisted: slanting stripes, darker towards the sides of the thread.
        let warpTwist = twist(p.y * 3.1 + fu * 2.4 + placeNoise(i, 7, seed))
        let weftTwist = twist(p.x * 3.1 + fv * 2.4 + placeNoise(j, 11, seed))
        let warpTone =
            (1 + 0.09 * placeNoise(i, 3, seed) + along[index] + 0.15 * warpTwist) * (0.62 + 0.38 * max(warpRound, 0))
        let weftTone =
            (1 + 0.07 * placeNoise(j, 5, seed) + across[index] + 0.15 * weftTwist) * (0.62 + 0.38 * max(weftRound, 0))
        let warp = warpRound > 0 ? warpColour * warpTone : SIMD4(0.02, 0.021, 0.025, 0)
        let weft = weftRound > 0 ? weftColour * weftTone : SIMD4(0.02, 0.021, 0.025, 0)
        let height = max(warpHeight, weftHeight)
        // Deep places between threads get less light from the sky.
        let open = 0.55 + 0.45 * saturate((height + size * 0.6) / (2 * size))
        return (height * 0.62, mix(weft, warp, blend) * open)
    }

    /// A triangle wave −1…1 of period 1: the stripes of twisted yarn.
    @inline(__always)
    private func twist(_ t: Float) -> Float {
        let f = t - t.rounded(.down)
        return 4 * abs(f - 0.5) - 1
    }
}
