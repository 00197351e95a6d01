import Foundation
import Imaging

/// One line of text as a picture of ink. Covers Latin-1; other characters show as a box, control characters as nothing.
enum Lettering {
    /// A panel is 1280 pixels wide: no line of it holds more, whatever a file's name is.
    private static let longestLine = 240

    /// Width of a line in pixels.
    static func width(_ text: some StringProtocol, size: Int) -> Int {
        let eighths = cells(text).reduce(0) { $0 + Int(LetteringAtlas.advances[$1]) }
        return (eighths * size + 8 * LetteringAtlas.size - 1) / (8 * LetteringAtlas.size)
    }

    /// The ink, 255 = fully covered, grey; nil for a text without any letter. The pen starts `penX` of the atlas, to
    /// scale, right of the picture's edge. Letters are set at the atlas's size and the whole line is scaled, so that
    /// their distances stay right at any size.
    static func line(_ text: String, size: Int) -> Image? {
        let cells = cells(text)
        guard !cells.isEmpty else { return nil }
        let eighths = cells.reduce(0) { $0 + Int(LetteringAtlas.advances[$1]) }
        let width = eighths / 8 + LetteringAtlas.cell
        let height = LetteringAtlas.cell
        var ink = [UInt8](repeating: 0, count: width * height)
        var pen = 0
        for cell in cells {
            let cellX = cell % LetteringAtlas.cellsPerRow * LetteringAtlas.cell
            let cellY = cell / LetteringAtlas.cellsPerRow * LetteringAtlas.cell
            let start = (pen + 4) / 8
            for row in 0..<height {
                let source = (cellY + row) * atlas.width + cellX
                let target = row * width + start
                for column in 0..<min(LetteringAtlas.cell, width - start) {
                    // Cells overlap where letters stand closer than a cell is wide: the darker ink wins.
                    ink[target + column] = max(ink[target + column], atlas.pixels[source + column])
                }
            }
            pen += Int(LetteringAtlas.advances[cell])
        }
        let picture = Image(width: width, height: height, channels: 1, pixels: ink)
        func scaled(_ side: Int) -> Int {
            max(1, Int((Double(side * size) / Double(LetteringAtlas.size)).rounded()))
        }
        return picture.resized(width: scaled(width), height: scaled(height), filter: .bicubic)
    }

    private static func cells(_ text: some StringProtocol) -> [Int] {
        // Composed letters first: "e" and an accent are one cell.
        String(text).precomposedStringWithCanonicalMapping.unicodeScalars.prefix(longestLine).compactMap { scalar in
            if let cell = LetteringAtlas.cells[scalar] { return cell }
            switch scalar.properties.generalCategory {
            case .control, .format, .nonspacingMark, .enclosingMark: return nil
            default: return LetteringAtlas.cells["\u{25A1}"]
            }
        }
    }

    private static let atlas: Image = {
        let base64 = LetteringAtlas.png.filter { !$0.isNewline }
        guard let bytes = Data(base64Encoded: base64), let picture = try? Image.decode(bytes), picture.channels == 1
        else {
            preconditionFailure("Lettering: expected the atlas to be a grey PNG")
        }
        return picture
    }()
}

extension Image {
    /// Writes one line, smoothed; `y` is the top of its capital letters, `size` the font's size in pixels. What lies
    /// outside the picture is left out. The picture must be RGB.
    mutating func letter(_ text: String, x: Int, y: Int, size: Int, colour: Colour) {
        let wanted = [Int(colour.red), Int(colour.green), Int(colour.blue)]
        guard let ink = Lettering.line(text, size: size) else { return }
        let left = x - Int((Double(LetteringAtlas.penX * size) / Double(LetteringAtlas.size)).rounded())
        let top = y - Int((LetteringAtlas.capitalTop * Double(size) / Double(LetteringAtlas.size)).rounded())
        for row in max(0, -top)..<max(max(0, -top), min(ink.height, height - top)) {
            for column in max(0, -left)..<max(max(0, -left), min(ink.width, width - left)) {
                let cover = Int(ink.pixels[row * ink.width + column])
                if cover == 0 { continue }
                let at = 3 * ((top + row) * width + left + column)
                for channel in 0..<3 {
                    let ground = Int(pixels[at + channel])
                    pixels[at + channel] = UInt8((ground * (255 - cover) + wanted[channel] * cover + 127) / 255)
                }
            }
        }
    }
}
