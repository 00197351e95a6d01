import Numerics
import Testing

@testable import Evaluation

@Suite("Paired bootstrap")
struct PairedBootstrapTests {
    private func normals(_ count: Int, seed: UInt64) -> [Double] {
        var random = RandomSource(seed: seed)
        return (0..<count).map { _ in random.normal() }
    }

    @Test("The difference is that of the two AUROC, ties included, and a method does not differ from itself")
    func value() throws {
        let truth = (0..<50).map { $0 % 3 == 0 }
        let a = normals(50, seed: 1).map { ($0 * 2).rounded() }
        let b = zip(normals(50, seed: 2), truth).map { $0 + ($1 ? 1 : 0) }
        let bootstrap = PairedBootstrap(isDefective: truth, draws: 200)
        let difference = try #require(bootstrap.difference(b, minus: a))
        let expected =
            try #require(RankedScores(scores: b, isDefective: truth).auroc)
            - #require(RankedScores(scores: a, isDefective: truth).auroc)
        #expect(abs(difference.value - expected) < 1e-12)
        #expect(difference.interval.contains(difference.value))
        let none = try #require(bootstrap.difference(a, minus: a))
        #expect(none.value == 0 && none.interval == 0...0 && !none.isClear)
        #expect(PairedBootstrap(isDefective: [true, true], draws: 100).difference([1, 2], minus: [2, 1]) == nil)
    }

    @Test("Two equally good ways rarely differ clearly, a better one does; pairing makes the interval narrower")
    func clear() throws {
        var wrong = 0
        for trial in 0..<40 {
            let truth = (0..<80).map { $0 < 40 }
            let a = zip(normals(80, seed: UInt64(100 + trial)), truth).map { $0 + ($1 ? 1 : 0) }
            let b = zip(normals(80, seed: UInt64(900 + trial)), truth).map { $0 + ($1 ? 1 : 0) }
            let difference = PairedBootstrap(isDefective: truth, draws: 400).difference(a, minus: b)
            if try #require(difference).isClear { wrong += 1 }
        }
        #expect(wrong <= 6, "\(wrong) of 40, expected about 2")
        let truth = (0..<400).map { $0 < 200 }
        let base = zip(normals(400, seed: 3), truth).map { $0 + ($1 ? 1 : 0) }
        let noise = normals(400, seed: 4)
        let better = zip(base, truth).map { $0 + ($1 ? 0.5 : 0) }
        let bootstrap = PairedBootstrap(isDefective: truth, draws: 500)
        #expect(try #require(bootstrap.difference(better, minus: base)).isClear)
        let alike = zip(base, noise).map { $0 + 0.1 * $1 }
        let apart = zip(normals(400, seed: 5), truth).map { $0 + ($1 ? 1 : 0) }
        func span(_ scores: [Double]) throws -> Double {
            let interval = try #require(bootstrap.difference(scores, minus: base)).interval
            return interval.upperBound - interval.lowerBound
        }
        #expect(try span(alike) < 0.5 * span(apart))
    }

    @Test("Overkill has its exact interval")
    func overkill() throws {
        var evaluator = Evaluator(threshold: 0.5)
        for index in 0..<20 {
            evaluator.add(
                EvaluationInput(
                    name: "g", kind: nil, score: index == 0 ? 1 : 0, map: [0], rows: 1, columns: 1, width: 1, height: 1,
                    mask: nil))
        }
        let interval = try #require(evaluator.result().overkillInterval)
        #expect(interval == Binomial.interval(successes: 1, of: 20))
        #expect(Evaluator().result().overkillInterval == nil)
    }
}
