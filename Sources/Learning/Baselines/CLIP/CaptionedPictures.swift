import Defects
import Imaging
import Numerics

/// Pictures with captions for a CLIP that is trained here: rendered parts with the sentences that were written with them,
/// and the line's own good pictures, whole and with `TrainingDamage`. No real defect is among them.
///
/// Half of what is drawn are windows of 2 to 5 patches, so that the tower knows windows as well as whole pictures.
package struct CaptionedPictures: Sendable {
    /// One picture, or a window of it, with its caption.
    struct Draw: Sendable {
        /// (3, side, side) in 0…1.
        let pixels: [Float]
        /// The patches that are seen, row-major.
        let subset: [Int]
        let caption: String
        /// Draws of the same group are no negatives of each other: their captions may mean the same.
        let group: Int
    }

    /// A rendered part.
    private struct Rendered: Sendable {
        let image: Image
        /// Share of damaged pixels of each patch.
        let damage: [Float]
        let kind: PartKind
        let defect: DefectKind?
        let caption: String
    }

    /// Side of the pictures in pixels.
    package let side: Int
    package let patchSize: Int
    private let rendered: [Rendered]
    private let goods: [Image]
    private let object: String
    private let seed: UInt64

    /// Rendered parts: half of them good, the others of all kinds of defects alike, on both kinds of part.
    package static let usualCount = 288
    /// Good pictures of the line that are kept at most: as many again.
    package static let mostGoods = 288
    /// A window with a patch damaged by this share shows the damage; one with less than a fifth of it shows none.
    private static let visibleShare: Float = 0.1

    /// - Parameters:
    ///   - side: of the pictures in pixels, 64 or more, a multiple of `patchSize`.
    ///   - goods: good pictures of the line, of any size; none = rendered parts alone.
    ///   - object: what the line's parts are called.
    package init(
        side: Int, patchSize: Int, goods: [Image], object: String, rendered count: Int = CaptionedPictures.usualCount,
        seed: UInt64, workers: Int
    ) {
        precondition(
            side >= 64 && side % patchSize == 0 && side / patchSize >= 3 && count > 0,
            "CaptionedPictures: expected a side of 64 or more in patches of \(patchSize), and parts, got \(side) and \(count)"
        )
        self.side = side
        self.patchSize = patchSize
        self.object = PromptEnsemble.named(object)
        self.seed = seed
        self.goods = parallelMap(count: goods.count, workers: workers) { index in
            goods[index].rgb().resized(width: side, height: side)
        }
        rendered = parallelMap(count: count, workers: workers) { index in
            let kind = PartKind.allCases[index % 2]
            let defect = index / 2 % 2 == 0 ? nil : DefectKind.allCases[index / 4 % DefectKind.allCases.count]
            var random = RandomSource(seed: seed, stream: UInt64(index))
            let part = PartRenderer(kind: kind, width: side, height: side).render(defect: defect, using: &random)
            return Rendered(
                image: part.image, damage: Self.shares(part.mask, side: side, patchSize: patchSize), kind: kind,
                defect: defect, caption: part.caption)
        }
    }

    /// Captions to learn words from: those of the rendered parts, and many of the others.
    package var captions: [String] {
        var random = RandomSource(seed: seed, stream: 0xCA97)
        var result = rendered.map(\.caption)
        let names = PartKind.allCases.map(Self.names) + [[object]]
        for names in names {
            for defect in [nil] + DefectKind.allCases.map(Optional.some) {
                for number in 0..<60 {
                    result.append(
                        DamageWords.caption(
                            .init(names: names, defect: defect, sentence: nil), tellsKinds: number % 2 == 0,
                            using: &random))
                }
            }
            let prompts = PromptEnsemble.prompts(object: names[0])
            result += prompts.normal + prompts.anomalous
        }
        return result
    }

    /// Draw `number` of a step. Depends on the seed, the step and the number alone.
    func draw(step: Int, number: Int) -> Draw {
        var random = RandomSource(seed: seed ^ 0xC11B, stream: UInt64(step) << 20 | UInt64(number))
        let tellsKinds = step % 2 == 1
        let pixels: [Float]
        let damage: [Float]
        var defect: DefectKind?
        var sentence: String?
        let source: Int
        if !goods.isEmpty, random.uniform() < 0.5 {
            (pixels, damage, defect) = own(using: &random)
            source = PartKind.allCases.count
        } else {
            let part = rendered[random.integer(below: rendered.count)]
            pixels = lit(Self.planes(part.image), using: &random)
            (damage, defect, sentence) = (part.damage, part.defect, part.caption)
            source = part.kind == .plate ? 0 : 1
        }
        var subset = Array(damage.indices)
        if random.uniform() < 0.5, let window = window(damage, using: &random) {
            subset = window.patches
            sentence = nil
            if !window.isDamaged { defect = nil }
        }
        let names = source < PartKind.allCases.count ? Self.names(PartKind.allCases[source]) : [object]
        let caption = DamageWords.caption(
            .init(names: names, defect: defect, sentence: sentence), tellsKinds: tellsKinds, using: &random)
        let kinds = DefectKind.allCases
        let kind = defect.flatMap { kinds.firstIndex(of: $0) }.map { tellsKinds ? $0 + 1 : 1 } ?? 0
        return Draw(pixels: pixels, subset: subset, caption: caption, group: source * (kinds.count + 1) + kind)
    }

    /// One of the line's pictures, damaged half of the time.
    private func own(using random: inout RandomSource) -> ([Float], damage: [Float], DefectKind?) {
        let count = (side / patchSize) * (side / patchSize)
        var pixels = lit(Self.planes(goods[random.integer(below: goods.count)]), using: &random)
        guard random.uniform() < 0.5 else { return (pixels, [Float](repeating: 0, count: count), nil) }
        let whole = pixels
        let other =
            random.uniform() < 0.5
            ? goods[random.integer(below: goods.count)] : rendered[random.integer(below: rendered.count)].image
        let damager = TrainingDamage(width: side, height: side)
        let (mask, description) = damager.describedDamage(&pixels, donor: Self.planes(other), using: &random)
        let shares = damager.patchFractions(
            before: whole, after: pixels, mask: mask, patchSize: patchSize, threshold: 0.03)
        // What nobody can see is called good.
        guard shares.contains(where: { $0 > 0 }) else { return (pixels, shares, nil) }
        return (pixels, shares, DamageWords.kind(of: description))
    }

    /// A square window, over damage most of the time; nil where it would show too little to be called either.
    private func window(
        _ damage: [Float], using random: inout RandomSource
    ) -> (patches: [Int], isDamaged: Bool)? {
        let grid = side / patchSize
        let size = 2 + random.integer(below: min(4, grid - 2))
        var row = random.integer(below: grid - size + 1)
        var column = random.integer(below: grid - size + 1)
        let spots = damage.indices.filter { damage[$0] >= Self.visibleShare }
        if !spots.isEmpty, random.uniform() < 0.7 {
            let spot = spots[random.integer(below: spots.count)]
            row = min(grid - size, max(0, spot / grid - random.integer(below: size)))
            column = min(grid - size, max(0, spot % grid - random.integer(below: size)))
        }
        let patches = (row..<row + size).flatMap { y in (column..<column + size).map { y * grid + $0 } }
        let worst = patches.map { damage[$0] }.max() ?? 0
        if worst >= Self.visibleShare { return (patches, true) }
        return worst < Self.visibleShare / 5 ? (patches, false) : nil
    }

    /// A little brighter or darker: light is no property of the part.
    private func lit(_ planes: [Float], using random: inout RandomSource) -> [Float] {
        let gain = Float(random.uniform(0.9...1.1))
        return planes.map { $0 * gain }
    }

    private static func planes(_ image: Image) -> [Float] {
        let count = image.width * image.height
        var planes = [Float](repeating: 0, count: 3 * count)
        for index in 0..<count {
            for channel in 0..<3 { planes[channel * count + index] = Float(image.pixels[3 * index + channel]) / 255 }
        }
        return planes
    }

    /// Share of each patch's pixels that a mask marks; zeros without a mask.
    private static func shares(_ mask: Image?, side: Int, patchSize: Int) -> [Float] {
        let grid = side / patchSize
        var counts = [Float](repeating: 0, count: grid * grid)
        guard let mask else { return counts }
        for y in 0..<side {
            for x in 0..<side where mask.pixels[y * side + x] > 127 {
                counts[y / patchSize * grid + x / patchSize] += 1
            }
        }
        return counts.map { $0 / Float(patchSize * patchSize) }
    }

    private static func names(_ kind: PartKind) -> [String] {
        switch kind {
        case .plate: ["valve plate", "metal plate", "brushed plate", "plate"]
        case .fabric: ["woven fabric", "fabric", "textile", "cloth"]
        }
    }
}
