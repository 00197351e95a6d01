import CImageCodecs
import Foundation

extension Image {
    /// Decodes a PNG, JPEG or BMP, told by content, into an upright picture of 8 bits: grey files stay at 1 channel,
    /// all others become RGB.
    ///
    /// - PNG: every colour type and depth, interlaced or not. 16 bits are reduced as `Image` says. Transparency is
    ///   composited on black: a camera writes no alpha, so where one occurs the part was cut out, and "nothing there"
    ///   must be one defined colour instead of whatever colour lies hidden under alpha 0. gAMA and profiles are ignored:
    ///   the model sees stored values.
    /// - JPEG: baseline and progressive, grey, YCbCr, RGB, CMYK and YCCK. Inks become R = (255 - C)(255 - K) / 255.
    /// - BMP: 1, 4, 8, 24 and 32 bits without compression; a grey palette gives 1 channel.
    /// - EXIF orientation of JPEG and PNG is applied.
    ///
    /// Size, chunks, scans and whether so few bytes can hold so many pixels are checked before memory is taken.
    package static func decode(_ bytes: Data, limits: DecodeLimits = .standard) throws(ImageError) -> Image {
        let declared = try declaration(of: bytes, limits: limits)
        switch declared.kind {
        case .png(let structure):
            guard structure.isWhole else { throw .damaged(.png, what: "it ends before the chunk IEND") }
            // Deflate packs at most 1032 : 1 (zlib, "Technical details"); interlacing adds only filter bytes.
            let rows = declared.storedHeight * (declared.storedWidth * declared.bitsPerPixel / 8)
            guard rows / 1032 <= structure.compressedBytes else {
                throw .damaged(
                    .png,
                    what:
                        "\(structure.compressedBytes) compressed bytes cannot hold \(declared.width) x \(declared.height) pixels"
                )
            }
            return try decodePNG(bytes, declared, limits: limits).turned(upright: structure.orientation)
        case .jpeg(let structure):
            guard structure.isWhole else { throw .damaged(.jpeg, what: "it ends before the end-of-image marker") }
            // Each 8 x 8 block costs at least a bit; 64 times that leaves room for any subsampling.
            guard declared.storedWidth * declared.storedHeight / 32_768 <= bytes.count else {
                throw .damaged(
                    .jpeg, what: "\(bytes.count) bytes cannot hold \(declared.width) x \(declared.height) pixels")
            }
            return try decodeJPEG(bytes, declared, limits: limits).turned(upright: structure.orientation)
        case .bmp(let structure):
            return try structure.decode(bytes)
        }
    }

    /// Width and height of the upright picture, from headers alone; the limits of the standard apply.
    package static func size(of bytes: Data, limits: DecodeLimits = .standard) throws(ImageError) -> (
        width: Int, height: Int
    ) {
        let declared = try declaration(of: bytes, limits: limits)
        return (declared.width, declared.height)
    }

    /// What a file's header says, within the limits.
    private struct Declaration {
        enum Kind {
            case png(PNGStructure)
            case jpeg(JPEGStructure)
            case bmp(BMPStructure)
        }
        let kind: Kind
        let storedWidth: Int
        let storedHeight: Int
        let channels: Int
        /// As stored in a PNG.
        var bitsPerPixel = 0
        var orientation = Orientation.upright
        var width: Int { orientation.swapsSides ? storedHeight : storedWidth }
        var height: Int { orientation.swapsSides ? storedWidth : storedHeight }
    }

