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

    /// A disc with stripes before an even ground.
    static let disc: [Float] = (0..<3).flatMap { _ in
        (0..<height).flatMap { y in
            (0..<width).map { x in isDisc(x, y) ? (x / 5 % 2 == 0 ? 0.2 : 0.35) : 0.95 as Float }
        }
    }

    static func isDisc(_ x: Int, _ y: Int) -> Bool { (x - 48) * (x - 48) + (y - 32) * (y - 32) < 26 * 26 }

    /// All but uneven light, which falls on the whole picture.
    @Test(
        "Where the part lies before an even ground, damage is on the part",
        arguments: PaintedKind.allCases.filter { $0 != .uneven })
    func onPart(kind: PaintedKind) {
        var onPart = 0
        for seed in 0..<24 as Range<UInt64> {
            var random = RandomSource(seed: seed)
            var pixels = Self.disc
            let place = Self.damage.paint(kind, on: &pixels, donor: Self.disc, captions: 1, using: &random)
            let painted = place.mask.indices.filter { place.mask[$0] }
            if painted.contains(where: { Self.isDisc($0 % Self.width, $0 / Self.width) }) { onPart += 1 }
            if kind == .chip {
                // Ground has nothing that could break.
                #expect(painted.allSatisfy { Self.isDisc($0 % Self.width, $0 / Self.width) })
            }
        }
        // Of 24 places drawn anywhere on the picture 8 would miss the part.
        #expect(onPart >= 22, "\(kind): \(onPart) of 24")
    }

    @Test("Some chips of a part before a ground are bites: the ground is where the part was")
    func bites() {
        let bitten = (0..<60 as Range<UInt64>).count { seed in
            var random = RandomSource(seed: seed)
            var pixels = Self.disc
            let place = Self.damage.paint(.chip, on: &pixels, donor: Self.disc, captions: 1, using: &random)
            let painted = place.mask.indices.filter { place.mask[$0] }
            return painted.count(where: { abs(pixels[$0] - 0.95) < 0.02 }) * 2 > painted.count
        }
        #expect(bitten >= 2 && bitten <= 30, "\(bitten) of 60")
    }

    @Test("A place says how large it is, as its captions do")
    func sizes() {
        var said: Set<String> = []
        for seed in 0..<40 as Range<UInt64> {
            var random = RandomSource(seed: seed)
            var pixels = Self.good(seed)
            let place = Self.damage.paint(.chip, on: &pixels, donor: Self.good(1), captions: 1, using: &random)
            let share = 2 * (Double(place.mask.count(where: { $0 })) / .pi).squareRoot() / Double(Self.height)
            if share > 0.35 { #expect(place.sizes.contains("large")) }
            if share < 0.1 { #expect(!place.sizes.contains("large")) }
            said.formUnion(place.sizes)
        }
        #expect(said.isSuperset(of: ["small", "medium-sized", "large"]))
    }
}
