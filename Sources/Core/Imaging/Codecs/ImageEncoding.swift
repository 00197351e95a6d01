import CImageCodecs
import Foundation

/// What kind of JPEG to write.
package struct JPEGOptions: Sendable {
    /// Chroma at full or at half resolution each way.
    package enum Chroma: Sendable { case full, half }

    /// 1 to 100, libjpeg's scale.
    package var quality: Int
    package var chroma: Chroma
    package var isProgressive: Bool
    /// Four inks as Adobe stores them (YCCK); the colours stay the same.
    package var isCMYK: Bool
    /// Written as an EXIF segment; the pixels are written as given, so a reader turns them.
    package var orientation: Orientation?

    package init(
        quality: Int = 90, chroma: Chroma = .half, isProgressive: Bool = false, isCMYK: Bool = false,
        orientation: Orientation? = nil
    ) {
        self.quality = quality
        self.chroma = chroma
        self.isProgressive = isProgressive
        self.isCMYK = isCMYK
        self.orientation = orientation
    }
}

extension Image {
    /// The picture as an 8-bit PNG, grey or RGB, not interlaced. `level` is zlib's, 0 to 9; 2 is five times as fast as
    /// zlib's default 6 and 16 % larger on a noisy photograph. Throws `notWritable` or `outOfMemory`.
    package func pngData(level: Int = 2) throws(ImageError) -> Data {
        try Self.writePNG(
            pixels, width: width, height: height, channels: channels, depth: 8, level: level)
    }

    /// A 16-bit PNG: each sample v becomes 257 · v, which decodes to v again.
    package func png16Data() throws(ImageError) -> Data {
        var samples = [UInt8]()
        samples.reserveCapacity(pixels.count * 2)
        for value in pixels {
            samples.append(value)
            samples.append(value)
        }
        return try Self.writePNG(
            samples, width: width, height: height, channels: channels, depth: 16, level: 2)
    }

    /// The picture as a baseline JPEG with chroma 4:2:0.
    package func jpegData(quality: Int = 90) throws(ImageError) -> Data {
        try jpegData(JPEGOptions(quality: quality))
    }

    /// The picture as a JPEG. Sides beyond 65,500 (libjpeg's own limit) or a quality outside 1 to 100 throw
    /// `notWritable`.
    package func jpegData(_ options: JPEGOptions) throws(ImageError) -> Data {
        guard width <= 65_500, height <= 65_500 else {
            throw .notWritable(.jpeg, what: "\(width) x \(height) pixels, expected sides of at most 65500")
        }
        guard (1...100).contains(options.quality) else {
            throw .notWritable(.jpeg, what: "quality \(options.quality), expected 1 to 100")
        }
        let samples = options.isCMYK ? rgb().invertedInks() : pixels
        let exif = options.orientation?.exifSegment ?? []
        let storedChannels = options.isCMYK ? 4 : channels
        return try Self.write(.jpeg) { file, text in
            exif.withUnsafeBufferPointer { exif in
                var stored = codec_jpeg_options(
                    quality: Int32(options.quality), subsampled: options.chroma == .half ? 1 : 0,
                    progressive: options.isProgressive ? 1 : 0, exif: exif.isEmpty ? nil : exif.baseAddress,
                    exif_count: UInt32(exif.count))
                return samples.withUnsafeBufferPointer {
                    codec_jpeg_encode(
                        $0.baseAddress, UInt32(width), UInt32(height), Int32(storedChannels), &stored, file, text,
                        Int(CODEC_TEXT_BYTES))
                }
            }
        }
    }

    private static func writePNG(
        _ samples: [UInt8], width: Int, height: Int, channels: Int, depth: Int, level: Int
    ) throws(ImageError) -> Data {
        guard (0...9).contains(level) else {
            throw .notWritable(.png, what: "compression level \(level), expected 0 to 9")
        }
        return try write(.png) { file, text in
            samples.withUnsafeBufferPointer {
                codec_png_encode(
                    $0.baseAddress, UInt32(width), UInt32(height), Int32(channels), Int32(depth), Int32(level), file,
                    text, Int(CODEC_TEXT_BYTES))
            }
        }
    }

    /// Takes over the bytes that an encoder allocated.
    private static func write(
        _ format: ImageFormat, _ encode: (UnsafeMutablePointer<codec_file>, UnsafeMutablePointer<CChar>?) -> codec_code
    ) throws(ImageError) -> Data {
        var file = codec_file()
        var message = [CChar](repeating: 0, count: Int(CODEC_TEXT_BYTES))
        let code = message.withUnsafeMutableBufferPointer { encode(&file, $0.baseAddress) }
        defer { codec_release(&file) }
        guard code == CODEC_OK, let bytes = file.bytes else {
            throw code == CODEC_NO_MEMORY
                ? .outOfMemory(format)
                : .notWritable(
                    format,
                    what:
                        "an error: \(String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))"
                )
        }
        return Data(bytes: bytes, count: file.count)
    }

    /// C, M, Y, K per pixel in Adobe's sense (255 = no ink), K taking all that the three have in common.
    private func invertedInks() -> [UInt8] {
        var inks = [UInt8]()
        inks.reserveCapacity(width * height * 4)
        for pixel in 0..<width * height {
            let key = Int(max(pixels[3 * pixel], pixels[3 * pixel + 1], pixels[3 * pixel + 2]))
            for channel in 0..<3 {
                let value = Int(pixels[3 * pixel + channel])
                inks.append(key == 0 ? 255 : UInt8((value * 255 + key / 2) / key))
            }
            inks.append(UInt8(key))
        }
        return inks
    }
}
