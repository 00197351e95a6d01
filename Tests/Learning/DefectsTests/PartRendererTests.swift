import Imaging
import Numerics
import Testing

@testable import Defects

private let everyCase: [(PartKind, DefectKind)] = PartKind.allCases.flatMap { kind in
    DefectKind.allCases.map { (kind, $0) }
}

/// The largest difference of a pixel's channels.
private func change(_ a: Image, _ b: Image, _ index: Int) -> Int {
    (0..<3).map { abs(Int(a.pixels[index * 3 + $0]) - Int(b.pixels[index * 3 + $0])) }.max() ?? 0
}

@Suite struct PartRendererTests {
    @Test(arguments: everyCase) func sameStreamGivesTheSamePart(kind: PartKind, defect: DefectKind) {
        let renderer = PartRenderer(kind: kind, width: 128, height: 128)
        var (a, b, c) = (RandomSource(seed: 1), RandomSource(seed: 1), RandomSource(seed: 2))
        let first = renderer.render(defect: defect, using: &a)
        #expect(first == renderer.render(defect: defect, using: &b))
        #expect(first.image != renderer.render(defect: defect, using: &c).image)
        #expect(a.next() == b.next(), "both must have taken the same amount from the stream")
    }

    @Test(arguments: everyCase) func maskCoversWhatChangedAndNothingElse(kind: PartKind, defect: DefectKind) throws {
        let size = 160
        let renderer = PartRenderer(kind: kind, width: size, height: size)
        for seed in 0..<12 as Range<UInt64> {
            var (a, b) = (RandomSource(seed: seed), RandomSource(seed: seed))
            let good = renderer.render(defect: nil, using: &a)
            let bad = renderer.render(defect: defect, using: &b)
            #expect(good.mask == nil && good.defect == nil && bad.defect == defect && bad.kind == kind)
            let mask = try #require(bad.mask)
            #expect(mask.channels == 1 && mask.width == size && mask.height == size)
            #expect(mask.pixels.allSatisfy { $0 == 0 || $0 == 255 })
            let area = mask.pixels.count { $0 == 255 }
            #expect(area >= 6 && area < size * size / 3, "\(kind) \(defect) seed \(seed): \(area) pixels")
            var (strong, covered, unseen) = (0, 0, 0)
            for y in 0..<size {
                for x in 0..<size {
                    let index = y * size + x
                    let difference = change(good.image, bad.image, index)
                    if mask.pixels[index] == 255, difference == 0 { unseen += 1 }
                    guard difference > 12 else { continue }
                    strong += 1
                    let near = (max(0, y - 1)...min(size - 1, y + 1)).contains { ny in
                        (max(0, x - 1)...min(size - 1, x + 1)).contains { mask.pixels[ny * size + $0] == 255 }
                    }
                    if near { covered += 1 }
                }
            }
            #expect(strong > 0, "\(kind) \(defect) seed \(seed): nothing changed strongly")
            #expect(covered * 10 >= strong * 9, "\(kind) \(defect) seed \(seed): \(covered) of \(strong)")
            #expect(unseen * 10 <= area, "\(kind) \(defect) seed \(seed): \(unseen) of \(area) did not change")
        }
    }

    @Test(arguments: PartKind.allCases) func goodPartsVaryWithinBounds(kind: PartKind) {
        let renderer = PartRenderer(kind: kind, width: 128, height: 128)
        var random = RandomSource(seed: 3)
        let parts = (0..<24).map { _ in renderer.render(defect: nil, using: &random).image }
        let means = parts.map { image in
            image.pixels.reduce(0) { $0 + Double($1) } / Double(image.pixels.count)
        }
        // Light varies by some 10 %, never by a factor.
        #expect(means.min()! > 60 && means.max()! < 220)
        #expect(means.max()! - means.min()! > 8 && means.max()! / means.min()! < 1.7)
        for image in parts {
            let burnt = image.pixels.count { $0 == 255 }
            #expect(burnt * 50 < image.pixels.count, "at most 2 % of the values may be overexposed")
        }
        for other in parts.dropFirst() {
            let changed = (0..<128 * 128).count { change(parts[0], other, $0) > 3 }
            #expect(changed > 128 * 128 / 4, "two parts look the same")
        }
    }

