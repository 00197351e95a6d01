import Foundation

@testable import Imaging

/// Bytes of a golden file.
func golden(_ base64: String) -> Data { Data(base64Encoded: base64) ?? Data() }

/// The test pattern of Tests/Core/Goldens/imaging.py.
func sample(_ x: Int, _ y: Int, _ channel: Int, depth: Int = 8) -> Int {
    (x * 2741 + y * 9127 + channel * 5303 + x * y * 577) % (1 << depth)
}

/// A picture of the test pattern.
func pattern(_ width: Int, _ height: Int, channels: Int) -> Image {
    var pixels: [UInt8] = []
    for y in 0..<height {
        for x in 0..<width {
            for channel in 0..<channels { pixels.append(UInt8(sample(x, y, channel))) }
        }
    }
    return Image(width: width, height: height, channels: channels, pixels: pixels)
}

/// A picture as a camera gives it: soft gradients.
func smoothPicture(_ width: Int, _ height: Int, channels: Int) -> Image {
    var pixels: [UInt8] = []
    for y in 0..<height {
        for x in 0..<width {
            for channel in 0..<channels {
                let wave = sin(Double(x) / 9 + Double(channel)) * cos(Double(y) / 7 - Double(channel))
                pixels.append(UInt8(128 + 100 * wave))
            }
        }
    }
    return Image(width: width, height: height, channels: channels, pixels: pixels)
}

/// The largest difference of two pictures of one shape; 256 when the shapes differ.
func largestDifference(_ a: [UInt8], _ b: [UInt8]) -> Int {
    guard a.count == b.count else { return 256 }
    return zip(a, b).map { abs(Int($0) - Int($1)) }.max() ?? 0
}
