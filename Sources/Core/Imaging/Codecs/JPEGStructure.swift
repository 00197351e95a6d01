import Foundation

/// What the markers of a JPEG say before anything is decoded (ITU-T T.81, annex B).
struct JPEGStructure {
    /// Fields of the frame header (SOF).
    struct Header {
        let width: Int
        let height: Int
        let components: Int
        let precision: Int
        let isProgressive: Bool
        /// Of the SOFs: 0 baseline … 15; 3 and its like are lossless.
        let process: Int
        /// 1 for grey, 3 for all else (four inks become RGB).
        var channels: Int { components == 1 ? 1 : 3 }
    }

    private(set) var header: Header?
    /// Whether the marker EOI was reached; what lies behind it is not looked at.
    private(set) var isWhole = false
    private(set) var scans = 0
    private(set) var hasTooManyScans = false
    /// Of the first EXIF segment; upright without one.
    private(set) var orientation = Orientation.upright

    /// Walks the markers; stops at EOI, at the end of the bytes, or behind `maxScans`.
    init(_ bytes: Data, maxScans: Int) {
        let reader = ByteReader(bytes)
        var position = 2
        var hasOrientation = false
        while let (marker, body) = Self.nextMarker(reader, from: position) {
            position = body
            if marker == 0xD9 {
                isWhole = true
                return
            }
            // TEM, RSTn and SOI stand alone; all others carry their length.
            if marker == 0x01 || (0xD0...0xD8).contains(marker) { continue }
            guard let length = reader.bigEndian16(at: body), length >= 2 else { return }
            position = body + length
            switch marker {
            case 0xC0...0xCF where ![0xC4, 0xC8, 0xCC].contains(marker):
                if header == nil { header = Self.readHeader(reader, at: body, marker: marker) }
            case 0xDA:
                scans += 1
                if scans > maxScans {
                    hasTooManyScans = true
                    return
                }
            case 0xE1 where !hasOrientation && reader.hasBytes([0x45, 0x78, 0x69, 0x66, 0, 0], at: body + 2):
                orientation = Orientation(exif: reader, from: body + 8, to: body + length)
                hasOrientation = true
            default: break
            }
        }
    }

    /// The next marker and where its segment begins. A 0xFF before 0x00 is a byte of entropy-coded data, one before
    /// another 0xFF is a fill byte.
    private static func nextMarker(_ reader: ByteReader, from start: Int) -> (marker: UInt8, body: Int)? {
        var position = start
        while let found = reader.nextMarkerByte(from: position), let code = reader.byte(at: found + 1) {
            if code != 0x00 && code != 0xFF { return (code, found + 2) }
            position = code == 0xFF ? found + 1 : found + 2
        }
        return nil
    }

    private static func readHeader(_ reader: ByteReader, at body: Int, marker: UInt8) -> Header? {
        guard let precision = reader.byte(at: body + 2), let height = reader.bigEndian16(at: body + 3),
            let width = reader.bigEndian16(at: body + 5), let components = reader.byte(at: body + 7)
        else { return nil }
        return Header(
            width: width, height: height, components: Int(components), precision: Int(precision),
            isProgressive: marker & 0x03 == 2, process: Int(marker & 0x0F))
    }
}
