import Foundation
import Recipe
import Testing

/// What the reader says of a text, or nil when it accepts it.
private func complaint(_ text: String) -> String? {
    do throws(RecipeError) {
        _ = try Recipe(json5: text)
        return nil
    } catch {
        return error.description
    }
}

@Suite("Recipe: reading")
struct RecipeReading {
    @Test("missing keys take the defaults of their kind of encoder")
    func defaults() throws {
        #expect(try Recipe(json5: "{line: 'bottles'}") == Recipe.defaults(line: "bottles"))
        let imported = try Recipe(json5: #"{line: "b", encoder: {file: "vit.safetensors", source: "imported"}}"#)
        #expect(imported == Recipe.defaults(line: "b", encoder: .imported, encoderFile: "vit.safetensors"))
        #expect(imported.encoder.depth == 12)
        let adapted = try Recipe(json5: #"{line: "b", encoder: {source: "adapted", file: "vit.safetensors"}}"#)
        #expect(adapted == Recipe.defaults(line: "b", encoder: .adapted, encoderFile: "vit.safetensors"))
        #expect(adapted.encoder.targetBlocks == [4, 6, 8] && adapted.canonicalJSON() != imported.canonicalJSON())
    }

    @Test("JSON5: comments, single quotes, hexadecimal, signs, dots, trailing commas, escapes, line continuation")
    func json5() throws {
        let text = """
            // a head
            {
              line: 'rim-7', /* one
              more */ "query": 'it\\'s a \\u00e9clair, \\x41 \\\
            and on',
              seed: 0xFF, settleSeconds: +5, giveUpSeconds: 1e2,
              training: {noise: .25, weightDecay: 0., flipHorizontal: true,},
              mask: {blockSizes: [1, 2, 4,], secondPass: true, secondPassShare: .1 },
            }
            """
        let recipe = try Recipe(json5: text)
        #expect(recipe.line == "rim-7")
        #expect(recipe.query == "it's a éclair, A and on")
        #expect(recipe.seed == 255 && recipe.settleSeconds == 5 && recipe.giveUpSeconds == 100)
        #expect(recipe.training.noise == 0.25 && recipe.training.weightDecay == 0 && recipe.training.flipHorizontal)
        #expect(recipe.mask.blockSizes == [1, 2, 4])
        #expect(recipe.mask.secondPass && recipe.mask.secondPassShare == 0.1)
    }

    @Test(
        "an error names the file, the path, what was expected and what was found",
        arguments: [
            ("{line: 'a', mask: {blockSizes: [1, 12]}}", "recipe.json5: `mask.blockSizes[1]`: expected 1…8, got 12"),
            (
                "{line: 'a', mask: {blockSizes: [4, 2]}}",
                "recipe.json5: `mask.blockSizes[1]`: expected more than 4, the number before it, got 2"
            ),
            (
                "{line: 'a', mask: {blockSizes: []}}",
                "recipe.json5: `mask.blockSizes`: expected a list of 1…4 rising whole numbers in 1…8, got a list of 0"
            ),
            (
                "{line: 'a', mask: {secondPassShare: 0.5}}",
                "recipe.json5: `mask.secondPassShare`: expected 0.001…0.25, got 0.5"
            ),
            ("{line: 'a', workers: '4'}", "recipe.json5: `workers`: expected 0…256, got \"4\""),
            ("{line: 'a', workers: 2.5}", "recipe.json5: `workers`: expected a whole number in 0…256, got 2.5"),
            ("{line: 'a', workers: null}", "recipe.json5: `workers`: expected 0…256, got null"),
            ("{line: 'a', seed: 1e400}", "recipe.json5: `seed`: expected 0…9007199254740991, got 1e400"),
            ("{line: 'a', training: {noise: NaN}}", "recipe.json5: `training.noise`: expected 0…0.5, got NaN"),
            (
                "{line: 'a', training: {minutes: Infinity}}",
                "recipe.json5: `training.minutes`: expected 0.05…10080, got Infinity"
            ),
            (
                "{line: 'a', training: {learningRate: -Infinity}}",
                "recipe.json5: `training.learningRate`: expected 1e-06…0.1, got -Infinity"
            ),
            ("{line: 'a', training: 3}", "recipe.json5: `training`: expected an object { … }, got 3"),
            (
                "{line: 'a', encoder: {source: 'maybe'}}",
                "recipe.json5: `encoder.source`: expected one of \"trained\", \"imported\", \"adapted\", got \"maybe\""
            ),
            (
                "{line: 'a', encoder: {source: 'adapted'}}",
                "recipe.json5: `encoder.file`: expected a weights file, because encoder.source is \"adapted\", got \"\""
            ),
            ("{line: 'a', scoring: {repair: 1}}", "recipe.json5: `scoring.repair`: expected true or false, got 1"),
            (
                "{line: '../etc'}",
                "recipe.json5: `line`: expected a name of 1…64 letters, digits, '-' or '_', got \"../etc\""
            ),
            (
                "{line: 'a', drop: ''}",
                "recipe.json5: `drop`: expected a path of 1…4096 bytes without control characters, got \"\""
            ),
            ("{}", "recipe.json5: `line`: expected the name of the line, got nothing"),
            ("[1]", "recipe.json5: ``: expected an object { … }, got a list of 1"),
        ])
    func values(text: String, expected: String) { #expect(complaint(text) == expected) }

    @Test(
        "an unknown key is an error that suggests the nearest",
        arguments: [
            ("{line: 'a', qurey: ''}", "`qurey`: unknown key; did you mean `query`?"),
            (
                "{line: 'a', training: {batchsize: 4}}",
                "`training.batchsize`: unknown key; did you mean `training.batchSize`?"
            ),
            ("{line: 'a', batchSize: 4}", "`batchSize`: unknown key; did you mean `training.batchSize`?"),
            ("{line: 'a', trainning: {}}", "`trainning`: unknown key; did you mean `training`?"),
            (
                "{line: 'a', zzzzzzzz: 1}",
                "`zzzzzzzz`: unknown key; `nightshift init` writes a recipe with every key there is"
            ),
        ])
    func unknownKeys(text: String, expected: String) { #expect(complaint(text) == "recipe.json5: " + expected) }

    @Test(
        "values that are at odds with one another are told",
        arguments: [
            ("{line: 'a', archive: 'move'}", "archiveFolder"),
            ("{line: 'a', encoder: {source: 'imported'}}", "encoder.file"),
            ("{line: 'a', method: 'clip', clip: {source: 'published'}}", "clip.folder"),
            ("{line: 'a', method: 'clip', image: {width: 48, height: 64}, encoder: {patchSize: 8}}", "image"),
            ("{line: 'a', encoder: {heads: 5}}", "encoder.heads"),
            ("{line: 'a', predictor: {heads: 5}}", "predictor.heads"),
            ("{line: 'a', encoder: {targetBlocks: [7]}}", "encoder.targetBlocks[0]"),
            ("{line: 'a', image: {width: 100, height: 96}}", "image.width"),
            ("{line: 'a', image: {width: 96}}", "image.height"),
            ("{line: 'a', image: {width: 32, height: 96}}", "image"),
            ("{line: 'a', image: {width: 64, height: 64}, mask: {blockSizes: [3]}}", "mask.blockSizes[0]"),
            ("{line: 'a', image: {width: 96, height: 128}, training: {rotate: true}}", "training.rotate"),
            ("{line: 'a', calibration: {reviewRate: 0.01}}", "calibration.reviewRate"),
        ])
    func contradictions(text: String, path: String) throws {
        let sentence = try #require(complaint(text))
        #expect(sentence.hasPrefix("recipe.json5: `\(path)`: expected "))
    }

    @Test("a file that is not there, not UTF-8, or huge is told, with its name")
    func files() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("recipe-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let url = folder.appendingPathComponent("recipe.json5")
        func sentence() -> String {
            do throws(RecipeError) {
                _ = try Recipe(contentsOf: url)
                return "accepted"
            } catch { return error.description }
        }
        #expect(sentence().contains("there is no file at"))
        try Data([0x7B, 0xFF, 0xFE, 0x7D]).write(to: url)
        #expect(sentence() == "recipe.json5: cannot be read: expected UTF-8 text, got other bytes")
        try Data(repeating: 0x20, count: 1_000_001).write(to: url)
        #expect(sentence() == "recipe.json5: cannot be read: expected at most 1000000 bytes, got 1000001")
        try Data("{line: 'ok'}".utf8).write(to: url)
        #expect(try Recipe(contentsOf: url).line == "ok")
    }
}

@Suite("Recipe: hostile texts")
struct HostileRecipes {
    @Test(
        "a text that is not JSON5 is told with line and column",
        arguments: [
            ("", "recipe.json5:1:1: expected a value, got the end of the file"),
            ("{line: 'a'", "recipe.json5:1:11: expected ',' or '}', got the end of the file"),
            ("{\n  line: 'a'\n  seed: 1}", "recipe.json5:3:3: expected ',' or '}', got \"s\""),
            ("{line: 'a}\n", "recipe.json5:1:8: expected the closing ' of this text, got the end of the line"),
            ("{line: bottles}", "recipe.json5:1:8: expected a value (text stands in quotes), got \"bottles\""),
            ("{line: 'a'} x", "recipe.json5:1:13: expected the end of the file, got \"x\""),
            ("{line 'a'}", "recipe.json5:1:7: expected ':' after the key \"line\", got \"'\""),
            ("{seed: 1, seed: 2}", "recipe.json5:1:11: expected every key once, got \"seed\" a second time"),
            ("{/* never ends", "recipe.json5:1:2: expected '*/' that ends this comment, got none"),
            ("{seed: 012}", "recipe.json5:1:8: expected a number, got \"012\""),
            ("{seed: 0x}", "recipe.json5:1:8: expected a number, got \"0x\""),
            ("{seed: 1.2.3}", "recipe.json5:1:8: expected a number, got \"1.2.3\""),
            ("{seed: -}", "recipe.json5:1:8: expected a number, got \"-\""),
            ("{seed: .}", "recipe.json5:1:8: expected a number, got \".\""),
            ("{line: '\\uD800'}", "recipe.json5:1:11: expected a Unicode character, got half of a surrogate pair"),
            ("{line: '\\u12'}", "recipe.json5:1:11: expected 4 hexadecimal digits, got \"1\""),
            ("{,}", "recipe.json5:1:2: expected a key or '}', got \",\""),
        ])
    func syntax(text: String, expected: String) { #expect(complaint(text) == expected) }

    @Test("deep nesting ends in an error, not in a crash", arguments: ["[", "{a:", "[{a:"])
    func nesting(opening: String) throws {
        let sentence = try #require(complaint(String(repeating: opening, count: 100_000)))
        #expect(sentence.contains("expected at most 32 levels of nesting, got more"))
    }

    @Test("every beginning of a written recipe is refused or read, and never crashes")
    func truncations() {
        let text = RecipeWriter(head: ["head"]).text(.defaults(line: "cut"))
        let bytes = Array(text.utf8)
        for length in stride(from: 0, to: bytes.count - 3, by: 7) {
            #expect(complaint(String(decoding: bytes[..<length], as: UTF8.self)) != nil)
        }
    }

    @Test("a million keys and a very long key are refused quickly")
    func large() throws {
        let many = "{" + (0..<60_000).map { "k\($0):1" }.joined(separator: ",") + "}"
        #expect(try #require(complaint(many)).contains("`k0`: unknown key"))
        let long = "{" + String(repeating: "k", count: 500_000) + ": 1}"
        #expect(try #require(complaint(long)).utf8.count < 300)
    }
}
