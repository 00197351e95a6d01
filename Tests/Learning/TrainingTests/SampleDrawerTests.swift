import Defects
import Handover
import Numerics
import Testing

@testable import Training

@Suite("Training samples")
struct SampleDrawerTests {
    static func drawer(_ options: TrainingOptions, patchSize: Int = 8) -> SampleDrawer {
        SampleDrawer(
            images: MadeTextures.images(5), options: options, patchSize: patchSize,
            space: PixelSpace(mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25]))
    }

    @Test("A sample depends on the seed and its number alone")
    func deterministic() {
        let drawer = Self.drawer(TrainingOptions(minutes: 1, flipHorizontal: true, quarterTurns: true, seed: 3))
        let forward = (0..<20).map { drawer.sample($0) }
        for number in stride(from: 19, through: 0, by: -1) {
            let again = drawer.sample(number)
            #expect(again.clean == forward[number].clean && again.seen == forward[number].seen)
            #expect(again.visible == forward[number].visible && again.hidden == forward[number].hidden)
            #expect(again.damage == forward[number].damage)
        }
        let other = Self.drawer(TrainingOptions(minutes: 1, flipHorizontal: true, quarterTurns: true, seed: 4))
        #expect((0..<20).contains { other.sample($0).seen != forward[$0].seen })
    }

    @Test("Half of the samples lie under the interleaved grid where inspection looks at it, none elsewhere")
    func interleaved() {
        let images = MadeTextures.images(5)
        let drawer = Self.drawer(TrainingOptions(minutes: 1, damageShare: 0, interleaved: true))
        var moved = 0
        for number in 0..<200 {
            let sample = drawer.sample(number)
            let own = images.pixels(sample.view.picture)
            if sample.view.isInterleaved { moved += 1 }
            let expected =
                sample.view.isInterleaved
                ? HalfPatch.moved(own, height: images.height, width: images.width, patchSize: 8) : own
            #expect(sample.clean == expected)
        }
        #expect((70...130).contains(moved), "\(moved) of 200")
        let plain = Self.drawer(TrainingOptions(minutes: 1))
        #expect((0..<50).allSatisfy { !plain.sample($0).view.isInterleaved })
    }

    @Test("The damaged share is exact", arguments: [0, 0.005, 0.1, 0.29, 1.0 / 3, 0.5, 0.77, 1])
    func damageShare(share: Double) {
        let drawer = Self.drawer(TrainingOptions(minutes: 1, damageShare: share, noise: 0))
        var damaged = 0
        for number in 0..<400 {
            let sample = drawer.sample(number)
            if sample.damage.isEmpty {
                #expect(sample.seen == sample.clean)
            } else {
                damaged += 1
                #expect(sample.damage.count == 16 && sample.seen != sample.clean)
                #expect(sample.damage.allSatisfy { $0 >= 0 && $0 <= 1 })
            }
            #expect(abs(Double(damaged) - Double(number + 1) * share) < 1 + 1e-6)
        }
        #expect(damaged == Int(400 * share + 1e-6))
    }

    @Test("Masks hide and show different patches of the grid, and always show some", arguments: [4, 8, 16])
    func masks(patchSize: Int) {
        let drawer = Self.drawer(TrainingOptions(minutes: 1), patchSize: patchSize)
        let count = (32 / patchSize) * (32 / patchSize)
        var whole = 0
        for number in 0..<200 {
            let sample = drawer.sample(number)
            #expect(!sample.visible.isEmpty)
            #expect(Set(sample.visible).isDisjoint(with: sample.hidden))
            let all = sample.visible + sample.hidden
            #expect(Set(all).count == all.count && all.allSatisfy { (0..<count).contains($0) })
            if sample.hidden.isEmpty { whole += 1 }
        }
        // A quarter hides nothing: 50 of 200, three deviations of a binomial are 18.
        #expect((32...68).contains(whole))
    }

    @Test("Orientations move pixels where they say")
    func orientations() {
        let pixels = (0..<27).map { Float($0) }
        func moved(_ orientation: Training.Orientation) -> [Float] {
            Array(orientation.applied(to: pixels, width: 3, height: 3).prefix(9))
        }
        #expect(moved(.init()) == [0, 1, 2, 3, 4, 5, 6, 7, 8])
        #expect(moved(.init(flipHorizontal: true)) == [2, 1, 0, 5, 4, 3, 8, 7, 6])
        #expect(moved(.init(flipVertical: true)) == [6, 7, 8, 3, 4, 5, 0, 1, 2])
        #expect(moved(.init(transpose: true)) == [0, 3, 6, 1, 4, 7, 2, 5, 8])
        // All eight ways are different, and on a picture that is not square the flips still work.
        var seen: Set<[Float]> = []
        for bits in 0..<8 {
            seen.insert(
                moved(.init(flipHorizontal: bits & 1 > 0, flipVertical: bits & 2 > 0, transpose: bits & 4 > 0)))
        }
        #expect(seen.count == 8)
        let wide = Training.Orientation(flipHorizontal: true).applied(
            to: (0..<18).map { Float($0) }, width: 3, height: 2)
        #expect(Array(wide.prefix(6)) == [2, 1, 0, 5, 4, 3])
    }
}
