import Files
import Foundation
import TestFolders
import Testing

/// Vectors of FIPS 180-4 and NIST's examples; the lengths around a block were hashed with coreutils' sha256sum.
@Suite struct SHA256Tests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
    ])
    func publishedVectors(text: String, expected: String) {
        #expect(SHA256.hex(of: text) == expected)
    }

    @Test func aMillionLettersA() {
        let expected = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        #expect(SHA256.hex(of: Data(repeating: 0x61, count: 1_000_000)) == expected)
    }

    @Test func piecesOfAnySizeGiveTheSameHash() {
        let bytes = Data((0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 3) })
        let whole = SHA256.hex(of: bytes)
        for size in [1, 3, 55, 56, 63, 64, 65, 127, 128, 129, 999] {
            var hash = SHA256()
            var rest = bytes[...]
            while !rest.isEmpty {
                hash.update(rest.prefix(size))
                rest = rest.dropFirst(size)
            }
            #expect(hash.finish() == whole, "pieces of \(size)")
        }
    }

    @Test(arguments: [
        (55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"),
        (56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"),
        (63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"),
        (64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
    ])
    func lengthsAroundABlock(count: Int, expected: String) {
        #expect(SHA256.hex(of: Data(repeating: 0x61, count: count)) == expected)
    }

    @Test func aFileIsHashedInPieces() throws {
        let folder = try TemporaryFolder()
        let bytes = Data((0..<3_000_001).map { UInt8(truncatingIfNeeded: $0 >> 5) })
        try bytes.write(to: URL(fileURLWithPath: folder.path + "/big"))
        #expect(try SHA256.hex(ofFile: folder.path + "/big") == SHA256.hex(of: bytes))
    }
}
