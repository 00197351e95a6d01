import Numerics

/// How multi-block masks are drawn for training.
package struct MultiBlockOptions: Sendable, Equatable {
    /// Number of target blocks; they may overlap each other.
    package var targetCount: Int
    /// Area of one target block as a share of the grid.
    package var targetArea: ClosedRange<Double>
    /// Height of a target block divided by its width.
    package var targetAspect: ClosedRange<Double>
    /// Area of the square-ish context block as a share of the grid, before the targets are taken out; nil: everything
    /// that is no target is context.
    package var contextArea: ClosedRange<Double>?
    /// Patches that stay visible at least (never more than half of the grid): a handful says nothing about the rest.
    package var minimumContext = 4

    /// Traps on a share outside (0, 1], an aspect that is not positive, or a count below 1.
    package init(
        targetCount: Int, targetArea: ClosedRange<Double>, targetAspect: ClosedRange<Double>,
        contextArea: ClosedRange<Double>?
    ) {
        precondition(targetCount > 0, "MultiBlockOptions: expected targetCount >= 1, got \(targetCount)")
        for area in [targetArea, contextArea ?? 1...1] {
            precondition(
                area.lowerBound > 0 && area.upperBound <= 1, "MultiBlockOptions: expected areas in (0, 1], got \(area)")
        }
        precondition(
            targetAspect.lowerBound > 0 && targetAspect.upperBound.isFinite,
            "MultiBlockOptions: expected aspects > 0, got \(targetAspect)")
        self.targetCount = targetCount
        self.targetArea = targetArea
        self.targetAspect = targetAspect
        self.contextArea = contextArea
    }

    /// I-JEPA (arXiv 2301.08243): 4 targets of 15–20 %, context block of 85–100 % minus the targets.
    package static let imageJEPA = MultiBlockOptions(
        targetCount: 4, targetArea: 0.15...0.20, targetAspect: 0.75...1.5, contextArea: 0.85...1.0)
    /// V-JEPA 2 (arXiv 2506.09985), short-range: 8 targets of 15 %, the rest is context.
    package static let videoJEPAShortRange = MultiBlockOptions(
        targetCount: 8, targetArea: 0.15...0.15, targetAspect: 0.75...1.5, contextArea: nil)
    /// V-JEPA 2 (arXiv 2506.09985), long-range: 2 targets of 70 %, the rest is context.
    package static let videoJEPALongRange = MultiBlockOptions(
        targetCount: 2, targetArea: 0.7...0.7, targetAspect: 0.75...1.5, contextArea: nil)
}

extension Mask {
    /// A multi-block mask: `targets` is the union of the target blocks, `context` the context block without them.
    ///
    /// Unlike the reference source, a block may touch the last row and column, and its area and aspect are drawn
    /// independently. A draw that leaves too few visible patches is repeated up to 20 times, as the reference does;
    /// then the context is all that is no target, and on grids too small even for that a few targets become visible.
    /// Targets and context are never empty. Traps on a grid of a single patch.
    package static func multiBlock(
        grid: PatchGrid, using random: inout RandomSource, _ options: MultiBlockOptions = .imageJEPA
    ) -> Mask {
        precondition(grid.count >= 2, "Mask.multiBlock: expected a grid of at least 2 patches, got 1")
        let least = max(1, min(options.minimumContext, grid.count / 2))
        var hidden = [Bool](repeating: false, count: grid.count)
        for _ in 0..<20 {
            hidden = [Bool](repeating: false, count: grid.count)
            for _ in 0..<options.targetCount {
                let block = Block(
                    area: random.uniform(options.targetArea), aspect: random.uniform(options.targetAspect), in: grid)
                for index in block.placed(in: grid, using: &random) { hidden[index] = true }
            }
            let seen: [Int]
            if let area = options.contextArea {
                let block = Block(area: random.uniform(area), aspect: 1, in: grid)
                seen = block.placed(in: grid, using: &random)
            } else {
                seen = Array(0..<grid.count)
            }
            let context = seen.filter { !hidden[$0] }
            if context.count >= least {
                return Mask(targets: hidden.indices.filter { hidden[$0] }, context: context)
            }
        }
        var visible = hidden.count { !$0 }
        for index in random.permutation(grid.count) where hidden[index] && visible < least {
            hidden[index] = false
            visible += 1
        }
        return Mask(hiding: hidden)
    }
}

/// The size of a block in patches.
private struct Block {
    let height: Int
    let width: Int

    /// The whole block sides nearest to the wanted area and aspect. A side that does not fit is cut to the grid and
    /// the other one grows, so that long narrow grids keep the wanted area.
    init(area: Double, aspect: Double, in grid: PatchGrid) {
        let patches = area * Double(grid.count)
        let height = (patches * aspect).squareRoot()
        let width = (patches / aspect).squareRoot()
        func side(_ length: Double, _ limit: Int) -> Int { min(limit, max(1, Int(length.rounded()))) }
        if height > Double(grid.rows) {
            self.height = grid.rows
            self.width = side(patches / Double(grid.rows), grid.columns)
        } else if width > Double(grid.columns) {
            self.height = side(patches / Double(grid.columns), grid.rows)
            self.width = grid.columns
        } else {
            self.height = side(height, grid.rows)
            self.width = side(width, grid.columns)
        }
    }

    /// The block at a uniformly drawn place, every row and column of the grid within reach.
    func placed(in grid: PatchGrid, using random: inout RandomSource) -> [Int] {
        let top = random.integer(below: grid.rows - height + 1)
        let left = random.integer(below: grid.columns - width + 1)
        return grid.indices(rows: top..<top + height, columns: left..<left + width)
    }
}
