import Foundation
import Testing

@testable import Imaging

/// libjpeg-turbo's versions differ by a step or two in chroma upsampling and rounding.
private let decoderTolerance = 2

@Suite struct JPEGTests {
    @Test(arguments: jpegPixels.keys.sorted())
    func everyKindDecodesAsPillowDoes(kind: String) throws {
        let image = try Image.decode(try #require(jpegGoldens[kind]))
        #expect(image.width == 20 && image.height == 13)
        #expect(image.channels == (kind == "grey" ? 1 : 3))
        let wanted = [UInt8](try #require(jpegPixels[kind]))
        #expect(largestDifference(image.pixels, wanted) <= decoderTolerance)
    }

    @Test func inksWithoutAdobesMarkerAreNotInverted() throws {
        let adobe = try Image.decode(try #require(jpegGoldens["cmyk"]))
        let plain = try Image.decode(try #require(jpegGoldens["plainInks"]))
        #expect(plain.channels == 3)
        // The same stored bytes read the other way round must differ widely.
        #expect(largestDifference(adobe.pixels, plain.pixels) > 100)
    }

    @Test(arguments: Orientation.allCases)
    func everyOrientationEndsUpright(orientation: Orientation) throws {
        let file = try #require(orientationGoldens["\(orientation.rawValue)"])
        let image = try Image.decode(file)
        #expect(image.width == 20 && image.height == 13 && image.channels == 1)
        #expect(try Image.size(of: file) == (20, 13))
        // Quality 97 loses at most a few steps; a wrong turn differs by a hundred.
        #expect(largestDifference(image.pixels, [UInt8](try #require(orientationPixels["upright"]))) <= 8)
    }

    @Test func writtenOrientationIsReadBack() throws {
        let upright = smoothPicture(24, 17, channels: 3)
        for orientation in Orientation.allCases {
            let file = try upright.jpegData(JPEGOptions(quality: 98, chroma: .full, orientation: orientation))
            let image = try Image.decode(file)
            #expect(largestDifference(image.pixels, upright.turned(upright: orientation).pixels) <= 8)
        }
    }

    @Test func roundTripsClosely() throws {
        for channels in [1, 3] {
            for (width, height) in [(1, 1), (16, 16), (130, 67)] {
                let image = smoothPicture(width, height, channels: channels)
                for isProgressive in [false, true] {
                    let options = JPEGOptions(quality: 98, chroma: .full, isProgressive: isProgressive)
                    let file = try image.jpegData(options)
                    let read = try Image.decode(file)
                    #expect(read.channels == channels)
                    #expect(largestDifference(read.pixels, image.pixels) <= 6)
                    #expect(ImageFormat.endsWhole(file))
                }
            }
        }
    }

    @Test func fourInksRoundTrip() throws {
        let image = smoothPicture(64, 48, channels: 3)
        let file = try image.jpegData(JPEGOptions(quality: 98, chroma: .full, isCMYK: true))
        #expect(JPEGStructure(file, maxScans: 9).header?.components == 4)
        #expect(largestDifference(try Image.decode(file).pixels, image.pixels) <= 8)
    }

    @Test func halfChromaIsSmaller() throws {
        let image = pattern(128, 128, channels: 3)
        let half = try image.jpegData(JPEGOptions(quality: 90, chroma: .half))
        let full = try image.jpegData(JPEGOptions(quality: 90, chroma: .full))
        #expect(half.count < full.count)
    }

    @Test func scansAreCountedBeforeAnythingIsDecoded() throws {
        let file = try smoothPicture(64, 64, channels: 3).jpegData(JPEGOptions(isProgressive: true))
        let scans = JPEGStructure(file, maxScans: .max).scans
        #expect(scans == 10)
        var limits = DecodeLimits.standard
        limits.maxJPEGScans = scans
        #expect(throws: Never.self) { try Image.decode(file, limits: limits) }
        limits.maxJPEGScans = scans - 1
        #expect(throws: ImageError.tooManyScans(limit: 9)) { try Image.decode(file, limits: limits) }
    }

    @Test func aScanBombStopsEarly() throws {
        // The last scan of a progressive file, ten thousand times over.
        let file = try smoothPicture(1024, 1024, channels: 1).jpegData(JPEGOptions(isProgressive: true))
        let lastScan = try #require(file.range(of: Data([0xFF, 0xDA]), options: .backwards))
        let scan = file[lastScan.lowerBound..<(file.endIndex - 2)]
        var bomb = Data(file.dropLast(2))
        for _ in 0..<1000 { bomb.append(scan) }
        bomb.append(contentsOf: [0xFF, 0xD9])
        let clock = ContinuousClock()
        let spent = clock.measure {
            #expect(throws: ImageError.tooManyScans(limit: 64)) { try Image.decode(bomb) }
        }
        // Decoding all of it takes seconds; counting markers up to the limit takes less than a millisecond.
        #expect(spent < .seconds(1))
    }

    @Test func aMissingScanIsDamage() throws {
        // A progressive file cut after its first scan, with a proper end: libjpeg itself would call it sound.
        let file = try smoothPicture(64, 64, channels: 3).jpegData(JPEGOptions(isProgressive: true))
        let first = try #require(file.range(of: Data([0xFF, 0xDA])))
        let tables = try #require(file.range(of: Data([0xFF, 0xC4]), in: first.upperBound..<file.endIndex))
        let cut = file[..<tables.lowerBound] + [0xFF, 0xD9]
        #expect(ImageFormat.endsWhole(cut))
        #expect(throws: ImageError.damaged(.jpeg, what: "the scans do not carry the whole picture")) {
            try Image.decode(cut)
        }
    }

    @Test func dataLeftOutIsDamageAndNotAGreyHalf() throws {
        let file = try smoothPicture(200, 200, channels: 3).jpegData()
        let cut = file.prefix(file.count / 2) + [0xFF, 0xD9]
        #expect(throws: ImageError.self) { try Image.decode(cut) }
    }

    @Test func bytesBehindTheEndDoNotMatter() throws {
        let file = try smoothPicture(20, 20, channels: 3).jpegData()
        let longer = file + Data("a preview that the camera appends".utf8)
        #expect(try Image.decode(longer) == Image.decode(file))
        #expect(ImageFormat.endsWhole(longer))
    }

    @Test func aHollowHeaderTakesNoMemory() throws {
        var file = try smoothPicture(16, 16, channels: 1).jpegData()
        let frame = try #require(file.range(of: Data([0xFF, 0xC0])))
        file.replaceSubrange(frame.upperBound + 3..<frame.upperBound + 7, with: [0x1B, 0x58, 0x1B, 0x58])
        #expect(
            throws: ImageError.damaged(.jpeg, what: "\(file.count) bytes cannot hold 7000 x 7000 pixels")
        ) { try Image.decode(file) }
        file.replaceSubrange(frame.upperBound + 3..<frame.upperBound + 7, with: [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(throws: ImageError.tooManyPixels(width: 65535, height: 65535, limit: 50_000_000)) {
            try Image.decode(file)
        }
    }

    @Test func otherKindsAreNamed() throws {
        var file = try smoothPicture(16, 16, channels: 1).jpegData()
        let frame = try #require(file.range(of: Data([0xFF, 0xC0])))
        var deep = file
        deep[frame.upperBound + 2] = 12
        #expect(throws: ImageError.unsupported(.jpeg, what: "12 bits per sample, expected 8")) {
            try Image.decode(deep)
        }
        file[frame.upperBound - 1] = 0xC3
        #expect(
            throws: ImageError.unsupported(.jpeg, what: "coding process 3, expected baseline or progressive")
        ) { try Image.decode(file) }
    }

    @Test func whatCannotBeWrittenIsRefused() {
        #expect(throws: ImageError.self) { try Image(width: 65_501, height: 1, colour: [0]).jpegData() }
        #expect(throws: ImageError.self) { try pattern(2, 2, channels: 1).jpegData(quality: 0) }
    }
}
