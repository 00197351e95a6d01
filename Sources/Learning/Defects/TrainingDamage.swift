import Numerics

/// What black and white look like in the numbers that training sees: 0 and 1, or the same after standardising.
package struct PixelSpace: Sendable, Equatable {
    /// The number of a black pixel, per channel.
    package let black: SIMD3<Float>
    /// The number of a white pixel, per channel.
    package let white: SIMD3<Float>

    /// Pixels in 0…1.
    package static let unit = PixelSpace(mean: [0, 0, 0], deviation: [1, 1, 1])

    /// Pixels that became (v − mean) / deviation from v in 0…1. Traps unless both have 3 values and no deviation is 0.
    package init(mean: [Float], deviation: [Float]) {
        precondition(
            mean.count == 3 && deviation.count == 3 && deviation.allSatisfy { $0 > 0 },
            "PixelSpace: expected 3 means and 3 deviations > 0, got \(mean) and \(deviation)")
        let m = SIMD3(mean[0], mean[1], mean[2])
        let d = SIMD3(deviation[0], deviation[1], deviation[2])
        black = (SIMD3(repeating: 0) - m) / d
        white = (SIMD3(repeating: 1) - m) / d
    }
}

/// What a piece of training damage is and where: the raw material of captions.
package struct DamageDescription: Sendable, Equatable {
    /// The outline.
    package enum Shape: String, Sendable, CaseIterable { case blob, stroke, ellipse, rectangle }
    /// What the outline was filled with: another part's texture, one colour, a change of gain and offset, blur, the
    /// own content bent, or content from elsewhere in the same picture.
    package enum Filling: String, Sendable, CaseIterable { case texture, colour, gain, blur, warp, cutPaste }

    package let shape: Shape
    package let filling: Filling
    /// Bounding box of the pixels with a mask above zero: x and y of the upper left pixel, width, height, in pixels.
    package let box: (x: Int, y: Int, width: Int, height: Int)
    /// Pixels that are covered by at least a half.
    package let area: Int
    /// 0.3…1.
    package let opacity: Float

    /// Equal in every field.
    package static func == (a: DamageDescription, b: DamageDescription) -> Bool {
        a.shape == b.shape && a.filling == b.filling && a.box == b.box && a.area == b.area && a.opacity == b.opacity
    }
}

