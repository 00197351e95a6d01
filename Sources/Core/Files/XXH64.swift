/// XXH64 with seed 0 (https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md): tells damaged bytes from whole ones at
/// about the speed of memory. It is no proof against intent: where somebody could want two files to look alike, use
/// `SHA256`.
package enum XXH64 {
    private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
    private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

    /// The checksum of `bytes`.
    package static func checksum(_ bytes: RawSpan) -> UInt64 {
        let count = bytes.byteCount
        var at = 0
        var sum: UInt64
        if count >= 32 {
            var (a, b, c, d) = (prime1 &+ prime2, prime2, UInt64(0), 0 &- prime1)
            while at + 32 <= count {
                a = mixed(a, word(bytes, at))
                b = mixed(b, word(bytes, at + 8))
                c = mixed(c, word(bytes, at + 16))
                d = mixed(d, word(bytes, at + 24))
                at += 32
            }
            sum = turned(a, 1) &+ turned(b, 7) &+ turned(c, 12) &+ turned(d, 18)
            for lane in [a, b, c, d] { sum = (sum ^ mixed(0, lane)) &* prime1 &+ prime4 }
        } else {
            sum = prime5
        }
        sum = sum &+ UInt64(count)
        while at + 8 <= count {
            sum = turned(sum ^ mixed(0, word(bytes, at)), 27) &* prime1 &+ prime4
            at += 8
        }
        if at + 4 <= count {
            let half = UInt64(bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt32.self).littleEndian)
            sum = turned(sum ^ half &* prime1, 23) &* prime2 &+ prime3
            at += 4
        }
        while at < count {
            let byte = UInt64(bytes.unsafeLoad(fromByteOffset: at, as: UInt8.self))
            sum = turned(sum ^ byte &* prime5, 11) &* prime1
            at += 1
        }
        sum = (sum ^ sum >> 33) &* prime2
        sum = (sum ^ sum >> 29) &* prime3
        return sum ^ sum >> 32
    }

    @inline(__always)
    private static func mixed(_ lane: UInt64, _ word: UInt64) -> UInt64 { turned(lane &+ word &* prime2, 31) &* prime1 }

    @inline(__always)
    private static func turned(_ value: UInt64, _ bits: UInt64) -> UInt64 { value << bits | value >> (64 - bits) }

    /// Every call reads below `byteCount`.
    @inline(__always)
    private static func word(_ bytes: RawSpan, _ at: Int) -> UInt64 {
        bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self).littleEndian
    }
}
