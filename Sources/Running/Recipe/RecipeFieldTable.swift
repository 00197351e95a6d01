extension RecipeField {
    /// What may name a line: it becomes a folder name on every machine.
    package static func isLineName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
                    || byte == UInt8(ascii: "-")
            }
    }

    private static func isPath(_ text: String) -> Bool { !text.isEmpty && isOptionalPath(text) }
    private static func isOptionalPath(_ text: String) -> Bool {
        text.utf8.count <= 4096 && !text.unicodeScalars.contains { $0.value < 0x20 }
    }

    private static let path = "a path of 1…4096 bytes without control characters"

    /// Every key of a recipe, in the order in which a recipe is written.
    package static let all: [RecipeField] = [
        .text(
            "line", \.line, expected: "a name of 1…64 letters, digits, '-' or '_'", where: isLineName,
            "name of the line; also its folder under pipelines/, models/ and runs/"),
        .text(
            "query", \.query, expected: "text of at most 1000 characters", where: { $0.count <= 1000 },
            "what the camera should see, in plain words: \"M8 hex nut, top view\"; \"\" = not said"),
        .choice(
            "method", \.method,
            "what judges the parts: \"vl-jepa\", or \"clip\" (WinCLIP's prompts, see clip below); changing it needs `train`"
        ),
        .text(
            "drop", \.drop, expected: path, where: isPath,
            "folder where the cameras leave images; relative to this file's folder, or absolute"),
        .text(
            "good", \.good, expected: path, where: isPath,
            "folder of good images that training and calibration learn from; they must really be good"),
        .choice(
            "archive", \.archive,
            "\"keep\": the drop is read only; \"move\": inspected files go to archiveFolder"),
        .text(
            "archiveFolder", \.archiveFolder, expected: path, where: isOptionalPath,
            "where inspected files go with archive: \"move\"; outside the drop, or they would be found again"),
        .whole(
            "settleSeconds", \.settleSeconds, 0...86_400,
            "s; a file is whole when size and time stood still this long: cameras write slowly over FTP"),
        .whole(
            "giveUpSeconds", \.giveUpSeconds, 0...31_536_000,
            "s; a file still not whole after this is quarantined: a day gives every camera a second night"),
        .whole(
            "workers", \.workers, 0...256,
            "images at a time; 0 = one per core, which is the fastest; scores do not depend on it"),
        .whole("seed", \.seed, 0...9_007_199_254_740_991, "of every random choice; same seed, same model"),

        .whole(
            "limits.maxPixels", \.limits.maxPixels, 1...1_000_000_000,
            "px; a larger picture is quarantined before memory is taken: a bomb, or the wrong camera"),
        .whole(
            "limits.maxBytes", \.limits.maxBytes, 1...2_000_000_000, "bytes of a file; whole files are held in memory"),
        .whole(
            "limits.maxPNGChunks", \.limits.maxPNGChunks, 1...1_000_000,
            "chunks; cameras write tens, a bomb writes millions"),
        .whole(
            "limits.maxJPEGScans", \.limits.maxJPEGScans, 1...10_000,
            "progressive scans; encoders write about ten, each costs a pass over the picture"),

        .whole(
            "image.width", \.image.width, 0...4096,
            "px across of the model's input, a multiple of the patch; 0 = decided from the good images"),
        .whole(
            "image.height", \.image.height, 0...4096,
            "px down of the model's input, a multiple of the patch; 0 = decided from the good images"),
        .whole(
            "image.tileRows", \.image.tileRows, 1...8,
            "tiles down that the input is seen in, one after the other; 1 = whole. More, with a larger input: small defects"
        ),
        .whole("image.tileColumns", \.image.tileColumns, 1...8, "tiles across; time grows with their number"),
        .whole(
            "image.tileOverlap", \.image.tileOverlap, 1...16,
            "patches that neighbouring tiles share, where one fades into the other; at most half of a tile"),

        .choice(
            "encoder.source", \.encoder.source,
            "\"trained\": learned from the good images here; \"imported\": published weights, frozen; "
                + "\"adapted\": published, learning on here"),
        .text(
            "encoder.file", \.encoder.file, expected: path, where: isOptionalPath,
            "safetensors of a ViT, DINOv2, I-JEPA or CLIP when imported or adapted, see `nightshift import-encoder`; "
                + "\"\" when trained"
        ),
        .whole(
            "encoder.patchSize", \.encoder.patchSize, 4...64,
            "px; smaller patches see smaller defects and cost the square of it; imported weights fix it"),
        .whole("encoder.width", \.encoder.width, 8...4096, "numbers per token; ViT-Tiny's, what two cores can train"),
        .whole(
            "encoder.depth", \.encoder.depth, 1...64, "blocks; 6 learn in minutes when trained here, ViT-Tiny has 12"),
        .whole("encoder.heads", \.encoder.heads, 1...64, "attention heads; 64 numbers each is the usual choice"),
        .rising(
            "encoder.targetBlocks", \.encoder.targetBlocks, 1...64, most: 8,
            "blocks whose tokens are predicted, from 1; middle blocks of imported weights still say where"),

        .whole(
            "predictor.width", \.predictor.width, 8...2048, "numbers per token; as wide as the encoder loses nothing"),
        .whole("predictor.depth", \.predictor.depth, 1...24, "blocks; 3 were enough on every set measured"),
        .whole("predictor.heads", \.predictor.heads, 1...32, "attention heads"),

        .rising(
            "mask.blockSizes", \.mask.blockSizes, 1...8, most: 4,
            "patches; sides of the blocks hidden at inspection: about the size of the defects; each costs a pass"),
        .whole(
            "mask.partitions", \.mask.partitions, 2...16,
            "disjoint masks that hide every patch once; more = more context for each, and more time"),
        .flag(
            "mask.secondPass", \.mask.secondPass,
            "also hide all suspicious patches at once, so that no defect is in the context; costs a fourth of a pass"),
        .number(
            "mask.secondPassShare", \.mask.secondPassShare, 0.001...0.25,
            "share of the patches that the second pass suspects; their neighbours come on top, up to half of the grid"),

        .number(
            "training.minutes", \.training.minutes, 0.05...10_080,
            "min by the clock; more helps most when the encoder is trained here"),
        .whole(
            "training.steps", \.training.steps, 0...100_000_000,
            "steps after which training ends; 0 = the clock alone decides; fixed steps repeat to the bit"),
        .whole(
            "training.batchSize", \.training.batchSize, 1...512, "images per step; small, for two cores and few images"),
        .number(
            "training.learningRate", \.training.learningRate, 1e-6...0.1, "AdamW's peak; falls on a cosine afterwards"),
        .number("training.weightDecay", \.training.weightDecay, 0...1, "AdamW's decay of matrices; 0.05 as in I-JEPA"),
        .whole(
            "training.warmupSteps", \.training.warmupSteps, 0...100_000,
            "steps to the peak; keeps the first steps from exploding"),
        .number(
            "training.damageShare", \.training.damageShare, 0...1,
            "share of each batch that is synthetically damaged; half: it learns to repair and to predict"),
        .number(
            "training.noise", \.training.noise, 0...0.5,
            "greatest deviation of the noise kept on damaged contexts, in normalised units"),
        .flag(
            "training.flipHorizontal", \.training.flipHorizontal, "true only where a mirrored part is as good a part"),
        .flag(
            "training.flipVertical", \.training.flipVertical, "true only where an upside-down mirrored part is as good"),
        .flag(
            "training.rotate", \.training.rotate,
            "quarter turns; true only where parts lie in any turn; needs a square input"),

        .flag(
            "scoring.place", \.scoring.place,
            "also compare with what is usual at the place; how far places differ is measured on good images"),
        .flag(
            "scoring.mixture", \.scoring.mixture,
            "also compare with the kinds of patches that good parts have, wherever they lie"),
        .flag(
            "scoring.lowLevel", \.scoring.lowLevel,
            "with published weights: also compare gradients and hues with the kinds that good parts have"),
        .flag(
            "scoring.repair", \.scoring.repair,
            "also predict with nothing hidden: one cheap pass that helps loose parts"),
        .flag(
            "scoring.interleaved", \.scoring.interleaved,
            "also look with the patch grid moved by half a patch: small defects, finer heatmaps, a fourth more time"),
        .flag("scoring.damage", \.scoring.damage, "also use what was learned from synthetic damage"),
        .number(
            "scoring.topFraction", \.scoring.topFraction, 0.0001...1,
            "share of the map's highest patches, in number of one tile's, whose mean is the score: small defects are small"
        ),

        .number(
            "calibration.overkillRate", \.calibration.overkillRate, 0.0001...0.5,
            "share of good parts that may fail; 0.02 needs at least 49 held-out good images"),
        .number(
            "calibration.heldOutFraction", \.calibration.heldOutFraction, 0.05...0.9,
            "share of good images kept from training, so that thresholds are honest"),
        .number(
            "calibration.reviewRate", \.calibration.reviewRate, 0.0001...0.9,
            "share of good parts a person will see, those that fail included; what people can review in a night"),

        .choice(
            "language.source", \.language.source,
            "none; trained: words learned with the line, no download; imported: published sentence weights"),
        .text(
            "language.file", \.language.file,
            "folder of the published text weights when source is imported (`make text-encoder` gets one)"),
        .texts(
            "language.words", \.language.words, most: 200, longest: 200,
            "your own names for defects, beside the built-in ones: [\"weld spatter\", \"cold shut\"]"),
        .whole(
            "language.samples", \.language.samples, 48...100_000,
            "painted places that names are learned from; each costs about as much as inspecting a part"),
        .choice(
            "language.loss", \.language.loss, "infoNCE: contrastive; leVLJEPA: without negatives"),
        .text(
            "language.examples", \.language.examples,
            "folder of known defects that teach names: test/KIND/NAME.png, ground_truth/KIND/NAME_mask.png, captions.csv; \"\" = none"
        ),

        .choice(
            "clip.source", \.clip.source,
            "with method \"clip\": \"published\" weights, which need no training; \"trained\" here over encoder's tokens"
        ),
        .text(
            "clip.folder", \.clip.folder, expected: path, where: isOptionalPath,
            "folder of the published weights: model.safetensors, config.json, vocab.json, merges.txt; train copies what it needs"
        ),
        .text(
            "clip.object", \.clip.object, expected: "text of at most 1000 characters", where: { $0.count <= 1000 },
            "what the prompts call the part: \"wheel rim\"; \"\" = the query, else the line's name"),
        .whole(
            "clip.steps", \.clip.steps, 1...100_000,
            "steps of the training here; 300 take a minute or two on two free cores"),
    ]
}
