import Foundation

extension Recipe {
    /// Largest recipe file that is read, in bytes: real ones have about 5,000.
    static let largestFile = 1_000_000

    /// The recipe in the file at `url`. Throws `RecipeError`, which names the file as its last path component.
    package init(contentsOf url: URL) throws(RecipeError) {
        let name = url.lastPathComponent
        let data: Data
        do {
            data = try Data(contentsOf: url)
        } catch {
            let isMissing = !FileManager.default.fileExists(atPath: url.path)
            throw .unreadable(
                file: name,
                reason: isMissing
                    ? "there is no file at \(url.path); `nightshift init` writes one" : "\(error.localizedDescription)")
        }
        guard data.count <= Recipe.largestFile else {
            throw .unreadable(file: name, reason: "expected at most \(Recipe.largestFile) bytes, got \(data.count)")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw .unreadable(file: name, reason: "expected UTF-8 text, got other bytes")
        }
        try self.init(json5: text, file: name)
    }

    /// The recipe in a JSON5 text; `file` is the name that errors carry.
    ///
    /// Missing keys take the defaults of the text's kind of encoder; `line` has none. Unknown keys are errors.
    package init(json5 text: String, file: String = "recipe.json5") throws(RecipeError) {
        let root: JSON5Value
        do {
            root = try JSON5Reader.read(text)
        } catch {
            throw .syntax(
                file: file, line: error.line, column: error.column, expected: error.expected, got: error.got)
        }
        guard case .object(let members) = root else {
            throw .value(file: file, path: "", expected: "an object { … }", got: root.found)
        }
        let values = try Recipe.flatten(members, prefix: "", file: file)

        guard values.contains(where: { $0.path == "line" }) else {
            throw .value(file: file, path: "line", expected: "the name of the line", got: "nothing")
        }
        // The kind of encoder decides the defaults, so it is read before everything else.
        var recipe = Recipe.defaults()
        let isSource = { (value: (path: String, value: JSON5Value)) in value.path == "encoder.source" }
        if let source = values.first(where: isSource) {
            try recipe.set(source.path, to: source.value, file: file)
            recipe = Recipe.defaults(encoder: recipe.encoder.source)
        }
        for (path, value) in values { try recipe.set(path, to: value, file: file) }
        try recipe.validate(file: file)
        self = recipe
    }

    /// Checks every range, and every value against the others. Throws the first fault in the order of the keys.
    package func validate(file: String = "recipe.json5") throws(RecipeError) {
        var copy = self
        for field in RecipeField.all { try copy.set(field.path, to: field.read(self), file: file) }

        func check(_ isRight: Bool, _ path: String, _ expected: String, _ got: Any) throws(RecipeError) {
            guard isRight else { throw .value(file: file, path: path, expected: expected, got: "\(got)") }
        }
        try check(
            archive == .keep || !archiveFolder.isEmpty, "archiveFolder", "a folder, because archive is \"move\"", "\"\""
        )
        try check(
            !encoder.source.hasPublishedWeights || !encoder.file.isEmpty, "encoder.file",
            "a weights file, because encoder.source is \"\(encoder.source.rawValue)\"", "\"\"")
        try check(
            language.source != .imported || !language.file.isEmpty, "language.file",
            "a folder with text weights, because language.source is \"imported\"; `make text-encoder` gets one", "\"\"")
        try check(
            language.source == .none || scoring.repair, "scoring.repair",
            "true, because names are read from the pass with nothing hidden; or language.source \"none\"",
            scoring.repair)
        try check(
            method != .clip || clip.source != .published || !clip.folder.isEmpty, "clip.folder",
            "a folder with a published CLIP, because method is \"clip\" and clip.source is \"published\"", "\"\"")
        try check(
            encoder.width % encoder.heads == 0, "encoder.heads", "a divisor of encoder.width = \(encoder.width)",
            encoder.heads)
        try check(
            predictor.width % predictor.heads == 0, "predictor.heads",
            "a divisor of predictor.width = \(predictor.width)", predictor.heads)
        for (index, block) in encoder.targetBlocks.enumerated() {
            try check(
                block <= encoder.depth, "encoder.targetBlocks[\(index)]",
                "1…\(encoder.depth), because encoder.depth is \(encoder.depth)", block)
        }
        for (path, side) in [("image.width", image.width), ("image.height", image.height)] {
            try check(
                side % encoder.patchSize == 0, path, "a multiple of encoder.patchSize = \(encoder.patchSize)", side)
        }
        try check(
            (image.width == 0) == (image.height == 0), image.width == 0 ? "image.width" : "image.height",
            "both image sides, or both 0", 0)
        try check(
            method != .clip || !image.isTiled, "image.tileRows", "1 × 1 tiles, because method is \"clip\"",
            "\(image.tileRows) × \(image.tileColumns)")
        if image.width > 0 {
            // Smaller ones show nothing of the damage that captions are written for.
            try check(
                method != .clip || !hasOwnEncoder || min(image.width, image.height) >= Self.leastCaptionedSide, "image",
                "sides of at least \(Self.leastCaptionedSide), because a CLIP is trained here",
                "\(image.width) × \(image.height)")
            let rows = image.height / encoder.patchSize
            let columns = image.width / encoder.patchSize
            // A grid below 4 × 4 leaves nothing to predict from; above 16,384 patches attention no longer fits.
            try check(min(rows, columns) >= 4, "image", "at least 4 × 4 patches", "\(rows) × \(columns)")
            try check(rows * columns <= 16_384, "image", "at most 16384 patches", rows * columns)
            let tile = try tileGrid(file: file)
            for (index, block) in mask.blockSizes.enumerated() {
                try check(
                    2 * block <= min(tile.rows, tile.columns), "mask.blockSizes[\(index)]",
                    "at most half of the \(tile.rows) × \(tile.columns) grid\(image.isTiled ? " of a tile" : "")", block
                )
            }
            try check(
                !training.rotate || rows == columns, "training.rotate", "a square input, or false",
                "true with \(image.width) × \(image.height)")
        }
        try check(
            calibration.reviewRate >= calibration.overkillRate, "calibration.reviewRate",
            "at least calibration.overkillRate = \(calibration.overkillRate)", calibration.reviewRate)
    }

