import Foundation
import Testing

@testable import Imaging

/// SplitMix64: the room knows no random source of its own.
private struct Dice: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

@Suite("Disturbances")
struct DisturbanceTests {
    private func picture(_ width: Int = 31, _ height: Int = 23, channels: Int = 3) -> Image {
        var dice = Dice(state: 9)
        return Image(
            width: width, height: height, channels: channels,
            pixels: (0..<width * height * channels).map { index in
                UInt8(100 + 60 * sin(Double(index / channels % width) / 4) + Double(dice.next() % 30))
            })
    }

    @Test("Every usual one keeps the size, changes the picture, and repeats to the bit; titles differ")
    func usual() throws {
        for image in [picture(), picture(channels: 1)] {
            for disturbance in Disturbance.usual {
                var (first, second) = (Dice(state: 1), Dice(state: 1))
                let changed = try disturbance.applied(to: image, using: &first)
                #expect(changed.width == image.width && changed.height == image.height)
                #expect(changed.channels == image.channels && changed != image, "\(disturbance.title)")
                #expect(try disturbance.applied(to: image, using: &second) == changed)
            }
        }
        #expect(Set(Disturbance.usual.map(\.title)).count == Disturbance.usual.count)
        #expect(Disturbance.light(0.8).title == "light −20 %" && Disturbance.rotation(-3).title == "rotation −3°")
    }

    @Test("Light and gamma: by hand, clamped")
    func curves() {
        let image = Image(width: 3, height: 1, channels: 1, pixels: [10, 128, 250])
        #expect(image.mapped { $0 * 1.2 }.pixels == [12, 154, 255])
        var dice = Dice(state: 0)
        let gamma = try? Disturbance.gamma(0.8).applied(to: image, using: &dice)
        #expect(gamma?.pixels == [19, 147, 251])
    }

    @Test("Blur against the two-dimensional sum over mirrored pixels")
    func blur() {
        let image = picture(17, 9)
        for sigma in [0.7, 1.0, 4.0] {
            let radius = Int((3 * sigma).rounded(.up))
            let found = image.blurred(sigma: sigma)
            for (x, y) in [(0, 0), (8, 4), (16, 8), (3, 8)] {
                for channel in 0..<3 {
                    var (sum, total) = (0.0, 0.0)
                    for dy in -radius...radius {
                        for dx in -radius...radius {
                            let weight = exp(-Double(dx * dx + dy * dy) / (2 * sigma * sigma))
                            let pixel = Image.mirrored(y + dy, 9) * 17 + Image.mirrored(x + dx, 17)
                            sum += weight * Double(image.pixels[pixel * 3 + channel])
                            total += weight
                        }
                    }
                    #expect(abs(Double(found.pixels[(y * 17 + x) * 3 + channel]) - sum / total) <= 0.51)
                }
            }
        }
        #expect(image.blurred(sigma: 0) == image)
        let flat = Image(width: 20, height: 20, colour: [77, 78, 79])
        #expect(flat.blurred(sigma: 2) == flat)
    }

    @Test("Shift: pixels move, borders mirror, there and back restores the inside")
    func shift() {
        let image = Image(width: 4, height: 1, channels: 1, pixels: [1, 2, 3, 4])
        #expect(image.shifted(x: 1, y: 0).pixels == [1, 1, 2, 3])
        #expect(image.shifted(x: -2, y: 0).pixels == [3, 4, 4, 3])
        #expect(image.shifted(x: 0, y: 3).pixels == image.pixels)
        let large = picture()
        let back = large.shifted(x: 4, y: -4).shifted(x: -4, y: 4)
        for y in 4..<19 {
            for x in 4..<27 { #expect(back.pixels[(y * 31 + x) * 3] == large.pixels[(y * 31 + x) * 3]) }
        }
        #expect((-4...6).map { Image.mirrored($0, 3) } == [2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0])
    }

    @Test("Rotation: none changes nothing, a quarter turn of a square is exact, and 3° moves a spot counterclockwise")
    func rotation() {
        let image = picture(21, 21)
        #expect(image.rotated(degrees: 0) == image)
        let quarter = image.rotated(degrees: 90)
        for y in 0..<21 {
            for x in 0..<21 {
                // Counterclockwise: what was at the right edge comes to the top.
                #expect(quarter.pixels[(y * 21 + x) * 3] == image.pixels[(x * 21 + 20 - y) * 3])
            }
        }
        var spot = Image(width: 101, height: 101, colour: [0])
        spot.fill(x: 89, y: 49, width: 3, height: 3, colour: .init(red: 255, green: 255, blue: 255))
        let turned = spot.rotated(degrees: 3)
        let brightest = turned.pixels.indices.max { turned.pixels[$0] < turned.pixels[$1] } ?? 0
        // 40 px from the middle, 3° are 2.1 px upwards.
        #expect(abs(brightest % 101 - 90) <= 1 && abs(brightest / 101 - 48) <= 1)
    }

    @Test("Noise has the deviation it says, and no mean")
    func noise() {
        let image = Image(width: 200, height: 100, colour: [128])
        var dice = Dice(state: 3)
        let noisy = image.noisy(sigma: 5, using: &dice)
        let values = noisy.pixels.map { Double($0) - 128 }
        let mean = values.reduce(0, +) / Double(values.count)
        let deviation = (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
        #expect(abs(mean) < 0.15 && abs(deviation - 5) < 0.15)
    }
}
