import Numerics
import Testing

@testable import Defects

/// Noise around a slope: every pixel differs from its neighbours and from the donor.
private func picture(width: Int, height: Int, seed: UInt64) -> [Float] {
    var random = RandomSource(seed: seed)
    return (0..<3 * width * height).map { index in
        let x = Float(index % width) / Float(width)
        return min(max(0.2 + 0.6 * x + 0.1 * Float(random.normal()), 0), 1)
    }
}

@Suite struct TrainingDamageTests {
    private let width = 96
    private let height = 64

    @Test func sameSeedGivesTheSameDamage() {
        let damage = TrainingDamage(width: width, height: height)
        let good = picture(width: width, height: height, seed: 1)
        let donor = picture(width: width, height: height, seed: 2)
        for seed in 0..<20 as Range<UInt64> {
            var (first, second) = (good, good)
            var (a, b) = (RandomSource(seed: seed), RandomSource(seed: seed))
            let one = damage.describedDamage(&first, donor: donor, using: &a)
            let two = damage.describedDamage(&second, donor: donor, using: &b)
            #expect(first == second && one.mask == two.mask && one.description == two.description)
        }
    }

    @Test(arguments: DamageDescription.Shape.allCases, DamageDescription.Filling.allCases)
    func changesNothingOutsideTheMask(shape: DamageDescription.Shape, filling: DamageDescription.Filling) {
        let damage = TrainingDamage(width: width, height: height)
        var good = picture(width: width, height: height, seed: 3)
        good[17] = -0.0  // a blend with weight zero would turn this into +0
        let donor = picture(width: width, height: height, seed: 4)
        let plane = width * height
        var random = RandomSource(seed: 5)
        var changed = 0
        for _ in 0..<60 {
            var pixels = good
            let (mask, description) = damage.damage(
                &pixels, donor: donor, shape: shape, filling: filling, using: &random)
            var outside = 0
            var strongest: Float = 0
            for index in 0..<plane {
                strongest = max(strongest, mask[index])
                let (x, y) = (index % width, index / width)
                let box = description.box
                let inBox = x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height
                if mask[index] > 0 && !inBox { outside += 1 }
                for channel in 0..<3 {
                    let (old, new) = (good[channel * plane + index], pixels[channel * plane + index])
                    if mask[index] == 0 && old.bitPattern != new.bitPattern { outside += 1 }
                    if !(new >= 0 && new <= 1) { outside += 1 }
                }
            }
            #expect(outside == 0)
            #expect(description.opacity >= 0.3 && description.opacity <= 1)
            #expect(strongest >= 0.5 * description.opacity && strongest <= description.opacity)
            #expect(description.area > 0)
            #expect(description.shape == shape && description.filling == filling)
            if pixels != good { changed += 1 }
        }
        // A box blur or a bend of one pixel may by chance equal the original; the rule is that it does not.
        #expect(changed >= 57)
    }

    @Test func sizesSpreadOverTheWholeRange() {
        let side = 224
        let damage = TrainingDamage(width: side, height: side)
        let good = picture(width: side, height: side, seed: 6)
        var random = RandomSource(seed: 7)
        var lengths: [Float] = []
        var areas: [Float] = []
        var opacities: [Float] = []
        for _ in 0..<400 {
            var pixels = good
            let made = damage.describedDamage(&pixels, donor: good, using: &random).description
            lengths.append(Float(max(made.box.width, made.box.height)) / Float(side))
            areas.append(Float(made.area) / Float(side * side))
            opacities.append(made.opacity)
        }
        lengths.sort()
        areas.sort()
        #expect(lengths.last! <= 0.75, "two strokes or a blob's disc reach a little over 60 %")
        #expect(lengths[40] < 0.08, "a tenth of the damage is small")
        #expect(lengths[200] > 0.08 && lengths[200] < 0.35)
        #expect(areas[0] > 0 && areas[200] > 0.0005 && areas[200] < 0.02)
        #expect(areas.last! < 0.2)
        #expect(opacities.min()! < 0.4 && opacities.max()! > 0.9)
    }

    @Test func damageOnAHalfPlainPictureIsNearlyAlwaysVisible() {
        // Left half plain grey, right half noise: blur and bent content show on the right only.
        let damage = TrainingDamage(width: 64, height: 64)
        var good = picture(width: 64, height: 64, seed: 12)
        for index in good.indices where index % 64 < 32 { good[index] = 0.5 }
        var random = RandomSource(seed: 13)
        var visible = 0
        for _ in 0..<200 {
            var pixels = good
            let (mask, _) = damage.damage(&pixels, donor: good, shape: .ellipse, filling: .blur, using: &random)
            let fractions = damage.patchFractions(
                before: good, after: pixels, mask: mask, patchSize: 16, threshold: 0.02)
            if fractions.contains(where: { $0 > 0 }) { visible += 1 }
        }
        #expect(visible >= 180, "one place alone would show about half of the time")
    }

    @Test func standardisedPixelsStayBetweenBlackAndWhite() {
        let space = PixelSpace(mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225])
        let damage = TrainingDamage(width: width, height: height, space: space)
        let plane = width * height
        let good = picture(width: width, height: height, seed: 8).enumerated().map { index, value in
            space.black[index / plane] + value * (space.white[index / plane] - space.black[index / plane])
        }
        var random = RandomSource(seed: 9)
        for _ in 0..<100 {
            var pixels = good
            _ = damage.damage(&pixels, donor: good, using: &random)
            let bad = pixels.enumerated().filter { index, value in
                !(value >= space.black[index / plane] - 1e-4 && value <= space.white[index / plane] + 1e-4)
            }
            #expect(bad.isEmpty)
        }
    }

    @Test func worksOnTheSmallestPicture() {
        let damage = TrainingDamage(width: 8, height: 24)
        let good = picture(width: 8, height: 24, seed: 10)
        var random = RandomSource(seed: 11)
        for _ in 0..<300 {
            var pixels = good
            let mask = damage.damage(&pixels, donor: good, using: &random)
            #expect(mask.count == 8 * 24 && mask.contains { $0 > 0 })
            #expect(pixels.allSatisfy { $0.isFinite })
        }
    }

    @Test func patchFractionsCountVisiblePixelsOnly() {
        let damage = TrainingDamage(width: 32, height: 16)
        let plane = 32 * 16
        let before = [Float](repeating: 0.5, count: 3 * plane)
        var after = before
        var mask = [Float](repeating: 0, count: plane)
        // The first patch: 64 pixels brightly changed in one channel (mean difference 0.1), 32 of them under the mask.
        for index in 0..<64 {
            let at = (index / 16) * 32 + index % 16
            after[at] = 0.8
            if index < 32 { mask[at] = 0.7 }
        }
        // The second patch: masked and changed, but below the threshold.
        for y in 0..<16 {
            for x in 16..<32 {
                mask[y * 32 + x] = 1
                after[plane + y * 32 + x] = 0.51
            }
        }
        let fractions = damage.patchFractions(before: before, after: after, mask: mask, patchSize: 16, threshold: 0.05)
        #expect(fractions == [32.0 / 256, 0])
        let sensitive = damage.patchFractions(before: before, after: after, mask: mask, patchSize: 16, threshold: 0.002)
        #expect(sensitive == [32.0 / 256, 1])
    }
}
