import Numerics

/// Letters as lines on a grid of 5 × 7 points: print that stays sharp at every size.
enum StrokeFont {
    /// Width of a glyph with the gap after it, in units of the grid (a glyph is 4 wide and 6 high).
    static let advance: Float = 6

    /// One polyline per word, two digits (x, y) per point.
    private static let shapes: [Character: String] = [
        "0": "103041453616050110", "1": "112026 1636", "2": "01103041420646",
        "3": "01103041423313 334445361605", "4": "36300444", "5": "400003334445361605",
        "6": "4130100105163645443303", "7": "004016", "8": "103041423313020110 1304051636454433",
        "9": "4313020110304145361605", "A": "0602204246 0444", "B": "06003041423303 3344453606",
        "C": "4130100105163645", "D": "00304145360600", "E": "40000646 0333", "F": "400006 0333",
        "G": "413010010516364543 4323", "H": "0006 4046 0343", "I": "2026", "K": "0006 400346", "L": "000646",
        "M": "0600234046", "N": "06004640", "O": "103041453616050110", "P": "06003041423303",
        "R": "06003041423303 2346", "S": "413010010213334445361605", "T": "0040 2026", "U": "000516364540",
        "V": "002640", "X": "0046 4006", "-": "1333", "/": "4006", " ": "",
    ]

    private static let lines: [Character: [(SIMD2<Float>, SIMD2<Float>)]] = shapes.mapValues { text in
        text.split(separator: " ").flatMap { polyline -> [(SIMD2<Float>, SIMD2<Float>)] in
            let digits = polyline.compactMap { $0.wholeNumberValue }
            let points = stride(from: 0, to: digits.count - 1, by: 2).map {
                SIMD2(Float(digits[$0]), Float(digits[$0 + 1]))
            }
            return zip(points, points.dropFirst()).map { ($0, $1) }
        }
    }

    /// The lines of one line of text centred on the origin, `size` units high; unknown letters are blank.
    static func text(_ text: String, size: Float) -> [(SIMD2<Float>, SIMD2<Float>)] {
        let unit = size / 6
        let length = (Float(text.count) * advance - 2) * unit
        var result: [(SIMD2<Float>, SIMD2<Float>)] = []
        for (position, letter) in text.enumerated() {
            let origin = SIMD2(-length / 2 + Float(position) * advance * unit, -size / 2)
            for (a, b) in lines[letter] ?? [] { result.append((origin + a * unit, origin + b * unit)) }
        }
        return result
    }
}
