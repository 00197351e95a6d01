import Foundation
import Numerics

/// Pieces broken out.
extension DamageCanvas {
    /// What the place shows after the piece is gone.
    private enum Break {
        /// A rough ground, darker or of another shade.
        case ground
        /// A shell came off: its edge shows more than what lies under it.
        case shell
        /// Faces of a fracture, each in a light of its own, that show what was there bent.
        case facets
        /// Out of the outline: what lies behind the part.
        case bite
    }

    /// A piece broken out: angular or like a shell, lighter or darker at its edge.
    mutating func chip(_ random: inout RandomSource) -> String? {
        let radius = random.logFloat(in: 0.035...0.28) * side
        // Edges break first: a quarter of the places lie on the part's outline, or on the frame where the part fills it.
        let onEdge = random.chance(0.25)
        let onOutline =
            onEdge ? ground?.outline(width: width, height: height, reach: max(2, Int(radius / 2)), using: &random) : nil
        let (x, y) = onOutline ?? (onEdge && ground == nil ? onFrame(&random) : structured(&random))
        let looks: [Break] = onOutline == nil ? [.ground, .shell, .facets, .facets] : [.ground, .facets, .bite, .bite]
        let look = random.pick(looks)
        let polygon = outline(x: x, y: y, radius: radius, &random)
        let span = space.white - space.black
        let fill = random.chance(0.6) ? shade(random.float(in: 0...0.3)) : contrasting(&random, least: 0.15, most: 0.6)
        let edge = contrasting(&random, least: 0.2, most: 0.7)
        let grain = random.float(in: 0.02...0.15)
        let shift = random.float(in: -0.08...0.08) * span
        let field = SmoothNoise.field(
            width: width, height: height, cell: max(2, radius * random.float(in: 0.1...0.4)), using: &random)
        let line = look == .bite ? random.float(in: 0...2) : random.float(in: 1...3)
        let ring = ringColour(x: x, y: y, radius: radius)
        let faces = Faces(
            around: SIMD2(x, y), radius: radius, tone: ring.reduce(.zero, +) / Float(ring.count), using: &random)
        let source = pixels
        let behind = ground?.colour ?? fill
        area(around: (x, y), reach: radius * 1.3) { canvas, index, px, py in
            let depth = Self.depth(SIMD2(px, py), in: polygon)
            guard depth > -1 else { return }
            let change = (field[index] - 0.5) * grain * span
            let tone =
                switch look {
                case .ground: fill + change
                case .shell: canvas.colour(index) + change + shift
                case .bite: behind + change * 0.1
                case .facets:
                    faces.colour(
                        SIMD2(px, py), of: source, width: canvas.width, height: canvas.height, field: field[index], span
                    )
                }
            // What is behind the part stays there; a break changes the part.
            if let ground = canvas.ground, !ground.isPart[index] { return }
            let isEdge = depth < line && field[index] > (look == .shell ? 0.35 : 0)
            canvas.mix(index, isEdge ? edge : tone, saturate(depth + 1))
        }
        return radius > 0.13 * side ? random.pick(["large break", "breakage", "broken-off piece", "broken area"]) : nil
    }

    /// A place on the picture's frame.
    private func onFrame(_ random: inout RandomSource) -> (x: Float, y: Float) {
        let isAcross = random.chance(0.5)
        let isFar = random.chance(0.5)
        let along = random.float(in: 0...Float(isAcross ? width - 1 : height - 1))
        let depth = isFar ? Float(isAcross ? height - 1 : width - 1) : 0
        return isAcross ? (along, depth) : (depth, along)
    }

    /// A few corners, or the round line of a shell.
    private func outline(x: Float, y: Float, radius: Float, _ random: inout RandomSource) -> [SIMD2<Float>] {
        let start = random.float(in: 0...2 * .pi)
        if random.chance(0.5) {
            let corners = 4 + random.integer(below: 4)
            return (0..<corners).map { corner in
                let angle = start + (Float(corner) + random.float(in: -0.3...0.3)) / Float(corners) * 2 * .pi
                return SIMD2(cos(angle), sin(angle)) * radius * random.float(in: 0.55...1.25) + SIMD2(x, y)
            }
        }
        let squeeze = random.float(in: 0.45...1)
        let waves = (2...4).map { (Float($0), random.float(in: 0...2 * .pi), random.gauss() * 0.12 / Float($0 - 1)) }
        let turn = random.float(in: 0...2 * .pi)
        return (0..<20).map { corner in
            let angle = Float(corner) / 20 * 2 * .pi
            let own = radius * waves.reduce(1) { $0 + $1.2 * sin($1.0 * angle + $1.1) }
            let (u, v) = (cos(angle) * own, sin(angle) * own * squeeze)
            return SIMD2(u * cos(turn) - v * sin(turn) + x, u * sin(turn) + v * cos(turn) + y)
        }
    }
}

/// Faces of a fracture: what was there, bent, each face in a light of its own; some glint, some show grain.
private struct Faces {
    private struct Face {
        let middle: SIMD2<Float>
        let light: Float
        let bend: SIMD2<Float>
        /// How much of what was there is still to be seen, 0…1.
        let clarity: Float
        let grain: Float
    }

    private let faces: [Face]
    private let tone: SIMD3<Float>
    private let lineLight: Float

    init(around place: SIMD2<Float>, radius: Float, tone: SIMD3<Float>, using random: inout RandomSource) {
        faces = (0..<3 + random.integer(below: 9)).map { _ in
            // One face in five throws the light at the camera.
            let glints = random.chance(0.2)
            return Face(
                middle: place + SIMD2(random.gauss(), random.gauss()) * radius * 0.5,
                light: glints ? random.float(in: 0.3...0.8) : random.float(in: -0.25...0.2),
                bend: SIMD2(random.gauss(), random.gauss()) * radius * 0.3, clarity: random.float(in: 0...0.8),
                grain: random.float(in: 0...0.3))
        }
        self.tone = tone
        lineLight = random.float(in: -0.2...0.5)
    }

    /// - Parameters:
    ///   - source: the picture before, (3, H, W).
    ///   - field: smooth noise at the pixel, 0…1.
    func colour(
        _ point: SIMD2<Float>, of source: [Float], width: Int, height: Int, field: Float, _ span: SIMD3<Float>
    ) -> SIMD3<Float> {
        var (nearest, second, index) = (Float.infinity, Float.infinity, 0)
        for (number, face) in faces.enumerated() {
            let offset = point - face.middle
            let distance = (offset * offset).sum().squareRoot()
            if distance < nearest {
                (second, nearest, index) = (nearest, distance, number)
            } else {
                second = min(second, distance)
            }
        }
        let face = faces[index]
        let at = point + face.bend
        let x = min(max(Int(at.x), 0), width - 1)
        let y = min(max(Int(at.y), 0), height - 1)
        var value = SIMD3<Float>.zero
        for channel in 0..<3 { value[channel] = source[(channel * height + y) * width + x] }
        value = tone + (value - tone) * face.clarity
        let light = second - nearest < 1.5 ? lineLight : face.light + (field - 0.5) * 2 * face.grain
        return value + light * span
    }
}
