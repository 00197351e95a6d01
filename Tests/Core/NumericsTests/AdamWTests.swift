import Foundation
import Testing

@testable import Numerics

@Suite struct AdamWTests {
    /// PyTorch's `torch.optim.AdamW` in float64, made by `Tests/Core/NumericsTests/Golden/golden_numbers.py`: a decayed 2 × 2 matrix, then
    /// a vector without decay.
    static let start = [0.5, -0.25, 1.5, -2.0, 0.125, -1.0]
    static let gradient = [0.1, -0.2, 0.3, 0.0, 1e-4, -2.0]
    static let gradientScales = [1.0, -0.5, 3.0]
    static let golden: [[Double]] = [
        [0.4895000009999999, -0.23975000049999998, 1.4885000003333333, -1.998, 0.11500099990001, -0.99000000005],
        [
            0.4863268068602668, -0.2368265561897143, 1.4843278059661968, -1.996002, 0.11231764748083038,
            -0.9873163055862669,
        ],
        [
            0.47926444964867165, -0.23001369905439728, 1.4762674475229725, -1.994005998, 0.10574196549372043,
            -0.9807402748501864,
        ],
    ]

    static func setUp<Scalar: KernelScalar>() -> (ParameterStore<Scalar>, ParameterLayout, AdamW<Scalar>) {
        var layout = ParameterLayout()
        _ = layout.add("matrix", rows: 2, columns: 2, .zeros)
        _ = layout.add("vector", columns: 2, .zeros)
        var store = ParameterStore<Scalar>(zerosFor: layout)
        store.values = start.map { Scalar($0) }
        return (store, layout, AdamW(layout: layout, weightDecay: 0.1))
    }

    @Test func stepsAgreeWithPyTorch() {
        var (store, layout, optimizer): (ParameterStore<Double>, _, _) = Self.setUp()
        var gradients = ParameterStore<Double>(zerosFor: layout)
        gradients.values = Self.gradient
        for step in 0..<3 {
            optimizer.update(
                &store, gradients: gradients, learningRate: 0.01, gradientScale: Self.gradientScales[step])
            #expect(relativeError(store.values, Self.golden[step]) < 1e-14)
        }
        #expect(optimizer.step == 3)
    }

    @Test func floatFollowsDouble() {
        var (store, layout, optimizer): (ParameterStore<Float>, _, _) = Self.setUp()
        var gradients = ParameterStore<Float>(zerosFor: layout)
        gradients.values = Self.gradient.map { Float($0) }
        for step in 0..<3 {
            optimizer.update(
                &store, gradients: gradients, learningRate: 0.01, gradientScale: Self.gradientScales[step])
        }
        #expect(relativeError(store.values.map(Double.init), Self.golden[2]) < 1e-6)
    }

    @Test func onlyLearningParametersMove() {
        var (store, layout, optimizer): (ParameterStore<Double>, _, _) = Self.setUp()
        var gradients = ParameterStore<Double>(zerosFor: layout)
        gradients.values = Self.gradient
        optimizer.update(&store, gradients: gradients, learningRate: 0.01, gradientScale: 1, learning: ["vector"])
        #expect(Array(store.values[..<4]) == Array(Self.start[..<4]))
        #expect(relativeError(Array(store.values[4...]), Array(Self.golden[0][4...])) < 1e-14)
    }

    /// Half the pace is half the rate, step and decay both; without decay the vector's rule holds for the matrix too.
    @Test func pacesAreSharesOfTheRate() {
        var (store, layout, optimiser): (ParameterStore<Double>, _, _) = Self.setUp()
        var (slower, _, half): (ParameterStore<Double>, _, _) = Self.setUp()
        var gradients = ParameterStore<Double>(zerosFor: layout)
        gradients.values = Self.gradient
        optimiser.update(&store, gradients: gradients, learningRate: 0.005, gradientScale: 1)
        half.update(
            &slower, gradients: gradients, learningRate: 0.01, gradientScale: 1,
            paces: ["matrix": .init(rate: 0.5, decays: true)])
        #expect(slower.values[..<4] == store.values[..<4])
        #expect(relativeError(Array(slower.values[4...]), Array(Self.golden[0][4...])) < 1e-14)
        (store, _, optimiser) = Self.setUp()
        optimiser.update(
            &store, gradients: gradients, learningRate: 0.01, gradientScale: 1,
            paces: ["matrix": .init(rate: 1, decays: false)])
        let decay = 0.01 * 0.1
        for index in 0..<4 {
            #expect(abs(store.values[index] - Self.golden[0][index] - decay * Self.start[index]) < 1e-14)
        }
        #expect(store.values[3] == Self.start[3], "no gradient, no decay: nothing moves")
        #expect(relativeError(Array(store.values[4...]), Array(Self.golden[0][4...])) < 1e-14)
    }

