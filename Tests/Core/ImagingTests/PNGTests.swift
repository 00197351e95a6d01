import Foundation
import Testing

@testable import Imaging

@Suite struct PNGTests {
    /// What a stored sample of `depth` bits becomes in 8.
    private func eightBits(_ value: Int, depth: Int) -> Int {
        let top = Double((1 << depth) - 1)
        return Int((Double(value) * 255 / top).rounded())
    }

    private func palette(_ index: Int) -> [Int] { [index * 29 % 256, index * 71 % 256, index * 113 % 256] }

    @Test(arguments: pngGoldens.keys.filter { !$0.hasSuffix("transparent") }.sorted())
    func everyColourTypeAndDepth(name: String) throws {
        let parts = name.split(separator: ".")
        let colour = try #require(Int(parts[0]))
        let depth = try #require(Int(parts[1]))
        let image = try Image.decode(try #require(pngGoldens[name]))
        #expect(image.width == 11 && image.height == 9)
        #expect(image.channels == ([0, 4].contains(colour) ? 1 : 3))
        for y in 0..<9 {
            for x in 0..<11 {
                let stored = (0..<4).map { sample(x, y, $0, depth: depth) }
                let scaled = stored.map { eightBits($0, depth: depth) }
                func overBlack(_ value: Int, _ alpha: Int) -> Int { (value * alpha + 127) / 255 }
                let wanted: [Int] =
                    switch colour {
                    case 0: [scaled[0]]
                    case 2: Array(scaled[0..<3])
                    case 3: palette(stored[0])
                    case 4: [overBlack(scaled[0], scaled[1])]
                    default: (0..<3).map { overBlack(scaled[$0], scaled[3]) }
                    }
                let at = (y * 11 + x) * image.channels
                #expect(image.pixels[at..<at + image.channels].map(Int.init) == wanted, "pixel \(x), \(y)")
            }
        }
    }

    @Test func aTransparentColourBecomesBlack() throws {
        for (name, channels) in [("0.8.transparent", 1), ("2.8.transparent", 3)] {
            let image = try Image.decode(try #require(pngGoldens[name]))
            #expect(image.channels == channels)
            let whole = pattern(11, 9, channels: channels).pixels
            let hidden = (0..<channels).map { UInt8(sample(3, 2, $0)) }
            for pixel in 0..<99 {
                let range = pixel * channels..<(pixel + 1) * channels
                let wanted =
                    Array(whole[range]) == hidden ? [UInt8](repeating: 0, count: channels) : Array(whole[range])
                #expect(Array(image.pixels[range]) == wanted)
            }
        }
    }

    @Test func paletteAlphaIsCompositedOnBlack() throws {
        let image = try Image.decode(try #require(pngGoldens["3.4.transparent"]))
        for y in 0..<9 {
            for x in 0..<11 {
                let index = sample(x, y, 0, depth: 4)
                let alpha = index < 8 ? index * 20 : 255
                let wanted = palette(index).map { UInt8(($0 * alpha + 127) / 255) }
                #expect(Array(image.pixels[(y * 11 + x) * 3..<(y * 11 + x) * 3 + 3]) == wanted)
            }
        }
    }

    @Test(arguments: [1, 3], [0, 2, 9])
    func roundTripsExactly(channels: Int, level: Int) throws {
        for (width, height) in [(1, 1), (1, 70), (333, 2), (64, 48)] {
            let image = pattern(width, height, channels: channels)
            let file = try image.pngData(level: level)
            #expect(try Image.decode(file) == image)
            #expect(ImageFormat.endsWhole(file))
            #expect(try Image.decode(try image.png16Data()) == image)
        }
    }

    @Test func refusesALevelThatDoesNotExist() {
        #expect(throws: ImageError.notWritable(.png, what: "compression level 10, expected 0 to 9")) {
            try pattern(2, 2, channels: 1).pngData(level: 10)
        }
    }

    @Test func exifOrientationIsApplied() throws {
        let image = pattern(7, 4, channels: 3)
        var file = try image.pngData()
        let exif = Data(Orientation.turnedLeft.exifSegment.dropFirst(6))
        file.insert(contentsOf: pngChunk("eXIf", exif), at: 33)
        let turned = try Image.decode(file)
        #expect(turned == image.turned(upright: .turnedLeft))
        #expect(turned.width == 4 && turned.height == 7)
        #expect(try Image.size(of: file) == (4, 7))
    }

    @Test func aWrongChecksumIsDamage() throws {
        let file = try pattern(11, 9, channels: 3).pngData()
        // In the pixels, and in a chunk of text that has no bearing on them.
        var broken = file
        broken[file.count - 14] ^= 1
        #expect(throws: ImageError.self) { try Image.decode(broken) }
        var text = pngChunk("tEXt", Data("Comment\0hello".utf8))
        text[text.count - 1] ^= 1
        var noted = file
        noted.insert(contentsOf: text, at: 33)
        #expect(throws: ImageError.self) { try Image.decode(noted) }
    }

    @Test func aBombIsRefusedByItsHeader() throws {
        var header = Data([0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60, 8, 2, 0, 0, 0])
        let file =
            Data(PNGStructure.signature) + pngChunk("IHDR", header) + pngChunk("IDAT", Data(count: 600))
            + pngChunk("IEND", Data())
        #expect(throws: ImageError.tooManyPixels(width: 60000, height: 60000, limit: 50_000_000)) {
            try Image.decode(file)
        }
        // Within the pixel limit, but 600 bytes cannot unpack to 48 million pixels.
        header.replaceSubrange(0..<8, with: [0, 0, 0x1F, 0x40, 0, 0, 0x17, 0x70])
        let hollow =
            Data(PNGStructure.signature) + pngChunk("IHDR", header) + pngChunk("IDAT", Data(count: 600))
            + pngChunk("IEND", Data())
        #expect(throws: ImageError.damaged(.png, what: "600 compressed bytes cannot hold 8000 x 6000 pixels")) {
            try Image.decode(hollow)
        }
    }

    @Test func chunksAreCounted() throws {
        var file = try pattern(11, 9, channels: 3).pngData()
        for _ in 0..<50 { file.insert(contentsOf: pngChunk("tEXt", Data("a\0b".utf8)), at: 33) }
        var limits = DecodeLimits.standard
        limits.maxPNGChunks = 53
        #expect(throws: Never.self) { try Image.decode(file, limits: limits) }
        limits.maxPNGChunks = 52
        #expect(throws: ImageError.tooManyChunks(limit: 52)) { try Image.decode(file, limits: limits) }
    }
}

/// A PNG chunk with its CRC.
func pngChunk(_ name: String, _ body: Data) -> Data {
    func bigEndian(_ value: UInt32) -> Data { withUnsafeBytes(of: value.bigEndian) { Data($0) } }
    let checked = Data(name.utf8) + body
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in checked {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return bigEndian(UInt32(body.count)) + checked + bigEndian(~crc)
}
