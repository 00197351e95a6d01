import Foundation
import Imaging
import Numerics
import Testing

@testable import Defects

@Suite("Damage that simplifies")
struct SimplifyingDamageTests {
    /// A textured part: stripes of both directions with noise.
    private func picture(seed: UInt64 = 1) -> Image {
        var random = RandomSource(seed: seed)
        return Image(
            width: 160, height: 120, channels: 3,
            pixels: (0..<160 * 120 * 3).map { index in
                let (x, y) = (Double(index / 3 % 160), Double(index / 3 / 160))
                return UInt8(min(max(128 + 60 * sin(x / 2) + 30 * cos(y / 3) + 6 * random.normal(), 0), 255))
            })
    }

    /// Mean absolute difference of neighbours where the mask is on: what detail there is.
    private func detail(_ image: Image, _ mask: Image) -> Double {
        var (sum, count) = (0, 0)
        for index in 0..<image.width * image.height - 1 where mask.pixels[index] > 0 && mask.pixels[index + 1] > 0 {
            sum += abs(Int(image.pixels[3 * index]) - Int(image.pixels[3 * index + 3]))
            count += 1
        }
        return Double(sum) / Double(max(1, count))
    }

    @Test(
        "Each kind takes detail away inside its mask, changes nothing far outside, and repeats by seed",
        arguments: SimplifyingDamage.allCases)
    func simpler(kind: SimplifyingDamage) throws {
        for seed in 1...8 {
            let image = picture(seed: UInt64(seed))
            var (first, second) = (RandomSource(seed: 40 + UInt64(seed)), RandomSource(seed: 40 + UInt64(seed)))
            let damaged = try #require(kind.applied(to: image, using: &first))
            #expect(detail(damaged.image, damaged.mask) < 0.5 * detail(image, damaged.mask))
            let area = 160 * 120
            var changed = 0
            for pixel in 0..<area {
                let range = 3 * pixel..<3 * pixel + 3
                if image.pixels[range] != damaged.image.pixels[range] { changed += 1 }
            }
            let covered = damaged.mask.pixels.count { $0 > 0 }
            #expect(covered > 60 && changed < area / 10 && changed > covered / 2)
            let again = try #require(kind.applied(to: image, using: &second))
            #expect(again.image == damaged.image && again.mask == damaged.mask)
        }
    }

    @Test("A picture without detail has none to lose")
    func plain() {
        var random = RandomSource(seed: 3)
        let plain = Image(width: 90, height: 90, colour: [120, 121, 122])
        for kind in SimplifyingDamage.allCases { #expect(kind.applied(to: plain, using: &random) == nil) }
    }

    @Test("The filling of a linear rim is linear, whatever stood inside")
    func rim() {
        for (width, height) in [(41, 31), (8, 60), (90, 90)] {
            let slope = Image(
                width: width, height: height, channels: 1,
                pixels: (0..<width * height).map { UInt8(20 + $0 % width * 2 + $0 / width / 2) })
            var holed = slope
            holed.fill(x: 1, y: 1, width: width - 2, height: height - 2, colour: .init(red: 0, green: 0, blue: 0))
            let filled = SimplifyingDamage.filledFromRim(holed)
            for index in slope.pixels.indices {
                // Halves of the slope are cut to whole numbers at the rim.
                #expect(abs(Int(filled.pixels[index]) - Int(slope.pixels[index])) <= 1)
            }
        }
    }
}
