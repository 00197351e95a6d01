import Recipe
import Testing

/// Good images made from a rule: `shade` gives the grey value of (image, row, column).
private func facts(
    count: Int = 40, width: Int, height: Int, shade: (Int, Int, Int) -> Float
) -> GoodImageFacts {
    let side = GoodImageFacts.thumbnailSide
    let pictures = (0..<count).map { image in
        GoodImageFacts.Picture(
            width: width, height: height, format: "PNG", channels: 1,
            thumbnail: (0..<side * side).map { shade(image, $0 / side, $0 % side) })
    }
    return GoodImageFacts(pictures: pictures, unreadable: 0)
}

/// A number in 0 ..< 1 that looks random: a hash of the three indices.
private func noise(_ image: Int, _ row: Int, _ column: Int) -> Float {
    var state = UInt64(truncatingIfNeeded: image &* 1_000_003 &+ row &* 1009 &+ column) &+ 0x9E37_79B9_7F4A_7C15
    state = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    state = (state ^ (state >> 27)) &* 0x94D0_49BB_1331_11EB
    return Float((state ^ (state >> 31)) >> 40) / Float(1 << 24)
}

@Suite("RecipeProposal")
struct RecipeProposalTests {
    @Test(
        "the input keeps the area of its side and the shape of the pictures",
        arguments: [
            (900, 900, 320, 320), (300, 300, 304, 304), (150, 150, 224, 224), (700, 700, 320, 320),
            (1500, 1000, 400, 256),
            (1000, 1500, 256, 400), (4000, 500, 544, 192), (10, 10_000, 128, 384),
        ])
    func size(width: Int, height: Int, inputWidth: Int, inputHeight: Int) throws {
        let proposal = RecipeProposal.propose(
            base: .defaults(line: "a"), facts: facts(width: width, height: height, shade: noise))
        #expect(proposal.recipe.image == .init(width: inputWidth, height: inputHeight))
        try proposal.recipe.validate()
    }

    @Test("any patch size and any shape give a valid grid of about the right area", arguments: [8, 14, 16, 32])
    func grids(patch: Int) {
        for aspect in [0.01, 0.34, 0.5, 0.7, 1, 1.3, 2, 2.9, 50] {
            for side in [224, 320, 448] {
                let grid = RecipeProposal.patchGrid(side: side, patchSize: patch, aspect: aspect)
                let perSide = (Double(side) / Double(patch)).rounded()
                let ratio = Double(grid.rows * grid.columns) / (perSide * perSide)
                #expect(ratio > 0.94 && ratio < 1.061, "\(side) px, patch \(patch), aspect \(aspect): \(grid)")
                #expect(min(grid.rows, grid.columns) >= 4)
            }
        }
    }

    @Test("parts at one place are fixtured and never turned; the reason says so")
    func fixtured() {
        let measured = facts(width: 300, height: 300) { image, row, column in
            let part: Float = row > 6 && row < 20 && column > 10 && column < 28 ? 0.8 : 0.2
            return part + 0.05 * noise(image, row, column) + 0.002 * Float(image)
        }
        #expect(measured.isFixtured && measured.alignment > 0.95)
        let proposal = RecipeProposal.propose(base: .defaults(line: "a"), facts: measured)
        #expect(!proposal.recipe.training.flipHorizontal && !proposal.recipe.training.rotate)
        #expect(proposal.reasons["scoring.place"]?.contains("fixtured") == true)
        #expect(measured.brightnessDeviation > 0.01)
    }

    @Test("a texture without direction may be turned over; one with a gradient of light only mirrored")
    func textures() {
        let plain = facts(width: 300, height: 300, shade: noise)
        #expect(!plain.isFixtured)
        let free = RecipeProposal.propose(base: .defaults(line: "a"), facts: plain).recipe.training
        #expect(free.flipHorizontal && free.flipVertical && free.rotate)

        let lit = facts(width: 300, height: 300) { noise($0, $1, $2) + 0.02 * Float($1) }
        #expect(!lit.isFixtured)
        let training = RecipeProposal.propose(base: .defaults(line: "a"), facts: lit).recipe.training
        #expect(training.flipHorizontal && !training.flipVertical && !training.rotate)
    }

    @Test("one picture, flat pictures and too few pictures give a careful proposal")
    func few() throws {
        for count in [1, 2, 5] {
            let measured = facts(count: count, width: 640, height: 480) { _, _, _ in 0.5 }
            let proposal = RecipeProposal.propose(base: .defaults(line: "a"), facts: measured)
            try proposal.recipe.validate()
            #expect(!proposal.recipe.training.flipHorizontal && !proposal.recipe.training.rotate)
            #expect(proposal.reasons["calibration.overkillRate"]?.contains("needs 49") == true)
        }
    }

    @Test("a conformal threshold needs 1/rate − 1 images", arguments: [(0.02, 49), (0.005, 199), (0.5, 1), (0.03, 33)])
    func needed(rate: Double, count: Int) {
        #expect(Recipe.Calibration.partsNeeded(rate: rate) == count)
    }

    @Test("the nearest word is found, and nothing is found for a stranger")
    func spelling() {
        let words = ["train", "run", "report", "benchmark", "import-encoder"]
        #expect(Spelling.nearest(to: "trian", in: words) == "train")
        #expect(Spelling.nearest(to: "bench", in: words) == "benchmark")
        #expect(Spelling.nearest(to: "importencoder", in: words) == "import-encoder")
        #expect(Spelling.nearest(to: "rn", in: words) == "run")
        #expect(Spelling.nearest(to: "quality", in: words) == nil)
        #expect(Spelling.nearest(to: String(repeating: "a", count: 100_000), in: words) == nil)
        #expect(Spelling.editDistance(Array("abcd"), Array("acbd")) == 1)
        #expect(Spelling.editDistance([], Array("abc")) == 3)
    }

    @Test("Imported weights fix the patch; their middle blocks are the targets, in proportion to the depth")
    func importedWeights() throws {
        #expect(Recipe.Encoder.middleBlocks(ofDepth: 12) == [4, 6, 8])
        #expect(Recipe.Encoder.middleBlocks(ofDepth: 24) == [8, 12, 16])
        #expect(Recipe.Encoder.middleBlocks(ofDepth: 32) == [11, 16, 21])
        for depth in 1...40 {
            let blocks = Recipe.Encoder.middleBlocks(ofDepth: depth)
            #expect(blocks == blocks.sorted() && Set(blocks).count == blocks.count)
            #expect(blocks.allSatisfy { (1...depth).contains($0) } && !blocks.isEmpty)
        }
        var base = Recipe.defaults()
        base.encoder = Recipe.Encoder(
            importedFile: "dinov2.safetensors", patchSize: 14, width: 384, depth: 12, heads: 6)
        #expect(base.encoder.source == .imported)
        for (width, height) in [(1024, 1024), (300, 420), (2000, 900)] {
            let pictures = (0..<60).map { index in
                GoodImageFacts.Picture(
                    width: width, height: height, format: "PNG", channels: 3,
                    thumbnail: (0..<1024).map { Float(($0 * (index + 3)) % 17) / 17 })
            }
            let recipe = RecipeProposal.propose(base: base, facts: GoodImageFacts(pictures: pictures, unreadable: 0))
                .recipe
            #expect(recipe.image.width % 14 == 0 && recipe.image.height % 14 == 0 && recipe.image.width > 0)
            try recipe.validate()
        }
    }
}
