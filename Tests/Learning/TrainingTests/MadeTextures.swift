import Foundation
import Handover
import Imaging
import Network
import Numerics
import TestFolders

@testable import Training

/// Good parts of a made line: a brushed surface with a bright disc, each lit and shifted a little differently.
enum MadeTextures {
    static let side = 64

    /// - Parameter tint: grey values by which the disc is redder and less blue.
    static func good(_ number: Int, tint: Double = 0) -> Image {
        var random = RandomSource(seed: 77, stream: UInt64(number))
        let phase = random.uniform(0...6.28)
        let light = random.uniform(-8...8)
        let shift = random.uniform(-1...1)
        var pixels: [UInt8] = []
        for y in 0..<side {
            for x in 0..<side {
                let stripes = 12 * sin(Double(y) * 0.9 + phase)
                let dx = Double(x) - 32 - shift
                let dy = Double(y) - 32 + shift
                let disc = (dx * dx + dy * dy).squareRoot() < 18 ? 50.0 : 0
                let grey = 100 + light + stripes + disc + 3 * random.normal()
                for channel in 0..<3 {
                    let hue = disc > 0 ? tint * Double(1 - channel) : 0
                    pixels.append(UInt8(max(0, min(255, grey + Double(channel * 4) + hue))))
                }
            }
        }
        return Image(width: side, height: side, channels: 3, pixels: pixels)
    }

    /// A part with a chequered square whose centre is (x, y), cut at the picture's border.
    static func damaged(_ number: Int, x: Int, y: Int, half: Int = 6) -> Image {
        var image = good(number)
        for py in max(0, y - half)..<min(side, y + half) {
            for px in max(0, x - half)..<min(side, x + half) {
                let value: UInt8 = (px / 2 + py / 2) % 2 == 0 ? 15 : 235
                for channel in 0..<3 { image.pixels[(py * side + px) * 3 + channel] = value }
            }
        }
        return image
    }

    static func intake(_ image: Image) throws -> Intake {
        Intake(
            sha256: String(repeating: "0", count: 64), path: "a.png", bytes: try image.pngData(), camera: "",
            drop: "/drop", modifiedAt: Date(timeIntervalSince1970: 0))
    }

    /// Planes in the input's normalisation, for tests below the line.
    static func images(_ count: Int, side: Int = 32) -> TrainingImages {
        var images = TrainingImages(width: side, height: side)
        for number in 0..<count {
            var random = RandomSource(seed: 5, stream: UInt64(number))
            let phase = random.uniform(0...6.28)
            var planes: [Float] = []
            for _ in 0..<3 {
                for y in 0..<side {
                    for x in 0..<side {
                        planes.append(Float(sin(Double(x) * 0.7 + Double(y) * 0.2 + phase) + 0.2 * random.normal()))
                    }
                }
            }
            images.append(planes)
        }
        return images
    }
}

extension TemporaryFolder {
    /// PNG files of good parts `numbers`, sorted.
    func goodParts(_ numbers: Range<Int>, tint: Double = 0) throws -> [String] {
        try numbers.map { number in
            let file = path + "/good-\(1000 + number).png"
            try MadeTextures.good(number, tint: tint).pngData().write(to: URL(fileURLWithPath: file))
            return file
        }
    }
}
