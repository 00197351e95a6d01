import Foundation
import Handover
import Imaging
import Testing

@testable import Decode

@Suite struct DecoderTests {
    private let decoder = Decoder(
        limits: .standard, inputWidth: 64, inputHeight: 32, patchSize: 16, mean: [0.5, 0.4, 0.3],
        standardDeviation: [0.2, 0.25, 0.5])

    private func intake(_ bytes: Data, path: String = "cam1/a.png") -> Intake {
        Intake(
            sha256: String(repeating: "0", count: 64), path: path, bytes: bytes, camera: "cam1", drop: "/drop",
            modifiedAt: Date(timeIntervalSince1970: 0))
    }

    private func rejection(_ bytes: Data, _ decoder: Decoder? = nil) -> Rejection? {
        do throws(Rejection) {
            _ = try (decoder ?? self.decoder).decode(intake(bytes))
            return nil
        } catch {
            return error
        }
    }

    private func gradient(_ width: Int, _ height: Int) -> Image {
        Image(
            width: width, height: height, channels: 3,
            pixels: (0..<width * height * 3).map { UInt8($0 / 3 % width * 255 / width) })
    }

    @Test func aPictureBecomesNormalisedPlanes() throws {
        let file = try Image(width: 40, height: 50, colour: [255, 102, 0]).pngData()
        let decoded = try decoder.decode(intake(file))
        #expect(decoded.picture == Image(width: 40, height: 50, colour: [255, 102, 0]))
        #expect(
            decoded.geometry
                == Geometry(originalWidth: 40, originalHeight: 50, inputWidth: 64, inputHeight: 32, patchSize: 16))
        #expect(decoded.pixels.count == 3 * 64 * 32)
        for (channel, wanted) in [Float(2.5), 0, -0.6].enumerated() {
            let plane = decoded.pixels[channel * 2048..<(channel + 1) * 2048]
            #expect(plane.allSatisfy { abs($0 - wanted) < 1e-4 })
        }
    }

    @Test func theWholePictureIsStretched() throws {
        let picture = gradient(128, 32)
        let (pixels, _) = decoder.prepare(picture)
        let first = pixels[0] * 0.2 + 0.5
        let last = pixels[63] * 0.2 + 0.5
        #expect(first < 0.02 && last > 0.97)
        // What decode gives is what prepare gives: training and inspection see the same numbers.
        let decoded = try decoder.decode(intake(picture.pngData()))
        #expect(decoded.pixels == pixels)
    }

    @Test func aJPEGNamedPNGIsDecodedByItsContent() throws {
        let file = try gradient(32, 32).jpegData()
        #expect(try decoder.decode(intake(file, path: "wrong.png")).picture.width == 32)
    }

    @Test func theSmallestSideIsSixteen() throws {
        #expect(rejection(try gradient(16, 16).pngData()) == nil)
        for (width, height) in [(15, 16), (16, 15), (1, 400)] {
            let refused = try #require(rejection(try gradient(width, height).pngData()))
            #expect(refused.reason == .tooSmall && refused.outcome == .quarantined)
            #expect(refused.sentence.contains("at least 16 x 16") && refused.sentence.contains("\(width) x \(height)"))
        }
    }

    @Test func everyBadFileHasItsReason() throws {
        let png = try gradient(64, 64).pngData()
        let jpeg = try gradient(64, 64).jpegData(JPEGOptions(isProgressive: true))
        var tight = DecodeLimits.standard
        tight.maxPNGChunks = 2
        tight.maxJPEGScans = 3
        let strict = Decoder(
            limits: tight, inputWidth: 64, inputHeight: 32, patchSize: 16, mean: [0, 0, 0],
            standardDeviation: [1, 1, 1])
        var narrow = DecodeLimits.standard
        narrow.maxPixels = 4095
        let small = Decoder(
            limits: narrow, inputWidth: 64, inputHeight: 32, patchSize: 16, mean: [0, 0, 0],
            standardDeviation: [1, 1, 1])
        narrow.maxBytes = 10
        let short = Decoder(
            limits: narrow, inputWidth: 64, inputHeight: 32, patchSize: 16, mean: [0, 0, 0],
            standardDeviation: [1, 1, 1])
        var deep = jpeg
        let frame = try #require(deep.range(of: Data([0xFF, 0xC2])))
        deep[frame.upperBound + 2] = 12
        let cases: [(Rejection?, Rejection.Reason, String)] = [
            (rejection(Data()), .unknownFormat, "found an empty file"),
            (rejection(Data("not a picture".utf8)), .unknownFormat, "found text"),
            (rejection(png.prefix(png.count / 2)), .damaged, "ends before"),
            (rejection(jpeg.prefix(jpeg.count / 2)), .damaged, "ends before"),
            (rejection(deep), .unsupportedVariant, "12 bits"),
            (rejection(png, strict), .tooManyChunks, "at most 2 chunks"),
            (rejection(jpeg, strict), .tooManyScans, "at most 3 scans"),
            (rejection(png, small), .tooManyPixels, "found a header of 64 x 64"),
            (rejection(png, short), .tooManyBytes, "found \(png.count)"),
        ]
        for (refused, reason, words) in cases {
            let refused = try #require(refused)
            #expect(refused.stage == .decode && refused.outcome == .quarantined && refused.reason == reason)
            #expect(refused.sentence.hasPrefix("cam1/a.png: expected") || reason == .unsupportedVariant)
            #expect(refused.sentence.contains(words), "\(refused.sentence)")
        }
    }
}