    @Test func resumedStepsAreTheSameBits() {
        var (store, layout, optimizer): (ParameterStore<Float>, _, _) = Self.setUp()
        var gradients = ParameterStore<Float>(zerosFor: layout)
        gradients.values = Self.gradient.map { Float($0) }
        optimizer.update(&store, gradients: gradients, learningRate: 0.01, gradientScale: 1)
        var resumed = AdamW<Float>(layout: layout, weightDecay: 0.1)
        resumed.restore(
            firstMoments: optimizer.firstMoments, secondMoments: optimizer.secondMoments, step: optimizer.step)
        var copy = store
        optimizer.update(&store, gradients: gradients, learningRate: 0.02, gradientScale: 1)
        resumed.update(&copy, gradients: gradients, learningRate: 0.02, gradientScale: 1)
        #expect(store.values == copy.values && resumed.step == 2)
    }

    /// The sum of gradients and its norm, and the update, over stretches that are longer than a slice and end inside one.
    @Test func anyNumberOfWorkersGivesTheSameBits() {
        var layout = ParameterLayout()
        let length = Slices.length
        _ = layout.add("frozen", columns: 1000, .zeros)
        let first = layout.add("matrix", rows: 3, columns: length / 2, .zeros)
        let last = layout.add("vector", columns: length + 77, .zeros)
        let range = first.offset..<last.range.upperBound
        let shards = (0..<3).map { ParameterStore<Float>(drawing: layout, seed: UInt64($0) + 1) }
        func run(_ workers: Int) -> (norm: Double, values: [Float], moments: [Float]) {
            var gradients = shards[0]
            let norm = gradients.add(Array(shards.dropFirst()), range: range, workers: workers)
            var store = ParameterStore<Float>(drawing: layout, seed: 9)
            var optimiser = AdamW<Float>(layout: layout, weightDecay: 0.1)
            for _ in 0..<2 {
                optimiser.update(
                    &store, gradients: gradients, learningRate: 0.01, gradientScale: 1 / norm,
                    learning: ["matrix", "vector"], workers: workers)
            }
            return (norm, store.values, optimiser.secondMoments)
        }
        let one = run(1)
        for workers in [2, 3] {
            let several = run(workers)
            #expect(several.norm == one.norm && several.values == one.values && several.moments == one.moments)
        }
        var square = 0.0
        for index in range {
            let sum = shards[0].values[index] + shards[1].values[index] + shards[2].values[index]
            square += Double(sum) * Double(sum)
        }
        #expect(abs(one.norm / square.squareRoot() - 1) < 1e-12)
        let before = ParameterStore<Float>(drawing: layout, seed: 9).values
        #expect(one.values[..<first.offset] == before[..<first.offset])
        #expect(range.allSatisfy { one.values[$0] != before[$0] })
    }

    @Test func normIsEuclideanAndShowsAFault() {
        var layout = ParameterLayout()
        _ = layout.add("v", columns: 40, .zeros)
        var store = ParameterStore<Float>(drawing: layout, seed: 1)
        let expected = store.values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        #expect(abs(store.add([], range: 0..<40, workers: 1) / expected - 1) < 1e-14)
        #expect(store.add([], range: 7..<7, workers: 2) == 0)
        store.values[35] = .nan
        #expect(store.add([], range: 0..<40, workers: 2).isNaN)
        #expect(store.add([], range: 0..<35, workers: 2).isFinite)
    }

    @Test func schedule() {
        let schedule = WarmupCosine(peak: 0.2, warmupSteps: 10, floor: 0.1)
        #expect(abs(schedule.rate(step: 0, progress: 0) - 0.02) < 1e-15)
        #expect(abs(schedule.rate(step: 9, progress: 0) - 0.2) < 1e-15)
        #expect(abs(schedule.rate(step: 100, progress: 0.5) - 0.2 * 0.55) < 1e-15)
        #expect(abs(schedule.rate(step: 100, progress: 1) - 0.02) < 1e-15)
        #expect(schedule.rate(step: 100, progress: 7) == schedule.rate(step: 100, progress: 1))
        #expect(schedule.rate(step: 100, progress: -1) == schedule.rate(step: 100, progress: 0))
        #expect(WarmupCosine(peak: 1, warmupSteps: 0).rate(step: 0, progress: 0) == 1)
        let rates = (0...100).map { schedule.rate(step: 50, progress: Double($0) / 100) }
        #expect(rates == rates.sorted(by: >))
    }
}
