/// What was measured on a line's good images: all that a proposed recipe is based on.
package struct GoodImageFacts: Sendable, Codable, Equatable {
    /// One good image, as far as a proposal cares.
    package struct Picture: Sendable {
        /// Size in pixels, upright.
        package let width: Int
        package let height: Int
        /// "PNG", "JPEG", "BMP".
        package let format: String
        /// 1 (grey) or 3 (colour).
        package let channels: Int
        /// Grey values 0…1 of the whole picture reduced to `thumbnailSide`², row-major.
        package let thumbnail: [Float]

        /// Traps unless `thumbnail` holds `thumbnailSide`² numbers.
        package init(width: Int, height: Int, format: String, channels: Int, thumbnail: [Float]) {
            let side = GoodImageFacts.thumbnailSide
            precondition(
                thumbnail.count == side * side,
                "Picture: expected \(side) x \(side) thumbnail values, got \(thumbnail.count)")
            self.width = width
            self.height = height
            self.format = format
            self.channels = channels
            self.thumbnail = thumbnail
        }
    }

    /// Side of a thumbnail in pixels: coarse enough to ignore texture, fine enough to see where a part lies.
    package static let thumbnailSide = 32

    /// Good images that could be read, at least 1.
    package let count: Int
    /// Files that could not be read as images.
    package let unreadable: Int
    /// Sizes in pixels, one per image, in the order of the images.
    package let widths: [Int]
    package let heights: [Int]
    /// Images per format.
    package let formats: [String: Int]
    /// Images with one channel.
    package let greyCount: Int
    /// Mean brightness over all images, 0…1, and the standard deviation of the images' means: how much the light varies.
    package let brightness: Double
    package let brightnessDeviation: Double
    /// Median correlation of an image's thumbnail with the mean of the others, −1…1: near 1 where parts are fixtured.
    package let alignment: Double
    /// Distance from turned-over thumbnails to their nearest other image, divided by the same distance of thumbnails
    /// as they are: near 1 where mirrored (left–right, top–bottom) or quarter-turned parts look just as good.
    package let mirrorRatio: Double
    package let flipRatio: Double
    package let turnRatio: Double

    /// The facts of some pictures, at least one; of more than 200, every n-th counts for the likeness figures.
    package init(pictures: [Picture], unreadable: Int) {
        precondition(!pictures.isEmpty, "GoodImageFacts: expected at least 1 picture, got 0")
        count = pictures.count
        self.unreadable = unreadable
        widths = pictures.map(\.width)
        heights = pictures.map(\.height)
        formats = Dictionary(grouping: pictures, by: \.format).mapValues(\.count)
        greyCount = pictures.count { $0.channels == 1 }

        let means = pictures.map { GoodImageFacts.mean($0.thumbnail) }
        let overall = means.reduce(0, +) / Double(means.count)
        brightness = overall
        brightnessDeviation =
            (means.reduce(0) { $0 + ($1 - overall) * ($1 - overall) } / Double(means.count)).squareRoot()

        // 200 thumbnails say as much as 10,000, and the comparison is quadratic.
        let step = (pictures.count + 199) / 200
        let chosen = stride(from: 0, to: pictures.count, by: step).map {
            GoodImageFacts.standardised(pictures[$0].thumbnail)
        }
        alignment = GoodImageFacts.alignment(of: chosen)
        let plain = GoodImageFacts.nearestDistance(from: chosen, to: chosen)
        func ratio(_ turned: [[Float]]) -> Double {
            // Identical pictures have no distance to compare with: then nothing is known, and nothing is allowed.
            plain > 1e-9 ? GoodImageFacts.nearestDistance(from: turned, to: chosen) / plain : .greatestFiniteMagnitude
        }
        let side = GoodImageFacts.thumbnailSide
        mirrorRatio = ratio(chosen.map { GoodImageFacts.turned($0) { row, column in (row, side - 1 - column) } })
        flipRatio = ratio(chosen.map { GoodImageFacts.turned($0) { row, column in (side - 1 - row, column) } })
        turnRatio = ratio(chosen.map { GoodImageFacts.turned($0) { row, column in (column, side - 1 - row) } })
    }

    /// Side of the square that has the median area of the pictures, px.
    package var medianSide: Int {
        Int(Double(GoodImageFacts.median(zip(widths, heights).map { $0 * $1 })).squareRoot().rounded())
    }

    /// Median of height / width.
    package var medianAspect: Double { GoodImageFacts.median(zip(widths, heights).map { Double($1) / Double($0) }) }

    /// Whether a part lies at the same place in every picture; correlations of fixtured parts are above 0.9 even when
    /// the light varies, those of textures and loose parts are far below.
    package var isFixtured: Bool { alignment >= 0.85 }

    private static func median<Value: Comparable>(_ values: [Value]) -> Value { values.sorted()[values.count / 2] }

    private static func mean(_ values: [Float]) -> Double {
        values.reduce(0) { $0 + Double($1) } / Double(values.count)
    }

    /// Mean 0 and length 1, so that a dot product is a correlation; a flat thumbnail stays 0.
    private static func standardised(_ values: [Float]) -> [Float] {
        let mean = Float(mean(values))
        let centred = values.map { $0 - mean }
        let length = centred.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return length > 1e-6 ? centred.map { $0 / length } : centred.map { _ in 0 }
    }

    private static func alignment(of thumbnails: [[Float]]) -> Double {
        guard thumbnails.count > 1 else { return 0 }
        var sum = [Float](repeating: 0, count: thumbnails[0].count)
        for thumbnail in thumbnails { for index in sum.indices { sum[index] += thumbnail[index] } }
        return median(
            thumbnails.map { thumbnail in
                let others = standardised(sum.indices.map { sum[$0] - thumbnail[$0] })
                return Double(zip(others, thumbnail).reduce(0) { $0 + $1.0 * $1.1 })
            })
    }

    /// Mean over `queries` of the squared distance to the nearest thumbnail of `gallery` that is not of the same image.
    private static func nearestDistance(from queries: [[Float]], to gallery: [[Float]]) -> Double {
        guard gallery.count > 1 else { return 0 }
        var total = 0.0
        for (index, query) in queries.enumerated() {
            var nearest = Float.greatestFiniteMagnitude
            for (other, candidate) in gallery.enumerated() where other != index {
                var distance: Float = 0
                for position in query.indices {
                    let difference = query[position] - candidate[position]
                    distance += difference * difference
                }
                nearest = min(nearest, distance)
            }
            total += Double(nearest)
        }
        return total / Double(queries.count)
    }

    private static func turned(_ thumbnail: [Float], source: (Int, Int) -> (Int, Int)) -> [Float] {
        var result = thumbnail
        for row in 0..<thumbnailSide {
            for column in 0..<thumbnailSide {
                let (sourceRow, sourceColumn) = source(row, column)
                result[row * thumbnailSide + column] = thumbnail[sourceRow * thumbnailSide + sourceColumn]
            }
        }
        return result
    }
}
