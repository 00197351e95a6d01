import Handover
import Numerics
import Score
import Testing

@testable import Calibration

@Suite("The mixture of good patches")
struct MixtureFitTests {
    private static let identity = Matrix<Float>(rows: 2, columns: 2, storage: [1, 0, 0, 1])

    /// Patches of four kinds about (±6, ±6), each patch of a random one: no place says which.
    private static func loose(_ maker: inout HeldOutMaker, count: Int, places: Int = 24) -> [Matrix<Float>] {
        (0..<count).map { _ in
            var part = maker.normals(places, 2)
            let signs = maker.normals(places, 2)
            for index in part.storage.indices { part.storage[index] += signs.storage[index] < 0 ? -6 : 6 }
            return part
        }
    }

    private static func fit(_ parts: [Matrix<Float>], disturbed: [[Matrix<Float>]] = [], seed: UInt64 = 1)
        -> PatchGaussians?
    {
        var random = RandomSource(seed: seed)
        return MixtureFit.fit(parts, projection: identity, offset: [0, 0], disturbed: disturbed, using: &random)
    }

    @Test("What lies between the kinds of loose patches is unusual, though to Gaussians at places it is the most usual")
    func between() throws {
        var maker = HeldOutMaker(seed: 1)
        let parts = Self.loose(&maker, count: 60)
        let mixture = try #require(Self.fit(parts))
        let place = try #require(PlaceFit.fit(parts, projection: Self.identity, offset: [0, 0]))
        // 1,440 patches make 22 kinds: the four are cut further, never joined.
        #expect(mixture.mean.rows > 4 && mixture.mean.rows <= 22)
        for row in 0..<mixture.mean.rows {
            #expect(abs(mixture.mean[row, 0]) > 3 && abs(mixture.mean[row, 1]) > 3)
        }
        let odd = Matrix<Float>(rows: 24, columns: 2)
        let good = Self.loose(&maker, count: 20)
        let usual = good.flatMap { mixture.magnitudes(ofNearest: $0) }.sorted()
        let usualAtPlace = good.flatMap { place.magnitudes(atPlaces: $0) }.sorted()
        #expect(mixture.magnitudes(ofNearest: odd).allSatisfy { $0 > 1.5 * usual[usual.count * 99 / 100] })
        #expect(place.magnitudes(atPlaces: odd).allSatisfy { $0 < usualAtPlace[usualAtPlace.count / 10] })
    }

    @Test("Good patches have a magnitude of about one, by kinds of unlike spread too")
    func calibrated() throws {
        var maker = HeldOutMaker(seed: 2)
        func parts(_ count: Int) -> [Matrix<Float>] {
            (0..<count).map { _ in
                var part = maker.normals(40, 2)
                for n in 0..<40 {
                    let isWide = n % 2 == 0
                    for column in 0..<2 {
                        part[n, column] = isWide ? 40 + 4 * part[n, column] : 0.5 * part[n, column]
                    }
                }
                return part
            }
        }
        let mixture = try #require(Self.fit(parts(100)))
        let found = parts(50).map { mixture.magnitudes(ofNearest: $0) }
        for isWide in [true, false] {
            let values = found.flatMap { part in part.indices.filter { ($0 % 2 == 0) == isWide }.map { part[$0] } }
                .sorted()
            #expect((0.3...1.5).contains(values[values.count / 2]), "median \(values[values.count / 2])")
        }
    }

    @Test("Directions in which pictures change while parts do not count less")
    func disturbed() throws {
        var maker = HeldOutMaker(seed: 3)
        let parts = (0..<60).map { _ in maker.normals(20, 2) }
        let light = (0..<40).map { _ -> Matrix<Float> in
            var moved = maker.normals(20, 2, scale: 5)
            for n in 0..<20 { moved[n, 1] = 0 }
            return moved
        }
        let before = try #require(Self.fit(parts))
        let after = try #require(Self.fit(parts, disturbed: [light, []]))
        #expect(after.mean == before.mean)
        func magnitude(_ mixture: PatchGaussians, _ x: Float, _ y: Float) -> Float {
            mixture.magnitudes(ofNearest: Matrix(rows: 1, columns: 2, storage: [x, y]))[0]
        }
        #expect(magnitude(after, 12, 0) < 0.4 * magnitude(before, 12, 0))
        #expect(magnitude(after, 0, 12) > 0.8 * magnitude(before, 0, 12))
    }

