import Foundation
import Testing

@testable import Imaging

@Suite struct BMPTests {
    @Test(arguments: [true, false], [24, 32])
    func fullColours(isTopDown: Bool, bits: Int) throws {
        let image = pattern(7, 5, channels: 3)
        #expect(try Image.decode(bitmap(of: image, bits: bits, isTopDown: isTopDown)) == image)
    }

    @Test func eightBitsWithAGreyPaletteAreGrey() throws {
        let image = pattern(7, 5, channels: 1)
        let palette = (0..<256).map { [UInt8($0), UInt8($0), UInt8($0)] }
        #expect(try Image.decode(bitmap(of: image, bits: 8, palette: palette)) == image)
    }

    @Test func paletteColours() throws {
        let palette: [[UInt8]] = [[10, 20, 30], [200, 100, 0], [0, 0, 255]]
        let indices = Image(width: 5, height: 2, channels: 1, pixels: [0, 1, 2, 1, 0, 2, 2, 1, 0, 0])
        let image = try Image.decode(bitmap(of: indices, bits: 8, palette: palette))
        #expect(image.pixels == indices.pixels.flatMap { palette[Int($0)] })
        let beyond = Image(width: 1, height: 1, channels: 1, pixels: [3])
        #expect(throws: ImageError.damaged(.bmp, what: "a pixel names a colour beyond the palette of 3")) {
            try Image.decode(bitmap(of: beyond, bits: 8, palette: palette))
        }
    }

    @Test func compressionAndSixteenBitsAreNamed() {
        var file = bitmap(of: pattern(7, 5, channels: 3), bits: 24)
        file[30] = 1
        #expect(throws: ImageError.unsupported(.bmp, what: "compression 1 at 24 bits, expected none")) {
            try Image.decode(file)
        }
        file[30] = 0
        file[28] = 16
        #expect(throws: ImageError.unsupported(.bmp, what: "16 bits per pixel, expected 1, 4, 8, 24 or 32")) {
            try Image.decode(file)
        }
    }

    @Test func hugeSizesAreRefused() {
        var file = bitmap(of: pattern(7, 5, channels: 3), bits: 24)
        file.replaceSubrange(18..<26, with: [0xFF, 0xFF, 0xFF, 0x7F, 0, 0, 0, 0x80])
        #expect(throws: ImageError.self) { try Image.decode(file) }
        #expect(ImageFormat.endsWhole(file))
        file.replaceSubrange(18..<26, with: [0x60, 0xEA, 0, 0, 0x60, 0xEA, 0, 0])
        #expect(throws: ImageError.tooManyPixels(width: 60000, height: 60000, limit: 50_000_000)) {
            try Image.decode(file)
        }
    }
}

/// A BMP file with a BITMAPINFOHEADER; with a palette the picture's values are indices.
func bitmap(of image: Image, bits: Int, isTopDown: Bool = false, palette: [[UInt8]] = []) -> Data {
    func little32(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    let stride = (image.width * bits + 31) / 32 * 4
    let start = 54 + palette.count * 4
    var file = Data([0x42, 0x4D] + little32(start + stride * image.height) + little32(0) + little32(start))
    file += little32(40) + little32(image.width) + little32(isTopDown ? -image.height : image.height)
    file += [1, 0, UInt8(bits), 0] + little32(0) + little32(0) + little32(2835) + little32(2835)
    file += little32(palette.count) + little32(0)
    for colour in palette { file += [colour[2], colour[1], colour[0], 0] }
    for row in 0..<image.height {
        let y = isTopDown ? row : image.height - 1 - row
        var line: [UInt8] = []
        for x in 0..<image.width {
            let at = (y * image.width + x) * image.channels
            if image.channels == 1 {
                line.append(image.pixels[at])
            } else {
                line += [image.pixels[at + 2], image.pixels[at + 1], image.pixels[at]] + (bits == 32 ? [99] : [])
            }
        }
        file += line + [UInt8](repeating: 0, count: stride - line.count)
    }
    return file
}
