import Recipe
import Testing

@Suite("Recipe: tiles")
struct TileRecipeTests {
    static func recipe(_ image: Recipe.ImageSize) -> Recipe {
        var recipe = Recipe.defaults(line: "a")
        recipe.image = image
        return recipe
    }

    static func complaint(_ image: Recipe.ImageSize) -> String? {
        do throws(RecipeError) {
            try recipe(image).validate()
            return nil
        } catch {
            return error.description
        }
    }

    @Test("Without a word about tiles the input is seen whole, and an overlap then means nothing")
    func whole() throws {
        let recipe = try Recipe(json5: "{line: 'a', image: {width: 320, height: 320}}")
        #expect(!recipe.image.isTiled && recipe.image.tileRows == 1 && recipe.image.tileColumns == 1)
        #expect(Self.complaint(.init(width: 64, height: 64, tileOverlap: 16)) == nil)
    }

    @Test("Tiles that fit are taken; their keys are read, written and read again")
    func fits() throws {
        let recipe = try Recipe(
            json5: "{line: 'a', image: {width: 576, height: 576, tileRows: 2, tileColumns: 2, tileOverlap: 4}}")
        #expect(recipe.image == .init(width: 576, height: 576, tileRows: 2, tileColumns: 2, tileOverlap: 4))
        #expect(try Recipe(json5: RecipeWriter().text(recipe)) == recipe)
        #expect(recipe.canonicalJSON() != Self.recipe(.init(width: 576, height: 576)).canonicalJSON())
        #expect(Self.complaint(.init(width: 832, height: 320, tileColumns: 3)) == nil)
    }

    @Test("A size that tiles do not cover is refused with the nearest ones that they do")
    func misfits() throws {
        let odd = try #require(Self.complaint(.init(width: 560, height: 576, tileRows: 2, tileColumns: 2)))
        #expect(odd.contains("`image.width`") && odd.contains("544 or 576") && odd.contains("got 560"), "\(odd)")
        #expect(odd.contains("image.tileColumns = 2") && odd.contains("image.tileOverlap = 4"), "\(odd)")
        // Tiles of fewer patches than two overlaps would reach beyond their neighbours.
        let small = try #require(Self.complaint(.init(width: 96, height: 576, tileRows: 2, tileColumns: 2)))
        #expect(small.contains("expected 192,") && small.contains("got 96"), "\(small)")
        for image: Recipe.ImageSize in [
            .init(width: 544, height: 576, tileRows: 2, tileColumns: 2),
            .init(width: 192, height: 192, tileRows: 2, tileColumns: 2),
        ] { #expect(Self.complaint(image) == nil) }
        // Hidden blocks must fit a tile, not only the picture.
        var recipe = Self.recipe(.init(width: 192, height: 192, tileRows: 2, tileColumns: 2))
        recipe.mask.blockSizes = [5]
        let block = #expect(throws: RecipeError.self) { try recipe.validate() }
        #expect(block?.description.contains("8 × 8 grid of a tile") == true, "\(String(describing: block))")
        for (text, path) in [
            ("{line: 'a', image: {tileRows: 0}}", "image.tileRows"),
            ("{line: 'a', image: {tileColumns: 9}}", "image.tileColumns"),
            ("{line: 'a', image: {tileOverlap: 0}}", "image.tileOverlap"),
        ] {
            let error = #expect(throws: RecipeError.self) { _ = try Recipe(json5: text) }
            #expect(error?.description.contains(path) == true)
        }
    }

    static func facts(_ width: Int, _ height: Int) -> GoodImageFacts {
        GoodImageFacts(
            pictures: (0..<20).map { image in
                GoodImageFacts.Picture(
                    width: width, height: height, format: "PNG", channels: 1,
                    thumbnail: (0..<1024).map { Float(($0 * (image + 3)) % 17) / 17 })
            }, unreadable: 0)
    }

    @Test(
        "Where tiles are asked for and the size is not, the proposal fits both tiles and pictures",
        arguments: [(900, 900), (1500, 1000), (4000, 3000), (500, 360), (200, 200), (6000, 800)],
        [(2, 2), (1, 3), (3, 2), (4, 4)])
    func proposed(pictures: (Int, Int), tiles: (Int, Int)) throws {
        let base = Self.recipe(.init(tileRows: tiles.0, tileColumns: tiles.1))
        let proposal = RecipeProposal.propose(base: base, facts: Self.facts(pictures.0, pictures.1))
        try proposal.recipe.validate()
        let image = proposal.recipe.image
        #expect(image.tileRows == tiles.0 && image.tileColumns == tiles.1 && image.width > 0)
        // A tile costs what an input that is not cut costs: at most 320² and at least 224², but for rounding.
        let tileWidth = (image.width + (tiles.1 - 1) * 64) / tiles.1
        let tileHeight = (image.height + (tiles.0 - 1) * 64) / tiles.0
        #expect((200 * 200...340 * 340).contains(tileWidth * tileHeight), "\(tileWidth) x \(tileHeight)")
    }

    @Test("Two by two tiles of large square pictures are 576 px; whole ones stay 320 px with a word about tiles")
    func sizes() {
        let two = RecipeProposal.propose(
            base: Self.recipe(.init(tileRows: 2, tileColumns: 2)), facts: Self.facts(900, 900))
        #expect(two.recipe.image == .init(width: 576, height: 576, tileRows: 2, tileColumns: 2))
        let one = RecipeProposal.propose(base: Self.recipe(.init()), facts: Self.facts(900, 900))
        #expect(one.recipe.image == .init(width: 320, height: 320))
        #expect(one.reasons["image.tileRows"]?.contains("about 45 px") == true, "\(one.reasons)")
        let small = RecipeProposal.propose(base: Self.recipe(.init()), facts: Self.facts(400, 400))
        #expect(small.reasons["image.tileRows"] == nil)
    }
}