    @Test func platesOfOneLineKeepTheirPlaceAndFabricsDoNot() {
        var spread: [PartKind: Double] = [:]
        for kind in PartKind.allCases {
            let renderer = PartRenderer(kind: kind, width: 96, height: 96)
            var random = RandomSource(seed: 4)
            let parts = (0..<10).map { _ in renderer.render(defect: nil, using: &random).image }
            // Mean correlation of the pictures with the first: high where features repeat.
            func centred(_ image: Image) -> [Double] {
                let mean = image.pixels.reduce(0) { $0 + Double($1) } / Double(image.pixels.count)
                return image.pixels.map { Double($0) - mean }
            }
            let first = centred(parts[0])
            let norm = first.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let correlations = parts.dropFirst().map { image -> Double in
                let other = centred(image)
                let dot = zip(first, other).reduce(0) { $0 + $1.0 * $1.1 }
                return dot / norm / other.reduce(0) { $0 + $1 * $1 }.squareRoot()
            }
            spread[kind] = correlations.reduce(0, +) / Double(correlations.count)
        }
        #expect(spread[.plate]! > 0.85)
        #expect(spread[.fabric]! < 0.5)
    }

    @Test(arguments: PartKind.allCases) func defectsReachBordersAndCorners(kind: PartKind) throws {
        let size = 96
        let renderer = PartRenderer(kind: kind, width: size, height: size)
        var random = RandomSource(seed: 5)
        var cells = Set<Int>()
        var sizes: [Int] = []
        for _ in 0..<120 {
            let mask = try #require(renderer.render(defect: .stain, using: &random).mask)
            let hits = mask.pixels.indices.filter { mask.pixels[$0] == 255 }
            for index in hits { cells.insert(index / size * 4 / size * 4 + index % size * 4 / size) }
            sizes.append(hits.count)
        }
        #expect(cells.count == 16, "every sixteenth of the picture is hit at least once in 120")
        #expect(sizes.max()! > 8 * sizes.min()!)
    }

    @Test func oblongPicturesWork() throws {
        for kind in PartKind.allCases {
            let renderer = PartRenderer(kind: kind, width: 200, height: 100)
            var random = RandomSource(seed: 6)
            for defect in DefectKind.allCases {
                let part = renderer.render(defect: defect, using: &random)
                #expect(part.image.width == 200 && part.image.height == 100)
                #expect(try #require(part.mask).pixels.contains(255))
            }
        }
    }
}

@Suite struct CaptionTests {
    @Test(arguments: everyCase) func captionsAreVariedSentences(kind: PartKind, defect: DefectKind) {
        let renderer = PartRenderer(kind: kind, width: 64, height: 64)
        var random = RandomSource(seed: 7)
        var captions = Set<String>()
        for _ in 0..<12 {
            let caption = renderer.render(defect: defect, using: &random).caption
            #expect(!caption.isEmpty && !caption.contains("  ") && !caption.hasSuffix(".") && !caption.hasPrefix(" "))
            captions.insert(caption)
        }
        #expect(captions.count >= 8)
    }

    @Test func placesAreNamedFromTheMask() {
        func truth(_ x: Int, _ y: Int) -> Truth {
            var bad = [SIMD4<Float>](repeating: .zero, count: 90 * 90)
            for dy in 0..<3 { for dx in 0..<3 { bad[(y + dy) * 90 + x + dx] = SIMD4(50, 50, 50, 0) } }
            return Truth(good: [SIMD4<Float>](repeating: .zero, count: 90 * 90), bad: bad, width: 90, height: 90)
        }
        #expect(Captions.places(truth(2, 2)).allSatisfy { $0.hasSuffix("left corner") })
        #expect(Captions.places(truth(20, 20)) == ["upper left", "top left"])
        #expect(Captions.places(truth(44, 44)) == ["centre", "middle"])
        #expect(Captions.places(truth(70, 44)).contains("right side"))
        #expect(Captions.places(truth(44, 80)).contains("lower middle"))
        #expect(Captions.places(truth(85, 85)).contains("bottom right corner"))
        #expect(truth(20, 30).box == (20, 30, 3, 3) && truth(20, 30).area == 9 && truth(20, 30).brightness == 50)
    }
}