    @Test("Fewer patches than a kind needs make one kind; one patch makes none; a seed decides all")
    func few() throws {
        var maker = HeldOutMaker(seed: 4)
        let parts = (0..<2).map { _ in maker.normals(20, 2) }
        let one = try #require(Self.fit(parts))
        #expect(one.mean.rows == 1)
        #expect(Self.fit([maker.normals(1, 2)]) == nil)
        #expect(Self.fit([]) == nil)
        let many = Self.loose(&maker, count: 30)
        #expect(Self.fit(many, seed: 5) == Self.fit(many, seed: 5))
        #expect(Self.fit(many, seed: 5) != Self.fit(many, seed: 6))
        // Good patches that are all the same are no reason to divide by nothing.
        let same = try #require(Self.fit([Matrix<Float>](repeating: parts[0].rows(0..<1), count: 200)))
        #expect(same.magnitudes(ofNearest: parts[1]).allSatisfy { $0.isFinite })
    }

    @Test("The mixture is an arm of its own, and counts and warms as the options say")
    func arm() throws {
        var maker = HeldOutMaker(seed: 5)
        let targets = (0..<10).map { _ in maker.normals(maker.places, maker.width) }
        var random = RandomSource(seed: 6)
        let (projection, offset) = PlaceFit.components(targets, count: 3, using: &random)
        let components = targets.map { PatchGaussians.components($0, projection: projection, offset: offset) }
        let mixture = MixtureFit.fit(components, projection: projection, offset: offset, using: &random)
        let goods = maker.goods(40)
        var options = CalibrationOptions(overkillRate: 0.05, reviewRate: 0.1)
        let statistics = try maker.calibrator(options).fit(goods, usual: UsualEmbeddings(mixture: mixture))
        #expect(statistics.arms.map(\.name) == ["masked.2", "mixture"])
        #expect(statistics.arms.map(\.weight) == [0.25, 1])
        #expect(statistics.arms.map { $0.heatScale == nil } == [false, true])
        options.mixtureWeight = 4
        options.mixtureInHeat = true
        let warm = try maker.calibrator(options).fit(goods, usual: UsualEmbeddings(mixture: mixture))
        #expect(warm.arms.map(\.weight) == [0.25, 4])
        #expect(warm.arms.allSatisfy { $0.heatScale != nil })
    }

    @Test("Low-level targets beside the others are an arm of their own: odd ones are seen where the targets are usual")
    func lowLevelArm() throws {
        var maker = HeldOutMaker(seed: 8)
        func with(_ lowLevel: Matrix<Float>, _ part: HeldOutPart) -> PatchPrediction {
            let plain = part.prediction
            return PatchPrediction(
                image: plain.image, target: plain.target, arms: plain.arms, damage: nil, lowLevel: lowLevel)
        }
        let kinds = try #require(Self.fit((0..<40).map { _ in maker.normals(maker.places, 2) }))
        let goods = (0..<40).map { _ in HeldOutPart(with(maker.normals(maker.places, 2), maker.good())) }
        var options = CalibrationOptions(overkillRate: 0.05, reviewRate: 0.1)
        options.lowLevelWeight = 2
        let statistics = try maker.calibrator(options).fit(goods, usual: UsualEmbeddings(lowLevel: kinds))
        #expect(statistics.arms.map(\.name) == ["masked.2", "low-level"])
        #expect(statistics.arms.map(\.weight) == [0.25, 2])
        #expect(statistics.arms.map { $0.heatScale == nil } == [false, true])
        var odd = maker.normals(maker.places, 2)
        odd[7, 0] = 12
        let scorer = Scorer(statistics: statistics)
        let score = try scorer.score(with(odd, maker.good())).score
        #expect(score > 1, "\(score)")
        let usual = try (0..<40).map { _ in
            try scorer.score(with(maker.normals(maker.places, 2), maker.good())).score
        }
        #expect(usual.allSatisfy { $0 < score })
        // 5 % are expected; beyond 8 of 40 lie less than 2.5 % of calibrations on 40 parts (beta-binomial).
        #expect(usual.count { $0 >= 1 } <= 8, "\(usual.sorted().suffix(9))")
    }
}
