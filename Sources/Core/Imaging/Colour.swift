extension Image {
    /// One channel: Rec. 601 luma, (19595 R + 38470 G + 7471 B + 32768) / 65536, as Pillow and libjpeg compute it.
    package func greyscale() -> Image {
        if channels == 1 { return self }
        var grey = [UInt8](repeating: 0, count: width * height)
        for pixel in grey.indices {
            let red = Int(pixels[3 * pixel])
            let green = Int(pixels[3 * pixel + 1])
            let blue = Int(pixels[3 * pixel + 2])
            grey[pixel] = UInt8((19595 * red + 38470 * green + 7471 * blue + 32768) >> 16)
        }
        return Image(width: width, height: height, channels: 1, pixels: grey)
    }

    /// Three channels; grey is replicated.
    package func rgb() -> Image {
        if channels == 3 { return self }
        var colours = [UInt8](repeating: 0, count: width * height * 3)
        for (pixel, value) in pixels.enumerated() {
            colours[3 * pixel] = value
            colours[3 * pixel + 1] = value
            colours[3 * pixel + 2] = value
        }
        return Image(width: width, height: height, channels: 3, pixels: colours)
    }

    /// (1 - alpha) · self + alpha · other, rounded. Pictures of one size; RGB unless both are grey. Traps on sizes that
    /// differ and on alpha outside 0…1.
    package func blended(with other: Image, alpha: Double) -> Image {
        precondition(
            width == other.width && height == other.height,
            "Image.blended: expected \(width) x \(height), got \(other.width) x \(other.height)")
        precondition((0...1).contains(alpha), "Image.blended: expected alpha in 0...1, got \(alpha)")
        if channels != other.channels { return rgb().blended(with: other.rgb(), alpha: alpha) }
        let share = Int((alpha * 256).rounded())
        var mixed = pixels
        for index in mixed.indices {
            mixed[index] = UInt8((Int(pixels[index]) * (256 - share) + Int(other.pixels[index]) * share + 128) >> 8)
        }
        return Image(width: width, height: height, channels: channels, pixels: mixed)
    }
}
