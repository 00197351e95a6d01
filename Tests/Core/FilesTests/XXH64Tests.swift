import Files
import Testing

@Suite struct XXH64Tests {
    /// Of the reference implementation (xxhsum 0.8), seed 0.
    @Test(
        arguments: [
            ("", 0xEF46_DB37_51D8_E999), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
            ("Nobody inspects the spammish repetition", 0xFBCE_A83C_8A37_8BF1),
        ] as [(String, UInt64)])
    func publishedValues(text: String, expected: UInt64) {
        #expect(XXH64.checksum([UInt8](text.utf8).span.bytes) == expected)
    }

    @Test func everyBitAndTheLengthCount() {
        for count in 0...80 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: 7 * $0 + 3) }
            let sum = XXH64.checksum(bytes.span.bytes)
            #expect(XXH64.checksum((bytes + [0]).span.bytes) != sum)
            for bit in 0..<8 * count {
                var changed = bytes
                changed[bit / 8] ^= 1 << UInt8(bit % 8)
                #expect(XXH64.checksum(changed.span.bytes) != sum)
            }
        }
    }

    /// A slice of a larger array, at any alignment, has the checksum of its own bytes.
    @Test func slicesAtAnyAlignment() {
        let bytes = (0..<200).map { UInt8(truncatingIfNeeded: 31 * $0) }
        for start in 0..<9 {
            #expect(
                XXH64.checksum(bytes.span.bytes.extracting(start..<(start + 150)))
                    == XXH64.checksum(Array(bytes[start..<(start + 150)]).span.bytes))
        }
    }
}
