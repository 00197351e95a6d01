import Foundation
import Testing

@testable import Imaging

/// Pillow sums in Double, the planes here in Float, on values up to 1.
private let planeTolerance: Float = 2e-6

@Suite struct ResizeTests {
    @Test(arguments: resizeGoldens.keys.filter { !$0.contains("plane") }.sorted())
    func bytesAreThoseOfPillow(name: String) throws {
        let parts = name.split(separator: ".").map(String.init)
        let filter = try #require(ResizeFilter(rawValue: parts[0]))
        let (width, height) = (try #require(Int(parts[2])), try #require(Int(parts[3])))
        let source = pattern(23, 17, channels: parts[1] == "rgb" ? 3 : 1)
        let resized = source.resized(width: width, height: height, filter: filter)
        #expect(resized.width == width && resized.height == height && resized.channels == source.channels)
        #expect(resized.pixels == [UInt8](try #require(resizeGoldens[name])))
    }

    @Test(arguments: resizeGoldens.keys.filter { $0.contains("plane") }.sorted())
    func planesAreThoseOfPillowInFloat(name: String) throws {
        let parts = name.split(separator: ".").map(String.init)
        let filter = try #require(ResizeFilter(rawValue: parts[0]))
        let (width, height) = (try #require(Int(parts[2])), try #require(Int(parts[3])))
        let bytes = [UInt8](try #require(resizeGoldens[name]))
        let wanted = (0..<bytes.count / 4).map { index in
            Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[index * 4 + $1]) << (8 * $1) }) / 255
        }
        let colour = pattern(23, 17, channels: 3)
        let planes = colour.planes(width: width, height: height, filter: filter)
        let plane = width * height
        #expect(planes.count == 3 * plane && wanted.count == plane)
        // The golden is channel 1, as a plane of its own and as a grey picture's every plane.
        let green = Image(
            width: 23, height: 17, channels: 1, pixels: (0..<23 * 17).map { colour.pixels[$0 * 3 + 1] })
        let grey = green.planes(width: width, height: height, filter: filter)
        for index in 0..<plane {
            #expect(abs(planes[plane + index] - wanted[index]) <= planeTolerance)
            for channel in 0..<3 { #expect(abs(grey[channel * plane + index] - wanted[index]) <= planeTolerance) }
        }
    }

    @Test func aFlatPictureStaysFlat() {
        let flat = Image(width: 97, height: 61, colour: [10, 130, 255])
        for filter in [ResizeFilter.bicubic, .bilinear, .nearest] {
            for (width, height) in [(1, 1), (448, 448), (13, 200)] {
                #expect(
                    flat.resized(width: width, height: height, filter: filter).pixels
                        == Image(width: width, height: height, colour: [10, 130, 255]).pixels)
                if filter == .nearest { continue }
                let planes = flat.planes(width: width, height: height, filter: filter)
                #expect(planes.prefix(width * height).allSatisfy { abs($0 - 10 / 255) < 1e-6 })
                #expect(planes.suffix(width * height).allSatisfy { abs($0 - 1) < 1e-6 })
            }
        }
    }

    @Test func planesOfTheSameSizeAreThePixels() {
        let image = pattern(33, 21, channels: 3)
        let planes = image.planes(width: 33, height: 21)
        for pixel in 0..<33 * 21 {
            for channel in 0..<3 {
                let byte = Float(image.pixels[pixel * 3 + channel])
                #expect(abs(planes[channel * 33 * 21 + pixel] * 255 - byte) < 1e-3)
            }
        }
    }

    @Test func nearestNeverMixesMaskValues() {
        let mask = Image(width: 40, height: 40, channels: 1, pixels: (0..<1600).map { $0 % 7 == 0 ? 255 : 0 })
        let resized = mask.resized(width: 17, height: 61, filter: .nearest)
        #expect(resized.pixels.allSatisfy { $0 == 0 || $0 == 255 })
        #expect(resized.pixels.contains(255))
    }
}
