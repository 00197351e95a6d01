import Imaging
import Testing

@testable import Evaluation

/// A defective part of 8 × 8 pixels whose map is high where its mask is.
private func part(
    _ name: String = "p", kind: String?, score: Double, mask: Image? = nil, map: [Float]? = nil, side: Int = 8
) -> EvaluationInput {
    EvaluationInput(
        name: name, kind: kind, score: score, map: map ?? [Float](repeating: 0, count: side * side), rows: side,
        columns: side, width: side, height: side, mask: mask)
}

/// An 8 × 8 mask with one defect of 2 × 2.
private let spot = maskPicture(
    (0..<64).map { [9, 10, 17, 18].contains($0) ? "1" : "0" }.joined(), width: 8, height: 8)
private let spotMap: [Float] = (0..<64).map { [9, 10, 17, 18].contains($0) ? 1 : 0 }

@Suite("Evaluator")
struct EvaluatorTests {
    @Test("A perfect model gets 1 everywhere, a reversed one 0, one that says nothing 0.5")
    func extremes() throws {
        for (sign, expected) in [(Float(1), 1.0), (-1, 0.0), (0, 0.5)] {
            var evaluator = Evaluator(threshold: 0.5)
            evaluator.add(part(kind: nil, score: 0))
            evaluator.add(part(kind: "spot", score: Double(sign), mask: spot, map: spotMap.map { $0 * sign }))
            let result = evaluator.result()
            #expect(result.imageAUROC == expected && result.pixelAUROC == expected)
            // Constant maps: the curve is the diagonal, its area up to the limit is limit / 2 of limit.
            let aupro = sign == 0 ? (0.15, 0.025) : (expected, expected)
            #expect(abs(try #require(result.aupro30) - aupro.0) < 1e-12)
            #expect(abs(try #require(result.aupro05) - aupro.1) < 1e-12)
            #expect(result.overkill == 0 && result.escape == (sign == 1 ? 0 : 1))
        }
    }

    @Test("Regression: a defective part with an empty or missing mask counts at image level only, with a warning")
    func emptyMasks() {
        var evaluator = Evaluator(threshold: 0.5)
        evaluator.add(part("good", kind: nil, score: 0))
        evaluator.add(part("a", kind: "spot", score: 1, mask: spot, map: spotMap))
        let without = evaluator.result()
        evaluator.add(part("b", kind: "uneven", score: -1, mask: Image(width: 8, height: 8, colour: [127])))
        evaluator.add(part("c", kind: "uneven", score: 0.2))
        evaluator.add(part("d", kind: "uneven", score: 0.7))
        let result = evaluator.result()
        #expect(result.pixelAUROC == without.pixelAUROC && result.aupro30 == without.aupro30)
        #expect(result.pixelImageCount == 2 && result.regionCount == 1)
        #expect(result.defectiveCount == 4 && result.goodCount == 1)
        #expect(result.imageAUROC == 0.75 && result.escape == 0.5)
        #expect(
            result.warnings == [
                "uneven: 1 counted at image level only: an empty mask, without grey above 127 (b).",
                "uneven: 2 counted at image level only: no mask (c, d).",
            ])
        #expect(result.kinds.map(\.kind) == ["spot", "uneven"] && result.kinds.map(\.count) == [1, 3])
        #expect(result.kinds[0].imageAUROC == 1 && result.kinds[0].escape == 0)
        #expect(abs(result.kinds[1].imageAUROC! - 2.0 / 3) < 1e-12 && abs(result.kinds[1].escape! - 2.0 / 3) < 1e-12)
    }

    @Test("What the set does not hold is nil, never a number")
    func missing() {
        #expect(Evaluator().result().imageAUROC == nil)
        var good = Evaluator()
        good.add(part(kind: nil, score: 3))
        let onlyGood = good.result()
        #expect(onlyGood.imageAUROC == nil && onlyGood.averagePrecision == nil && onlyGood.f1Max == nil)
        #expect(onlyGood.pixelAUROC == nil && onlyGood.aupro30 == nil && onlyGood.escape == nil)
        #expect(onlyGood.overkill == 1 && onlyGood.pixelImageCount == 0)
        var bad = Evaluator()
        bad.add(part(kind: "all", score: 3, mask: Image(width: 8, height: 8, colour: [255])))
        let onlyBad = bad.result()
        #expect(onlyBad.imageAUROC == nil && onlyBad.overkill == nil && onlyBad.pixelAUROC == nil)
        #expect(onlyBad.averagePrecision == 1 && onlyBad.f1Max == 1 && onlyBad.escape == 0)
    }

    @Test("A score at the threshold is flagged: overkill on a good part, found on a defective one")
    func atThreshold() {
        let ranked = RankedScores(scores: [1, 1, 0.999, 0.999], isDefective: [false, true, false, true])
        #expect(ranked.overkill(at: 1) == 0.5 && ranked.escape(at: 1) == 0.5)
        #expect(ranked.overkill(at: 0.999) == 1 && ranked.escape(at: 0.999) == 0)
        #expect(ranked.overkill(at: 1.001) == 0 && ranked.escape(at: 1.001) == 1)
    }

    @Test("The order in which parts are added changes nothing")
    func order() {
        let parts = [
            part("a", kind: nil, score: 0.1, map: (0..<64).map { Float($0 % 7) }),
            part("b", kind: "spot", score: 0.4, mask: spot, map: (0..<64).map { Float($0 % 5) }),
            part("c", kind: nil, score: 0.4, map: (0..<64).map { Float($0 % 3) }),
            part("d", kind: "other", score: 0.9, mask: spot, map: (0..<64).map { Float($0 % 11) }),
        ]
        func result(_ parts: [EvaluationInput]) -> EvaluationResult {
            var evaluator = Evaluator()
            for part in parts { evaluator.add(part) }
            return evaluator.result()
        }
        #expect(result(parts) == result(parts.reversed()))
    }

    @Test("Regression: a defect's map peak lies on its mask in every corner, whatever the grid and the picture's shape")
    func noShift() throws {
        for (rows, columns, width, height) in [(4, 6, 96, 64), (7, 5, 1000, 1400), (14, 14, 900, 900), (3, 8, 37, 23)] {
            for (row, column) in [(0, 0), (0, columns - 1), (rows - 1, 0), (rows - 1, columns - 1)] {
                var map = [Float](repeating: 0, count: rows * columns)
                map[row * columns + column] = 1
                let inside = { (index: Int) -> Bool in
                    let y = (Double(index / width) + 0.5) * Double(rows) / Double(height)
                    let x = (Double(index % width) + 0.5) * Double(columns) / Double(width)
                    return Int(y) == row && Int(x) == column
                }
                let mask = Image(
                    width: width, height: height, channels: 1,
                    pixels: (0..<width * height).map { inside($0) ? 255 : 0 })
                var evaluator = Evaluator()
                evaluator.add(
                    EvaluationInput(
                        name: "corner", kind: "spot", score: 1, map: map, rows: rows, columns: columns, width: width,
                        height: height, mask: mask))
                let result = evaluator.result()
                // Bilinear values at a patch's own rim fall to about a half, or a quarter at its inner corner, and the
                // neighbours' rims rise to that: nearly all of the patch outranks the rest.
                #expect(try #require(result.pixelAUROC) > 0.985)
            }
        }
    }

    @Test("A mask of another size than the picture is stretched to it")
    func maskOfAnotherSize() {
        let half = Image(width: 4, height: 2, channels: 1, pixels: [0, 0, 255, 255, 0, 0, 255, 255])
        var evaluator = Evaluator()
        let map = (0..<64).map { Float($0 % 8 >= 4 ? 1 : 0) }
        evaluator.add(part(kind: "right", score: 1, mask: half, map: map))
        #expect(evaluator.result().pixelAUROC == 1)
    }

    @Test("A large picture is reduced to the longest side; defects that vanish are said to")
    func vanishing() {
        var picture = Image(width: 100, height: 50, colour: [0])
        picture.pixels[0] = 255
        var evaluator = Evaluator(longestSide: 10)
        evaluator.add(
            EvaluationInput(
                name: "tiny", kind: "dot", score: 1, map: [0], rows: 1, columns: 1, width: 100, height: 50,
                mask: picture))
        let result = evaluator.result()
        #expect(result.pixelImageCount == 0)
        #expect(result.warnings.first?.contains("vanish at 10 pixels") == true)
    }
}

