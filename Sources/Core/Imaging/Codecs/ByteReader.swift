import Foundation

/// Reads numbers out of a file at any place; nil beyond the end.
struct ByteReader {
    private let bytes: Data
    private let start: Int
    let count: Int

    init(_ bytes: Data) {
        self.bytes = bytes
        start = bytes.startIndex
        count = bytes.count
    }

    func byte(at offset: Int) -> UInt8? {
        offset >= 0 && offset < count ? bytes[start + offset] : nil
    }

    func bigEndian16(at offset: Int) -> Int? {
        guard let high = byte(at: offset), let low = byte(at: offset + 1) else { return nil }
        return Int(high) << 8 | Int(low)
    }

    func bigEndian32(at offset: Int) -> Int? {
        guard let high = bigEndian16(at: offset), let low = bigEndian16(at: offset + 2) else { return nil }
        return high << 16 | low
    }

    func littleEndian16(at offset: Int) -> Int? { bigEndian16(at: offset).map { ($0 & 0xFF) << 8 | $0 >> 8 } }

    func littleEndian32(at offset: Int) -> Int? {
        guard let low = littleEndian16(at: offset), let high = littleEndian16(at: offset + 2) else { return nil }
        return high << 16 | low
    }

    /// Two's complement.
    func signedLittleEndian32(at offset: Int) -> Int? {
        littleEndian32(at: offset).map { Int(Int32(truncatingIfNeeded: $0)) }
    }

    func hasBytes(_ expected: [UInt8], at offset: Int) -> Bool {
        offset >= 0 && offset + expected.count <= count
            && bytes[(start + offset)..<(start + offset + expected.count)].elementsEqual(expected)
    }

    /// Where the next 0xFF lies, from `offset` on.
    func nextMarkerByte(from offset: Int) -> Int? {
        guard offset >= 0, offset < count else { return nil }
        return bytes.withUnsafeBytes { raw in
            guard let base = raw.baseAddress, let found = memchr(base + offset, 0xFF, count - offset) else {
                return nil
            }
            return UnsafeRawPointer(found) - base
        }
    }
}
