import Foundation
import Handover
import Numerics
import Testing

@testable import Score

@Suite("Arms")
struct ArmStatisticsTests {
    static let places = 6
    static let width = 4
    static let states = 3

    static func lower(_ n: Int, _ random: inout RandomSource) -> Matrix<Float> {
        var factor = Matrix<Float>(rows: n, columns: n)
        for row in 0..<n {
            for column in 0...row { factor[row, column] = Float(random.normal()) }
            factor[row, row] = 1 + abs(factor[row, row])
        }
        return factor
    }

    @Test("Whitening: root mean square of W (ẑ − z − mean)")
    func whitening() {
        var random = RandomSource(seed: 1)
        let mean = Made.matrix(Self.places, Self.width, &random)
        let factor = Self.lower(Self.width, &random)
        let predicted = Made.matrix(Self.places, Self.width, &random)
        let target = Made.matrix(Self.places, Self.width, &random)
        let found = Whitening(mean: mean, factor: factor).magnitudes(predicted: predicted, target: target)
        for n in 0..<Self.places {
            var square = 0.0
            for i in 0..<Self.width {
                var sum = 0.0
                for j in 0..<Self.width {
                    sum += Double(factor[i, j]) * Double(predicted[n, j] - target[n, j] - mean[n, j])
                }
                square += sum * sum
            }
            #expect(abs(Double(found[n]) - (square / Double(Self.width)).squareRoot()) < 1e-5)
        }
    }

    @Test("Expected error: deviation from what the hidden state and the place foretell, in its own spread")
    func expectedError() {
        var random = RandomSource(seed: 2)
        let expected = ExpectedError(
            magnitude: [0.5, -1, 2, 0.3], deviation: [0.2, 0.1, -0.4, 0.1],
            placeOffset: Made.normals(Self.places, &random),
            placeDeviation: [0, 0.1, 0.2, 0.3, 0.4, 0.5], floor: 0.25)
        let hidden = Made.matrix(Self.places, Self.states, &random)
        let magnitudes = Made.normals(Self.places, &random)
        let found = expected.standardised(magnitudes: magnitudes, hidden: hidden)
        for n in 0..<Self.places {
            let (a, b, c) = (hidden[n, 0], hidden[n, 1], hidden[n, 2])
            let foretold = 0.5 * a - b + 2 * c + 0.3 + expected.placeOffset[n]
            let spread = max(0, 0.2 * a + 0.1 * b - 0.4 * c + 0.1)
            let wanted = (magnitudes[n] - foretold) / (0.5 * (1.25 * spread + expected.placeDeviation[n]) + 0.25)
            #expect(abs(found[n] - wanted) < 1e-4)
        }
    }

    /// Gaussians of random means and covariances, and these.
    private static func gaussians(
        _ count: Int, components k: Int, _ random: inout RandomSource
    ) -> (gaussians: PatchGaussians, covariances: [Matrix<Double>]) {
        let projection = Made.matrix(k, width, &random)
        let offset = Made.normals(k, &random)
        let mean = Made.matrix(count, k, &random)
        var factors = Matrix<Float>(rows: 0, columns: k)
        var covariances: [Matrix<Double>] = []
        for _ in 0..<count {
            let a = Matrix<Double>(rows: k, columns: k, storage: (0..<k * k).map { _ in random.normal() })
            var covariance = product(a, a, transposeB: true)
            for index in 0..<k { covariance[index, index] += 0.5 }
            covariances.append(covariance)
            let inverse = LinearAlgebra.inverseOfLower(LinearAlgebra.cholesky(covariance)!)
            factors.storage.append(contentsOf: inverse.storage.map { Float($0) })
            factors.rows += k
        }
        return (PatchGaussians(projection: projection, offset: offset, mean: mean, factors: factors), covariances)
    }

    /// Mahalanobis distance / √k of a patch from one of the Gaussians, by solving Σ x = d.
    private static func distance(
        _ patch: ArraySlice<Float>, from number: Int,
        of made: (gaussians: PatchGaussians, covariances: [Matrix<Double>])
    ) -> Double {
        let gaussians = made.gaussians
        let k = gaussians.offset.count
        var difference = Matrix<Double>(rows: k, columns: 1)
        for i in 0..<k {
            difference[i, 0] =
                zip(gaussians.projection.row(i), patch).reduce(0) { $0 + Double($1.0) * Double($1.1) }
                - Double(gaussians.offset[i]) - Double(gaussians.mean[number, i])
        }
        let solved = LinearAlgebra.solve(made.covariances[number], difference)!
        let square = zip(solved.storage, difference.storage).reduce(0) { $0 + $1.0 * $1.1 }
        return (square / Double(k)).squareRoot()
    }

