import Handover
import Numerics
import Text

/// The stage that puts flagged regions into words. Parts that pass have no regions, so they cost nothing: text is
/// decoded only where somebody will read it.
package struct Describer: Sendable {
    /// Regions described on one part; the least of a shattered part's hundreds add no word that the first ones lack.
    package static let mostRegions = 24
    /// Alternatives named beside a label.
    static let alternatives = 2

    private let language: RegionLanguage

    package init(language: RegionLanguage) { self.language = language }

    /// The cells of a region whose value is at least half of the region's peak: what stands out, without the flanks that
    /// a strong anomaly casts over its surroundings at the threshold's height. All of its cells where none is.
    package static func core(of region: Region, map: [Float]) -> [Int] {
        let level = Float(region.peak) / 2
        let core = region.cells.filter { map[$0] >= level }
        return core.isEmpty ? region.cells : core
    }

    /// The part with a description in each of its regions, greatest peaks first, at most `mostRegions`.
    ///
    /// - Parameter prediction: of the same picture.
    package func describe(_ part: ScoredPart, _ prediction: PatchPrediction) -> ScoredPart {
        var texts = SharedTexts()
        return describe(part, prediction, sharing: &texts)
    }

    /// The same, where text may be taken over from the part before; what is said does not depend on it.
    package func describe(
        _ part: ScoredPart, _ prediction: PatchPrediction, sharing texts: inout SharedTexts
    ) -> ScoredPart {
        texts.nextPart()
        let described = min(part.regions.count, Self.mostRegions)
        guard described > 0 else { return part }
        let perPatch = part.image.geometry.gridRows / max(1, prediction.image.geometry.gridRows)
        let cores = part.regions[..<described].map { Self.core(of: $0, map: part.anomalyMap) }
        let rows = cores.map { RegionFeatures.row(of: prediction, cells: $0, cellsPerPatch: perPatch) }
        let embeddings = language.embeddings(rows)
        var result = part
        for index in 0..<described {
            result.regions[index].description = description(
                of: Box(cores[index], on: part.image.geometry), embedding: Array(embeddings.row(index)),
                on: part.image.geometry, sharing: &texts)
        }
        return result
    }

    private func description(
        of region: Box, embedding: [Float], on picture: Geometry, sharing texts: inout SharedTexts
    ) -> RegionDescription {
        guard embedding.allSatisfy(\.isFinite) else {
            return RegionDescription(
                label: RegionDescription.unknown, similarity: 0, alternatives: [],
                sentence: Sentence.text(RegionDescription.unknown, region: region, on: picture),
                embedding: [Float](repeating: 0, count: embedding.count))
        }
        let ranked = texts.nearest(1 + Self.alternatives, to: embedding, at: region, in: language.vocabulary)
        let isKnown = ranked[0].similarity >= language.vocabulary.least
        let label = isKnown ? ranked[0].label : RegionDescription.unknown
        return RegionDescription(
            label: label, similarity: ranked[0].similarity,
            alternatives: Array(ranked.dropFirst(isKnown ? 1 : 0).prefix(Self.alternatives)),
            sentence: Sentence.text(label, region: region, on: picture), embedding: embedding)
    }
}

/// The smallest rectangle around cells, in pixels of the original picture.
struct Box {
    let x: Int
    let y: Int
    let width: Int
    let height: Int
    /// What the cells themselves cover of it.
    let area: Int

    init(_ cells: [Int], on grid: Geometry) {
        let rows = cells.map { $0 / grid.gridColumns }
        let columns = cells.map { $0 % grid.gridColumns }
        let first = grid.originalRectangle(row: rows.min() ?? 0, column: columns.min() ?? 0)
        let last = grid.originalRectangle(row: rows.max() ?? 0, column: columns.max() ?? 0)
        x = Int(first.x)
        y = Int(first.y)
        width = max(1, Int((last.x + last.width).rounded()) - x)
        height = max(1, Int((last.y + last.height).rounded()) - y)
        area = max(1, Int((Double(cells.count) * first.width * first.height).rounded()))
    }

    /// The shared area as a share of both together, 0…1.
    func overlap(_ other: Box) -> Double {
        let across = min(x + width, other.x + other.width) - max(x, other.x)
        let down = min(y + height, other.y + other.height) - max(y, other.y)
        guard across > 0, down > 0 else { return 0 }
        let shared = Double(across * down)
        return shared / (Double(width * height) + Double(other.width * other.height) - shared)
    }
}

/// One sentence about a region.
enum Sentence {
    static func text(_ label: String, region: Box, on picture: Geometry) -> String {
        let x = (Float(region.x) + Float(region.width) / 2) / Float(picture.originalWidth)
        let y = (Float(region.y) + Float(region.height) / 2) / Float(picture.originalHeight)
        let shorter = Float(min(picture.originalWidth, picture.originalHeight))
        let extent = PlaceWords.extent(area: Float(region.area), length: Float(max(region.width, region.height)))
        let size = PlaceWords.sizes(share: extent / shorter)[0]
        let place = PlaceWords.names(x: x, y: y)[0]
        let thing =
            label == RegionDescription.unknown ? "\(size) place that the line has no name for" : "\(size) \(label)"
        let sentence = "\(PlaceWords.withArticle(thing)), \(place), \(region.width) x \(region.height) pixels"
        return sentence.prefix(1).uppercased() + sentence.dropFirst() + "."
    }
}
