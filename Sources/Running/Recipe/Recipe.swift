/// Every choice of a line: what `pipelines/<line>/recipe.json5` fixes.
///
/// This file says what the values are and holds every default, in one place. `RecipeField.all` says for each value its
/// key, its range and its reason; the reader, the writer and the checks all go by that table. Paths are as written in
/// the file; `resolve(_:against:)` makes them absolute.
package struct Recipe: Sendable, Codable, Equatable {
    /// Name of the line: `[A-Za-z0-9_-]{1,64}`; also the folder under `pipelines/`, `models/` and `runs/`.
    package var line: String
    /// What the camera should see, in plain words ("M8 hex nut, top view"); "" = not said.
    package var query = ""
    /// What judges the line's parts.
    package var method = Method.vlJEPA
    /// Folder where the cameras leave images; relative to the recipe's folder, or absolute.
    package var drop = "../../drop"
    /// Folder of good images for training and calibration; relative to the recipe's folder, or absolute.
    package var good = "../../good"
    /// Whether inspected files stay in the drop.
    package var archive = Archive.keep
    /// Where inspected files go when `archive` is `move`; relative to the recipe's folder, or absolute.
    package var archiveFolder = ""
    /// Seconds for which a file's size and time must stand still before it counts as whole, 0…86400.
    package var settleSeconds = 30
    /// Seconds after which a file that never became whole is quarantined, 0…31536000.
    package var giveUpSeconds = 86_400
    /// Workers, each with its own images and one BLAS thread, 0…256; 0 = as many as the machine has cores.
    package var workers = 0
    /// Seed of every random choice, 0…2⁵³−1 (what JSON holds exactly).
    package var seed = 1
    package var limits = Limits()
    package var image = ImageSize()
    package var encoder: Encoder
    package var predictor = Predictor()
    package var mask = Mask()
    package var training = Training()
    package var scoring = Scoring()
    package var calibration = Calibration()
    package var language = Language()
    package var clip = CLIP()

    /// `keep`: the drop is read-only to us. `move`: inspected files are moved to `archiveFolder`.
    package enum Archive: String, Sendable, Codable, CaseIterable { case keep, move }

    /// What a file may ask for before memory is taken for it.
    package struct Limits: Sendable, Codable, Equatable {
        /// Pixels of a picture, width · height, 1…1,000,000,000.
        package var maxPixels = 100_000_000
        /// Bytes of a file, 1…2,000,000,000.
        package var maxBytes = 200_000_000
        /// Chunks of a PNG file, 1…1,000,000.
        package var maxPNGChunks = 10_000
        /// Scans of a progressive JPEG, 1…10,000.
        package var maxJPEGScans = 200
    }

    /// Size of the model's input, and how it is cut for the network.
    package struct ImageSize: Sendable, Codable, Equatable {
        /// Pixels across, a multiple of the patch size, 0…4096; 0 = decided from the good images by `train`.
        package var width = 0
        /// Pixels down, a multiple of the patch size, 0…4096; 0 = decided from the good images by `train`.
        package var height = 0
        /// Tiles down and across, 1…8 each; 1 and 1 = the network sees the input whole.
        package var tileRows = 1
        package var tileColumns = 1
        /// Patches that neighbouring tiles share, 1…16; at most half of a tile.
        package var tileOverlap = 4

        package init(
            width: Int = 0, height: Int = 0, tileRows: Int = 1, tileColumns: Int = 1, tileOverlap: Int = 4
        ) {
            self.width = width
            self.height = height
            self.tileRows = tileRows
            self.tileColumns = tileColumns
            self.tileOverlap = tileOverlap
        }
    }

    /// What turns patches into tokens.
    package struct Encoder: Sendable, Codable, Equatable {
        /// `trained`: learned from this line's good images. `imported`: published weights, frozen. `adapted`: published
        /// weights that go on learning from this line's good images, slower than the predictor.
        package enum Source: String, Sendable, Codable, CaseIterable {
            case trained, imported, adapted

            /// Whether `file` is needed, and fixes the encoder's shape and preprocessing.
            package var hasPublishedWeights: Bool { self != .trained }
        }

        package var source: Source
        /// Weights (safetensors) when `source` is `imported` or `adapted`; relative to the recipe's folder, or absolute.
        package var file = ""
        /// Side of a patch in input pixels, 4…64.
        package var patchSize = 16
        /// D, numbers per token, 8…4096; a multiple of `heads`.
        package var width = 192
        /// L, blocks, 1…64.
        package var depth: Int
        /// K, attention heads, 1…64.
        package var heads = 3
        /// Blocks whose outputs are the targets, counted from 1, rising, 1…depth, at most 8 of them.
        package var targetBlocks: [Int]

        /// The defaults of one kind of encoder.
        ///
        /// Trained: 4 blocks learn in minutes on two cores, and their last is the target. Imported or adapted: the whole
        /// published ViT-Tiny is read (12 blocks), and blocks 4, 6 and 8 are the targets: mid-level tokens still say *where*.
        package init(source: Source) {
            self.source = source
            switch source {
            case .trained:
                depth = 4
                targetBlocks = [4]
            case .imported, .adapted:
                depth = 12
                targetBlocks = Self.middleBlocks(ofDepth: 12)
            }
        }

        /// The defaults of published weights of this shape, frozen, or with `adapts` learning on.
        package init(
            importedFile file: String, patchSize: Int, width: Int, depth: Int, heads: Int, adapts: Bool = false
        ) {
            self.init(source: adapts ? .adapted : .imported)
            self.file = file
            self.patchSize = patchSize
            self.width = width
            self.depth = depth
            self.heads = heads
            targetBlocks = Self.middleBlocks(ofDepth: depth)
        }

        /// The target blocks of published weights: 4, 6 and 8 of 12, and in proportion.
        package static func middleBlocks(ofDepth depth: Int) -> [Int] {
            Set([4.0, 6, 8].map { max(1, Int(($0 * Double(depth) / 12).rounded())) }).sorted()
        }
    }

    /// What predicts the tokens of hidden patches.
    package struct Predictor: Sendable, Codable, Equatable {
        /// P, numbers per token inside the predictor, 8…2048; a multiple of `heads`.
        package var width = 192
        /// Blocks, 1…24.
        package var depth = 3
        /// Attention heads, 1…32.
        package var heads = 3
    }

    /// What is hidden at inspection.
    package struct Mask: Sendable, Codable, Equatable {
        /// Sides of the hidden blocks in patches, 1…8, rising; each size costs one more masked pass.
        package var blockSizes = [2]
        /// Disjoint target masks that cover the grid, 2…16; each costs one pass over the patches that stay visible.
        package var partitions = 4
        /// Also hide the patches that look most suspicious all at once, with their neighbours, and predict them from a
        /// context without them (the second pass).
        package var secondPass = false
        /// Share of the patches that the second pass suspects, 0.001…0.25; the neighbours come on top.
        package var secondPassShare = 0.05
    }

    /// How the line learns.
    package struct Training: Sendable, Codable, Equatable {
        /// Minutes of training by the clock, 0.05…10080.
        package var minutes = 10.0
        /// Steps after which training ends, whatever the clock says, 0…100,000,000; 0 = the clock alone decides.
        package var steps = 0
        /// Images per step, 1…512.
        package var batchSize = 8
        /// Peak learning rate of AdamW, 1e-6…0.1.
        package var learningRate = 1e-3
        /// Decoupled weight decay of matrices (1-D parameters have none), 0…1.
        package var weightDecay = 0.05
        /// Steps over which the learning rate rises to its peak, 0…100,000.
        package var warmupSteps = 50
        /// Share of each batch whose context is synthetically damaged, 0…1.
        package var damageShare = 0.5
        /// Standard deviation of the Gaussian noise kept on the context, in units of the full range, 0…0.5.
        package var noise = 0.1
        /// Also learn from pictures mirrored left to right.
        package var flipHorizontal = false
        /// Also learn from pictures mirrored top to bottom.
        package var flipVertical = false
        /// Also learn from pictures turned by quarter turns; needs a square input.
        package var rotate = false
    }

    /// How prediction errors become a score.
    package struct Scoring: Sendable, Codable, Equatable {
        /// Also compare each patch with what is usual at its place. How far places differ is measured on good images, so
        /// that it serves fixtured and loose parts alike.
        package var place = true
        /// Also compare each patch with the kinds of good patches, wherever it lies: what loose parts need most.
        package var mixture = true
        /// With published weights, also compare what can be told of a patch without learning, its gradients and hues, with the
        /// kinds that good parts have. Encoders that are trained here predict these anyway.
        package var lowLevel = true
        /// Also predict with nothing hidden (the repair arm).
        package var repair = true
        /// Also look at every picture with its grid moved by half a patch (nothing hidden): small defects lie whole in a
        /// patch of one grid or the other, and the map is twice as fine.
        package var interleaved = true
        /// Also use the head that tells synthetic damage patch by patch.
        package var damage = true
        /// Share of the map's highest patches whose mean is the image score, 0.0001…1; with tiles a share of one tile's
        /// number of patches, so that more tiles do not thin small defects out.
        package var topFraction = 0.01
    }

    /// What held-out good images must promise.
    package struct Calibration: Sendable, Codable, Equatable {
        /// Share of good parts that may be flagged `fail`, 0.0001…0.5.
        package var overkillRate = 0.02
        /// Share of the good images held out of training for calibration, 0.05…0.9.
        package var heldOutFraction = 0.25
        /// Share of good parts at or above the review threshold, those that fail included, overkillRate…0.9.
        package var reviewRate = 0.05
    }

    /// How flagged places get names.
    package struct Language: Sendable, Codable, Equatable {
        /// `none`: regions get no names. `trained`: a text encoder learns with the line, nothing is downloaded.
        /// `imported`: published sentence weights, frozen; they know words that no caption had.
        package enum Source: String, Sendable, Codable, CaseIterable { case none, trained, imported }

        package var source = Source.trained
        /// Folder of the published weights when `source` is `imported`; relative to the recipe's folder, or absolute.
        package var file = ""
        /// The line's own names for defects, beside the built-in ones, at most 200 of at most 200 bytes.
        package var words: [String] = []
        /// Painted places that the names are learned from, 48…100,000.
        package var samples = 900
        package var loss = Loss.infoNCE
        /// Folder of known defects with masks and words, which names are learned from too; relative to the recipe's folder,
        /// or absolute; empty = none.
        package var examples = ""

        /// `infoNCE`: contrastive. `leVLJEPA`: each side predicts the other, without negatives.
        package enum Loss: String, Sendable, Codable, CaseIterable { case infoNCE, leVLJEPA }
    }

    /// A recipe with every default for one kind of encoder; `encoderFile` is needed where `encoder` is `imported`
    /// or `adapted`.
    package static func defaults(
        line: String = "line", encoder: Encoder.Source = .trained, encoderFile: String = ""
    ) -> Recipe {
        var recipe = Recipe(line: line, encoder: Encoder(source: encoder))
        recipe.encoder.file = encoderFile
        return recipe
    }
}