@Suite("Region masks")
struct RegionMaskTests {
    @Test("Sampling takes the nearest pixel, at any size")
    func samplesNearest() {
        var state: UInt64 = 7
        for (width, height) in [(1, 1), (5, 9), (30, 20), (37, 23)] {
            let truth = (0..<37 * 23).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return state >> 63 == 1
            }
            let sampled = RegionMask(width: 37, height: 23) { truth[$0 * 37 + $1] }.sampled(
                width: width, height: height)
            var pixels = [Bool](repeating: false, count: width * height)
            for run in sampled.runs { for column in run.columns { pixels[run.row * width + column] = true } }
            let expected = (0..<width * height).map { index in
                let row = Int((Double(index / width) + 0.5) * 23 / Double(height))
                let column = Int((Double(index % width) + 0.5) * 37 / Double(width))
                return truth[row * 37 + column]
            }
            #expect(pixels == expected)
            #expect(sampled.area == expected.count { $0 } && sampled.regionAreas.allSatisfy { $0 > 0 })
        }
    }

    @Test("Regression: a thin scratch that sampling breaks into pieces stays one region")
    func scratchStaysOne() {
        // A zigzag of one pixel: every third column and row sees only pieces of it.
        let whole = RegionMask(width: 90, height: 30) { row, column in row == abs(column % 20 - 10) + 5 }
        #expect(whole.regionCount == 1)
        let sampled = whole.sampled(width: 30, height: 10)
        #expect(sampled.regionCount == 1 && sampled.area > 3 && sampled.area < whole.area / 2)
    }
}

@Suite("Pixel curve")
struct PixelCurveTests {
    @Test("Counting at and between the defect pixels' scores gives what comparing every pair gives")
    func againstPairs() throws {
        var state: UInt64 = 42
        func random(below bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for levels in [1, 2, 5, 40, 100_000] {
            for _ in 0..<40 {
                func scores(_ count: Int) -> [Float] {
                    (0..<count).map { _ in Float(random(below: levels) - levels / 2) * 0.37 }
                }
                let defects = scores(1 + random(below: 40))
                let good = scores(1 + random(below: 60))
                var curve = PixelCurve(
                    defectPixels: defects.map { .init(score: $0, regionArea: defects.count) }, regionCount: 1)
                curve.addGood(good[...])
                var wins = 0.0
                for defect in defects { for other in good { wins += defect > other ? 1 : defect == other ? 0.5 : 0 } }
                let expected = wins / Double(defects.count * good.count)
                #expect(abs(try #require(curve.auroc) - expected) < 1e-12)
                // One region that holds every defect pixel, up to a rate of 1: the overlap curve is the ROC curve.
                #expect(abs(try #require(curve.aupro(limit: 1)) - expected) < 1e-12)
            }
        }
    }

    @Test("Positive and negative zero are one score")
    func zeros() {
        var curve = PixelCurve(defectPixels: [.init(score: -0.0, regionArea: 1)], regionCount: 1)
        curve.addGood([0.0, -0.0])
        #expect(curve.auroc == 0.5)
    }
}
