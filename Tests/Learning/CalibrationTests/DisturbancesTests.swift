import Handover
import Numerics
import Score
import Testing

@testable import Calibration

@Suite("Pictures that change while parts do not")
struct DisturbancesTests {
    /// The same prediction with every patch's target moved by `step` times a normal number along `axis`.
    private static func moved(
        _ clean: PatchPrediction, axis: Int, step: Float, _ maker: inout HeldOutMaker
    ) -> PatchPrediction {
        var target = clean.target
        for n in 0..<target.rows { target[n, axis] += step * Float(maker.random.normal()) }
        return maker.prediction(
            predicted: clean.arms[0].predicted, target: target, hidden: clean.arms[0].hidden)
    }

    @Test("Every kind counts alike, however many pictures it has")
    func kinds() throws {
        var maker = HeldOutMaker(seed: 51)
        let clean = maker.prediction(residual: maker.normals(maker.places, maker.width))
        // Every patch moved by exactly `step` along an axis.
        func part(kind: Int, axis: Int, step: Float) -> DisturbedPart {
            var target = clean.target
            for n in 0..<target.rows { target[n, axis] += step }
            return DisturbedPart(
                kind: kind, clean: clean,
                disturbed: maker.prediction(
                    predicted: clean.arms[0].predicted, target: target, hidden: clean.arms[0].hidden))
        }
        let disturbances = Disturbances(
            (0..<4).map { _ in part(kind: 0, axis: 0, step: 1) } + [part(kind: 1, axis: 1, step: 2)])
        let covariance = try #require(disturbances.residualCovariance("masked.2", interleaved: false))
        // Axis 1 moves twice as far: four times the covariance. Nothing else moves.
        #expect(covariance[0, 0] > 0 && abs(covariance[1, 1] - 4 * covariance[0, 0]) < 1e-4)
        #expect(covariance.storage.enumerated().allSatisfy { $0 == 0 || $0 == 7 || abs($1) < 1e-5 })
        #expect(disturbances.residualCovariance("repair", interleaved: false) == nil)
        // The place's differences carry the same share as the residuals' covariance.
        let selection = Matrix<Float>(rows: 1, columns: maker.width, storage: [0, 1, 0, 0, 0, 0])
        let differences = disturbances.componentDifferences(selection, interleaved: false)
        #expect(differences.map(\.count) == [4, 1])
        #expect(differences[0].allSatisfy { $0.storage.allSatisfy { abs($0) < 1e-5 } })
        #expect(differences[1][0].storage.allSatisfy { abs(Double($0 * $0) - covariance[1, 1]) < 1e-4 })
        let none = Disturbances()
        #expect(none.residualCovariance("masked.2", interleaved: false) == nil)
        #expect(none.componentDifferences(selection, interleaved: false).isEmpty)
        #expect(none.rise("masked.2", interleaved: false) { _ in [] } == nil)
    }

