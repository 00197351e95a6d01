import Foundation
import Handover
import Imaging

/// SplitMix64, seeded: the same parts in every run of the tests.
struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// A scored part as the Score stage hands it over, with every piece open to a test.
struct MadePart {
    var path = "cam-1/part 007.png"
    var camera = "cam-1"
    var width = 320
    var height = 240
    var inputWidth = 224
    var inputHeight = 224
    var patchSize = 16
    var score = 1.7
    var rawScore = 12.5
    var pValue = 1.0 / 201
    var verdict = Verdict.fail
    var review = 0.8
    var overkillRate = 0.005
    var map: [Float]?
    var regions = [
        Region(
            x: 200, y: 100, width: 40, height: 24, areaPx: 800, areaFraction: 800.0 / 76800, peak: 2.5, peakX: 220,
            peakY: 110)
    ]
    var modifiedAt = Date(timeIntervalSince1970: 1_763_942_399.6)
    var picture: Image?

    var geometry: Geometry {
        Geometry(
            originalWidth: width, originalHeight: height, inputWidth: inputWidth, inputHeight: inputHeight,
            patchSize: patchSize)
    }

    /// A soft hill around (220, 110) of the picture, so that map and region agree.
    var defaultMap: [Float] {
        let (rows, columns) = (geometry.gridRows, geometry.gridColumns)
        return (0..<rows * columns).map { patch in
            let place = geometry.originalRectangle(row: patch / columns, column: patch % columns)
            let dx = (place.x + place.width / 2 - 220) / Double(width) * 12
            let dy = (place.y + place.height / 2 - 110) / Double(height) * 12
            return Float(2.5 / (1 + dx * dx + dy * dy))
        }
    }

    /// A plain grey ramp: nothing in it looks like a mark that a panel draws.
    var defaultPicture: Image {
        Image(
            width: width, height: height, channels: 1,
            pixels: (0..<width * height).map { UInt8(60 + ($0 % width) * 120 / width) })
    }

    func scored() -> ScoredPart {
        let intake = Intake(
            sha256: String(repeating: "ab12", count: 16), path: path, bytes: Data(repeating: 7, count: 4321),
            camera: camera, drop: "/drop", modifiedAt: modifiedAt)
        let image = DecodedImage(
            intake: intake, picture: picture ?? defaultPicture, pixels: [], geometry: geometry)
        return ScoredPart(
            image: image, anomalyMap: map ?? defaultMap, rawScore: rawScore, score: score, pValue: pValue,
            verdict: verdict, thresholds: Thresholds(review: review, fail: 1, overkillRate: overkillRate),
            regions: regions)
    }

    static func passing() -> MadePart {
        var part = MadePart()
        part.verdict = .pass
        part.score = 0.31
        part.pValue = 0.42
        part.regions = []
        return part
    }
}