/// The self-supervised corruption: one spot of a good picture is damaged at random, so that the network learns to tell
/// damaged patches from whole ones without ever seeing a real defect.
///
/// Shapes and fillings are general on purpose and share nothing with the rendered defects of `PartRenderer`: a model
/// that wins on the demo by knowing its damage has learned nothing. Sources: DRÆM (arXiv 2108.07610) for noise-shaped
/// masks with foreign texture, CutPaste (2104.04015), NSA (2109.15222) for content moved within the picture.
package struct TrainingDamage: Sendable {
    package let width: Int
    package let height: Int
    package let space: PixelSpace
    /// Smallest and largest length of a spot, as shares of the picture's longer side.
    package let sizes: ClosedRange<Float>

    /// Damage for pictures of this size. Traps on sides below 8 pixels and on sizes outside 0.005…0.6 or of less than
    /// a factor of two.
    package init(width: Int, height: Int, space: PixelSpace = .unit, sizes: ClosedRange<Float> = 0.015...0.4) {
        precondition(width >= 8 && height >= 8, "TrainingDamage: expected sides >= 8, got \(width) x \(height)")
        precondition(
            sizes.lowerBound >= 0.005 && sizes.upperBound <= 0.6 && sizes.upperBound >= 2 * sizes.lowerBound,
            "TrainingDamage: expected sizes within 0.005...0.6, a factor of two apart, got \(sizes)")
        self.sizes = sizes
        self.width = width
        self.height = height
        self.space = space
    }

    /// Damages one spot of `pixels` (3, H, W) in place and returns the soft mask (H · W): 0 outside, where not one bit
    /// changes, up to the opacity (0.3…1) inside.
    ///
    /// `donor` (3, H, W) is another good picture, the source of foreign texture. Traps on other sizes.
    package func damage(_ pixels: inout [Float], donor: [Float], using random: inout RandomSource) -> [Float] {
        describedDamage(&pixels, donor: donor, using: &random).mask
    }

    /// The same, with the description of what was done.
    package func describedDamage(
        _ pixels: inout [Float], donor: [Float], using random: inout RandomSource
    ) -> (mask: [Float], description: DamageDescription) {
        // Blobs are the most varied family and take the share of the two solid ones together.
        let shape = random.pick([
            DamageDescription.Shape.blob, .blob, .stroke, .stroke, .ellipse, .rectangle,
        ])
        let filling = random.pick(DamageDescription.Filling.allCases)
        return damage(&pixels, donor: donor, shape: shape, filling: filling, using: &random)
    }

    /// Damage of a chosen shape and filling.
    ///
    /// Damage that nobody could see (blur on a plain ground) teaches nothing, so up to three more places are tried
    /// until a tenth of the covered pixels have changed by more than 3 % of the way from black to white.
    package func damage(
        _ pixels: inout [Float], donor: [Float], shape: DamageDescription.Shape, filling: DamageDescription.Filling,
        using random: inout RandomSource
    ) -> (mask: [Float], description: DamageDescription) {
        let count = 3 * width * height
        precondition(
            pixels.count == count && donor.count == count,
            "TrainingDamage: expected 3 x \(height) x \(width) = \(count) numbers, got \(pixels.count) and \(donor.count)"
        )
        let shapes = DamageShapes(width: width, height: height, sizes: sizes)
        let fillings = DamageFillings(width: width, height: height, space: space)
        var attempt = 1
        while true {
            var region = shapes.draw(shape, using: &random)
            let opacity = random.float(in: 0.3...1)
            var area = 0
            for index in region.coverage.indices {
                if region.coverage[index] >= 0.5 { area += 1 }
                region.coverage[index] *= opacity
            }
            let whole = contents(of: region, in: pixels)
            fillings.fill(filling, region: region, pixels: &pixels, donor: donor, using: &random)
            if attempt == 4 || visibleShare(of: region, in: pixels, before: whole) > 0.1 {
                return described(region, shape: shape, filling: filling, area: area, opacity: opacity)
            }
            restore(whole, of: region, in: &pixels)
            attempt += 1
        }
    }

    /// The region's pixels, (3, height, width).
    private func contents(of region: DamageRegion, in pixels: [Float]) -> [Float] {
        var result: [Float] = []
        result.reserveCapacity(3 * region.width * region.height)
        for channel in 0..<3 {
            for y in region.top..<region.top + region.height {
                let start = (channel * height + y) * width + region.left
                result.append(contentsOf: pixels[start..<start + region.width])
            }
        }
        return result
    }

    /// Puts the region's pixels back.
    private func restore(_ contents: [Float], of region: DamageRegion, in pixels: inout [Float]) {
        var index = 0
        for channel in 0..<3 {
            for y in region.top..<region.top + region.height {
                let start = (channel * height + y) * width + region.left
                for x in start..<start + region.width {
                    pixels[x] = contents[index]
                    index += 1
                }
            }
        }
    }

    /// The share of covered numbers that changed visibly.
    private func visibleShare(of region: DamageRegion, in pixels: [Float], before: [Float]) -> Float {
        let size = region.width * region.height
        var covered = 0
        var visible = 0
        for channel in 0..<3 {
            let limit = 0.03 * (space.white[channel] - space.black[channel])
            for index in 0..<size where region.coverage[index] > 0 {
                let x = region.left + index % region.width
                let y = region.top + index / region.width
                covered += 1
                let change = pixels[(channel * height + y) * width + x] - before[channel * size + index]
                if abs(change) > limit { visible += 1 }
            }
        }
        return Float(visible) / Float(max(covered, 1))
    }

    /// The mask over the whole picture, and the words for it.
    private func described(
        _ region: DamageRegion, shape: DamageDescription.Shape, filling: DamageDescription.Filling, area: Int,
        opacity: Float
    ) -> (mask: [Float], description: DamageDescription) {
        var mask = [Float](repeating: 0, count: width * height)
        var (x0, y0, x1, y1) = (width, height, -1, -1)
        var index = 0
        for row in 0..<region.height {
            let base = (region.top + row) * width + region.left
            for column in 0..<region.width {
                let value = region.coverage[index]
                index += 1
                guard value > 0 else { continue }
                mask[base + column] = value
                x0 = min(x0, column)
                x1 = max(x1, column)
                y0 = min(y0, row)
                y1 = max(y1, row)
            }
        }
        let description = DamageDescription(
            shape: shape, filling: filling,
            box: (region.left + x0, region.top + y0, x1 - x0 + 1, y1 - y0 + 1), area: area, opacity: opacity)
        return (mask, description)
    }

    /// The share of visibly changed pixels in each patch, (gridRows · gridColumns), 0…1, row by row.
    ///
    /// A pixel is visibly changed if its mask is above zero and the mean absolute difference of its three channels is
    /// above `threshold`: damage that happens to look like the original must not be taught as damage.
    /// - Parameters: `before`, `after`: (3, H, W); `mask`: (H · W) as `damage` returned it. Traps on other sizes and
    ///   on sides that are not multiples of `patchSize`.
    package func patchFractions(
        before: [Float], after: [Float], mask: [Float], patchSize: Int, threshold: Float
    ) -> [Float] {
        let plane = width * height
        precondition(
            before.count == 3 * plane && after.count == 3 * plane && mask.count == plane,
            "TrainingDamage.patchFractions: expected 3 x \(height) x \(width) pixels and \(plane) mask values, got \(before.count), \(after.count) and \(mask.count)"
        )
        precondition(
            patchSize > 0 && width % patchSize == 0 && height % patchSize == 0,
            "TrainingDamage.patchFractions: expected sides that are multiples of \(patchSize), got \(width) x \(height)"
        )
        let columns = width / patchSize
        var counts = [Float](repeating: 0, count: columns * (height / patchSize))
        let limit = 3 * threshold
        for y in 0..<height {
            let base = y * width
            let patchRow = (y / patchSize) * columns
            for x in 0..<width where mask[base + x] > 0 {
                let index = base + x
                let difference =
                    abs(after[index] - before[index]) + abs(after[plane + index] - before[plane + index])
                    + abs(after[2 * plane + index] - before[2 * plane + index])
                if difference > limit { counts[patchRow + x / patchSize] += 1 }
            }
        }
        let scale = 1 / Float(patchSize * patchSize)
        return counts.map { $0 * scale }
    }
}
