/// From a number in 0…1 to a colour, straight between published control points.
package struct ColourMap: Sendable {
    private let points: [Colour]

    /// Black over violet and orange to pale yellow, perceptually uniform and rising in lightness: for anomaly maps that
    /// stand alone. Eleven points of "inferno" (Smith and van der Walt, 2015, matplotlib; public domain).
    package static let inferno = ColourMap([
        0x000004, 0x160B39, 0x420A68, 0x6A176E, 0x932667, 0xBC3754, 0xDD513A, 0xF3771A, 0xFCA50A, 0xF6D645, 0xFCFFA4,
    ])

    /// Pale yellow over orange to dark red, one hue family: for overlays on a picture. "YlOrRd" of nine classes
    /// (Brewer, ColorBrewer 2.0).
    package static let heat = ColourMap([
        0xFFFFCC, 0xFFEDA0, 0xFED976, 0xFEB24C, 0xFD8D3C, 0xFC4E2A, 0xE31A1C, 0xBD0026, 0x800026,
    ])

    private init(_ points: [UInt32]) { self.points = points.map(Colour.init(hex:)) }

    /// The colour of a value; values outside 0…1 take the nearest end, NaN the lower one.
    package func colour(at value: Float) -> Colour {
        let place = (value > 0 ? min(value, 1) : 0) * Float(points.count - 1)
        let index = min(Int(place), points.count - 2)
        let share = place - Float(index)
        let (low, high) = (points[index], points[index + 1])
        func between(_ a: UInt8, _ b: UInt8) -> UInt8 { UInt8((Float(a) + (Float(b) - Float(a)) * share).rounded()) }
        return Colour(
            red: between(low.red, high.red), green: between(low.green, high.green), blue: between(low.blue, high.blue))
    }

    /// An RGB picture of `values`, (height, width) row-major, with `range` spread over the map. Traps unless the count
    /// fits.
    package func picture(of values: [Float], width: Int, height: Int, range: ClosedRange<Float> = 0...1) -> Image {
        precondition(
            values.count == width * height,
            "ColourMap.picture: expected \(width) x \(height) values, got \(values.count)")
        // 1024 steps are finer than 8 bits show, and far cheaper than a colour computed for each pixel.
        let steps = (0..<1024).map { colour(at: Float($0) / 1023) }
        let scale = range.upperBound > range.lowerBound ? 1 / (range.upperBound - range.lowerBound) : 0
        var pixels = [UInt8](repeating: 0, count: values.count * 3)
        for (index, value) in values.enumerated() {
            let place = (value - range.lowerBound) * scale
            let step = steps[place > 0 ? Int(min(place, 1) * 1023) : 0]
            pixels[index * 3] = step.red
            pixels[index * 3 + 1] = step.green
            pixels[index * 3 + 2] = step.blue
        }
        return Image(width: width, height: height, channels: 3, pixels: pixels)
    }
}

/// A colour to draw with; a grey picture takes its luma.
package struct Colour: Sendable, Equatable {
    package var red: UInt8
    package var green: UInt8
    package var blue: UInt8

    package init(red: UInt8, green: UInt8, blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// From 0xRRGGBB.
    package init(hex: UInt32) {
        self.init(
            red: UInt8(truncatingIfNeeded: hex >> 16), green: UInt8(truncatingIfNeeded: hex >> 8),
            blue: UInt8(truncatingIfNeeded: hex))
    }

    package static let black = Colour(hex: 0x000000)
    package static let white = Colour(hex: 0xFFFFFF)
    package static let red = Colour(hex: 0xE31A1C)
    package static let amber = Colour(hex: 0xFFB000)
    package static let green = Colour(hex: 0x2CA02C)

    /// The values of a pixel of 1 or 3 channels.
    func samples(channels: Int) -> [UInt8] {
        if channels == 3 { return [red, green, blue] }
        return [Image.luma(red, green, blue)]
    }
}
