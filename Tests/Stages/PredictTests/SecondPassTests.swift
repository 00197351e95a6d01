import Handover
import Masking
import Network
import Numerics
import Testing

@testable import Predict

@Suite("Second pass")
struct SecondPassTests {
    typealias Made = PatchPredictorTests
    static let grid = PatchGrid(rows: Made.rows, columns: Made.columns)
    static let options = PredictOptions(blockSizes: [1, 2], partitions: 4, repair: true, secondPassShare: 0.05)

    /// An embedding with a planted error: what `patch` shows cannot be foretold by anything.
    /// - Parameter changed: patches whose tokens are others: pixels reach the masked passes only through them.
    static func planted(_ patch: Int, changed: [Int] = [], by amount: Float = 3) -> Embedding {
        let one = Made.embedding(seed: 12)
        var (target, context, tokens) = (one.target, one.context, one.patchTokens)
        for column in 0..<16 { target[patch, column] += 40 }
        for patch in changed {
            for column in 0..<16 {
                let step = amount * (column % 3 == 0 ? 1 : -0.5)
                tokens[patch, column] += step
                context[patch, column] += step
                target[patch, column] += step / 10
            }
        }
        return Embedding(image: one.image, target: target, context: context, patchTokens: tokens)
    }

    static func around(_ patch: Int) -> Mask {
        // A 4 × 6 grid: 5 % of it is one patch.
        guard let mask = Mask.around(suspicious: [patch], dilation: 1, grid: grid) else {
            preconditionFailure("a mask around \(patch)")
        }
        return mask
    }

    static func rows(_ matrix: Matrix<Float>, _ patches: [Int]) -> [ArraySlice<Float>] { patches.map(matrix.row) }

    /// Corners, borders and the inside; with and without a class token and a damage head.
    @Test(
        "A planted error is hidden with its neighbours, and none of them leaks into the prediction of any of them",
        arguments: [0, 5, 8, 15, 20, 23], [false, true])
    func hidesPlanted(patch: Int, whole: Bool) throws {
        let predictor = Made.predictor(Self.options, classToken: whole, damage: whole)
        let mask = Self.around(patch)
        let before = predictor.predict(Self.planted(patch))
        #expect(before.arms.map(\.name) == ["masked.1", "masked.2", "repair", "second"])
        let (first, second) = (before.arms[0], before.arms[3])
        #expect(second.predicted.rows == 24 && second.predicted.columns == 16)
        #expect(second.hidden.rows == 24 && second.hidden.columns == 16)
        // Hidden: predicted anew. Everything else: as the first masked arm says, to the bit.
        for n in 0..<24 {
            let isHidden = mask.targets.contains(n)
            #expect((second.predicted.row(n) != first.predicted.row(n)) == isHidden, "patch \(n)")
            #expect((second.hidden.row(n) != first.hidden.row(n)) == isHidden, "patch \(n)")
        }
        // Whatever the hidden patches show, all of them at once: their second prediction stays the same to the bit,
        // though the first masked arm, where neighbours are context, says something else.
        let after = predictor.predict(Self.planted(patch, changed: mask.targets))
        #expect(Self.rows(after.arms[3].predicted, mask.targets) == Self.rows(second.predicted, mask.targets))
        #expect(Self.rows(after.arms[3].hidden, mask.targets) == Self.rows(second.hidden, mask.targets))
        #expect(Self.rows(after.arms[0].predicted, mask.targets) != Self.rows(first.predicted, mask.targets))
        #expect(Self.rows(after.arms[3].predicted, mask.context) == Self.rows(after.arms[0].predicted, mask.context))
        // A visible patch does reach it.
        let elsewhere = predictor.predict(Self.planted(patch, changed: [mask.context[3]], by: 0.5))
        #expect(Self.rows(elsewhere.arms[3].predicted, mask.targets) != Self.rows(second.predicted, mask.targets))
    }

    @Test("The other arms and the damage are what they are without a second pass")
    func othersUnchanged() {
        let embedding = Self.planted(9)
        let with = Made.predictor(Self.options).predict(embedding)
        var options = Self.options
        options.secondPassShare = nil
        #expect(options.armNames == ["masked.1", "masked.2", "repair"])
        let without = Made.predictor(options).predict(embedding)
        #expect(without.arms.map(\.name) == options.armNames && with.arms.map(\.name) == Self.options.armNames)
        #expect(with.arms.dropLast().map(\.predicted) == without.arms.map(\.predicted))
        #expect(with.arms.dropLast().map(\.hidden) == without.arms.map(\.hidden))
        #expect(with.damage == without.damage)
    }

    @Test("The same embedding gives the same bits, whatever came in between, with one worker and two")
    func repeats() {
        let embeddings = [3, 9, 14, 20].map { Self.planted($0) }
        let one = Made.predictor(Self.options)
        let inOrder = embeddings.map { one.predict($0).arms[3] }
        let backwards = Array(embeddings.reversed().map { one.predict($0).arms[3] }.reversed())
        let byTwo = parallelMap(count: 4, workers: 2) { Made.predictor(Self.options).predict(embeddings[$0]).arms[3] }
        for (index, arm) in inOrder.enumerated() {
            for other in [backwards[index], byTwo[index]] {
                #expect(arm.predicted == other.predicted && arm.hidden == other.hidden)
            }
        }
        #expect(Set(inOrder.map(\.predicted.storage)).count == 4)
    }

