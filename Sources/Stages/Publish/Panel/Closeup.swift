import Handover
import Imaging

/// The square of a part's picture around its worst region: what a person looks at first.
struct Closeup: Sendable, Equatable {
    /// Left, top and side in pixels of the picture; the square lies inside it.
    let x: Int
    let y: Int
    let width: Int
    let height: Int

    /// The worst region with as much surroundings again; the middle of the picture when there is no region.
    init(picture: (width: Int, height: Int), regions: [Region]) {
        let shorter = min(picture.width, picture.height)
        let worst = regions.max { $0.peak < $1.peak }
        let extent = worst.map { max($0.width, $0.height) } ?? shorter
        // Below 64 pixels, enlarging shows blocks rather than a part.
        let wanted = max(extent * 2, 64, shorter / 5)
        let side = max(1, min(wanted, shorter))
        let centreX = worst.map { $0.x + $0.width / 2 } ?? picture.width / 2
        let centreY = worst.map { $0.y + $0.height / 2 } ?? picture.height / 2
        x = min(max(0, centreX - side / 2), picture.width - side)
        y = min(max(0, centreY - side / 2), picture.height - side)
        width = side
        height = side
    }

    /// Cuts the square out of a picture.
    func cut(from picture: Image) -> Image {
        let channels = picture.channels
        var pixels: [UInt8] = []
        pixels.reserveCapacity(width * height * channels)
        for row in y..<y + height {
            let start = (row * picture.width + x) * channels
            pixels.append(contentsOf: picture.pixels[start..<start + width * channels])
        }
        return Image(width: width, height: height, channels: channels, pixels: pixels)
    }
}
