import Defects
import Handover
import Masking
import Network
import Numerics
import Testing

@testable import Training

@Suite("Shards")
struct ShardTests {
    @Test("Every sample is dealt once, to shards of the right size, and the work is even")
    func deal() {
        var random = RandomSource(seed: 2)
        for count in [1, 3, 4, 6, 8, 11, 32] {
            for _ in 0..<50 {
                let work = (0..<count).map { _ in 60 + random.integer(below: 60) }
                let plan = ShardPlan.deal(work: work, size: 4)
                #expect(plan.flatMap { $0 }.sorted() == Array(0..<count))
                #expect(plan.dropLast().allSatisfy { $0.count == 4 } && plan.count == (count + 3) / 4)
                #expect(plan == ShardPlan.deal(work: work, size: 4))
            }
        }
        // Eight samples as a training draws them: dealt in order, the longer shard takes a twentieth more than half.
        var dealt = 0.0
        var inOrder = 0.0
        for _ in 0..<200 {
            let work = (0..<8).map { _ in 60 + random.integer(below: 60) }
            let half = Double(work.reduce(0, +)) / 2
            func longest(_ plan: [[Int]]) -> Double {
                plan.map { Double($0.reduce(0) { $0 + work[$1] }) / half }.max() ?? 0
            }
            dealt += longest(ShardPlan.deal(work: work, size: 4)) / 200
            inOrder += longest([[0, 1, 2, 3], [4, 5, 6, 7]]) / 200
        }
        #expect(dealt < 1.02 && inOrder > 1.03, "\(dealt), \(inOrder)")
        #expect(ShardPlan.deal(work: [4, 3, 2, 1], size: 2) == [[0, 3], [1, 2]])
    }

    /// A sample that sees its clean picture whole takes its context from the targets' own sequence. Told that it is
    /// damaged, in no patch, the same sample is encoded twice and must learn the same.
    @Test("One sequence that serves twice gives the gradients of two")
    func sharedSequence() {
        let model = TrainerTests.model()
        let images = MadeTextures.images(2)
        let options = TrainerTests.options(steps: 1)
        let count = images.width / 8 * (images.height / 8)
        func sample(_ picture: Int, damage: [Float], hidden: [Int]) -> Sample {
            Sample(
                view: PictureView(picture: picture, orientation: .init(), isInterleaved: false),
                clean: images.pixels(picture),
                seen: images.pixels(picture), damage: damage,
                visible: (0..<count).filter { !hidden.contains($0) }, hidden: hidden)
        }
        var random = RandomSource(seed: 5)
        let directions: Matrix<Float> = SIGReg.directions(width: model.shape.contextWidth, count: 16, using: &random)
        func gradients(damage: [Float]) -> ([Float], StepLosses) {
            let worker = ShardWorker(
                model: model, options: options,
                tiles: TileLayout(wholeRows: images.height / 8, columns: images.width / 8), caches: TargetCaches())
            let samples = [sample(0, damage: damage, hidden: []), sample(1, damage: [], hidden: [3, 5])]
            #expect(samples[0].seesAll == damage.isEmpty && !samples[1].seesAll)
            // The second time in room that is taken already.
            var losses = StepLosses()
            for _ in 0..<2 {
                losses = worker.run(samples, model: model, lowLevel: nil, share: 0.5, directions: directions)
            }
            return (worker.gradients.values, losses)
        }
        let (shared, losses) = gradients(damage: [])
        let (twice, lossesTwice) = gradients(damage: [Float](repeating: 0, count: count))
        let largest = twice.map { abs($0) }.max() ?? 0
        #expect(largest > 0)
        for (a, b) in zip(shared, twice) { #expect(abs(a - b) <= 1e-4 * largest) }
        #expect(abs(losses.visible - lossesTwice.visible) < 1e-5 && abs(losses.hidden - lossesTwice.hidden) < 1e-5)
        #expect(abs(losses.regularisation - lossesTwice.regularisation) <= 1e-5 * abs(losses.regularisation))
    }

    @Test("A full cache gives the same targets as an empty one, and computes what it knows no second time")
    func cache() {
        let numbers: [Float16] = [0.1, 2, -7.125, 5]
        let views = (0..<3).map {
            PictureView(
                picture: 1, orientation: .init(flipHorizontal: $0 == 1), isInterleaved: $0 == 2)
        }
        let cache = ViewCache<Float16>(room: 2 * 2 * numbers.count)
        var computed = 0
        for _ in 0..<3 {
            for view in views {
                let found = cache.numbers(of: view) {
                    computed += 1
                    return numbers
                }
                #expect(found == numbers)
            }
        }
        // Two fit; the third is computed each time.
        #expect(computed == 5)
    }
}
