import Handover
import Imaging
import Publish
import Testing

@Suite struct HeatmapTests {
    /// The brightest pixel's centre, in pixels of the original picture. Brightness is the plain sum of the channels:
    /// what anybody would take who does not know our colours.
    static func peak(of heatmap: Heatmap, geometry: Geometry) -> (x: Double, y: Double) {
        let picture = heatmap.picture
        var best = (sum: -1, x: 0, y: 0)
        for y in 0..<picture.height {
            for x in 0..<picture.width {
                let at = 3 * (y * picture.width + x)
                let sum = Int(picture.pixels[at]) + Int(picture.pixels[at + 1]) + Int(picture.pixels[at + 2])
                if sum > best.sum { best = (sum, x, y) }
            }
        }
        return (
            (Double(best.x) + 0.5) * Double(geometry.originalWidth) / Double(picture.width),
            (Double(best.y) + 0.5) * Double(geometry.originalHeight) / Double(picture.height)
        )
    }

    static func isRed(_ picture: Image, pixel: Int) -> Bool {
        picture.pixels[3 * pixel] >= 200 && picture.pixels[3 * pixel] > picture.pixels[3 * pixel + 2]
    }

    /// Half a patch, but never less than half a heatmap pixel: a picture cannot be finer than its pixels.
    static func expectPeak(
        _ heatmap: Heatmap, at row: Int, _ column: Int, geometry: Geometry, _ comment: Comment
    ) {
        let place = geometry.originalRectangle(row: row, column: column)
        let found = peak(of: heatmap, geometry: geometry)
        let pixelWidth = Double(geometry.originalWidth) / Double(heatmap.picture.width)
        let pixelHeight = Double(geometry.originalHeight) / Double(heatmap.picture.height)
        #expect(
            abs(found.x - place.x - place.width / 2) <= max(place.width, pixelWidth) / 2 + 1e-9
                && abs(found.y - place.y - place.height / 2) <= max(place.height, pixelHeight) / 2 + 1e-9, comment)
    }

    @Test(arguments: 0..<150) func peakLiesOnTheHotPatchForAnyGeometry(seed: UInt64) {
        var random = SeededNumbers(state: seed)
        let patchSize = [8, 14, 16, 32].randomElement(using: &random)!
        let rows = Int.random(in: 1...32, using: &random)
        let columns = Int.random(in: 1...32, using: &random)
        let sizes = [8...40, 41...400, 401...1500, 1501...3000]
        let range = sizes[Int(seed % 4)]
        let geometry = Geometry(
            originalWidth: Int.random(in: range, using: &random), originalHeight: Int.random(in: range, using: &random),
            inputWidth: columns * patchSize, inputHeight: rows * patchSize, patchSize: patchSize)
        let row = [0, rows - 1, Int.random(in: 0..<rows, using: &random)].randomElement(using: &random)!
        let column = [0, columns - 1, Int.random(in: 0..<columns, using: &random)].randomElement(using: &random)!
        var map = (0..<rows * columns).map { _ in Float.random(in: -1...0.9, using: &random) }
        map[row * columns + column] = Float.random(in: 1.05...40, using: &random)
        let heatmap = Heatmap(map: map, geometry: geometry)
        Self.expectPeak(heatmap, at: row, column, geometry: geometry, "\(geometry), patch (\(row), \(column))")
        #expect(max(heatmap.picture.width, heatmap.picture.height) <= Heatmap.longestSide)
    }

    @Test func peakLiesOnEveryPatchOfAGridInCornersAndAtBorders() {
        for (width, height) in [(320, 320), (640, 123), (97, 500), (1400, 900), (16, 16)] {
            let geometry = Geometry(
                originalWidth: width, originalHeight: height, inputWidth: 112, inputHeight: 80, patchSize: 16)
            for row in 0..<geometry.gridRows {
                for column in 0..<geometry.gridColumns {
                    var map = [Float](repeating: 0.2, count: 35)
                    map[row * 7 + column] = 1.3
                    let heatmap = Heatmap(map: map, geometry: geometry)
                    Self.expectPeak(
                        heatmap, at: row, column, geometry: geometry, "\(width) x \(height) (\(row), \(column))")
                }
            }
        }
    }

    @Test(arguments: 0..<60) func redAppearsExactlyOnFailingParts(seed: UInt64) {
        var random = SeededNumbers(state: seed)
        var part = MadePart()
        part.verdict = [Verdict.pass, .review, .fail][Int(seed % 3)]
        part.review = Double.random(in: 0.3...1, using: &random)
        part.map = (0..<196).map { _ in Float.random(in: -2...Float(seed % 5) + 0.5, using: &random) }
        let picture = Heatmap(of: part.scored()).picture
        let red = (0..<picture.width * picture.height).contains { Self.isRed(picture, pixel: $0) }
        #expect(red == (part.verdict == .fail))
    }

    @Test func scalingForTheVerdictKeepsThePlaceOfThePeak() {
        var random = SeededNumbers(state: 3)
        for verdict in Verdict.allCases {
            for _ in 0..<200 {
                let map = (0..<64).map { _ in Float.random(in: -1...6, using: &random) }
                let shown = Heatmap.shown(
                    map, verdict: verdict, thresholds: Thresholds(review: 0.7, fail: 1, overkillRate: 0.01))
                let peak = map.firstIndex(of: map.max()!)
                #expect(shown.firstIndex(of: shown.max()!) == peak)
                switch verdict {
                case .pass: #expect(shown.max()! < 0.7)
                case .review: #expect(shown.max()! < 1)
                case .fail: #expect(shown.max()! >= 1)
                }
            }
        }
    }

    @Test func aMapInsideItsVerdictIsShownAsItIs() {
        let thresholds = Thresholds(review: 0.7, fail: 1, overkillRate: 0.01)
        #expect(Heatmap.shown([0.1, 0.6, -3], verdict: .pass, thresholds: thresholds) == [0.1, 0.6, -3])
        #expect(Heatmap.shown([0.1, 0.9], verdict: .review, thresholds: thresholds) == [0.1, 0.9])
        #expect(Heatmap.shown([0.1, 4], verdict: .fail, thresholds: thresholds) == [0.1, 4])
        #expect(Heatmap.shown([-1, -2], verdict: .fail, thresholds: thresholds) == [-1, -2])
    }

    @Test func coloursStepToRedAtOneAndGrowBrighter() {
        for peak: Float in [0.4, 2, 7, 300] {
            let colours = HeatmapColours(peak: peak)
            var last = -1
            for step in 0...4000 {
                let value = Float(colours.top) * Float(step) / 4000
                let (red, green, blue) = colours.colour(of: value)
                let sum = Int(red) + Int(green) + Int(blue)
                #expect(sum >= last, "brightness falls at \(value)")
                last = sum
                #expect((red > 200) == (value >= 1), "red at \(value)")
            }
            #expect(colours.colour(of: -5) == (0, 0, 0))
            #expect(colours.colour(of: .greatestFiniteMagnitude) == (255, 250, 214))
        }
        #expect(HeatmapColours(peak: 2).colour(of: Float(1).nextDown).red < 200)
    }

    @Test func scaleIsRecordedForLargePicturesOnly() {
        var part = MadePart()
        #expect(Heatmap(of: part.scored()).scale == 1)
        (part.width, part.height) = (2048, 512)
        part.picture = Image(width: 1, height: 1, colour: [9])
        let heatmap = Heatmap(of: part.scored())
        #expect(heatmap.scale == 0.5)
        #expect(heatmap.picture.width == 1024 && heatmap.picture.height == 256)
    }
}
