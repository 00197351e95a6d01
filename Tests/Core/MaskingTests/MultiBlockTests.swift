import Numerics
import Testing

@testable import Masking

/// Grids from tiny over narrow to the largest in use.
let grids = [
    (1, 2), (2, 1), (2, 2), (1, 3), (1, 17), (23, 1), (3, 4), (5, 5), (7, 13), (14, 14), (28, 28), (20, 32),
].map { PatchGrid(rows: $0.0, columns: $0.1) }

let options: [MultiBlockOptions] = [.imageJEPA, .videoJEPAShortRange, .videoJEPALongRange]

@Suite("Multi-block masks")
struct MultiBlockTests {
    @Test("Targets and context are disjoint, inside the grid, sorted and never empty", arguments: grids)
    func wellFormed(grid: PatchGrid) {
        for option in options {
            for seed in 0..<200 as Range<UInt64> {
                var random = RandomSource(seed: seed)
                let mask = Mask.multiBlock(grid: grid, using: &random, option)
                #expect(!mask.targets.isEmpty && !mask.context.isEmpty)
                #expect(Set(mask.targets).isDisjoint(with: mask.context))
                #expect(mask.targets == Set(mask.targets).sorted() && mask.context == Set(mask.context).sorted())
                #expect((mask.targets + mask.context).allSatisfy { (0..<grid.count).contains($0) })
                #expect(mask.context.count >= min(option.minimumContext, grid.count / 2))
            }
        }
    }

    @Test("The same seed gives the same mask, another seed another one")
    func repeats() {
        let grid = PatchGrid(rows: 14, columns: 14)
        func mask(_ seed: UInt64) -> Mask {
            var random = RandomSource(seed: seed)
            return Mask.multiBlock(grid: grid, using: &random)
        }
        #expect(mask(7) == mask(7))
        #expect(mask(7) != mask(8))
    }

    @Test("Regression: the first and last row and column are targets as often as each other", arguments: options)
    func bordersAreReached(option: MultiBlockOptions) {
        let grid = PatchGrid(rows: 14, columns: 14)
        var random = RandomSource(seed: 1)
        var hits = [Double](repeating: 0, count: grid.count)
        for _ in 0..<4000 {
            for index in Mask.multiBlock(grid: grid, using: &random, option).targets { hits[index] += 1 }
        }
        func row(_ row: Int) -> Double { (0..<14).reduce(0) { $0 + hits[row * 14 + $1] } }
        func column(_ column: Int) -> Double { (0..<14).reduce(0) { $0 + hits[$1 * 14 + column] } }
        // Counts of several thousand: 10 % is far beyond their spread.
        #expect(abs(row(13) / row(0) - 1) < 0.1)
        #expect(abs(column(13) / column(0) - 1) < 0.1)
        #expect(hits.min()! > 0)
    }

    @Test("Regression: area and aspect of a block do not depend on each other")
    func areaAndAspectAreIndependent() {
        let grid = PatchGrid(rows: 100, columns: 100)
        var option = MultiBlockOptions.imageJEPA
        option.targetCount = 1
        var random = RandomSource(seed: 2)
        var areas: [Double] = []
        var aspects: [Double] = []
        for _ in 0..<2000 {
            let targets = Mask.multiBlock(grid: grid, using: &random, option).targets
            let rows = Set(targets.map { $0 / 100 }).count
            let columns = Set(targets.map { $0 % 100 }).count
            #expect(rows * columns == targets.count)
            areas.append(Double(targets.count) / 10_000)
            aspects.append(Double(rows) / Double(columns))
        }
        // Sides are whole patches: half a patch of 33 is 1.5 %, twice for the area.
        #expect(areas.min()! > 0.15 * 0.96 && areas.max()! < 0.20 * 1.04)
        #expect(aspects.min()! > 0.75 * 0.96 && aspects.max()! < 1.5 * 1.04)
        #expect(aspects.min()! < 0.80 && aspects.max()! > 1.45)
        #expect(abs(correlation(areas, aspects)) < 0.08)
    }

    @Test("A narrow grid keeps the wanted area")
    func narrowGrid() {
        let grid = PatchGrid(rows: 1, columns: 100)
        var option = MultiBlockOptions.imageJEPA
        option.targetCount = 1
        for seed in 0..<100 as Range<UInt64> {
            var random = RandomSource(seed: seed)
            let count = Mask.multiBlock(grid: grid, using: &random, option).targets.count
            #expect((15...20).contains(count))
        }
    }

    private func correlation(_ a: [Double], _ b: [Double]) -> Double {
        let meanA = a.reduce(0, +) / Double(a.count)
        let meanB = b.reduce(0, +) / Double(b.count)
        var ab = 0.0
        var aa = 0.0
        var bb = 0.0
        for (x, y) in zip(a, b) {
            ab += (x - meanA) * (y - meanB)
            aa += (x - meanA) * (x - meanA)
            bb += (y - meanB) * (y - meanB)
        }
        return ab / (aa * bb).squareRoot()
    }
}
