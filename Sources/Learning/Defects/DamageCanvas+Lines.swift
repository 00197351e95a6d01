import Foundation
import Numerics

/// Scratches and cracks.
extension DamageCanvas {
    mutating func scratch(_ random: inout RandomSource) -> String? {
        let strokes = random.pick([1, 1, 1, 2, 3])
        let angle = random.float(in: 0...2 * .pi)
        var (x, y) = anywhere(&random)
        let target = contrasting(&random, least: 0.12, most: 0.6)
        let opacity = random.float(in: 0.5...1)
        for _ in 0..<strokes {
            let length = random.logFloat(in: 0.06...0.5) * side
            let turn = angle + random.gauss() * 0.06
            let bend = random.gauss() * 0.25 / max(length, 1)
            line(
                from: (x, y), angle: turn, length: length, bend: bend,
                halfWidth: random.logFloat(in: 0.0018...0.006) * side,
                colour: target, opacity: opacity)
            x += random.gauss() * 0.03 * side
            y += random.gauss() * 0.03 * side
        }
        return nil
    }

    /// A jagged walk, dark, now and then with a branch.
    mutating func crack(_ random: inout RandomSource) -> String? {
        let halfWidth = random.logFloat(in: 0.0016...0.006) * side
        let colour = shade(random.float(in: 0...0.22))
        let opacity = random.float(in: 0.6...1)
        walk(
            from: anywhere(&random), angle: random.float(in: 0...2 * .pi),
            length: random.logFloat(in: 0.1...0.6) * side,
            halfWidth: halfWidth, colour: colour, opacity: opacity, branches: random.integer(below: 3), &random)
        return nil
    }

    mutating func walk(
        from start: (x: Float, y: Float), angle first: Float, length: Float, halfWidth: Float, colour: SIMD3<Float>,
        opacity: Float, branches: Int, _ random: inout RandomSource
    ) {
        var (x, y) = start
        var angle = first
        var left = length
        var unspent = branches
        while left > 0 {
            let step = min(left, random.float(in: 0.012...0.05) * side)
            angle += random.gauss() * 0.45
            // Back towards where it was going, so that it crosses the part instead of curling up.
            angle += (first - angle) * 0.3
            line(
                from: (x, y), angle: angle, length: step, bend: 0, halfWidth: halfWidth * random.float(in: 0.7...1.3),
                colour: colour, opacity: opacity)
            x += cos(angle) * step
            y += sin(angle) * step
            left -= step
            if unspent > 0, random.chance(0.25) {
                unspent -= 1
                walk(
                    from: (x, y), angle: angle + (random.chance(0.5) ? 1 : -1) * random.float(in: 0.5...1.2),
                    length: left * 0.6, halfWidth: halfWidth * 0.8, colour: colour, opacity: opacity, branches: 0,
                    &random)
            }
        }
    }

    /// One tapered stroke from a point on; `bend` is the turn in radians per pixel.
    mutating func line(
        from start: (x: Float, y: Float), angle: Float, length: Float, bend: Float, halfWidth: Float,
        colour: SIMD3<Float>, opacity: Float
    ) {
        let steps = max(1, Int(length.rounded(.up)))
        let reach = Int(halfWidth.rounded(.up)) + 1
        var cover: [Int: Float] = [:]
        var (x, y, turn) = (start.x, start.y, angle)
        for step in 0...steps {
            let t = Float(step) / Float(steps)
            let own = halfWidth * (0.55 + 0.45 * (1 - abs(2 * t - 1)))
            for py in Int(y) - reach...Int(y) + reach where py >= 0 && py < height {
                for px in Int(x) - reach...Int(x) + reach where px >= 0 && px < width {
                    let (dx, dy) = (Float(px) - x, Float(py) - y)
                    let value = saturate(own + 0.5 - (dx * dx + dy * dy).squareRoot())
                    if value > 0 { cover[py * width + px] = max(cover[py * width + px] ?? 0, value) }
                }
            }
            x += cos(turn) * length / Float(steps)
            y += sin(turn) * length / Float(steps)
            turn += bend * length / Float(steps)
        }
        for (index, value) in cover { mix(index, colour, value * opacity) }
    }
}