    @Test("Gaussians at places: Mahalanobis distance / √k from each place's own")
    func atPlaces() {
        var random = RandomSource(seed: 3)
        let made = Self.gaussians(Self.places, components: 3, &random)
        let target = Made.matrix(Self.places, Self.width, &random)
        let found = made.gaussians.magnitudes(atPlaces: target)
        for n in 0..<Self.places {
            let wanted = Self.distance(target.row(n), from: n, of: made)
            #expect(abs(Double(found[n]) - wanted) < 1e-3 * max(1, wanted))
        }
    }

    @Test("Gaussians of kinds: Mahalanobis distance / √k from the nearest in that measure")
    func ofNearest() {
        var random = RandomSource(seed: 13)
        let made = Self.gaussians(5, components: 3, &random)
        let target = Made.matrix(7, Self.width, &random)
        let found = made.gaussians.magnitudes(ofNearest: target)
        #expect(found.count == 7)
        for n in 0..<7 {
            let wanted = (0..<5).map { Self.distance(target.row(n), from: $0, of: made) }.min()!
            #expect(abs(Double(found[n]) - wanted) < 1e-3 * max(1, wanted))
        }
    }

    @Test("Of more kinds than are looked at, one with a far mean is not, however wide it is")
    func ofNearestAmongMany() {
        var random = RandomSource(seed: 15)
        let kinds = 3 * PatchGaussians.candidates
        let made = Self.gaussians(kinds, components: 3, &random)
        let target = Made.matrix(9, Self.width, &random)
        let before = made.gaussians.magnitudes(ofNearest: target)
        for n in 0..<9 {
            let wanted = (0..<kinds).map { Self.distance(target.row(n), from: $0, of: made) }.min()!
            #expect(Double(before[n]) > wanted * 0.999)
        }
        // The last kind goes far away, and becomes so wide that by Mahalanobis distance all patches are nearest to it.
        var (mean, factors) = (made.gaussians.mean, made.gaussians.factors)
        for column in 0..<3 { mean[kinds - 1, column] = 1e3 }
        for row in 3 * (kinds - 1)..<3 * kinds {
            for column in 0..<3 { factors[row, column] *= 1e-6 }
        }
        func gaussians(_ kept: Range<Int>) -> PatchGaussians {
            PatchGaussians(
                projection: made.gaussians.projection, offset: made.gaussians.offset, mean: mean.rows(kept),
                factors: factors.rows(3 * kept.lowerBound..<3 * kept.upperBound))
        }
        let wide = gaussians(kinds - 1..<kinds).magnitudes(ofNearest: target)
        let found = gaussians(0..<kinds).magnitudes(ofNearest: target)
        #expect(zip(wide, found).allSatisfy { $0 < $1 })
        #expect(found == gaussians(0..<kinds - 1).magnitudes(ofNearest: target))
    }

    @Test(
        "What is not a number is none to any kind, and a kind that is not one spoils every patch: never a small distance"
    )
    func notFinite() {
        var random = RandomSource(seed: 14)
        let made = Self.gaussians(3, components: 3, &random).gaussians
        var target = Made.matrix(4, Self.width, &random)
        let before = made.magnitudes(ofNearest: target)
        target[2, 1] = .nan
        let broken = made.magnitudes(ofNearest: target)
        #expect(broken[2].isNaN && broken[3] == before[3])
        // The first kind, so that the others come after it.
        var mean = made.mean
        mean[0, 0] = .nan
        let damaged = PatchGaussians(
            projection: made.projection, offset: made.offset, mean: mean, factors: made.factors)
        #expect(damaged.magnitudes(ofNearest: target).allSatisfy { $0.isNaN })
    }

    @Test("An arm is found by its name, and a scale brings the median to 0 and the hundredth to 1")
    func armsByName() {
        var random = RandomSource(seed: 4)
        let identity = Matrix<Float>(rows: 2, columns: 2, storage: [1, 0, 0, 1])
        let whitening = Whitening(mean: Matrix(rows: 2, columns: 2), factor: identity)
        let scale = ArmScale(median: 2, percentile99: 6)
        #expect(scale.z(2) == 0 && scale.z(6) == 1 && scale.z(10) == 2)
        let target = Made.matrix(2, 2, &random)
        var moved = target
        moved[1, 0] += 2
        let arms = ["masked.2", "repair"].map {
            PatchPrediction.Arm(
                name: $0, predicted: $0 == "repair" ? moved : target, hidden: Matrix(rows: 2, columns: 1))
        }
        let prediction = PatchPrediction(
            image: Made.image(rows: 1, columns: 2), target: target, arms: arms, damage: nil)
        func magnitudes(_ name: String) -> [Float] {
            ArmStatistics(source: .residual(name, whitening), expected: nil, scoreScale: scale, heatScale: nil)
                .magnitudes(prediction).calibrated
        }
        #expect(magnitudes("masked.2") == [0, 0])
        let repaired = magnitudes("repair")
        #expect(repaired[0] == 0 && abs(repaired[1] - Float(2).squareRoot()) < 1e-6)
    }

