/// An 8-bit picture, row-major, channels interleaved: the one image type of the project.
///
/// 16-bit files are reduced to 8 bits on decoding with rounding (v · 255 / 65535): the model's input does not resolve
/// more, and every panel shows 8 bits.
package struct Image: Sendable, Equatable {
    package let width: Int
    package let height: Int
    /// 1 (grey) or 3 (RGB).
    package let channels: Int
    /// height · width · channels bytes.
    package var pixels: [UInt8]

    /// Traps unless `channels` is 1 or 3 and `pixels.count == width * height * channels`.
    package init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
        precondition(channels == 1 || channels == 3, "Image: expected 1 or 3 channels, got \(channels)")
        precondition(
            width > 0 && height > 0 && pixels.count == width * height * channels,
            "Image: expected \(width) x \(height) x \(channels) bytes, got \(pixels.count)")
        self.width = width
        self.height = height
        self.channels = channels
        self.pixels = pixels
    }

    /// A picture of one colour; `colour` has as many values as the picture has channels.
    package init(width: Int, height: Int, colour: [UInt8]) {
        let channels = colour.count
        var pixels = [UInt8](repeating: colour.first ?? 0, count: width * height * channels)
        if colour.contains(where: { $0 != colour[0] }) {
            pixels.withUnsafeMutableBufferPointer { pixels in
                for index in pixels.indices { pixels[index] = colour[index % channels] }
            }
        }
        self.init(width: width, height: height, channels: channels, pixels: pixels)
    }
}
