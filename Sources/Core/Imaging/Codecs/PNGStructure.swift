import Foundation

/// What the chunks of a PNG say before anything is decompressed (PNG specification, third edition, sections 5 and 11).
struct PNGStructure {
    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// Fields of IHDR; nil when the file does not begin with a sound one.
    struct Header {
        let width: Int
        let height: Int
        let bitDepth: Int
        let colourType: Int
        /// 1 for grey with or without alpha, else 3.
        var channels: Int { colourType & 2 == 0 ? 1 : 3 }
        /// Bits of one pixel as stored.
        var bitsPerPixel: Int { bitDepth * [1, 0, 3, 1, 2, 0, 4][colourType] }
    }

    private(set) var header: Header?
    /// Whether IEND with its CRC lies inside the file.
    private(set) var isWhole = false
    private(set) var hasTooManyChunks = false
    /// Bytes of compressed pixels, all IDAT chunks together.
    private(set) var compressedBytes = 0
    /// Of an eXIf chunk before IEND; 1 (upright) without one.
    private(set) var orientation = Orientation.upright

    /// Walks the chunks; stops at IEND, at the end of the bytes, or behind `maxChunks`.
    init(_ bytes: Data, maxChunks: Int) {
        let reader = ByteReader(bytes)
        var position = 8
        var chunks = 0
        while let length = reader.bigEndian32(at: position), let name = reader.bigEndian32(at: position + 4) {
            chunks += 1
            if chunks > maxChunks {
                hasTooManyChunks = true
                return
            }
            let body = position + 8
            guard length <= 0x7FFF_FFFF else { return }
            switch name {
            case 0x4948_4452 where chunks == 1:  // IHDR
                header = Self.readHeader(reader, at: body, length: length)
            case 0x4944_4154:  // IDAT
                compressedBytes += length
            case 0x6558_4966:  // eXIf
                orientation = Orientation(exif: reader, from: body, to: body + length)
            case 0x4945_4E44:  // IEND
                isWhole = body + length + 4 <= reader.count
                return
            default: break
            }
            position = body + length + 4
        }
    }

    private static func readHeader(_ reader: ByteReader, at body: Int, length: Int) -> Header? {
        guard length == 13, let width = reader.bigEndian32(at: body), let height = reader.bigEndian32(at: body + 4),
            let depth = reader.byte(at: body + 8), let colour = reader.byte(at: body + 9), width > 0, height > 0
        else { return nil }
        let depths: [UInt8: Set<UInt8>] = [
            0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16],
        ]
        guard let allowed = depths[colour], allowed.contains(depth), width <= 0x7FFF_FFFF, height <= 0x7FFF_FFFF
        else { return nil }
        return Header(width: width, height: height, bitDepth: Int(depth), colourType: Int(colour))
    }
}
