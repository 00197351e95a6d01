import Foundation

/// The file formats that are read, told by content: an extension is never believed.
package enum ImageFormat: String, Sendable, Codable, CaseIterable {
    case png, jpeg, bmp

    /// As people write it: "PNG".
    package var name: String { rawValue.uppercased() }

    /// The format by its first bytes, or nil for anything else, the empty file included.
    package static func sniff(_ bytes: Data) -> ImageFormat? {
        let head = Array(bytes.prefix(18))
        if head.starts(with: PNGStructure.signature) { return .png }
        if head.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
        // "BM" alone also begins many texts: the header size behind it must be one that exists.
        if head.count == 18, head.starts(with: [0x42, 0x4D]), BMPStructure.headerSizes.contains(head[14]),
            head[15] == 0, head[16] == 0, head[17] == 0
        {
            return .bmp
        }
        return nil
    }

    /// What a file is, in words that follow "found": "a TIFF image", "text", "an empty file".
    package static func describe(_ bytes: Data) -> String {
        if bytes.isEmpty { return "an empty file" }
        if let format = sniff(bytes) { return "a \(format.name) image" }
        let head = Array(bytes.prefix(512))
        for (offset, magic, name) in signatures
        where head.count >= offset + magic.count && head[offset..<offset + magic.count].elementsEqual(magic) {
            return name
        }
        if head.allSatisfy({ $0 == 0 }) { return "zeros" }
        if looksLikeText(head) {
            let text = String(decoding: head, as: UTF8.self).drop { $0.isWhitespace }.prefix(14).lowercased()
            if text.hasPrefix("<!doctype html") || text.hasPrefix("<html") { return "an HTML page" }
            if text.hasPrefix("<svg") { return "an SVG drawing" }
            if text.hasPrefix("<?xml") { return "an XML text" }
            return "text"
        }
        return "unknown binary data"
    }

    /// Whether the file has reached its own end, for telling a file that still grows: PNG up to IEND, JPEG up to EOI
    /// (what follows does not matter: cameras append previews), BMP up to its last pixel row. True for other formats,
    /// which have no end to look for; false for the beginning of a PNG, JPEG or BMP and for no bytes at all.
    package static func endsWhole(_ bytes: Data) -> Bool {
        if bytes.isEmpty { return false }
        switch sniff(bytes) {
        case .png: return PNGStructure(bytes, maxChunks: .max).isWhole
        case .jpeg: return JPEGStructure(bytes, maxScans: .max).isWhole
        case .bmp:
            if let structure = try? BMPStructure(bytes) { return bytes.count >= structure.pixelEnd }
            // No headers: cut, or impossible? The longest header with a palette ends before byte 2048.
            return bytes.count >= min(ByteReader(bytes).littleEndian32(at: 10) ?? .max, 2048)
        case nil:
            let head = Array(bytes.prefix(18))
            if head.count < 18, zip(head, [0x42, 0x4D]).allSatisfy(==) { return false }
            return !PNGStructure.signature.starts(with: head) && ![0xFF, 0xD8, 0xFF].starts(with: head)
        }
    }

    private static let signatures: [(offset: Int, magic: [UInt8], name: String)] = [
        (0, [0x49, 0x49, 0x2A, 0x00], "a TIFF image"), (0, [0x4D, 0x4D, 0x00, 0x2A], "a TIFF image"),
        (0, [0x49, 0x49, 0x2B, 0x00], "a BigTIFF image"), (0, [0x4D, 0x4D, 0x00, 0x2B], "a BigTIFF image"),
        (0, Array("GIF8".utf8), "a GIF image"), (8, Array("WEBP".utf8), "a WebP image"),
        (8, Array("WAVE".utf8), "a sound"), (8, Array("AVI ".utf8), "a video"),
        (4, Array("ftypheic".utf8), "a HEIC image"), (4, Array("ftypheix".utf8), "a HEIC image"),
        (4, Array("ftypmif1".utf8), "a HEIF image"), (4, Array("ftypavif".utf8), "an AVIF image"),
        (4, Array("ftyp".utf8), "a video"), (0, [0x1A, 0x45, 0xDF, 0xA3], "a video"),
        (0, [0, 0, 0, 0x0C, 0x6A, 0x50, 0x20, 0x20], "a JPEG 2000 image"),
        (0, [0xFF, 0x4F, 0xFF, 0x51], "a JPEG 2000 image"), (0, [0xFF, 0x0A], "a JPEG XL image"),
        (0, [0, 0, 0, 0x0C, 0x4A, 0x58, 0x4C, 0x20], "a JPEG XL image"), (0, Array("8BPS".utf8), "a Photoshop file"),
        (0, [0x00, 0x00, 0x01, 0x00], "an icon"), (0, Array("DDS ".utf8), "a DDS texture"),
        (0, [0x76, 0x2F, 0x31, 0x01], "an OpenEXR image"), (0, Array("%PDF".utf8), "a PDF"),
        (0, Array("%!PS".utf8), "a PostScript file"), (0, [0x50, 0x4B, 0x03, 0x04], "a ZIP archive"),
        (0, [0x50, 0x4B, 0x05, 0x06], "a ZIP archive"), (0, [0x1F, 0x8B], "a gzip file"),
        (0, Array("BZh".utf8), "a bzip2 file"), (0, [0xFD, 0x37, 0x7A, 0x58, 0x5A], "an xz file"),
        (0, [0x28, 0xB5, 0x2F, 0xFD], "a Zstandard file"), (0, [0x37, 0x7A, 0xBC, 0xAF], "a 7z archive"),
        (0, Array("Rar!".utf8), "a RAR archive"), (257, Array("ustar".utf8), "a tar archive"),
        (0, [0x7F, 0x45, 0x4C, 0x46], "an executable"), (0, Array("MZ".utf8), "an executable"),
        (0, [0xCF, 0xFA, 0xED, 0xFE], "an executable"), (0, Array("#!".utf8), "a script"),
        (0, Array("SQLite format 3".utf8), "an SQLite database"), (0, [0x93] + Array("NUMPY".utf8), "a NumPy array"),
        (0, [0x89, 0x48, 0x44, 0x46], "an HDF5 file"), (128, Array("DICM".utf8), "a DICOM image"),
        (0, [0xD0, 0xCF, 0x11, 0xE0], "an Office document"),
        (0, Array("P4\n".utf8), "a PBM image"), (0, Array("P5\n".utf8), "a PGM image"),
        (0, Array("P6\n".utf8), "a PPM image"),
    ]

    /// No control characters but white space, and valid UTF-8 up to a character cut by the end.
    private static func looksLikeText(_ head: [UInt8]) -> Bool {
        let isPlain = head.allSatisfy { $0 >= 0x20 && $0 != 0x7F || (0x09...0x0D).contains($0) }
        return isPlain && (0...3).contains { String(validating: head.dropLast($0), as: UTF8.self) != nil }
    }
}
