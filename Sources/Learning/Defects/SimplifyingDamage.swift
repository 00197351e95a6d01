import Foundation
import Imaging
import Numerics

/// Damage that makes a good picture *simpler*: a spot out of focus, a feature painted over with what surrounds it, print
/// that is wiped off. A region like that is easier to predict than the whole one, so a bare prediction error falls where
/// it should rise; measurements of scores need it beside damage that adds something.
///
/// It shares nothing with the damage that training sees: it works on whole pictures in original pixels.
package enum SimplifyingDamage: String, Sendable, CaseIterable {
    /// A spot blurred beyond recognition of its detail.
    case blurred
    /// A spot filled from its rim inwards, as smoothly as can be (Laplace's equation): the feature is gone.
    case missing
    /// A spot whose contrast is down to an eighth around its local mean.
    case wiped

    /// A few words for a table.
    package var title: String {
        switch self {
        case .blurred: "region out of focus"
        case .missing: "feature painted over"
        case .wiped: "print wiped, low contrast"
        }
    }

    /// Length of the spot as a share of the picture's shorter side.
    private static let sizes: ClosedRange<Float> = 0.12...0.24
    /// Grey levels by which a pixel must change to count, and the share of the spot that must.
    private static let visible = 8
    private static let visibleShare = 0.15

    /// A damaged copy, and its mask (255 = damaged). Places are tried until the change can be seen: blur on a plain
    /// ground is no damage. nil when none of forty tries shows any: the picture has no detail to lose.
    package func applied(
        to image: Image, using random: inout RandomSource
    ) -> (image: Image, mask: Image)? {
        let side = Float(min(image.width, image.height))
        for _ in 0..<40 {
            let radiusX = max(4, random.float(in: Self.sizes) * side / 2)
            let radiusY = max(4, random.float(in: Self.sizes) * side / 2)
            let middleX = random.float(in: 0.1...0.9) * Float(image.width)
            let middleY = random.float(in: 0.1...0.9) * Float(image.height)
            let box = Box(
                left: max(0, Int(middleX - radiusX)), top: max(0, Int(middleY - radiusY)),
                right: min(image.width, Int(middleX + radiusX) + 1),
                bottom: min(image.height, Int(middleY + radiusY) + 1))
            guard box.width >= 8, box.height >= 8 else { continue }
            // A soft rim over the outer fifth: a hard one would add the very edge that gives damage away.
            let coverage = box.pixels.map { x, y -> Float in
                let u = (Float(x) + 0.5 - middleX) / radiusX
                let v = (Float(y) + 0.5 - middleY) / radiusY
                return smoothUnit((1 - (u * u + v * v).squareRoot()) * 5)
            }
            let simple = filling(image, box, scale: (radiusX + radiusY) / 2)
            if let result = blended(image, simple, box, coverage) { return result }
        }
        return nil
    }

    private struct Box {
        let left, top, right, bottom: Int
        var width: Int { right - left }
        var height: Int { bottom - top }
        /// x and y of every pixel, row by row.
        var pixels: [(x: Int, y: Int)] {
            (top..<bottom).flatMap { y in (left..<right).map { (x: $0, y: y) } }
        }
    }

    /// What the box would look like, of the box's size.
    private func filling(_ image: Image, _ box: Box, scale: Float) -> Image {
        switch self {
        case .blurred:
            return Self.crop(image, box, margin: Int(scale)).blurred(sigma: Double(scale) / 4)
                .inner(margin: Int(scale), of: image, box.left, box.top, box.width, box.height)
        case .missing: return Self.filledFromRim(Self.crop(image, box, margin: 0))
        case .wiped:
            let whole = Self.crop(image, box, margin: 0)
            let mean = Self.crop(image, box, margin: Int(scale)).blurred(sigma: Double(scale) / 3)
                .inner(margin: Int(scale), of: image, box.left, box.top, box.width, box.height)
            return mean.blended(with: whole, alpha: 0.125)
        }
    }

    /// The box and up to `margin` pixels around it, as far as the picture goes.
    private static func crop(_ image: Image, _ box: Box, margin: Int) -> Image {
        image.cropped(
            x: max(0, box.left - margin), y: max(0, box.top - margin),
            right: min(image.width, box.right + margin), bottom: min(image.height, box.bottom + margin))
    }

    /// The picture with everything inside its outermost pixels replaced by the smoothest filling between them: the
    /// solution of Laplace's equation, by over-relaxation on single precision numbers.
    static func filledFromRim(_ image: Image) -> Image {
        var result = image
        let (width, height, channels) = (image.width, image.height, image.channels)
        // The best factor for a square of this side (Young 1954).
        let factor = Float(2 / (1 + sin(Double.pi / Double(max(width, height)))))
        for channel in 0..<channels {
            var values = (0..<width * height).map { Float(image.pixels[$0 * channels + channel]) }
            var rim: Float = 0
            var count: Float = 0
            for index in values.indices
            where index % width == 0 || index % width == width - 1 || index < width || index >= (height - 1) * width {
                rim += values[index]
                count += 1
            }
            for y in 1..<height - 1 { for x in 1..<width - 1 { values[y * width + x] = rim / count } }
            for _ in 0..<2 * max(width, height) {
                for y in 1..<height - 1 {
                    for index in y * width + 1..<y * width + width - 1 {
                        let mean =
                            (values[index - 1] + values[index + 1] + values[index - width] + values[index + width]) / 4
                        values[index] += factor * (mean - values[index])
                    }
                }
            }
            for index in values.indices {
                result.pixels[index * channels + channel] = UInt8(min(max(values[index].rounded(), 0), 255))
            }
        }
        return result
    }

    private func blended(
        _ image: Image, _ simple: Image, _ box: Box, _ coverage: [Float]
    ) -> (image: Image, mask: Image)? {
        var damaged = image
        var mask = Image(width: image.width, height: image.height, colour: [0])
        var seen = 0
        var covered = 0
        for (index, place) in box.pixels.enumerated() where coverage[index] > 0 {
            let pixel = place.y * image.width + place.x
            var change = 0
            for channel in 0..<image.channels {
                let old = Float(image.pixels[pixel * image.channels + channel])
                let new = Float(simple.pixels[index * image.channels + channel])
                let value = UInt8(min(max((old + coverage[index] * (new - old)).rounded(), 0), 255))
                change = max(change, abs(Int(value) - Int(image.pixels[pixel * image.channels + channel])))
                damaged.pixels[pixel * image.channels + channel] = value
            }
            covered += 1
            if change >= Self.visible { seen += 1 }
            if coverage[index] >= 0.5 { mask.pixels[pixel] = 255 }
        }
        guard covered > 0, Double(seen) >= Self.visibleShare * Double(covered) else { return nil }
        return (damaged, mask)
    }
}

extension Image {
    /// The rectangle from (x, y) up to, not with, `right` and `bottom`. Traps outside the picture.
    fileprivate func cropped(x: Int, y: Int, right: Int, bottom: Int) -> Image {
        precondition(
            x >= 0 && y >= 0 && x < right && y < bottom && right <= width && bottom <= height,
            "Image.cropped: expected a rectangle inside \(width) x \(height), got \(x), \(y) to \(right), \(bottom)")
        var part: [UInt8] = []
        part.reserveCapacity((right - x) * (bottom - y) * channels)
        for row in y..<bottom { part += pixels[(row * width + x) * channels..<(row * width + right) * channels] }
        return Image(width: right - x, height: bottom - y, channels: channels, pixels: part)
    }

    /// Of a crop that was taken with a margin: the part without it, which began at (left, top) of `whole`.
    fileprivate func inner(margin: Int, of whole: Image, _ left: Int, _ top: Int, _ width: Int, _ height: Int) -> Image
    {
        let x = left - max(0, left - margin)
        let y = top - max(0, top - margin)
        return cropped(x: x, y: y, right: x + width, bottom: y + height)
    }
}