    // MARK: suspicion alone

    /// Targets of zeros; the error of each patch in each arm as given.
    static func mask(
        _ errors: [[Float]], damage: [Float]? = nil, share: Double = 0.05, grid: PatchGrid = grid
    ) -> Mask? {
        let target = Matrix<Float>(rows: grid.count, columns: 2)
        let arms = errors.map { errors in
            PatchPrediction.Arm(
                name: "masked", predicted: Matrix(rows: grid.count, columns: 2, storage: errors.flatMap { [$0, -$0] }),
                hidden: Matrix(rows: grid.count, columns: 1))
        }
        var pass = SecondPass(share: share, grid: grid)
        return SecondPass.mask(
            around: pass.suspects(masked: arms[...], target: target, damage: damage), grid: grid)
    }

    static func errors(_ special: [Int: Float], base: Float = 1) -> [Float] {
        (0..<24).map { special[$0] ?? base }
    }

    @Test("Every arm counts in units of its own median, whatever its scale")
    func ownMedian() {
        // Patch 2 is 3 and 1 medians, patch 20 is 1 and 4; in plain numbers patch 2's 300 would win.
        let arms = [Self.errors([2: 300], base: 100), Self.errors([20: 4])]
        #expect(Self.mask(arms) == Self.around(20))
        #expect(Self.mask([arms[0]]) == Self.around(2))
    }

    @Test("Damage adds its rank, from nothing to one median")
    func damageRank() {
        let damage = (0..<24).map { $0 == 20 ? Float(1e6) : $0 == 2 ? -10 : 0 }
        // A rank is a rank: however sure the damage head is, it is worth one median at most.
        #expect(Self.mask([Self.errors([2: 1.9])], damage: damage) == Self.around(20))
        #expect(Self.mask([Self.errors([2: 2.2])], damage: damage) == Self.around(2))
        #expect(Self.mask([Self.errors([2: 1.9])]) == Self.around(2))
    }

    @Test("Ties go to the lower index, and equal log-odds are equal ranks")
    func ties() {
        #expect(Self.mask([Self.errors([:])]) == Self.around(0))
        #expect(Self.mask([Self.errors([:], base: 0)]) == Self.around(0))
        let same = [Float](repeating: -3, count: 24)
        #expect(Self.mask([Self.errors([7: 2, 16: 2])], damage: same) == Self.around(7))
    }

    @Test("What is not finite is suspected first and traps nothing", arguments: [Float.nan, .infinity, -.infinity])
    func notFinite(value: Float) {
        #expect(Self.mask([Self.errors([4: 100, 14: value])]) == Self.around(14))
        #expect(Self.mask([Self.errors([:], base: value)]) == Self.around(0))
        var damage = [Float](repeating: 0, count: 24)
        damage[14] = value
        #expect(Self.mask([Self.errors([:])], damage: damage) == Self.around(14))
    }

    @Test("The share is rounded to whole patches, and half of the grid stays visible")
    func share() throws {
        let special = Self.errors([0: 9, 5: 8, 18: 7, 23: 6])
        #expect(Self.mask([special], share: 0.001)?.targets == [0, 1, 6, 7])
        #expect(Self.mask([special], share: 0.08)?.targets == [0, 1, 4, 5, 6, 7, 10, 11])
        // Four corners are sixteen patches, more than twelve: the three most suspicious are hidden.
        #expect(Self.mask([special], share: 0.16)?.targets == [0, 1, 4, 5, 6, 7, 10, 11, 12, 13, 18, 19])
        // On a grid that a single patch and its neighbours fill there is no second pass.
        let small = PatchGrid(rows: 3, columns: 3)
        #expect(Self.mask([[1, 1, 1, 1, 5, 1, 1, 1, 1]], grid: small) == nil)
    }

    @Test("Where no second pass can be made the arm says what the first masked one says")
    func tooSmall() {
        var random = RandomSource(seed: 5)
        let predictor = PatchPredictor(
            model: Made.model(classToken: false),
            options: PredictOptions(blockSizes: [1], partitions: 4, repair: false, secondPassShare: 0.05),
            query: Matrix(rows: 0, columns: 0), gridRows: 2, gridColumns: 2)
        func matrix() -> Matrix<Float> {
            Matrix(rows: 4, columns: 16, storage: (0..<64).map { _ in Float(random.normal()) })
        }
        let context = matrix()
        let prediction = predictor.predict(
            Embedding(image: Made.embedding(seed: 1).image, target: context, context: context, patchTokens: matrix()))
        #expect(prediction.arms.map(\.name) == ["masked.1", "second"])
        #expect(prediction.arms[0].predicted == prediction.arms[1].predicted)
        #expect(prediction.arms[0].hidden == prediction.arms[1].hidden)
    }
}
