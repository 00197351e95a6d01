import Foundation

/// What may happen to a good picture between one night and the next without any part being worse: the lamp ages, the
/// lens drifts, the part lies a little differently. A picture keeps its size, so truth masks of image level still hold.
package enum Disturbance: Sendable, Equatable {
    /// Stored values times a factor, clamped.
    case light(Double)
    /// 255 · (v / 255)^γ.
    case gamma(Double)
    /// Gaussian blur, σ in pixels, borders mirrored.
    case blur(Double)
    /// Written as a JPEG of this quality (chroma halved) and read again.
    case jpeg(Int)
    /// Moved right and down by whole pixels; what comes in is mirrored.
    case shift(x: Int, y: Int)
    /// Turned around the middle, degrees counterclockwise, bicubic; what comes in is mirrored.
    case rotation(Double)
    /// Normal noise of this deviation in grey levels, independent per pixel and channel.
    case noise(Double)

    /// What a line should bear: the table of robustness.
    package static let usual: [Disturbance] = [
        .light(1.2), .light(0.8), .gamma(0.8), .gamma(1.25), .blur(1), .jpeg(60), .shift(x: 4, y: 4),
        .shift(x: -4, y: -4), .rotation(3), .rotation(-3), .noise(5),
    ]

    /// A few words for a table: "light +20 %", "gamma 0.8".
    package var title: String {
        switch self {
        case .light(let factor):
            "light \(factor < 1 ? "−" : "+")\(Int((abs(factor - 1) * 100).rounded())) %"
        case .gamma(let gamma): "gamma \(gamma)"
        case .blur(let sigma): "blur σ \(Self.short(sigma)) px"
        case .jpeg(let quality): "JPEG quality \(quality)"
        case .shift(let x, let y): "shift \(Self.signed(x)), \(Self.signed(y)) px"
        case .rotation(let degrees): "rotation \(degrees < 0 ? "−" : "+")\(Self.short(abs(degrees)))°"
        case .noise(let sigma): "noise σ \(Self.short(sigma))"
        }
    }

    /// The disturbed picture. Only noise draws from `random`; throws what writing or reading a JPEG, within `limits`, throws.
    package func applied(
        to image: Image, limits: DecodeLimits = .standard, using random: inout some RandomNumberGenerator
    ) throws(ImageError) -> Image {
        switch self {
        case .light(let factor): return image.mapped { $0 * factor }
        case .gamma(let gamma): return image.mapped { 255 * pow($0 / 255, gamma) }
        case .blur(let sigma): return image.blurred(sigma: sigma)
        case .jpeg(let quality): return try Image.decode(image.jpegData(quality: quality), limits: limits)
        case .shift(let x, let y): return image.shifted(x: x, y: y)
        case .rotation(let degrees): return image.rotated(degrees: degrees)
        case .noise(let sigma): return image.noisy(sigma: sigma, using: &random)
        }
    }

    /// A PNG file of the disturbed picture in `file`, which is read within `limits`; it is for readers with limits
    /// `forChangedPictures`.
    package func changedFile(
        _ file: Data, limits: DecodeLimits, using random: inout some RandomNumberGenerator
    ) throws(ImageError) -> Data {
        try applied(
            to: Image.decode(file, limits: limits), limits: limits.forChangedPictures, using: &random
        ).pngData(level: 1)
    }

    private static func short(_ value: Double) -> String {
        value == value.rounded() ? "\(Int(value))" : "\(value)"
    }

    private static func signed(_ value: Int) -> String { value < 0 ? "−\(-value)" : "+\(value)" }
}

extension Image {
    /// Every sample through `curve` (both in 0…255; rounded and clamped).
    package func mapped(_ curve: (Double) -> Double) -> Image {
        let table = (0..<256).map { UInt8(min(max(curve(Double($0)).rounded(), 0), 255)) }
        var result = self
        for index in result.pixels.indices { result.pixels[index] = table[Int(pixels[index])] }
        return result
    }

