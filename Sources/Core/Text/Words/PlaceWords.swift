import Foundation

/// Plain words for where something lies on a picture and how large it is: captions, descriptions and questions say
/// these things in one way.
package enum PlaceWords {
    /// Names of a place on a grid of three by three, the usual one first; corners are named as such.
    ///
    /// - Parameters:
    ///   - x, y: shares of the picture's width and height, 0…1, from the upper left.
    package static func names(x: Float, y: Float) -> [String] {
        let column = x < 0.36 ? 0 : (x > 0.64 ? 2 : 1)
        let row = y < 0.36 ? 0 : (y > 0.64 ? 2 : 1)
        let corner = min(x, 1 - x) < 0.15 && min(y, 1 - y) < 0.15
        let found = grid[row * 3 + column]
        return corner ? found.map { "\($0) corner" } : found
    }

    private static let grid: [[String]] = [
        ["upper left", "top left"], ["upper middle", "top centre"], ["upper right", "top right"],
        ["middle left", "left side"], ["centre", "middle"], ["middle right", "right side"],
        ["lower left", "bottom left"], ["lower middle", "bottom centre"], ["lower right", "bottom right"],
    ]

    /// How large people would call something: the length of a thin thing, and of all others the diameter of the disc with
    /// their area, for a box says little of a broken ring or a ragged spot.
    ///
    /// - Parameters:
    ///   - area: pixels that it covers.
    ///   - length: longer side of its box, px.
    /// - Returns: px.
    package static func extent(area: Float, length: Float) -> Float {
        area < 0.2 * length * length ? length : min(length, 2 * (area / .pi).squareRoot())
    }

    /// Names of a size by its `extent` as a share of the picture's shorter side.
    package static func sizes(share: Float) -> [String] {
        sizes[bounds.firstIndex { share < $0 } ?? bounds.count]
    }

    /// Shares of the picture's shorter side where one size ends and the next begins.
    private static let bounds: [Float] = [0.05, 0.12, 0.28]

    /// Names of the size of what covers `area` pixels in a box whose longer side is `length`, on a picture whose shorter side
    /// is `side` pixels.
    package static func sizes(area: Int, length: Int, side: Int) -> [String] {
        sizes(share: extent(area: Float(area), length: Float(length)) / Float(side))
    }

    /// How many sizes there are names for.
    package static var sizeCount: Int { sizes.count }

    /// Where the sizes lie between the smallest, 0, and the largest, 1, by the logarithm of their ranges' middles: a medium
    /// one is nearer to a small one than to a large one, which may fill the picture.
    package static let sizePositions: [Float] = {
        let ends = [bounds[0] / 2] + bounds + [1]
        let middles = zip(ends, ends.dropFirst()).map { ($0 * $1).squareRoot() }
        return middles.map { log($0 / middles[0]) / log(middles[middles.count - 1] / middles[0]) }
    }()

    /// Names of a size by its rank, 0 the smallest, below `sizeCount`.
    package static func sizes(rank: Int) -> [String] { sizes[rank] }

    private static let sizes: [[String]] = [
        ["tiny", "very small", "minute"], ["small", "little"], ["medium-sized", "moderate"],
        ["large", "big", "extensive"],
    ]

    /// Which of the sizes a text speaks of, 0 the smallest; nil where it speaks of none. The first one counts.
    package static func size(saidIn text: String) -> Int? {
        let words = text.lowercased().split { !$0.isLetter && $0 != "-" }.map(String.init)
        for (place, word) in words.enumerated() {
            if word == "very", place + 1 < words.count, words[place + 1] == "small" { return 0 }
            if let size = sizes.firstIndex(where: { $0.contains(word) }) { return size }
        }
        return nil
    }

    /// True for a name that says a size itself: "large break", "long thin scratch".
    package static func saysSize(_ name: String) -> Bool {
        size(saidIn: name) != nil
            || name.lowercased().split(separator: " ").contains { $0 == "long" || $0 == "short" }
    }

    /// "a" or "an" before a phrase.
    package static func withArticle(_ phrase: String) -> String {
        ("aeiou".contains(phrase.first ?? "x") ? "an " : "a ") + phrase
    }
}
