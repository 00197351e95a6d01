import Foundation
import Numerics
import Text

/// Damage of a named kind, painted on the picture of a good part, with the words for it.
///
/// Where `TrainingDamage` is general on purpose, this is specific: it exists to be described. Detection never learns
/// from it, so that a model cannot win by knowing what the painters paint.
package struct NamedDamage: Sendable {
    package let width: Int
    package let height: Int
    package let space: PixelSpace

    /// A painted place.
    package struct Place: Sendable, Equatable {
        package let kind: PaintedKind
        /// True where the picture changed visibly, (H · W).
        package let mask: [Bool]
        /// One English sentence without a full stop each, in different wordings: kind, size, place, look.
        package let captions: [String]
        /// Words for how large it is (`PlaceWords.sizes`).
        package let sizes: [String]
    }

    /// Mean change of the three channels, as a share of the way from black to white, from which a pixel counts.
    static let visible: Float = 0.025

    /// Damage for pictures of this size. Traps on sides below 32 pixels.
    package init(width: Int, height: Int, space: PixelSpace) {
        precondition(width >= 32 && height >= 32, "NamedDamage: expected sides >= 32, got \(width) x \(height)")
        self.width = width
        self.height = height
        self.space = space
    }

    /// Paints `kind` on `pixels` (3, H, W) in place.
    ///
    /// Paint that nobody could see teaches nothing: up to six places are tried until at least 12 pixels changed visibly.
    /// - Parameters:
    ///   - donor: another good picture, (3, H, W), the source of foreign texture.
    ///   - captions: how many sentences.
    package func paint(
        _ kind: PaintedKind, on pixels: inout [Float], donor: [Float], captions: Int, using random: inout RandomSource
    ) -> Place {
        let count = 3 * width * height
        precondition(
            pixels.count == count && donor.count == count,
            "NamedDamage: expected 3 x \(height) x \(width) = \(count) numbers, got \(pixels.count), \(donor.count)")
        let whole = DamageCanvas(pixels: pixels, width: width, height: height, space: space)
        var attempt = 1
        while true {
            var canvas = whole
            let noun = canvas.paint(kind, donor: donor, using: &random)
            let truth = PaintedTruth(
                before: whole.pixels, after: canvas.pixels, width: width, height: height, space: space)
            if truth.area >= 12 || attempt == 6 {
                pixels = canvas.pixels
                let sentences = (0..<captions).map { _ in
                    NamedCaptions.sentence(kind, noun: noun, truth: truth, using: &random)
                }
                return Place(
                    kind: kind, mask: truth.mask, captions: sentences, sizes: PlaceWords.sizes(share: truth.share))
            }
            attempt += 1
        }
    }
}

/// What a painted place changed.
struct PaintedTruth {
    let mask: [Bool]
    let area: Int
    /// Middle of the changed pixels, shares of the sides.
    let centre: SIMD2<Float>
    /// Extent (`PlaceWords.extent`) as a share of the picture's shorter side.
    let share: Float
    /// Mean change of each channel inside, as a share of the way from black to white.
    let change: SIMD3<Float>

    init(before: [Float], after: [Float], width: Int, height: Int, space: PixelSpace) {
        let plane = width * height
        let span = space.white - space.black
        var mask = [Bool](repeating: false, count: plane)
        var (area, sumX, sumY) = (0, Float.zero, Float.zero)
        var (x0, y0, x1, y1) = (width, height, -1, -1)
        var change = SIMD3<Float>.zero
        for index in 0..<plane {
            let d =
                SIMD3(
                    after[index] - before[index], after[plane + index] - before[plane + index],
                    after[2 * plane + index] - before[2 * plane + index]) / span
            guard (abs(d.x) + abs(d.y) + abs(d.z)) / 3 >= NamedDamage.visible else { continue }
            mask[index] = true
            let (x, y) = (index % width, index / width)
            area += 1
            sumX += Float(x)
            sumY += Float(y)
            x0 = min(x0, x)
            x1 = max(x1, x)
            y0 = min(y0, y)
            y1 = max(y1, y)
            change += d
        }
        self.mask = mask
        self.area = area
        let scale = 1 / Float(max(1, area))
        centre =
            area > 0
            ? SIMD2(sumX * scale / Float(width), sumY * scale / Float(height)) : SIMD2(0.5, 0.5)
        let extent = PlaceWords.extent(area: Float(area), length: Float(max(x1 - x0, y1 - y0) + 1))
        share = area > 0 ? extent / Float(min(width, height)) : 0
        self.change = change * scale
    }
}

/// Sentences about painted places.
enum NamedCaptions {
    static func sentence(
        _ kind: PaintedKind, noun chosen: String?, truth: PaintedTruth, using random: inout RandomSource
    ) -> String {
        let noun = chosen ?? random.pick(kind.wordings.trained)
        let place = random.pick(PlaceWords.names(x: truth.centre.x, y: truth.centre.y))
        var words: [String] = []
        if random.chance(0.6) { words.append(random.pick(PlaceWords.sizes(share: truth.share))) }
        if random.chance(0.4), let look = look(truth.change) { words.append(look) }
        words.append(noun)
        let thing = PlaceWords.withArticle(words.joined(separator: " "))
        return random.pick([
            noun, thing, "\(thing) at the \(place)", "\(place): \(thing)", "there is \(thing), \(place)",
            "\(thing) on the surface", "\(thing) on the part, \(place)", "a part with \(thing)",
        ])
    }

    /// What the change looks like, if it is clear enough to be named.
    private static func look(_ change: SIMD3<Float>) -> String? {
        let grey = (change.x + change.y + change.z) / 3
        let warmth = change.x - change.z
        if abs(warmth) > 0.12 { return warmth > 0 ? "brownish" : "bluish" }
        if grey < -0.08 { return "dark" }
        if grey > 0.08 { return "bright" }
        return nil
    }
}
