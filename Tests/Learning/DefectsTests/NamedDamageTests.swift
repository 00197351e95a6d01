import Defects
import Numerics
import Testing

@Suite("Painted damage") struct NamedDamageTests {
    static let width = 96
    static let height = 64

    /// A picture with structure: stripes, a disc, noise.
    static func good(_ seed: UInt64) -> [Float] {
        var random = RandomSource(seed: seed)
        var pixels: [Float] = []
        for channel in 0..<3 {
            for y in 0..<height {
                for x in 0..<width {
                    let disc = (x - 40) * (x - 40) + (y - 30) * (y - 30) < 200
                    let base: Float = disc ? 0.75 : (x / 8 % 2 == 0 ? 0.35 : 0.5)
                    pixels.append(base + Float(channel) * 0.02 + Float(random.uniform() - 0.5) * 0.04)
                }
            }
        }
        return pixels
    }

    static let damage = NamedDamage(width: width, height: height, space: .unit)

    @Test(
        "Every kind changes the picture visibly, stays between black and white, and is captioned",
        arguments: PaintedKind.allCases)
    func kinds(kind: PaintedKind) {
        for seed in 0..<12 as Range<UInt64> {
            var random = RandomSource(seed: seed)
            let before = Self.good(seed)
            var pixels = before
            let place = Self.damage.paint(
                kind, on: &pixels, donor: Self.good(seed + 100), captions: 3, using: &random)
            #expect(place.kind == kind && place.captions.count == 3 && place.captions.allSatisfy { !$0.isEmpty })
            let painted = place.mask.filter { $0 }.count
            #expect(painted >= 12, "\(kind), seed \(seed): \(painted) pixels")
            #expect(zip(pixels, before).allSatisfy { $0 == $1 || (0...1).contains($0) })
            let plane = Self.width * Self.height
            for index in 0..<plane where place.mask[index] {
                #expect((0..<3).contains { pixels[$0 * plane + index] != before[$0 * plane + index] })
            }
        }
    }

    @Test("The same seed paints the same place in the same words; another one does not")
    func deterministic() {
        func paint(_ seed: UInt64) -> (pixels: [Float], place: NamedDamage.Place) {
            var random = RandomSource(seed: seed)
            var pixels = Self.good(1)
            let place = Self.damage.paint(.crack, on: &pixels, donor: Self.good(2), captions: 2, using: &random)
            return (pixels, place)
        }
        #expect(paint(5).pixels == paint(5).pixels && paint(5).place == paint(5).place)
        #expect(paint(5).pixels != paint(6).pixels)
    }

    @Test("No wording belongs to two kinds, trained or held out")
    func wordings() {
        let all = PaintedKind.allCases.flatMap { $0.wordings.trained + $0.wordings.heldOut }
        #expect(Set(all).count == all.count)
        #expect(PaintedKind.allCases.allSatisfy { $0.wordings.trained.count >= 10 && $0.wordings.heldOut.count >= 4 })
    }
}
