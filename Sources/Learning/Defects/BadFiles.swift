import Foundation

/// The files of a drop that are not plain pictures; the raw value stands in the truth table.
package enum DropOddity: String, Sendable, CaseIterable {
    /// No bytes at all.
    case empty
    case truncatedPNG = "truncated-png"
    case truncatedJPEG = "truncated-jpeg"
    /// Words under the name of a picture.
    case textAsPNG = "text-as-png"
    /// A sound JPEG under the name of a PNG.
    case wrongExtension = "wrong-extension"
    /// The bytes of another file again.
    case duplicate
    /// A sound PNG of 16 bits per sample.
    case sixteenBit = "16-bit"
    /// A sound JPEG of four inks.
    case cmyk
    /// A sound JPEG that EXIF says to turn.
    case rotated = "exif-rotated"
    /// A symbolic link to a file outside the drop.
    case symbolicLink = "symbolic-link"
    /// A PNG that declares 50,000 × 50,000 pixels in a few bytes.
    case bomb = "decompression-bomb"
    /// Half a PNG with a time of now.
    case growing

    /// Whether the file shows a part that deserves a verdict.
    package var isSound: Bool {
        switch self {
        case .wrongExtension, .duplicate, .sixteenBit, .cmyk, .rotated: true
        default: false
        }
    }
}

/// Bytes that no encoder would write.
enum BadBytes {
    /// A PNG whose header and checksums are right, with a declared size of `side` × `side` RGB pixels and a payload of
    /// a hundred bytes.
    static func bomb(side: Int) -> Data {
        func big(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
        func chunk(_ type: String, _ body: [UInt8]) -> [UInt8] {
            let content = Array(type.utf8) + body
            return big(UInt32(body.count)) + content + big(checksum(content))
        }
        let payload = [UInt8](repeating: 0, count: 100)
        let count = UInt16(payload.count)
        // zlib header, one stored block, Adler-32 of 100 zero bytes: a = 1, b = 100.
        let stored: [UInt8] = [
            0x78, 0x01, 0x01, UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8(~count >> 8),
        ]
        let header = big(UInt32(side)) + big(UInt32(side)) + [8, 2, 0, 0, 0]
        return Data(
            [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header)
                + chunk("IDAT", stored + payload + big(100 << 16 | 1)) + chunk("IEND", []))
    }

    /// CRC-32 as PNG defines it (ISO 3309, polynomial EDB88320).
    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~crc
    }
}
