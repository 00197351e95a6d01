/// How much a file may claim before it is refused; all of it is checked before memory is taken for pixels.
package struct DecodeLimits: Sendable, Equatable {
    /// Width · height of the picture. Decoding takes about 3 bytes per pixel, a progressive JPEG 9.
    package var maxPixels: Int
    /// Length of the file.
    package var maxBytes: Int
    /// Chunks of a PNG, the picture's own IDAT chunks included.
    package var maxPNGChunks: Int
    /// Scans of a JPEG; each one is a pass over the whole picture.
    package var maxJPEGScans: Int

    package init(maxPixels: Int, maxBytes: Int, maxPNGChunks: Int, maxJPEGScans: Int) {
        self.maxPixels = maxPixels
        self.maxBytes = maxBytes
        self.maxPNGChunks = maxPNGChunks
        self.maxJPEGScans = maxJPEGScans
    }

    /// 50 megapixels (the largest common industrial sensors), 128 MiB, 65,536 chunks (128 MiB in libpng's default
    /// pieces of 8 KiB is 16,384), 64 scans (libjpeg's standard progression has 10).
    package static let standard = DecodeLimits(
        maxPixels: 50_000_000, maxBytes: 128 << 20, maxPNGChunks: 65_536, maxJPEGScans: 64)

    /// The same for pictures that were changed here and are handed on as PNG files, which may be larger than the file they came
    /// from.
    package var forChangedPictures: DecodeLimits {
        var limits = self
        limits.maxBytes = .max
        limits.maxPNGChunks = .max
        return limits
    }
}
