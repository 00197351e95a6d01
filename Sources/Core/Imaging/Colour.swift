extension Image {
    /// One channel: Rec. 601 luma, (19595 R + 38470 G + 7471 B + 32768) / 65536, as Pillow and libjpeg compute it.
    package func greyscale() -> Image {
        if channels == 1 { return self }
        var grey = [UInt8](repeating: 0, count: width * height)
        for pixel in grey.indices {
            grey[pixel] = Self.luma(pixels[3 * pixel], pixels[3 * pixel + 1], pixels[3 * pixel + 2])
        }
        return Image(width: width, height: height, channels: 1, pixels: grey)
    }

    static func luma(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
        let weighted: Int = 19595 * Int(red) + 38470 * Int(green)
        return UInt8((weighted + 7471 * Int(blue) + 32768) >> 16)
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

    /// As `blended(with:alpha:)` with an alpha of its own for each pixel, (height · width) in 0…1; what lies outside is
    /// clamped, NaN counts as 0.
    package func blended(with other: Image, alphas: [Float]) -> Image {
        precondition(
            width == other.width && height == other.height && alphas.count == width * height,
            "Image.blended: expected \(width) x \(height), got \(other.width) x \(other.height) and \(alphas.count) alphas"
        )
        if channels != other.channels { return rgb().blended(with: other.rgb(), alphas: alphas) }
        var mixed = pixels
        for (pixel, alpha) in alphas.enumerated() where alpha > 0 {
            let share = Int(min(alpha, 1) * 256)
            for index in pixel * channels..<(pixel + 1) * channels {
                mixed[index] = UInt8((Int(pixels[index]) * (256 - share) + Int(other.pixels[index]) * share + 128) >> 8)
            }
        }
        return Image(width: width, height: height, channels: channels, pixels: mixed)
    }
}