    @Test(
        "Fusion: mean of positive z over families; heat of plain and of calibrated values, the plainer the more evidence is near"
    )
    func fusion() {
        let unit = ArmScale(median: 0, percentile99: 1)
        let whitening = Whitening(mean: Matrix(rows: 2, columns: 1), factor: Matrix(rows: 1, columns: 1, storage: [1]))
        func arm(_ heat: Bool) -> ArmStatistics {
            ArmStatistics(
                source: heat ? .damage : .residual("repair", whitening), expected: nil, scoreScale: unit,
                heatScale: heat ? unit : nil)
        }
        let maps = FusedMaps(
            [
                (arm(true), (plain: [16, 0], calibrated: [3, -2])),
                (arm(false), (plain: [99, 99], calibrated: [4, 1])),
            ],
            rows: 1, columns: 2)
        #expect(maps.score == [3.5, 0.5])
        // Mean calibrated z: 3.5 and −0.5; as evidence 3 and 0. A Gaussian of two cells, cut at six, whose outside repeats
        // the border: the first cell gives itself all weights up to 0, the second one all from 1 on.
        let weights = (-6...6).map { exp(-Double($0 * $0) / 8) }
        let upper = weights[7...].reduce(0, +) / weights.reduce(0, +)
        let shares = [1 - upper, upper].map { 0.3 + 0.7 * 3 * $0 / 2 }
        let heat = [shares[0] * 16 + (1 - shares[0]) * 3.5, (1 - shares[1]) * -0.5]
        // Smoothing along one axis of two cells, and across: a half of a half and of a quarter.
        let expected = [heat[0] / 4 + heat[1] / 8, heat[1] / 4 + heat[0] / 8]
        for (value, wanted) in zip(maps.heat, expected) { #expect(abs(Double(value) - wanted) < 1e-5) }
    }

    @Test("A voice of half the weight counts half in the score, and in the heat among those that warm it")
    func weights() {
        let unit = ArmScale(median: 0, percentile99: 1)
        let whitening = Whitening(mean: Matrix(rows: 1, columns: 1), factor: Matrix(rows: 1, columns: 1, storage: [1]))
        func maps(_ weight: Float, heat: Bool) -> FusedMaps {
            let masked = ArmStatistics(
                source: .residual("masked.2", whitening), expected: nil, scoreScale: unit,
                heatScale: heat ? unit : nil, weight: weight)
            let damage = ArmStatistics(source: .damage, expected: nil, scoreScale: unit, heatScale: unit)
            return FusedMaps(
                [(masked, (plain: [12], calibrated: [6])), (damage, (plain: [3], calibrated: [3]))], rows: 1, columns: 1
            )
        }
        #expect(maps(1, heat: true).score == [4.5] && maps(0.5, heat: true).score == [4])
        // One cell: its evidence of 3 makes the plain values count in full, and smoothing leaves a fourth of them.
        for (weight, heat, plain) in [(Float(1), true, 7.5), (0.5, true, 6), (1, false, 3), (0.5, false, 3)] {
            #expect(abs(Double(maps(weight, heat: heat).heat[0]) - plain / 4) < 1e-6)
        }
    }

    @Test("Far from any evidence a large plain magnitude warms the map by 0.3 of itself, amid evidence in full")
    func plainFollowsEvidence() {
        let unit = ArmScale(median: 0, percentile99: 1)
        let arm = ArmStatistics(source: .damage, expected: nil, scoreScale: unit, heatScale: unit)
        // Columns 0…9 have evidence, a printed number at column 39 has none; both have the same plain magnitude.
        var plain = [Float](repeating: 0, count: 9 * 40)
        var calibrated = plain
        for row in 0..<9 {
            for column in 0..<10 {
                plain[row * 40 + column] = 8
                calibrated[row * 40 + column] = 4
            }
            plain[row * 40 + 38] = 8
            plain[row * 40 + 39] = 8
            plain[row * 40 + 37] = 8
        }
        let heat = FusedMaps([(arm, (plain: plain, calibrated: calibrated))], rows: 9, columns: 40).heat
        #expect(abs(heat[4 * 40 + 2] - 8) < 0.01)
        #expect(abs(heat[4 * 40 + 38] - 0.3 * 8) < 0.01)
    }
}
