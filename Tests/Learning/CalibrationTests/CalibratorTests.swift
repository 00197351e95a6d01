import Foundation
import Handover
import Imaging
import Numerics
import Score
import Testing

@testable import Calibration

@Suite("Calibrator")
struct CalibratorTests {
    static func options(_ rate: Double = 0.05, nearest: Bool = false, folds: Int = 4) -> CalibrationOptions {
        CalibrationOptions(
            overkillRate: rate, reviewRate: 2 * rate, folds: folds, topShare: 0.1, nearestRate: nearest)
    }

    @Test("Too few parts are refused with the number that is needed")
    func tooFew() {
        var maker = HeldOutMaker(seed: 1)
        let parts = maker.goods(18)
        let error = #expect(throws: CalibrationError.self) {
            try maker.calibrator(Self.options()).fit(parts)
        }
        #expect(error == .tooFewParts(found: 18, needed: 19, rate: 0.05))
        #expect(error?.description.contains("at least 19") == true && error?.description.contains("got 18") == true)
        #expect(throws: CalibrationError.tooFewParts(found: 3, needed: 19, rate: 0.05)) {
            try maker.calibrator(Self.options(nearest: true)).fit(Array(parts.prefix(3)))
        }
        #expect(throws: CalibrationError.tooFewParts(found: 0, needed: 4, rate: 0.5)) {
            try maker.calibrator(Self.options(0.5)).fit([])
        }
    }

    @Test("The nearest rate is taken when it is asked for, and named")
    func nearestRate() throws {
        var maker = HeldOutMaker(seed: 2)
        let statistics = try maker.calibrator(Self.options(nearest: true)).fit(maker.goods(9))
        #expect(statistics.overkillRate == 0.1)
        #expect(statistics.fail == statistics.goodScores.last)
        let enough = try maker.calibrator(Self.options(nearest: true)).fit(maker.goods(19))
        #expect(enough.overkillRate == 0.05)
    }

    @Test("Thresholds come from the tail of the good scores, review below fail")
    func thresholds() throws {
        var maker = HeldOutMaker(seed: 3)
        let statistics = try maker.calibrator(Self.options()).fit(maker.goods(59))
        #expect(statistics.goodScores == statistics.goodScores.sorted() && statistics.goodScores.count == 59)
        let fail = try #require(GoodTail.threshold(statistics.goodScores, rate: 0.05))
        #expect(statistics.fail == Double(Float(fail)))
        #expect(statistics.fail > statistics.goodScores[53] && statistics.review > statistics.goodScores[48])
        #expect(statistics.zero < statistics.review && statistics.review < statistics.fail)
        #expect(statistics.zero == statistics.goodScores[29])
        #expect(statistics.goodScores.allSatisfy { Double(Float($0)) == $0 })
    }

    /// Few parts and many dimensions: statistics that have seen a part find it more ordinary than one they have not.
    @Test("Thresholds come from parts that the statistics have not seen")
    func outOfFold() throws {
        var maker = HeldOutMaker(seed: 4)
        maker.rows = 2
        maker.columns = 3
        maker.width = 16
        let parts = maker.goods(20)
        let fresh = maker.goods(300)
        let statistics = try maker.calibrator(Self.options()).fit(parts)
        func raw(_ part: HeldOutPart) -> Double {
            AnomalyMap.top(statistics.maps(part.prediction).score, share: statistics.topShare)
        }
        func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
        let inFold = median(parts.map(raw))
        let unseen = median(fresh.map(raw))
        // Judged by statistics that saw them, the same parts look better than new ones; the thresholds do not.
        #expect(inFold < 0.9 * unseen)
        #expect(abs(statistics.zero - unseen) < 0.5 * (unseen - inFold))
        let overkill = Double(fresh.count { raw($0) >= statistics.fail }) / 300
        let optimistic = parts.map(raw).max() ?? 0
        let inFoldOverkill = Double(fresh.count { raw($0) >= optimistic }) / 300
        #expect(overkill < inFoldOverkill)
    }

    /// The promise through the whole calibration, on new parts of the same law, over several calibrations.
    @Test("New good parts fail at the promised rate")
    func overkill() throws {
        var failed = 0
        var seen = 0
        for seed in 0..<12 as Range<UInt64> {
            var maker = HeldOutMaker(seed: 100 + seed)
            let statistics = try maker.calibrator(Self.options(0.1)).fit(maker.goods(39))
            let scorer = Scorer(statistics: statistics)
            for _ in 0..<150 {
                seen += 1
                if try scorer.score(maker.good().prediction).verdict == .fail { failed += 1 }
            }
        }
        let rate = Double(failed) / Double(seen)
        // The rate of one calibration is Beta(4, 36): deviation 0.047; of twelve 0.014. Three of them.
        #expect(rate < 0.1 + 3 * 0.014 + 0.007, "rate \(rate)")
        #expect(rate > 0.1 - 3 * 0.014 - 0.007, "rate \(rate)")
    }

    @Test("The place arm counts what the options say")
    func placeWeight() throws {
        var maker = HeldOutMaker(seed: 7)
        let components = (0..<10).map { _ in maker.normals(maker.places, maker.width) }
        var unit = Matrix<Float>(rows: maker.width, columns: maker.width)
        for index in 0..<maker.width { unit[index, index] = 1 }
        let place = PlaceFit.fit(components, projection: unit, offset: [Float](repeating: 0, count: maker.width))
        var options = Self.options()
        options.placeWeight = 2
        let statistics = try maker.calibrator(options).fit(maker.goods(40), usual: UsualEmbeddings(place: place))
        #expect(statistics.arms.map(\.name) == ["masked.2", "place"])
        #expect(statistics.arms.map(\.weight) == [0.25, 2])
    }

    @Test("All masked arms together count a quarter of another arm, repair a half")
    func maskedWeights() throws {
        var maker = HeldOutMaker(seed: 6)
        func part() -> HeldOutPart {
            let target = maker.normals(maker.places, maker.width)
            let arms = ["masked.1", "masked.2", "repair"].map { name in
                PatchPrediction.Arm(
                    name: name, predicted: maker.normals(maker.places, maker.width),
                    hidden: maker.normals(maker.places, maker.states))
            }
            return HeldOutPart(
                PatchPrediction(
                    image: HeldOutMaker.image(rows: maker.rows, columns: maker.columns), target: target, arms: arms,
                    damage: maker.normals(1, maker.places).storage))
        }
        let parts = (0..<40).map { _ in part() }
        let statistics = try Calibrator(
            options: Self.options(), armNames: ["masked.1", "masked.2", "repair"], gridRows: maker.rows,
            gridColumns: maker.columns
        ).fit(parts)
        let weights = Dictionary(uniqueKeysWithValues: statistics.arms.map { ($0.name, $0.weight) })
        #expect(weights == ["masked.1": 0.125, "masked.2": 0.125, "repair": 0.5, "damage": 1])
    }

    @Test("A planted residual fails, and a greater one never scores less")
    func monotonic() throws {
        var maker = HeldOutMaker(seed: 5)
        let statistics = try maker.calibrator(Self.options()).fit(maker.goods(40))
        let scorer = Scorer(statistics: statistics)
        for patch in 0..<maker.places {
            let residual = maker.normals(maker.places, maker.width, scale: 0.3)
            let hidden = maker.normals(maker.places, maker.states)
            let target = maker.normals(maker.places, maker.width)
            var before = -Double.infinity
            for size in [Float(0), 2, 4, 8, 16] {
                var grown = residual
                for column in 0..<maker.width { grown[patch, column] = size * (column % 2 == 0 ? 1 : -1) }
                var predicted = target
                addScaled(&predicted, 1, grown)
                let part = try scorer.score(maker.prediction(predicted: predicted, target: target, hidden: hidden))
                #expect(part.score >= before - 1e-6)
                before = part.score
                if size == 16 {
                    #expect(part.verdict == .fail)
                    let peak = part.anomalyMap.indices.max { part.anomalyMap[$0] < part.anomalyMap[$1] }
                    #expect(peak == patch)
                }
            }
        }
    }

    /// A defect that makes a part simpler: the surface at a busy place is blank. The predictor expects texture it cannot
    /// foretell, so good parts have large errors there, and the blank patch has a smaller one than they have. Its state
    /// says what error to expect; the same small error is usual at calm places.
    @Test("A patch that became too simple is flagged by the place arm, where its plain error hides it")
    func simplifyingDefects() throws {
        var maker = HeldOutMaker(seed: 6)
        let busy = (0..<maker.places).map { $0 % 2 == 0 }
        // Texture: the first two dimensions are foretold exactly at busy places (±3), the others are noise of size 3.
        func texture(_ maker: inout HeldOutMaker) -> (target: Matrix<Float>, predicted: Matrix<Float>) {
            var target = maker.normals(maker.places, maker.width, scale: 0.2)
            var predicted = Matrix<Float>(rows: maker.places, columns: maker.width)
            for n in 0..<maker.places where busy[n] {
                for column in 0..<maker.width {
                    if column < 2 {
                        predicted[n, column] = 3
                        target[n, column] = 3 + Float(maker.random.normal()) * 0.2
                    } else {
                        target[n, column] = Float(maker.random.normal()) * 3
                    }
                }
            }
            return (target, predicted)
        }
        var hidden = Matrix<Float>(rows: maker.places, columns: maker.states)
        for n in 0..<maker.places { hidden[n, 0] = busy[n] ? 1 : -1 }
        var parts: [HeldOutPart] = []
        var targets: [Matrix<Float>] = []
        for _ in 0..<60 {
            let (target, predicted) = texture(&maker)
            targets.append(target)
            parts.append(HeldOutPart(maker.prediction(predicted: predicted, target: target, hidden: hidden)))
        }
        var random = RandomSource(seed: 7)
        let (projection, offset) = PlaceFit.components(targets, count: maker.width, using: &random)
        let place = PlaceFit.fit(
            targets.map { PatchGaussians.components($0, projection: projection, offset: offset) },
            projection: projection, offset: offset)
        let statistics = try maker.calibrator(Self.options()).fit(parts, usual: UsualEmbeddings(place: place))
        let scorer = Scorer(statistics: statistics)
        var caught = 0
        var usualSum: Float = 0
        var blankSum: Float = 0
        let blanks = busy.indices.filter { busy[$0] }
        for patch in blanks {
            var (target, predicted) = texture(&maker)
            let usual = rowRootMeanSquares(difference(predicted, target))[patch]
            for column in 0..<maker.width { target[patch, column] = 0 }
            let raw = rowRootMeanSquares(difference(predicted, target))
            // To the plain error the blank patch is no worse than the texture it replaced, and than its busy neighbours.
            #expect(raw[patch] < blanks.map { raw[$0] }.max()!)
            usualSum += usual
            blankSum += raw[patch]
            let part = try scorer.score(maker.prediction(predicted: predicted, target: target, hidden: hidden))
            if part.score >= 1 { caught += 1 }
        }
        #expect(blankSum < 0.9 * usualSum)
        #expect(caught >= blanks.count - 1, "caught \(caught) of \(blanks.count)")
    }

    private func difference(_ a: Matrix<Float>, _ b: Matrix<Float>) -> Matrix<Float> {
        var result = a
        addScaled(&result, -1, b)
        return result
    }

    @Test("Identical good parts give a threshold: they pass, another part fails")
    func identicalParts() throws {
        var maker = HeldOutMaker(seed: 8)
        let one = maker.good()
        let statistics = try maker.calibrator(Self.options()).fit(
            [HeldOutPart](repeating: one, count: 25))
        #expect(statistics.fail > statistics.zero && statistics.fail.isFinite)
        let scorer = Scorer(statistics: statistics)
        let same = try scorer.score(one.prediction)
        #expect(
            same.verdict == .pass,
            "scores \(same.score), raw \(same.rawScore), thresholds \(statistics.zero), \(statistics.fail)")
        #expect(try scorer.score(maker.good().prediction).verdict == .fail)
    }

    @Test("Numbers that are not finite are refused, not learned")
    func notFinite() {
        var maker = HeldOutMaker(seed: 9)
        var parts = maker.goods(25)
        var residual = maker.normals(maker.places, maker.width)
        residual[3, 2] = .nan
        parts[11] = HeldOutPart(maker.prediction(residual: residual))
        #expect(throws: CalibrationError.notFinite(arm: "masked.2")) {
            try maker.calibrator(Self.options()).fit(parts)
        }
    }

    @Test("A held-out part keeps what its arms said, and no picture")
    func holdsNoPicture() {
        var maker = HeldOutMaker(seed: 10)
        let prediction = maker.prediction(residual: maker.normals(maker.places, maker.width))
        #expect(prediction.image.intake.bytes.count == 1000)
        let part = HeldOutPart(prediction)
        #expect(part.prediction.image.intake.bytes.isEmpty && part.prediction.image.pixels.isEmpty)
        #expect(part.prediction.image.picture.pixels.count == 1)
        #expect(part.prediction.image.geometry == prediction.image.geometry)
        #expect(part.prediction.target == prediction.target)
        #expect(part.prediction.arms[0].predicted == prediction.arms[0].predicted)
    }
}