    /// Compact JSON with sorted keys and every value present: what the recipe's SHA-256 is taken of, so that comments,
    /// order and spelling of numbers do not change it. Reads back with `init(json5:)`.
    package func canonicalJSON() -> Data { Data(tree().canonicalText.utf8) }

    /// The absolute form of a path of this recipe: relative paths start at the recipe's folder.
    package static func resolve(_ path: String, against folder: URL) -> URL {
        URL(fileURLWithPath: path, relativeTo: folder.standardizedFileURL).standardizedFileURL.absoluteURL
    }

    /// The recipe as a tree of values, in the order of the table.
    private func tree() -> JSON5Value {
        var members: [JSON5Value.Member] = []
        var sections: [String: [JSON5Value.Member]] = [:]
        for field in RecipeField.all {
            let parts = field.path.split(separator: ".").map(String.init)
            if parts.count == 1 {
                members.append(.init(key: parts[0], value: field.read(self)))
            } else {
                sections[parts[0], default: []].append(.init(key: parts[1], value: field.read(self)))
            }
        }
        for (key, section) in sections.sorted(by: { $0.key < $1.key }) {
            members.append(.init(key: key, value: .object(section)))
        }
        return .object(members)
    }

    private mutating func set(_ path: String, to value: JSON5Value, file: String) throws(RecipeError) {
        guard let field = RecipeField.all.first(where: { $0.path == path }) else {
            preconditionFailure("Recipe.set: no field \(path)")
        }
        do {
            try field.write(&self, value)
        } catch {
            throw .value(file: file, path: path + error.suffix, expected: error.expected, got: error.got)
        }
    }

    /// The values of an object by dotted path; throws at the first key that is in no table, in the order of the file.
    private static func flatten(
        _ members: [JSON5Value.Member], prefix: String, file: String
    ) throws(RecipeError) -> [(path: String, value: JSON5Value)] {
        var values: [(path: String, value: JSON5Value)] = []
        for member in members {
            let path = prefix + member.key
            if RecipeField.all.contains(where: { $0.path == path }) {
                values.append((path, member.value))
            } else if RecipeField.all.contains(where: { $0.path.hasPrefix(path + ".") }) {
                guard case .object(let inner) = member.value else {
                    throw .value(file: file, path: path, expected: "an object { … }", got: member.value.found)
                }
                values += try flatten(inner, prefix: path + ".", file: file)
            } else {
                let shown = path.count <= 80 ? path : path.prefix(77) + "..."
                throw .unknownKey(file: file, path: shown, suggestion: suggestion(for: path))
            }
        }
        return values
    }

    /// The nearest key: by the whole path, or by the last part alone, for a key that stands in the wrong section.
    private static func suggestion(for path: String) -> String? {
        let paths = RecipeField.all.map(\.path)
        let sections = Set(paths.compactMap { $0.contains(".") ? String($0.prefix { $0 != "." }) : nil })
        let last = { (path: String) in String(path.split(separator: ".").last ?? "") }
        if let misplaced = paths.first(where: { last($0) == last(path) }) { return misplaced }
        if let near = Spelling.nearest(to: path, in: paths + sections.sorted()) { return near }
        guard let name = Spelling.nearest(to: last(path), in: paths.map(last)) else { return nil }
        return paths.first { last($0) == name }
    }
}
