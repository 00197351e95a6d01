import Handover
import Imaging

/// The picture made of an anomaly map: as large as the part's picture, so that it lies on it without any shift.
package struct Heatmap: Sendable {
    /// RGB.
    package let picture: Image
    /// Heatmap pixels per pixel of the part's picture; 1 unless the picture's longer side is above `longestSide`.
    package let scale: Double
    package let colours: HeatmapColours

    /// Nobody sees more of a patch grid on 1024 pixels than on 4000, and the file stays small.
    package static let longestSide = 1024

    /// Draws the map of a part.
    ///
    /// The values are those that the verdict was given by, but shown so that picture and verdict never contradict each
    /// other (`shown`).
    package init(of part: ScoredPart) {
        self.init(
            map: Self.shown(part.anomalyMap, verdict: part.verdict, thresholds: part.thresholds),
            geometry: part.image.geometry)
    }

    /// Draws any map, (h, w) row-major over the geometry's patch grid, in score units. Traps on another size.
    package init(map: [Float], geometry: Geometry) {
        let (rows, columns) = (geometry.gridRows, geometry.gridColumns)
        precondition(
            map.count == rows * columns, "Heatmap: expected \(rows) x \(columns) map values, got \(map.count)")
        let longer = max(geometry.originalWidth, geometry.originalHeight)
        scale = min(1, Double(Self.longestSide) / Double(longer))
        let width = max(1, Int((Double(geometry.originalWidth) * scale).rounded()))
        let height = max(1, Int((Double(geometry.originalHeight) * scale).rounded()))
        colours = HeatmapColours(peak: map.max() ?? 0)
        picture = Self.paint(map, rows: rows, columns: columns, width: width, height: height, colours: colours)
    }

    /// The map as it is shown. The image score pools many patches, so a single patch may stand above a threshold that
    /// the part as a whole keeps, or the other way round. Red on a part that passes would be a contradiction: then all
    /// positive values are scaled by one factor that puts the peak just below the review threshold (pass), just below
    /// 1 (review), or at 1 (fail). Scaling keeps the shape and the place of the peak, which cutting off would not.
    package static func shown(_ map: [Float], verdict: Verdict, thresholds: Thresholds) -> [Float] {
        guard let peak = map.max(), peak > 0 else { return map }
        let justBelow: Float = 0.998
        let target: Float
        switch verdict {
        case .pass:
            let review = Float(thresholds.review)
            target = min(peak, justBelow * (review > 0 && review < 1 ? review : 1))
        case .review: target = min(peak, justBelow)
        case .fail: target = max(peak, 1)
        }
        if target == peak { return map }
        let gain = target / peak
        // The bound holds in spite of rounding in the product.
        return map.map { $0 == peak ? target : $0 > 0 ? min($0 * gain, target) : $0 }
    }

    /// Interpolates linearly between patch centres and holds the border patches' values out to the edge.
    private static func paint(
        _ map: [Float], rows: Int, columns: Int, width: Int, height: Int, colours: HeatmapColours
    ) -> Image {
        let across = Interpolation(pixels: width, patches: columns)
        let down = Interpolation(pixels: height, patches: rows)
        let table = colours.table
        var pixels = [UInt8](repeating: 0, count: 3 * width * height)
        var line = [Float](repeating: 0, count: columns)
        var out = 0
        for y in 0..<height {
            let (upper, lower, share) = (down.first[y] * columns, down.second[y] * columns, down.share[y])
            for column in 0..<columns {
                let above = map[upper + column]
                line[column] = above + (map[lower + column] - above) * share
            }
            for x in 0..<width {
                let left = line[across.first[x]]
                let entry = 3 * colours.entry(of: left + (line[across.second[x]] - left) * across.share[x])
                pixels[out] = table[entry]
                pixels[out + 1] = table[entry + 1]
                pixels[out + 2] = table[entry + 2]
                out += 3
            }
        }
        markPeaks(map, rows: rows, columns: columns, width: width, height: height, colours: colours, into: &pixels)
        return Image(width: width, height: height, channels: 3, pixels: pixels)
    }

    /// Gives the pixel that holds a patch's centre the patch's full value wherever the patch is the highest of its
    /// neighbourhood: no pixel centre need lie on a patch centre, and on a small picture one pixel may hold several.
    private static func markPeaks(
        _ map: [Float], rows: Int, columns: Int, width: Int, height: Int, colours: HeatmapColours,
        into pixels: inout [UInt8]
    ) {
        var marked: [Int: Float] = [:]
        for row in 0..<rows {
            for column in 0..<columns {
                let value = map[row * columns + column]
                var isPeak = value > 0
                for nearRow in max(0, row - 1)...min(rows - 1, row + 1) where isPeak {
                    for nearColumn in max(0, column - 1)...min(columns - 1, column + 1)
                    where map[nearRow * columns + nearColumn] > value {
                        isPeak = false
                    }
                }
                guard isPeak else { continue }
                let x = min(width - 1, (2 * column + 1) * width / (2 * columns))
                let y = min(height - 1, (2 * row + 1) * height / (2 * rows))
                let pixel = y * width + x
                if let other = marked[pixel], other >= value { continue }
                marked[pixel] = value
                let colour = colours.colour(of: value)
                pixels[3 * pixel] = colour.red
                pixels[3 * pixel + 1] = colour.green
                pixels[3 * pixel + 2] = colour.blue
            }
        }
    }
}

/// For every pixel of an axis the two patches it lies between and the second one's share.
private struct Interpolation {
    var first: [Int] = []
    var second: [Int] = []
    var share: [Float] = []

    init(pixels: Int, patches: Int) {
        for pixel in 0..<pixels {
            // Pixel centre in patch units, patch centres at whole numbers.
            let position = (Double(pixel) + 0.5) / Double(pixels) * Double(patches) - 0.5
            let held = min(max(position, 0), Double(patches - 1))
            let lower = Int(held)
            first.append(lower)
            second.append(min(lower + 1, patches - 1))
            share.append(Float(held - Double(lower)))
        }
    }
}
