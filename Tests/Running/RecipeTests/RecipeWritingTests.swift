import Foundation
import Recipe
import Testing

@Suite("Recipe: writing")
struct RecipeWriting {
    /// A recipe in which nothing has its default.
    static var unusual: Recipe {
        var recipe = Recipe.defaults(
            line: "odd_1", encoder: .imported, encoderFile: "/srv/weights/vit \"x\".safetensors")
        recipe.query = "a \"quoted\" part\nwith // slashes, */ stars and é 😀"
        recipe.drop = "C:\\drop"
        recipe.archive = .move
        recipe.archiveFolder = "../archive"
        recipe.seed = 9_007_199_254_740_991
        recipe.image = .init(width: 544, height: 368)
        recipe.encoder.targetBlocks = [4, 7, 12]
        recipe.mask.blockSizes = [1, 2, 4]
        recipe.mask.secondPass = true
        recipe.mask.secondPassShare = 0.125
        recipe.training.learningRate = 0.1 + 0.2 - 0.25
        recipe.training.minutes = 1.0 / 3
        recipe.training.flipVertical = true
        recipe.scoring.place = false
        recipe.calibration.overkillRate = 0.005
        return recipe
    }

    @Test(
        "what is written reads back equal, with any head and reasons", arguments: [Recipe.defaults(line: "a"), unusual])
    func roundTrip(recipe: Recipe) throws {
        let writer = RecipeWriter(
            head: ["nightshift train a", "two\nlines\r\u{2028}and more"],
            reasons: ["seed": "ends here\n} // or not", "mask.blockSizes": "*/ {"])
        let text = writer.text(recipe)
        #expect(try Recipe(json5: text) == recipe)
        #expect(text.hasPrefix("// nightshift train a\n// two lines"))
    }

    @Test("a written recipe has every key once, on a line of its own, with a reason")
    func reasons() {
        let text = RecipeWriter(reasons: ["seed": "chosen by a die"]).text(.defaults(line: "a"))
        let values = text.split(separator: "\n").filter { $0.contains(": ") && !$0.hasSuffix("{") }
        #expect(values.count == RecipeField.all.count)
        for line in values {
            let comment = line.split(separator: "  // ", maxSplits: 1)
            #expect(comment.count == 2 && comment[1].count > 8, "no reason in: \(line)")
        }
        #expect(text.contains("// chosen by a die\n"))
    }

    @Test("the canonical form does not depend on comments, order or spelling, and its bytes do not change")
    func canonical() throws {
        let first = try Recipe(json5: "{line: 'a', seed: 16, training: {noise: 0.125, minutes: 4}}")
        let second = try Recipe(json5: "/* x */ {training: {minutes: 4.0, noise: 12.5e-2}, seed: 0x10, 'line': \"a\",}")
        #expect(first.canonicalJSON() == second.canonicalJSON())
        let text = String(decoding: first.canonicalJSON(), as: UTF8.self)
        #expect(text.hasPrefix(#"{"archive":"keep","archiveFolder":"","calibration":{"heldOutFraction":"#))
        #expect(text.contains(#""training":{"batchSize":"#) && text.contains(#""minutes":4,"noise":0.125,"#))
        #expect(!text.contains("\n"))
        var third = first
        third.seed = 17
        #expect(third.canonicalJSON() != first.canonicalJSON())
    }

    @Test("the canonical form is JSON that Foundation reads, and reads back equal", arguments: [unusual])
    func canonicalReadsBack(recipe: Recipe) throws {
        let data = recipe.canonicalJSON()
        #expect(try Recipe(json5: String(decoding: data, as: UTF8.self)) == recipe)
        #expect(try JSONDecoder().decode(Recipe.self, from: data) == recipe)
    }

    @Test("defaults hold for every kind of encoder; a broken struct does not validate")
    func validate() throws {
        try Recipe.defaults(line: "a").validate()
        for source in Recipe.Encoder.Source.allCases {
            try Recipe.defaults(line: "a", encoder: source, encoderFile: "f").validate()
        }
        var broken = Recipe.defaults(line: "a")
        broken.training.noise = .nan
        #expect(throws: RecipeError.value(file: "recipe.json5", path: "training.noise", expected: "0…0.5", got: "nan"))
        {
            try broken.validate()
        }
    }

    @Test("paths start at the recipe's folder unless absolute")
    func paths() {
        let folder = URL(fileURLWithPath: "/plant/pipelines/rim", isDirectory: true)
        #expect(Recipe.resolve("../../drop", against: folder).path == "/plant/drop")
        #expect(Recipe.resolve("/mnt/cam", against: folder).path == "/mnt/cam")
    }

    @Test("every recipe that ships under pipelines/ is read, and names its own folder")
    func shipped() throws {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let pipelines = Recipe.resolve("../../../pipelines", against: tests)
        let lines = try FileManager.default.contentsOfDirectory(atPath: pipelines.path).filter {
            FileManager.default.fileExists(atPath: pipelines.appendingPathComponent("\($0)/recipe.json5").path)
        }
        #expect(lines.contains("demo"))
        for line in lines {
            let recipe = try Recipe(contentsOf: pipelines.appendingPathComponent("\(line)/recipe.json5"))
            #expect(recipe.line == line)
        }
    }
}
