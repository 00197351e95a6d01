import Numerics

/// What lies behind a part: an even colour all along the picture's frame, and the pixels that differ from it.
struct PartGround {
    /// Its colour, in the picture's normalisation.
    let colour: SIMD3<Float>
    /// True on the part, (H · W).
    let isPart: [Bool]
    /// True on the part away from its outline, which is out of focus on many pictures, (H · W).
    let isInside: [Bool]

    /// Share of the frame that must agree with its median.
    private static let leastAgreement: Float = 0.7
    /// Greatest channel difference, as a share of the way from black to white, up to which a pixel is ground.
    private static let tolerance: Float = 0.08
    /// Shares of the picture that a part may cover: less is dirt, more is no ground.
    private static let coverage: ClosedRange<Float> = 0.05...0.95

    /// nil where the frame is not of one colour, or next to nothing or everything differs from it: then the picture shows
    /// part alone.
    init?(pixels: [Float], width: Int, height: Int, space: PixelSpace) {
        let plane = width * height
        let span = space.white - space.black
        func colour(_ index: Int) -> SIMD3<Float> {
            SIMD3(pixels[index], pixels[plane + index], pixels[2 * plane + index])
        }
        var frame: [Int] = []
        for x in stride(from: 0, to: width, by: 2) { frame += [x, plane - 1 - x] }
        for y in stride(from: 0, to: height, by: 2) { frame += [y * width, y * width + width - 1] }
        var median = SIMD3<Float>.zero
        for channel in 0..<3 { median[channel] = frame.map { colour($0)[channel] }.sorted()[frame.count / 2] }
        func isGround(_ index: Int) -> Bool {
            let d = (colour(index) - median) / span
            return max(abs(d.x), abs(d.y), abs(d.z)) <= Self.tolerance
        }
        let agreeing = Float(frame.count(where: isGround)) / Float(frame.count)
        guard agreeing >= Self.leastAgreement else { return nil }
        let part = (0..<plane).map { !isGround($0) }
        let share = Float(part.count(where: { $0 })) / Float(plane)
        guard Self.coverage.contains(share) else { return nil }
        self.colour = median
        isPart = part
        isInside = Self.eroded(part, width: width, height: height, reach: max(1, max(width, height) / 32))
    }

    /// What has no false pixel within `reach` pixels along rows and columns.
    private static func eroded(_ part: [Bool], width: Int, height: Int, reach: Int) -> [Bool] {
        var result = part
        func erode(lines: Int, length: Int, index: (_ line: Int, _ position: Int) -> Int) {
            for line in 0..<lines {
                for position in 0..<length where !part[index(line, position)] {
                    for near in max(0, position - reach)...min(length - 1, position + reach) {
                        result[index(line, near)] = false
                    }
                }
            }
        }
        erode(lines: height, length: width) { $0 * width + $1 }
        erode(lines: width, length: height) { $1 * width + $0 }
        return result
    }

    /// A pixel of the part that has ground within `reach` pixels, in one of four directions; nil where some hundred draws
    /// find none.
    func outline(width: Int, height: Int, reach: Int, using random: inout RandomSource) -> (x: Float, y: Float)? {
        for _ in 0..<200 {
            let (x, y) = (random.integer(below: width), random.integer(below: height))
            guard isPart[y * width + x] else { continue }
            for (dx, dy) in [(reach, 0), (-reach, 0), (0, reach), (0, -reach)] {
                let (nx, ny) = (x + dx, y + dy)
                guard nx >= 0, nx < width, ny >= 0, ny < height else { continue }
                if !isPart[ny * width + nx] { return (Float(x), Float(y)) }
            }
        }
        return nil
    }
}
