import Foundation
import Testing

@testable import Imaging

@Suite struct DrawingTests {
    private func count(_ image: Image, _ colour: Colour) -> Int {
        let samples = colour.samples(channels: image.channels)
        return stride(from: 0, to: image.pixels.count, by: image.channels).count { at in
            Array(image.pixels[at..<at + image.channels]) == samples
        }
    }

    private let canvas = Image(width: 40, height: 30, colour: [0, 0, 0])

    @Test("A picture of one colour has it in every pixel", arguments: [[7], [9, 9, 9], [1, 2, 3], [0, 0, 255]])
    func oneColour(colour: [UInt8]) {
        let image = Image(width: 5, height: 3, colour: colour)
        #expect(image.channels == colour.count && image.pixels == (0..<15).flatMap { _ in colour })
    }

    @Test func everyGlyphIsDistinctAndDrawn() {
        var seen: [[UInt8]: Unicode.Scalar] = [:]
        for value in 32...126 {
            let scalar = Unicode.Scalar(UInt8(value))
            let glyph = Array(Font.glyph(of: scalar))
            #expect(glyph.count == 16)
            #expect((glyph.allSatisfy { $0 == 0 }) == (value == 32), "\(scalar)")
            #expect(seen[glyph] == nil, "\(scalar) looks like \(seen[glyph] ?? " ")")
            // Lines and cells must not touch: the first and last rows stay free.
            #expect(glyph[0] == 0 && glyph[1] == 0 && glyph[14] == 0 && glyph[15] == 0)
            seen[glyph] = scalar
        }
        #expect(Array(Font.glyph(of: "é")) == Array(Font.glyph(of: "?")))
    }

    @Test func textTakesTheRoomItSays() {
        #expect(Font.size(of: "abc\nde", scale: 2) == (48, 64))
        var image = Image(width: 60, height: 70, colour: [0, 0, 0])
        image.drawText("abc\nde", x: 5, y: 3, colour: .white, scale: 2)
        var small = Image(width: 60, height: 70, colour: [0, 0, 0])
        small.drawText("abc\nde", x: 5, y: 3, colour: .white)
        #expect(count(small, .white) > 50)
        #expect(count(image, .white) == 4 * count(small, .white))
        var cleared = image
        cleared.fill(x: 5, y: 3, width: 48, height: 64, colour: .black)
        #expect(count(cleared, .white) == 0)
    }

    @Test func boxesAndRectangles() {
        var image = canvas
        image.drawBox(x: 10, y: 5, width: 8, height: 6, colour: .red)
        #expect(count(image, .red) == 2 * 8 + 2 * 4)
        image = canvas
        image.drawBox(x: 10, y: 5, width: 8, height: 6, colour: .red, thickness: 2)
        #expect(count(image, .red) == 48 - 4 * 2)
        image = canvas
        image.fill(x: -5, y: 25, width: 10, height: 100, colour: .green)
        #expect(count(image, .green) == 25)
    }

    @Test func linesReachBothEnds() {
        for end in [(39, 29), (0, 29), (39, 0), (20, 3), (0, 0)] {
            var image = canvas
            image.drawLine(from: (12, 11), to: end, colour: .white)
            #expect(count(image, .white) == max(abs(end.0 - 12), abs(end.1 - 11)) + 1)
            #expect(image.pixels[(end.1 * 40 + end.0) * 3] == 255 && image.pixels[(11 * 40 + 12) * 3] == 255)
        }
    }

    @Test func anOutlineIsTheMasksEdge() {
        var mask = Image(width: 40, height: 30, colour: [0])
        mask.fill(x: 10, y: 10, width: 7, height: 5, colour: .white)
        mask.fill(x: 35, y: 25, width: 10, height: 10, colour: .white)
        var image = canvas
        image.drawOutline(of: mask, colour: .red)
        #expect(count(image, .red) == (35 - 15) + (25 - 9))
    }

    @Test func nothingOutsideTraps() {
        var image = canvas
        image.drawText("far away", x: -1000, y: 1000, colour: .white, scale: 3)
        image.drawBox(x: .max, y: .min, width: .max, height: 5, colour: .white)
        image.drawLine(from: (-50, -50), to: (-10, 400), colour: .white)
        image.drawLine(from: (.min, 0), to: (.max, 0), colour: .white)
        image.draw(pattern(5, 5, channels: 3), x: 40, y: 0)
        #expect(image == canvas)
    }

    @Test func picturesAreLaidOver() {
        var image = canvas
        let tile = Image(width: 5, height: 4, colour: [200])
        image.draw(tile, x: -2, y: 28)
        #expect(image.pixels.count { $0 == 200 } == 3 * 2 * 3)
        #expect(
            Array(image.pixels[28 * 40 * 3..<28 * 40 * 3 + 12]) == [
                200, 200, 200, 200, 200, 200, 200, 200, 200, 0, 0, 0,
            ])
    }

    @Test func colourMapsMeetTheirPoints() {
        #expect(ColourMap.inferno.colour(at: 0) == Colour(hex: 0x000004))
        #expect(ColourMap.inferno.colour(at: 0.5) == Colour(hex: 0xBC3754))
        #expect(ColourMap.inferno.colour(at: 7) == Colour(hex: 0xFCFFA4))
        #expect(ColourMap.heat.colour(at: .nan) == Colour(hex: 0xFFFFCC))
        #expect(ColourMap.heat.colour(at: 1) == Colour(hex: 0x800026))
        // Lightness never turns back: what is higher is brighter in one map, darker in the other.
        for (map, rises) in [(ColourMap.inferno, true), (.heat, false)] {
            let luma = (0...100).map { Int(map.colour(at: Float($0) / 100).samples(channels: 1)[0]) }
            #expect(zip(luma, luma.dropFirst()).allSatisfy { rises ? $1 >= $0 - 1 : $1 <= $0 + 1 })
        }
        let picture = ColourMap.inferno.picture(of: [-1, 0, 5, 10, .nan, 99], width: 3, height: 2, range: 0...10)
        #expect(Array(picture.pixels[0..<6]) == [0, 0, 4, 0, 0, 4])
        #expect(Array(picture.pixels[9..<18]) == [252, 255, 164, 0, 0, 4, 252, 255, 164])
    }

    @Test func blending() {
        let black = Image(width: 2, height: 1, colour: [0])
        let white = Image(width: 2, height: 1, colour: [255, 255, 255])
        #expect(black.blended(with: white, alpha: 0) == black.rgb())
        #expect(black.blended(with: white, alpha: 1) == white)
        #expect(black.blended(with: white, alpha: 0.5).pixels.allSatisfy { $0 == 128 })
        #expect(black.blended(with: white, alphas: [1, .nan]).pixels == [255, 255, 255, 0, 0, 0])
    }

    @Test func greyscaleIsLuma() {
        let colours = Image(width: 3, height: 1, channels: 3, pixels: [255, 0, 0, 0, 255, 0, 10, 10, 10])
        #expect(colours.greyscale().pixels == [76, 150, 10])
        #expect(colours.greyscale().rgb().pixels == [76, 76, 76, 150, 150, 150, 10, 10, 10])
    }
}