    private static func declaration(of bytes: Data, limits: DecodeLimits) throws(ImageError) -> Declaration {
        guard bytes.count <= limits.maxBytes else {
            throw .tooManyBytes(found: bytes.count, limit: limits.maxBytes)
        }
        guard let format = ImageFormat.sniff(bytes) else {
            throw .unknownFormat(found: ImageFormat.describe(bytes))
        }
        let declaration: Declaration
        switch format {
        case .png:
            let structure = PNGStructure(bytes, maxChunks: limits.maxPNGChunks)
            if structure.hasTooManyChunks { throw .tooManyChunks(limit: limits.maxPNGChunks) }
            guard let header = structure.header else {
                throw .damaged(.png, what: "its first chunk is no sound IHDR")
            }
            declaration = Declaration(
                kind: .png(structure), storedWidth: header.width, storedHeight: header.height,
                channels: header.channels, bitsPerPixel: header.bitsPerPixel, orientation: structure.orientation)
        case .jpeg:
            let structure = JPEGStructure(bytes, maxScans: limits.maxJPEGScans)
            if structure.hasTooManyScans { throw .tooManyScans(limit: limits.maxJPEGScans) }
            guard let header = structure.header else { throw .damaged(.jpeg, what: "it has no frame header") }
            try header.check()
            declaration = Declaration(
                kind: .jpeg(structure), storedWidth: header.width, storedHeight: header.height,
                channels: header.channels, orientation: structure.orientation)
        case .bmp:
            let structure = try BMPStructure(bytes)
            declaration = Declaration(
                kind: .bmp(structure), storedWidth: structure.width, storedHeight: structure.height,
                channels: structure.channels)
        }
        let (pixels, overflow) = declaration.width.multipliedReportingOverflow(by: declaration.height)
        guard !overflow, pixels <= min(limits.maxPixels, 1 << 40) else {
            throw .tooManyPixels(width: declaration.width, height: declaration.height, limit: limits.maxPixels)
        }
        return declaration
    }

    private static func decodePNG(_ bytes: Data, _ declared: Declaration, limits: DecodeLimits) throws(ImageError)
        -> Image
    {
        try run(.png, declared, limits) { out, text in
            bytes.withUnsafeBytes { raw in
                codec_png_decode(
                    raw.bindMemory(to: UInt8.self).baseAddress, raw.count, UInt32(declared.storedWidth),
                    UInt32(declared.storedHeight), Int32(declared.channels), out, text, Int(CODEC_TEXT_BYTES))
            }
        }
    }

    private static func decodeJPEG(_ bytes: Data, _ declared: Declaration, limits: DecodeLimits) throws(ImageError)
        -> Image
    {
        try run(.jpeg, declared, limits) { out, text in
            bytes.withUnsafeBytes { raw in
                codec_jpeg_decode(
                    raw.bindMemory(to: UInt8.self).baseAddress, raw.count, UInt32(declared.storedWidth),
                    UInt32(declared.storedHeight), Int32(declared.channels),
                    Int32(clamping: limits.maxJPEGScans), out, text, Int(CODEC_TEXT_BYTES))
            }
        }
    }

    /// Lends a decoder the memory it fills, and turns its code into an error.
    private static func run(
        _ format: ImageFormat, _ declared: Declaration, _ limits: DecodeLimits,
        _ decode: (UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<CChar>?) -> codec_code
    ) throws(ImageError) -> Image {
        let count = declared.storedWidth * declared.storedHeight * declared.channels
        var message = [CChar](repeating: 0, count: Int(CODEC_TEXT_BYTES))
        var code = CODEC_OK
        let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialised in
            // An array must not hand out memory that nobody wrote, also when the decoder gives up half way.
            buffer.initialize(repeating: 0)
            initialised = count
            code = message.withUnsafeMutableBufferPointer { decode(buffer.baseAddress, $0.baseAddress) }
        }
        if code != CODEC_OK { throw ImageError(code, format, message, limits) }
        return Image(
            width: declared.storedWidth, height: declared.storedHeight, channels: declared.channels, pixels: pixels)
    }
}

extension ImageError {
    /// What a codec's return code and text mean.
    init(_ code: codec_code, _ format: ImageFormat, _ message: [CChar], _ limits: DecodeLimits) {
        let what = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self =
            switch code {
            case CODEC_UNSUPPORTED: .unsupported(format, what: what)
            case CODEC_TOO_MANY_SCANS: .tooManyScans(limit: limits.maxJPEGScans)
            case CODEC_NO_MEMORY: .outOfMemory(format)
            default: .damaged(format, what: what)
            }
    }
}

extension JPEGStructure.Header {
    /// Refuses what no decoder here reads, with words that libjpeg's own messages lack.
    fileprivate func check() throws(ImageError) {
        guard width > 0 else { throw .damaged(.jpeg, what: "its header says width 0") }
        guard height > 0 else { throw .unsupported(.jpeg, what: "its height is given behind the picture (DNL)") }
        guard precision == 8 else { throw .unsupported(.jpeg, what: "\(precision) bits per sample, expected 8") }
        guard [1, 3, 4].contains(components) else {
            throw .unsupported(.jpeg, what: "\(components) components, expected 1, 3 or 4")
        }
        guard [0, 1, 2, 9, 10].contains(process) else {
            throw .unsupported(.jpeg, what: "coding process \(process), expected baseline or progressive")
        }
    }
}
