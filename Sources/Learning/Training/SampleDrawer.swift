import Defects
import Handover
import Masking
import Numerics

/// Draws training samples: which picture, how it lies, what is damaged and what is hidden. A sample depends on the
/// seed and its number alone, so any number of workers draws the same ones.
struct SampleDrawer: Sendable {
    let images: TrainingImages
    let options: TrainingOptions
    let grid: PatchGrid
    let patchSize: Int
    let damage: TrainingDamage
    /// Whose pictures they are; one line at least.
    let lines: [LinePictures]

    /// - Parameter lines: empty: all pictures are of one line, which lies as the options say.
    init(
        images: TrainingImages, options: TrainingOptions, patchSize: Int, space: PixelSpace, lines: [LinePictures] = []
    ) {
        self.lines =
            lines.isEmpty
            ? [
                LinePictures(
                    pictures: 0..<images.count, query: [], flipHorizontal: options.flipHorizontal,
                    flipVertical: options.flipVertical, quarterTurns: options.quarterTurns)
            ] : lines
        self.images = images
        self.options = options
        self.patchSize = patchSize
        grid = PatchGrid(rows: images.height / patchSize, columns: images.width / patchSize)
        damage = TrainingDamage(width: images.width, height: images.height, space: space)
    }

    /// Sample `number` of the training.
    func sample(_ number: Int) -> Sample {
        var random = RandomSource(seed: options.seed, stream: UInt64(number))
        // Every line as often as the others, however many pictures it has.
        let place = lines.count > 1 ? random.integer(below: lines.count) : 0
        let line = lines[place]
        let orientation = Orientation(
            flipHorizontal: line.flipHorizontal && random.uniform() < 0.5,
            flipVertical: line.flipVertical && random.uniform() < 0.5,
            transpose: line.quarterTurns && random.uniform() < 0.5)
        let picture = line.pictures.lowerBound + random.integer(below: line.pictures.count)
        var clean = orientation.applied(
            to: images.pixels(picture), width: images.width, height: images.height)
        // Half of the time where inspection looks at both grids: to a predictor that knows one only, parts under the other
        // are pictures it has never seen (damage head's AUROC on macaroni1: 0.83 on the known grid, 0.77 on the other).
        let isInterleaved = options.interleaved && random.uniform() < 0.5
        if isInterleaved {
            clean = HalfPatch.moved(clean, height: images.height, width: images.width, patchSize: patchSize)
        }
        var seen = clean
        var fractions: [Float] = []
        var query = place
        if isDamaged(number) {
            let donor = images.pixels(line.pictures.lowerBound + random.integer(below: line.pictures.count))
            let mask = damage.damage(&seen, donor: donor, using: &random)
            fractions = damage.patchFractions(
                before: clean, after: seen, mask: mask, patchSize: patchSize, threshold: DamageLabel.visible)
            addNoise(&seen, using: &random)
        } else if lines.count > 1, random.uniform() < wrongPartRate {
            query = (place + 1 + random.integer(below: lines.count - 1)) % lines.count
        }
        let (visible, hidden) = mask(&random)
        return Sample(
            view: PictureView(picture: picture, orientation: orientation, isInterleaved: isInterleaved), clean: clean,
            seen: seen,
            damage: fractions, visible: visible, hidden: hidden, query: query, isWrongPart: query != place)
    }

    /// Chance of an undamaged sample to be shown under another line's query, so that of all samples it is the share that
    /// the options name.
    private var wrongPartRate: Double {
        options.damageShare < 1 ? min(1, options.wrongPartShare / (1 - options.damageShare)) : 0
    }

    /// Exactly the share of damaged samples that the recipe names, spread evenly over the batches.
    private func isDamaged(_ number: Int) -> Bool {
        func before(_ number: Int) -> Double { (Double(number) * options.damageShare + 1e-9).rounded(.down) }
        return before(number + 1) > before(number)
    }

    /// A quarter of the samples hides nothing (the repair pass of the inspection), half hides one or two inspection
    /// partitions of 4, a quarter the blocks of I-JEPA.
    private func mask(_ random: inout RandomSource) -> (visible: [Int], hidden: [Int]) {
        let everything = Array(0..<grid.count)
        let draw = random.uniform()
        if draw < 0.25 { return (everything, []) }
        if draw < 0.75 {
            let blockSize = [1, 2, 2, 4][random.integer(below: 4)]
            let masks = Mask.partitions(grid: grid, blockSize: blockSize, count: 4, using: &random)
            guard random.uniform() < 0.33, masks.count > 2 else { return (masks[0].context, masks[0].targets) }
            let hidden = Set(masks[0].targets).union(masks[1].targets)
            return (everything.filter { !hidden.contains($0) }, hidden.sorted())
        }
        let mask = Mask.multiBlock(grid: grid, using: &random, .imageJEPA)
        return (mask.context, mask.targets)
    }

    /// Sensor-like noise by a cheap approximation of a normal number: the sum of four uniform bytes.
    private func addNoise(_ pixels: inout [Float], using random: inout RandomSource) {
        guard options.noise > 0 else { return }
        // Four bytes of variance (256² − 1) / 12 each.
        let scale = Float(options.noise * random.uniform() / (4.0 * (65_536 - 1) / 12).squareRoot())
        pixels.withUnsafeMutableBufferPointer { pixels in
            var index = 0
            while index < pixels.count {
                var bits = random.next()
                for _ in 0..<2 where index < pixels.count {
                    let sum = (bits & 255) + (bits >> 8 & 255) + (bits >> 16 & 255) + (bits >> 24 & 255)
                    pixels[index] += (Float(sum) - 510) * scale
                    bits >>= 32
                    index += 1
                }
            }
        }
    }
}
