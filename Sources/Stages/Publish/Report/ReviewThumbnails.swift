import Handover
import Imaging

/// The small pictures of a flagged part that the review page carries inside it: the part and its heatmap, of the same
/// size, so that one lies on the other, and the place of the worst region at the picture's own resolution.
struct ReviewThumbnails: Sendable {
    /// Longer side in pixels: the width of a card on the page.
    static let longestSide = 480

    /// Longer side of the closeup in pixels.
    static let closeupSide = 240

    let part: Image
    let heat: Image
    let closeup: Image

    init(part: Image, heatmap: Image, regions: [Region]) {
        let square = Closeup(picture: (part.width, part.height), regions: regions)
        let side = max(1, min(square.width, Self.closeupSide))
        closeup = Self.fitted(square.cut(from: part), width: side, height: side)
        let scale = min(1, Double(Self.longestSide) / Double(max(part.width, part.height)))
        let width = max(1, Int((Double(part.width) * scale).rounded()))
        let height = max(1, Int((Double(part.height) * scale).rounded()))
        self.part = Self.fitted(part, width: width, height: height)
        heat = Self.fitted(heatmap, width: width, height: height)
    }

    private static func fitted(_ image: Image, width: Int, height: Int) -> Image {
        if image.width == width, image.height == height { return image }
        return image.resized(width: width, height: height, filter: .bilinear)
    }
}
