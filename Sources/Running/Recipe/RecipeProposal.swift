/// A recipe proposed from what was measured on the good images, with the reason for each value that was chosen.
package struct RecipeProposal: Sendable, Equatable {
    package let recipe: Recipe
    /// Why, by dotted key; only the values that the facts decided.
    package let reasons: [String: String]

    /// The one default recipe, fitted to a line's good images: a pure function of the facts.
    ///
    /// - Parameters:
    ///   - base: where every value comes from that the facts do not decide; carries line, folders and encoder.
    ///   - facts: what was measured on the good images.
    package static func propose(base: Recipe, facts: GoodImageFacts) -> RecipeProposal {
        var recipe = base
        var reasons: [String: String] = [:]

        let patch = recipe.encoder.patchSize
        let tiles = recipe.image
        let side = tileSide(pictureSide: facts.medianSide, image: tiles, patchSize: patch)
        let grid = patchGrid(side: side, patchSize: patch, aspect: facts.medianAspect, image: tiles)
        recipe.image.height = grid.rows * patch
        recipe.image.width = grid.columns * patch
        let sizes = sizeWords(facts)
        reasons["image.width"] = "px; \(grid.columns) patches of \(patch); pictures are \(sizes)"
        reasons["image.height"] =
            "px; \(grid.rows) patches; "
            + (tiles.isTiled
                ? "each tile has the area of \(side)², the pictures about \(facts.medianSide)² px"
                : "area of \(side)²: pictures of about \(facts.medianSide)² px ask for it")
        // What a patch covers of the pictures says which defects are small.
        let covered = Double(facts.medianSide) / Double(grid.rows * grid.columns).squareRoot()
        if !tiles.isTiled, facts.medianSide >= 2 * side {
            reasons["image.tileRows"] =
                "1 = whole: safer for verdicts. A patch covers about \(Int(covered.rounded())) px of the pictures; where defects "
                + "are far smaller and must be shown exactly, set 2 here and across, width and height to 0"
        }

        if recipe.encoder.source.hasPublishedWeights {
            for key in ["patchSize", "width", "depth", "heads"] {
                reasons["encoder.\(key)"] = "what the weights have; only other weights change it"
            }
        }

        let alignment = hundredths(facts.alignment)
        reasons["scoring.place"] =
            facts.isFixtured
            ? "parts look fixtured (pictures agree with their mean to \(alignment)); places will count in full"
            : "parts look loose or textured (agreement with the mean \(alignment)); places will count less"

        // Turning a fixtured part over would teach the model that a part mounted wrongly is good.
        let isSquare = grid.rows == grid.columns
        let limit = 1.05
        func decide(_ key: WritableKeyPath<Recipe, Bool>, _ path: String, _ what: String, _ ratio: Double) {
            let isAllowed = !facts.isFixtured && ratio <= limit
            recipe[keyPath: key] = isAllowed
            let shown = ratio < 1000 ? hundredths(ratio) : "unknown"
            reasons[path] =
                facts.isFixtured
                ? "parts are fixtured: one that lies \(what) would be a wrong one"
                : isAllowed
                    ? "\(what) pictures are as near to the others as unturned ones (ratio \(shown))"
                    : "\(what) pictures are farther from the others than unturned ones (ratio \(shown))"
        }
        decide(\.training.flipHorizontal, "training.flipHorizontal", "mirrored", facts.mirrorRatio)
        decide(\.training.flipVertical, "training.flipVertical", "upside down", facts.flipRatio)
        if isSquare {
            decide(\.training.rotate, "training.rotate", "turned", facts.turnRatio)
        } else {
            recipe.training.rotate = false
            reasons["training.rotate"] = "quarter turns need a square input"
        }

        let needed = Recipe.Calibration.partsNeeded(rate: recipe.calibration.overkillRate)
        reasons["calibration.overkillRate"] =
            "share of good parts that may fail; needs \(needed) held-out good images"
            + (recipe.calibration.heldOutCount(of: facts.count).map { ", \($0) of the \(facts.count) will be" }
                ?? ", and as many to learn from; there are only \(facts.count): bring more, or raise this rate")
        return RecipeProposal(recipe: recipe, reasons: reasons)
    }

    /// Side in pixels of the square whose area the input gets, from the side of the square that has the pictures' median
    /// area: the pictures' own, within 224…320.
    ///
    /// Cost grows faster than the area. On magnetic tile (318 px) 320 instead of 224 gave 0.918 instead of 0.908 image
    /// AUROC; on macaroni1 (1225 px) 448 instead of 320 found places better (AUPRO 0.90, 0.88) and parts worse (image
    /// AUROC 0.84, 0.93): more patches are more chances for a good part to look odd. A line whose defects are a few
    /// pixels wide may ask for more in its recipe.
    package static func inputSide(pictureSide: Int) -> Int { min(320, max(224, pictureSide)) }

    /// Side in pixels of the square whose area a tile gets: `inputSide` of the pictures' share in a tile, so that tiles
    /// together have at most the pictures' own pixels, or 224² each where these have fewer.
    static func tileSide(pictureSide: Int, image: Recipe.ImageSize, patchSize: Int) -> Int {
        guard image.isTiled else { return inputSide(pictureSide: pictureSide) }
        func share(_ count: Int) -> Double {
            Double(pictureSide + (count - 1) * image.tileOverlap * patchSize) / Double(count)
        }
        return inputSide(pictureSide: Int((share(image.tileRows) * share(image.tileColumns)).squareRoot().rounded()))
    }

    /// The grid of patches whose shape is nearest to the pictures', and whose tiles have about the area of side²; the grid
    /// itself where it is not cut.
    ///
    /// `aspect` is height / width, limited to 1/3…3: longer pictures are squeezed. Among the tiles whose area is within
    /// 6 % the ones win whose grid's aspect and whose area are, as a product of ratios, nearest to what is wanted; then the
    /// nearest area.
    package static func patchGrid(
        side: Int, patchSize: Int, aspect: Double, image: Recipe.ImageSize = .init()
    ) -> (rows: Int, columns: Int) {
        let least = image.isTiled ? max(Recipe.ImageSize.leastTileSide, 2 * image.tileOverlap) : 4
        let perSide = max(least, Int((Double(side) / Double(patchSize)).rounded()))
        let area = Double(perSide * perSide)
        let wanted = min(3, max(1.0 / 3, aspect))
        func ratio(_ first: Double, _ second: Double) -> Double { max(first, second) / min(first, second) }
        func grid(_ rows: Int, _ columns: Int) -> (rows: Int, columns: Int) {
            (
                Recipe.ImageSize.grid(side: rows, count: image.tileRows, overlap: image.tileOverlap),
                Recipe.ImageSize.grid(side: columns, count: image.tileColumns, overlap: image.tileOverlap)
            )
        }
        func shape(_ rows: Int, _ columns: Int) -> Double {
            let grid = grid(rows, columns)
            return Double(grid.rows) / Double(grid.columns)
        }

        var best = (rows: perSide, columns: perSide)
        var bestCost = (ratio(shape(perSide, perSide), wanted), 1.0)
        for rows in max(least, perSide / 2)...2 * perSide {
            for columns in max(least, perSide / 2)...2 * perSide {
                let areaRatio = ratio(Double(rows * columns), area)
                guard areaRatio <= 1.06 else { continue }
                let misfit = ratio(shape(rows, columns), wanted) * areaRatio
                // Ties are common (36/35 · 42/40 = 36/34 · 408/400): rounding must not decide them.
                let cost = ((misfit * 1e9).rounded() / 1e9, areaRatio)
                if cost < bestCost {
                    best = (rows, columns)
                    bestCost = cost
                }
            }
        }
        return grid(best.rows, best.columns)
    }

    private static func sizeWords(_ facts: GoodImageFacts) -> String {
        let widths = (facts.widths.min() ?? 0, facts.widths.max() ?? 0)
        let heights = (facts.heights.min() ?? 0, facts.heights.max() ?? 0)
        func range(_ pair: (Int, Int)) -> String { pair.0 == pair.1 ? "\(pair.0)" : "\(pair.0)…\(pair.1)" }
        return "\(range(widths)) × \(range(heights))"
    }

    private static func hundredths(_ value: Double) -> String {
        let rounded = (value * 100).rounded() / 100
        return "\(rounded)"
    }
}
