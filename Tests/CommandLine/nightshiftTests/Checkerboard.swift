import Foundation
import Imaging

/// A picture that no line of rendered parts has ever seen.
enum Checkerboard {
    /// Black and white squares of `cell` pixels.
    static func png(side: Int, cell: Int) throws -> Data {
        var image = Image(width: side, height: side, colour: [0, 0, 0])
        for row in 0..<side {
            for column in 0..<side where (row / cell + column / cell) % 2 == 0 {
                for channel in 0..<3 { image.pixels[(row * side + column) * 3 + channel] = 255 }
            }
        }
        return try image.pngData()
    }
}
