import CLIP
import Defects
import Imaging
import Numerics

/// Pictures with captions for a CLIP that is trained here: rendered parts with the sentences that were written with them,
/// and the line's own good pictures with the language half's `NamedDamage` and its sentences, and with `TrainingDamage`. No
/// real defect is among them.
///
/// They come in pairs, the same picture without and with damage, so that nothing else can tell the two apart.
package struct CaptionedPictures: Sendable {
    /// One picture without and with damage.
    struct Pair: Sendable {
        /// (3, height, width) in 0…1.
        let good: [Float]
        let bad: [Float]
        /// Share of damaged pixels of each patch of `bad`, row-major.
        let damage: [Float]
        let defect: PaintedKind
        /// Names of the object, any of which fits.
        let names: [String]
        /// Which kind of object it is: the rendered ones, then the line's.
        let source: Int
        /// Sentences on the whole part; nil where nobody wrote one.
        let sentences: (good: String?, bad: String?)
    }

    /// Size in pixels, multiples of `patchSize`.
    package let width: Int
    package let height: Int
    package let patchSize: Int
    private let goods: [Image]
    private let object: String
    private let seed: UInt64

    /// Good pictures of the line that are kept at most.
    package static let mostGoods = 128
    /// Lengths of training damage as shares of the longer side: what is lost between two patches teaches nothing.
    private static let damageSizes: ClosedRange<Float> = 0.03...0.4

    package var gridRows: Int { height / patchSize }
    package var gridColumns: Int { width / patchSize }

    /// - Parameters:
    ///   - width, height: in pixels, 64 or more, multiples of `patchSize`.
    ///   - goods: good pictures of the line, of any size; none = rendered parts alone.
    ///   - object: what the line's parts are called.
    package init(
        width: Int, height: Int, patchSize: Int, goods: [Image], object: String, seed: UInt64, workers: Int
    ) {
        precondition(
            min(width, height) >= 64 && width % patchSize == 0 && height % patchSize == 0,
            "CaptionedPictures: expected sides of 64 or more in patches of \(patchSize), got \(width) x \(height)")
        self.width = width
        self.height = height
        self.patchSize = patchSize
        self.object = PromptEnsemble.named(object)
        self.seed = seed
        self.goods = parallelMap(count: goods.count, workers: workers) { index in
            goods[index].rgb().resized(width: width, height: height)
        }
    }

    /// Captions to learn words from: many about every kind of object, whole and damaged.
    package var captions: [String] {
        var random = RandomSource(seed: seed, stream: 0xCA97)
        var result: [String] = []
        for names in PartKind.allCases.map(Self.names) + [[object]] {
            for defect in [nil] + PaintedKind.allCases.map(Optional.some) {
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

    /// Pair `index`: of the line's pictures where it is even, else a rendered part, of all kinds of defects in turn.
    /// Depends on the seed and the index alone.
    func pair(_ index: Int) -> Pair {
        var random = RandomSource(seed: seed ^ 0xC11B, stream: UInt64(index))
        guard goods.isEmpty || index % 2 == 1 else { return own(index / 2, using: &random) }
        let number = goods.isEmpty ? index : index / 2
        let kinds = DefectKind.allCases
        let kind = PartKind.allCases[number % 2]
        let defect = kinds[number / 2 % kinds.count]
        let renderer = PartRenderer(kind: kind, width: width, height: height)
        var same = random
        let good = renderer.render(defect: nil, using: &random)
        let bad = renderer.render(defect: defect, using: &same)
        return Pair(
            good: planes(good.image), bad: planes(bad.image),
            damage: shares { mask in bad.mask.map { $0.pixels[mask] > 127 } ?? false },
            // Every rendered kind is a painted one of the same name.
            defect: PaintedKind(rawValue: defect.rawValue) ?? .stain, names: Self.names(kind),
            source: kind == .plate ? 0 : 1, sentences: (good.caption, bad.caption))
    }

    /// One of the line's pictures, and the same with damage; every one of them has its turn.
    private func own(_ number: Int, using random: inout RandomSource) -> Pair {
        let good = planes(goods[number % goods.count])
        let other = planes(goods[random.integer(below: goods.count)])
        var bad = good
        // In turn: what the language half has words for, and the more varied damage of no particular name.
        if number % 2 == 0 {
            let kind = PaintedKind.allCases[number / 2 % PaintedKind.allCases.count]
            let place = NamedDamage(width: width, height: height, space: .unit).paint(
                kind, on: &bad, donor: other, captions: 1, using: &random)
            return Pair(
                good: good, bad: bad, damage: shares { place.mask[$0] }, defect: kind, names: [object],
                source: PartKind.allCases.count, sentences: place.captions.first.map { (nil, $0) } ?? (nil, nil))
        }
        let damager = TrainingDamage(width: width, height: height, sizes: Self.damageSizes)
        let (mask, description) = damager.describedDamage(&bad, donor: other, using: &random)
        return Pair(
            good: good, bad: bad,
            damage: damager.patchFractions(
                before: good, after: bad, mask: mask, patchSize: patchSize, threshold: 0.03),
            defect: DamageWords.kind(of: description), names: [object], source: PartKind.allCases.count,
            sentences: (nil, nil))
    }

    private func planes(_ image: Image) -> [Float] {
        let count = image.width * image.height
        var planes = [Float](repeating: 0, count: 3 * count)
        for index in 0..<count {
            for channel in 0..<3 { planes[channel * count + index] = Float(image.pixels[3 * index + channel]) / 255 }
        }
        return planes
    }

    /// Share of each patch's pixels that are marked, row by row.
    private func shares(_ isMarked: (_ pixel: Int) -> Bool) -> [Float] {
        var counts = [Float](repeating: 0, count: gridRows * gridColumns)
        for y in 0..<height {
            for x in 0..<width where isMarked(y * width + x) {
                counts[y / patchSize * gridColumns + x / patchSize] += 1
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