    @Test("Errors count as steady only as far as changed pictures leave them so, each place for itself; a fall is none")
    func rise() throws {
        var maker = HeldOutMaker(seed: 56)
        let clean = maker.prediction(residual: maker.normals(maker.places, maker.width))
        let disturbed = maker.prediction(residual: maker.normals(maker.places, maker.width))
        let parts = (0..<40).map { DisturbedPart(kind: $0 % 4, clean: clean, disturbed: disturbed) }
        // Ten places rise by 3 and ten fall by 5, always: nothing is left to chance, so hardly anything is shrunk.
        let isDisturbed = { (prediction: PatchPrediction) in prediction.target == disturbed.target }
        let rise = try #require(
            Disturbances(parts).rise("masked.2", interleaved: false) { prediction in
                (0..<20).map { isDisturbed(prediction) ? ($0 < 10 ? 4 : 1) : ($0 < 10 ? 1 : 6) }
            })
        #expect(rise.prefix(10).allSatisfy { abs($0 - 3) < 1e-3 } && rise.suffix(10).allSatisfy { $0 < 1e-1 })
        let steady = ExpectedError(
            magnitude: [0, 1], deviation: [0, 0], placeOffset: [Float](repeating: 0, count: 20),
            placeDeviation: [Float](repeating: 0.2, count: 20), floor: 0.1)
        let hidden = Matrix<Float>(rows: 20, columns: 1)
        let magnitudes = [Float](repeating: 4, count: 20)
        // (4 − 1) / (0.2 / 2 + 0.1), and with 3 more below.
        #expect(steady.standardised(magnitudes: magnitudes, hidden: hidden).allSatisfy { abs($0 - 15) < 1e-4 })
        let spread = steady.spread(by: rise).standardised(magnitudes: magnitudes, hidden: hidden)
        #expect(spread.prefix(10).allSatisfy { abs($0 - 3 / 3.2) < 1e-3 } && spread.suffix(10).allSatisfy { $0 > 9 })
        #expect(steady.spread(by: nil) == steady)
    }

    @Test("What a change of the picture moves counts less, what it does not move counts as before")
    func whitening() throws {
        var maker = HeldOutMaker(seed: 52)
        let residuals = (0..<60).map { _ in maker.normals(maker.places, maker.width) }
        var disturbance = Matrix<Double>(rows: maker.width, columns: maker.width)
        disturbance[2, 2] = 24
        let before = try #require(ArmFit.whitening(residuals, shrinkage: 0.1))
        let after = try #require(ArmFit.whitening(residuals, shrinkage: 0.1, disturbance: disturbance))
        func magnitude(_ whitening: Whitening, axis: Int) -> Float {
            var predicted = whitening.mean
            predicted[7, axis] += 5
            return whitening.magnitudes(
                predicted: predicted, target: Matrix(rows: maker.places, columns: maker.width))[7]
        }
        // A variance of 1 becomes 25: a fifth of the magnitude.
        #expect(abs(magnitude(after, axis: 2) / magnitude(before, axis: 2) - 0.2) < 0.02)
        for axis in [0, 1, 3, 4, 5] {
            #expect(abs(magnitude(after, axis: axis) / magnitude(before, axis: axis) - 1) < 0.05)
        }
    }

    @Test("At its place too, where that place is moved")
    func place() throws {
        var maker = HeldOutMaker(seed: 53)
        let identity = Matrix<Float>(rows: 2, columns: 2, storage: [1, 0, 0, 1])
        let parts = (0..<200).map { _ in maker.normals(12, 2) }
        // Light moves the first half of the places along axis 0 and leaves the other half alone.
        let light = (0..<100).map { _ in
            var moved = maker.normals(12, 2, scale: 5)
            for n in 0..<12 {
                moved[n, 1] = 0
                if n >= 6 { moved[n, 0] = 0 }
            }
            return moved
        }
        let before = try #require(PlaceFit.fit(parts, projection: identity, offset: [0, 0]))
        let after = try #require(
            PlaceFit.fit(parts, projection: identity, offset: [0, 0], disturbed: [light, []]))
        #expect(after.mean == before.mean)
        func magnitude(_ gaussian: PatchGaussians, place: Int, axis: Int) -> Float {
            var part = gaussian.mean
            part[place, axis] += 5
            return gaussian.magnitudes(atPlaces: part)[place]
        }
        for place in 0..<12 {
            let along = magnitude(after, place: place, axis: 0) / magnitude(before, place: place, axis: 0)
            let across = magnitude(after, place: place, axis: 1) / magnitude(before, place: place, axis: 1)
            // Variance 1 becomes 26; two numbers in a hundred are what all places share.
            #expect(place < 6 ? along < 0.3 : along > 0.8, "place \(place): \(along)")
            #expect(abs(across - 1) < 0.05, "place \(place): \(across)")
        }
    }

    /// Of each kind of two, the first parts moved along an axis of its own.
    private static func disturbances(_ parts: [HeldOutPart], _ maker: inout HeldOutMaker) -> Disturbances {
        var result: [DisturbedPart] = []
        for number in 0..<24 {
            let clean = parts[number].prediction
            result.append(
                DisturbedPart(
                    kind: number % 2, clean: clean, disturbed: moved(clean, axis: number % 2, step: 6, &maker)))
        }
        return Disturbances(result)
    }

    @Test("Changed pictures of good parts fail without them and most pass with them; a defect fails")
    func verdicts() throws {
        var maker = HeldOutMaker(seed: 54)
        let parts = maker.goods(80)
        let disturbances = Self.disturbances(parts, &maker)
        let options = CalibrationOptions(overkillRate: 0.05, reviewRate: 0.1)
        let blind = Scorer(statistics: try maker.calibrator(options).fit(parts))
        let knowing = Scorer(
            statistics: try maker.calibrator(options).fit(parts, disturbances: disturbances))
        var failed = (blind: 0, knowing: 0, defects: 0)
        for _ in 0..<50 {
            let good = maker.good().prediction
            let disturbed = Self.moved(good, axis: 1, step: 2, &maker)
            var residual = maker.normals(maker.places, maker.width)
            residual[9, 3] += 12
            let defect = maker.prediction(residual: residual)
            failed.blind += try blind.score(disturbed).verdict == .fail ? 1 : 0
            failed.knowing += try knowing.score(disturbed).verdict == .fail ? 1 : 0
            failed.defects += try knowing.score(defect).verdict == .fail ? 1 : 0
        }
        #expect(failed.blind > 35 && failed.knowing < 18 && failed.defects > 45, "\(failed)")
    }

    @Test("Statistics tell what they know of disturbances: another fit on the same parts gives them again")
    func recovered() throws {
        var maker = HeldOutMaker(seed: 55)
        let parts = maker.goods(60)
        let disturbances = Self.disturbances(parts, &maker)
        let calibrator = maker.calibrator(CalibrationOptions(overkillRate: 0.05, reviewRate: 0.1))
        let statistics = try calibrator.fit(parts, disturbances: disturbances)
        let told = Disturbances(of: statistics, fittedOn: parts)
        let given = try #require(disturbances.residualCovariance("masked.2", interleaved: false))
        let again = try #require(told.residualCovariance("masked.2", interleaved: false))
        #expect(given[0, 0] > 0.5)
        for index in given.storage.indices { #expect(abs(given.storage[index] - again.storage[index]) < 1e-3) }
        let refitted = try calibrator.fit(parts, disturbances: told)
        let (first, second) = (try #require(statistics.arms[0].expected), try #require(refitted.arms[0].expected))
        for place in 0..<maker.places {
            #expect(abs(first.placeDeviation[place] - second.placeDeviation[place]) < 1e-3)
        }
        // Of other parts nothing is told: how good parts differ is no disturbance.
        let elsewhere = Disturbances(of: statistics, fittedOn: maker.goods(60))
        #expect(elsewhere.residualCovariance("masked.2", interleaved: false) == nil)
        #expect(elsewhere.rise("masked.2", interleaved: false) { _ in [] } == nil)
        // Of statistics that know none: none.
        let blind = try calibrator.fit(parts)
        let none = Disturbances(of: blind, fittedOn: parts)
        let nothing = try #require(none.residualCovariance("masked.2", interleaved: false))
        #expect(nothing.storage.allSatisfy { abs($0) < 1e-3 })
        let rise = try #require(none.rise("masked.2", interleaved: false) { _ in [] })
        #expect(rise.allSatisfy { $0 < 1e-4 })
    }
}
