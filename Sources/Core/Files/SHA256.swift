import Foundation

/// SHA-256 (FIPS 180-4), fed piece by piece.
///
///     var hash = SHA256()
///     hash.update(bytes)
///     let hex = hash.finish()
package struct SHA256: Sendable {
    private var state: InlineArray<8, UInt32> = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]
    /// Bytes that do not fill a block of 64 yet.
    private var pending = Data()
    /// Bytes seen in all.
    private var count: UInt64 = 0

    package init() {}

    /// 64 lower-case hex digits for `bytes`.
    package static func hex(of bytes: Data) -> String {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finish()
    }

    /// 64 lower-case hex digits for the UTF-8 bytes of `text`.
    package static func hex(of text: String) -> String { hex(of: Data(text.utf8)) }

    /// 64 lower-case hex digits for the file at `path`, read in pieces of 1 MiB. Throws `FileError`.
    package static func hex(ofFile path: String) throws(FileError) -> String {
        let file = try Descriptor(path: path, flags: O_RDONLY)
        var hash = SHA256()
        while true {
            let piece = try file.read(1 << 20)
            if piece.isEmpty { return hash.finish() }
            hash.update(piece)
        }
    }

    /// Adds `bytes` to what is hashed.
    package mutating func update(_ bytes: Data) {
        count += UInt64(bytes.count)
        var rest = bytes
        if !pending.isEmpty {
            let missing = min(64 - pending.count, rest.count)
            pending.append(rest.prefix(missing))
            rest = rest.dropFirst(missing)
            guard pending.count == 64 else { return }
            compress(pending, blocks: 1)
            pending.removeAll(keepingCapacity: true)
        }
        let blocks = rest.count / 64
        if blocks > 0 { compress(rest, blocks: blocks) }
        pending.append(rest.dropFirst(blocks * 64))
    }

    /// The hash of everything seen, as 64 lower-case hex digits; the value may be fed no further.
    package mutating func finish() -> String {
        let bits = count * 8
        var tail = Data([0x80])
        let used = (pending.count + 1) % 64
        tail.append(Data(count: (used <= 56 ? 56 : 120) - used))
        for shift in stride(from: 56, through: 0, by: -8) { tail.append(UInt8(truncatingIfNeeded: bits >> shift)) }
        update(tail)
        var hex: [UInt8] = []
        hex.reserveCapacity(64)
        let digits = Array("0123456789abcdef".utf8)
        for index in state.indices {
            for shift in stride(from: 28, through: 0, by: -4) { hex.append(digits[Int(state[index] >> shift & 15)]) }
        }
        return String(decoding: hex, as: UTF8.self)
    }

    /// Mixes the first 64·`blocks` bytes into the state (FIPS 180-4, 6.2.2).
    private mutating func compress(_ bytes: Data, blocks: Int) {
        let span = bytes.bytes
        let constants = Self.roundConstants
        var w = InlineArray<64, UInt32>(repeating: 0)
        for block in 0..<blocks {
            for t in 0..<16 {
                let at = block * 64 + t * 4
                w[t] = span.unsafeLoadUnaligned(fromByteOffset: at, as: UInt32.self).bigEndian
            }
            for t in 16..<64 {
                let x = w[t - 15]
                let y = w[t - 2]
                let s0 = (x >> 7 | x << 25) ^ (x >> 18 | x << 14) ^ (x >> 3)
                let s1 = (y >> 17 | y << 15) ^ (y >> 19 | y << 13) ^ (y >> 10)
                w[t] = w[t - 16] &+ s0 &+ w[t - 7] &+ s1
            }
            var (a, b, c, d) = (state[0], state[1], state[2], state[3])
            var (e, f, g, h) = (state[4], state[5], state[6], state[7])
            // Eight rounds at a time: the letters change places instead of the values.
            var t = 0
            while t < 64 {
                Self.round(a, b, c, &d, e, f, g, &h, constants[t] &+ w[t])
                Self.round(h, a, b, &c, d, e, f, &g, constants[t + 1] &+ w[t + 1])
                Self.round(g, h, a, &b, c, d, e, &f, constants[t + 2] &+ w[t + 2])
                Self.round(f, g, h, &a, b, c, d, &e, constants[t + 3] &+ w[t + 3])
                Self.round(e, f, g, &h, a, b, c, &d, constants[t + 4] &+ w[t + 4])
                Self.round(d, e, f, &g, h, a, b, &c, constants[t + 5] &+ w[t + 5])
                Self.round(c, d, e, &f, g, h, a, &b, constants[t + 6] &+ w[t + 6])
                Self.round(b, c, d, &e, f, g, h, &a, constants[t + 7] &+ w[t + 7])
                t += 8
            }
            state[0] &+= a
            state[1] &+= b
            state[2] &+= c
            state[3] &+= d
            state[4] &+= e
            state[5] &+= f
            state[6] &+= g
            state[7] &+= h
        }
    }

    /// One round: d and h are the only letters that change.
    @inline(__always)
    private static func round(
        _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: inout UInt32, _ e: UInt32, _ f: UInt32, _ g: UInt32,
        _ h: inout UInt32, _ constantAndWord: UInt32
    ) {
        let s1 = (e >> 6 | e << 26) ^ (e >> 11 | e << 21) ^ (e >> 25 | e << 7)
        let choice = g ^ (e & (f ^ g))
        let first = h &+ s1 &+ choice &+ constantAndWord
        let s0 = (a >> 2 | a << 30) ^ (a >> 13 | a << 19) ^ (a >> 22 | a << 10)
        let majority = (a & b) | (c & (a | b))
        d &+= first
        h = first &+ s0 &+ majority
    }

    /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2).
    private static let roundConstants: InlineArray<64, UInt32> = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]
}