    /// Gaussian blur with σ in pixels, cut at 3 σ, borders mirrored about the outermost pixels' outer edges. σ <= 0
    /// changes nothing.
    package func blurred(sigma: Double) -> Image {
        guard sigma > 0 else { return self }
        let radius = max(1, Int((3 * sigma).rounded(.up)))
        var taps = (-radius...radius).map { Float(exp(-Double($0 * $0) / (2 * sigma * sigma))) }
        let total = taps.reduce(0, +)
        taps = taps.map { $0 / total }
        let row = width * channels
        var across = [Float](repeating: 0, count: pixels.count)
        let columns = (-radius..<width + radius).map { Self.mirrored($0, width) * channels }
        for y in 0..<height {
            for x in 0..<width {
                for channel in 0..<channels {
                    var sum: Float = 0
                    for (tap, weight) in taps.enumerated() {
                        sum += weight * Float(pixels[y * row + columns[x + tap] + channel])
                    }
                    across[y * row + x * channels + channel] = sum
                }
            }
        }
        var result = self
        var sums = [Float](repeating: 0, count: row)
        for y in 0..<height {
            for index in sums.indices { sums[index] = 0.5 }  // rounds where it is cut to 8 bits
            for (tap, weight) in taps.enumerated() {
                let source = Self.mirrored(y + tap - radius, height) * row
                for index in sums.indices { sums[index] += weight * across[source + index] }
            }
            for index in sums.indices { result.pixels[y * row + index] = UInt8(min(max(sums[index], 0), 255)) }
        }
        return result
    }

    /// Moved right by `x` and down by `y` whole pixels, borders mirrored.
    package func shifted(x: Int, y: Int) -> Image {
        var result = self
        let columns = (0..<width).map { Self.mirrored($0 - x, width) * channels }
        for row in 0..<height {
            let source = Self.mirrored(row - y, height) * width * channels
            for column in 0..<width {
                for channel in 0..<channels {
                    result.pixels[(row * width + column) * channels + channel] =
                        pixels[source + columns[column] + channel]
                }
            }
        }
        return result
    }

    /// Turned around the middle by `degrees` counterclockwise, the same size, bicubic (Keys, a = −0.5), borders mirrored.
    package func rotated(degrees: Double) -> Image {
        let turn = degrees * .pi / 180
        let (c, s) = (cos(turn), sin(turn))
        let (middleX, middleY) = (Double(width - 1) / 2, Double(height - 1) / 2)
        var result = self
        var taps = [(offset: Int, weight: Double)](repeating: (0, 0), count: 16)
        for y in 0..<height {
            for x in 0..<width {
                let (dx, dy) = (Double(x) - middleX, Double(y) - middleY)
                let sourceX = middleX + c * dx - s * dy
                let sourceY = middleY + s * dx + c * dy
                let (left, top) = (Int(sourceX.rounded(.down)), Int(sourceY.rounded(.down)))
                for j in 0..<4 {
                    let row = top + j - 1
                    let vertical = ResizeFilter.bicubic.weight(sourceY - Double(row))
                    let base = Self.mirrored(row, height) * width
                    for i in 0..<4 {
                        let column = left + i - 1
                        let weight = vertical * ResizeFilter.bicubic.weight(sourceX - Double(column))
                        taps[4 * j + i] = ((base + Self.mirrored(column, width)) * channels, weight)
                    }
                }
                for channel in 0..<channels {
                    var sum = 0.5
                    for tap in taps { sum += tap.weight * Double(pixels[tap.offset + channel]) }
                    result.pixels[(y * width + x) * channels + channel] = UInt8(min(max(sum, 0), 255))
                }
            }
        }
        return result
    }

    /// With normal noise of deviation `sigma` in grey levels on every sample (Box–Muller).
    package func noisy(sigma: Double, using random: inout some RandomNumberGenerator) -> Image {
        var result = self
        var spare: Double?
        for index in result.pixels.indices {
            let normal: Double
            if let kept = spare {
                normal = kept
                spare = nil
            } else {
                // 53 random bits in (0, 1]: the logarithm stays finite.
                let radius = (-2 * log((Double(random.next() >> 11) + 1) * 0x1p-53)).squareRoot()
                let angle = 2 * Double.pi * Double(random.next() >> 11) * 0x1p-53
                normal = radius * cos(angle)
                spare = radius * sin(angle)
            }
            result.pixels[index] = UInt8(min(max((Double(pixels[index]) + sigma * normal).rounded(), 0), 255))
        }
        return result
    }

    /// `index` folded into 0..<count as by mirrors at both ends (… 1 0 | 0 1 2 …), however far outside it is.
    static func mirrored(_ index: Int, _ count: Int) -> Int {
        let period = 2 * count
        let place = ((index % period) + period) % period
        return place < count ? place : period - 1 - place
    }
}
