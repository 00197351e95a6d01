import Foundation
import Testing

@testable import Imaging

/// Small files of every format that is read.
private func smallFiles() throws -> [(name: String, file: Data)] {
    var files: [(String, Data)] = []
    for name in ["0.1.plain", "2.8.adam7", "3.4.transparent", "6.16.plain", "6.8.adam7"] {
        files.append((name, try #require(pngGoldens[name])))
    }
    for name in ["grey", "half", "progressive", "cmyk", "restart"] {
        files.append((name, try #require(jpegGoldens[name])))
    }
    files.append(("turned", try #require(orientationGoldens["6"])))
    files.append(("bmp24", bitmap(of: pattern(7, 5, channels: 3), bits: 24)))
    let palette = (0..<256).map { [UInt8($0), 7, UInt8(255 - $0)] }
    files.append(("bmp8", bitmap(of: pattern(7, 5, channels: 1), bits: 8, palette: palette)))
    return files
}

@Suite struct HostileTests {
    /// A file cut at any length is an error: no cut may give a picture, least of all a half one.
    @Test func everyTruncationIsRefused() throws {
        for (name, file) in try smallFiles() {
            #expect(throws: Never.self, "\(name) whole") { try Image.decode(file) }
            #expect(ImageFormat.endsWhole(file), "\(name) whole")
            for length in 0..<file.count {
                // A slice that does not begin at index 0, as Data hands them out.
                let cut = (Data([1, 2, 3]) + file).dropFirst(3).prefix(length)
                #expect(throws: ImageError.self, "\(name) cut at \(length) of \(file.count)") { try Image.decode(cut) }
                #expect(!ImageFormat.endsWhole(cut), "\(name) cut at \(length) of \(file.count)")
            }
        }
    }

    /// Bits flipped at random, and stretches removed, repeated or overwritten: an error or a picture of the size that the
    /// header says, never a crash, never much time.
    @Test(arguments: 0..<8)
    func randomDamageNeverCrashes(round: Int) throws {
        var random = SystemIndependentRandom(state: UInt64(round) &+ 0x9E37_79B9)
        let files = try smallFiles()
        var limits = DecodeLimits.standard
        limits.maxPixels = 4_000_000
        var refused = 0
        var decoded = 0
        for _ in 0..<1500 {
            var file = files[random.below(files.count)].file
            for _ in 0...random.below(4) {
                let at = random.below(file.count)
                switch random.below(5) {
                case 0: file[at] = UInt8(random.below(256))
                case 1: file.removeSubrange(at..<min(file.count, at + 1 + random.below(20)))
                case 2: file.insert(contentsOf: file[at..<min(file.count, at + 30)], at: random.below(file.count))
                default: file[at] ^= 1 << UInt8(random.below(8))
                }
                if file.isEmpty { file = Data([0]) }
            }
            _ = ImageFormat.endsWhole(file)
            _ = ImageFormat.describe(file)
            do throws(ImageError) {
                let image = try Image.decode(file, limits: limits)
                let size = try Image.size(of: file, limits: limits)
                #expect(image.width == size.width && image.height == size.height)
                decoded += 1
            } catch {
                #expect(!error.description.isEmpty)
                refused += 1
            }
        }
        // Both ways must have been taken, or the damage tests nothing.
        #expect(refused > 300 && decoded > 20, "refused \(refused), decoded \(decoded)")
    }

    @Test func aPNGWithAFlippedBitNeverDecodes() throws {
        // Every byte behind the signature is covered by a CRC or is the length that places it.
        let file = try #require(pngGoldens["2.8.plain"])
        for index in 8..<file.count {
            var broken = file
            broken[index] ^= 0x10
            #expect(throws: ImageError.self, "byte \(index)") { try Image.decode(broken) }
        }
    }

    @Test func bytesAreLimited() throws {
        let file = try pattern(30, 30, channels: 3).pngData()
        var limits = DecodeLimits.standard
        limits.maxBytes = file.count - 1
        #expect(throws: ImageError.tooManyBytes(found: file.count, limit: file.count - 1)) {
            try Image.decode(file, limits: limits)
        }
    }

    /// Small files of 49 million declared pixels. The words are those of the checks that come before memory is taken; the
    /// process's own peak says nothing here, since other tests run beside this one.
    @Test func hollowFilesAreRefusedBeforeMemoryIsTaken() throws {
        var jpeg = try smoothPicture(16, 16, channels: 3).jpegData(JPEGOptions(isProgressive: true))
        let frame = try #require(jpeg.range(of: Data([0xFF, 0xC2])))
        jpeg.replaceSubrange(frame.upperBound + 3..<frame.upperBound + 7, with: [0x1B, 0x58, 0x1B, 0x58])
        #expect(throws: ImageError.damaged(.jpeg, what: "\(jpeg.count) bytes cannot hold 7000 x 7000 pixels")) {
            try Image.decode(jpeg)
        }
        var bmp = bitmap(of: pattern(7, 5, channels: 3), bits: 24)
        bmp.replaceSubrange(18..<26, with: [0x58, 0x1B, 0, 0, 0x58, 0x1B, 0, 0])
        #expect(throws: ImageError.damaged(.bmp, what: "\(bmp.count) bytes, expected 147000054")) {
            try Image.decode(bmp)
        }
    }
}

/// SplitMix64: the same damage on every machine.
struct SystemIndependentRandom {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(bound))
    }
}
