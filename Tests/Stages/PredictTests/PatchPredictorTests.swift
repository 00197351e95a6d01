import Foundation
import Handover
import Imaging
import Masking
import Network
import Numerics
import Testing

@testable import Predict

@Suite("Patch predictor")
struct PatchPredictorTests {
    static let rows = 4
    static let columns = 6

    static func model(classToken: Bool, damage: Bool = true) -> InspectionModel<Float> {
        var random = RandomSource(seed: 1)
        return InspectionModel(
            shape: ModelShape(
                source: .trained,
                encoder: EncoderShape(
                    patchSize: 4, width: 16, depth: 2, heads: 2, hasClassToken: classToken, learnedPositionSide: 0),
                targetBlocks: [2], lowLevelWidth: 0, predictorWidth: 16, predictorDepth: 2, predictorHeads: 2,
                hasDamageHead: damage), using: &random)
    }

    static func embedding(seed: UInt64, change: (inout Matrix<Float>) -> Void = { _ in }) -> Embedding {
        var random = RandomSource(seed: seed)
        func matrix(_ columns: Int) -> Matrix<Float> {
            Matrix(
                rows: 24, columns: columns, storage: (0..<24 * columns).map { _ in Float(random.normal()) })
        }
        let intake = Intake(
            sha256: String(repeating: "0", count: 64), path: "a.png", bytes: Data(), camera: "", drop: "/drop",
            modifiedAt: Date(timeIntervalSince1970: 0))
        let image = DecodedImage(
            intake: intake, picture: Image(width: 1, height: 1, colour: [0]), pixels: [],
            geometry: Geometry(originalWidth: 24, originalHeight: 16, inputWidth: 24, inputHeight: 16, patchSize: 4))
        let context = matrix(16)
        var tokens = matrix(16)
        change(&tokens)
        return Embedding(image: image, target: context, context: context, patchTokens: tokens)
    }

    static func predictor(_ options: PredictOptions, classToken: Bool = false, damage: Bool = true) -> PatchPredictor {
        PatchPredictor(
            model: model(classToken: classToken, damage: damage), options: options,
            query: Matrix(rows: 0, columns: 0), gridRows: rows, gridColumns: columns)
    }

    /// The one thing a masked prediction must promise: it has not seen the patch. Whatever a patch shows, its own
    /// prediction stays the same to the bit; that of others does not.
    @Test("No patch leaks into its own masked prediction", arguments: [1, 2, 4], [false, true])
    func noLeak(blockSize: Int, classToken: Bool) {
        let predictor = Self.predictor(
            PredictOptions(blockSizes: [blockSize], partitions: 4, repair: false), classToken: classToken)
        let before = predictor.predict(Self.embedding(seed: 2)).arms[0]
        for patch in 0..<24 {
            let after = predictor.predict(
                Self.embedding(seed: 2) { tokens in
                    for column in 0..<16 { tokens[patch, column] = 5 - tokens[patch, column] }
                }
            ).arms[0]
            #expect(after.predicted.row(patch) == before.predicted.row(patch))
            #expect(after.hidden.row(patch) == before.hidden.row(patch))
            #expect((0..<24).contains { after.predicted.row($0) != before.predicted.row($0) })
        }
    }

    /// The masked arm against the network asked directly, one mask at a time and for every patch: what is not computed
    /// for patches that nobody reads, and where a patch's row lies, changes no prediction.
    @Test("A masked arm holds what the network predicts for each mask", arguments: [1, 2], [false, true])
    func maskedArm(blockSize: Int, classToken: Bool) {
        let model = Self.model(classToken: classToken)
        let embedding = Self.embedding(seed: 9)
        let arm = Self.predictor(
            PredictOptions(blockSizes: [blockSize], partitions: 4, repair: true), classToken: classToken
        ).predict(embedding).arms[0]
        var pass = Encoder.Activations<Float>(model.shape.encoder, training: false)
        var prediction = Predictor.Activations<Float>(model.predictor.shape, training: false)
        var context = Matrix<Float>(rows: 0, columns: 16)
        var statistics: [Matrix<Float>] = []
        let positions: Matrix<Float> = Positions.sineCosine(rows: Self.rows, columns: Self.columns, width: 16)
        let grid = PatchGrid(rows: Self.rows, columns: Self.columns)
        for mask in Mask.inspectionPartitions(grid: grid, blockSize: blockSize, count: 4) {
            model.encoder.forward(
                patchTokens: embedding.patchTokens, subsets: [mask.context], depth: 2, keep: [2], store: model.store,
                activations: &pass, training: false)
            model.context(&context, of: pass, statistics: &statistics)
            model.predictor.forward(
                context: context, requests: [Predictor.Request(visible: mask.context, hidden: mask.targets)],
                query: Matrix(rows: 0, columns: 0), positions: positions, store: model.store,
                activations: &prediction, training: false)
            for (offset, patch) in mask.targets.enumerated() {
                let row = mask.context.count + offset
                #expect(Self.near(arm.predicted.row(patch), prediction.predicted.row(row)), "patch \(patch)")
                #expect(Self.near(arm.hidden.row(patch), prediction.state.row(row)), "patch \(patch)")
            }
        }
    }

    /// Equal up to the rounding of products of other sizes; the numbers are about 1.
    static func near(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Bool {
        zip(a, b).allSatisfy { abs($0 - $1) <= 1e-5 }
    }

    @Test("Arms, names and shapes are those that were asked for")
    func arms() {
        let prediction = Self.predictor(PredictOptions(blockSizes: [1, 2], partitions: 3, repair: true))
            .predict(Self.embedding(seed: 3))
        #expect(prediction.arms.map(\.name) == ["masked.1", "masked.2", "repair"])
        for arm in prediction.arms {
            #expect(arm.predicted.rows == 24 && arm.predicted.columns == 16)
            #expect(arm.hidden.rows == 24 && arm.hidden.columns == 16)
            #expect(arm.predicted.storage.allSatisfy { $0.isFinite })
        }
        #expect(prediction.damage?.count == 24)
        let plain = Self.predictor(PredictOptions(blockSizes: [2], partitions: 4, repair: false), damage: false)
            .predict(Self.embedding(seed: 3))
        #expect(plain.arms.map(\.name) == ["masked.2"] && plain.damage == nil)
    }

    @Test("The repair arm sees every patch, its own too")
    func repair() {
        let predictor = Self.predictor(PredictOptions(blockSizes: [], partitions: 4, repair: true))
        let one = Self.embedding(seed: 4)
        let before = predictor.predict(one)
        var context = one.context
        for column in 0..<16 { context[7, column] += 2 }
        let after = predictor.predict(
            Embedding(image: one.image, target: one.target, context: context, patchTokens: one.patchTokens))
        #expect(before.arms[0].predicted.row(7) != after.arms[0].predicted.row(7))
        #expect(before.damage?[7] != after.damage?[7])
    }

    @Test("The interleaved grid is repaired as a picture of its own would be")
    func interleaved() {
        let predictor = Self.predictor(PredictOptions(blockSizes: [2], partitions: 4, repair: true, interleaved: true))
        let one = Self.embedding(seed: 7)
        let other = Self.embedding(seed: 8)
        let both = predictor.predict(
            Embedding(
                image: one.image, target: one.target, context: one.context, patchTokens: one.patchTokens,
                interleaved: Embedding.Interleaved(target: other.target, context: other.context)))
        let alone = predictor.predict(other)
        #expect(both.interleaved?.repair.predicted == alone.arms[1].predicted)
        #expect(both.interleaved?.repair.hidden == alone.arms[1].hidden && both.interleaved?.damage == alone.damage)
        #expect(both.interleaved?.target == other.target && alone.interleaved == nil)
        #expect(both.arms.map(\.predicted) == predictor.predict(one).arms.map(\.predicted))
    }

    @Test("The same embedding gives the same bits, whatever came in between")
    func repeats() {
        let predictor = Self.predictor(PredictOptions(blockSizes: [1, 4], partitions: 4, repair: true))
        let first = predictor.predict(Self.embedding(seed: 5))
        _ = predictor.predict(Self.embedding(seed: 6))
        let again = predictor.predict(Self.embedding(seed: 5))
        #expect(first.arms.map(\.predicted) == again.arms.map(\.predicted))
        #expect(first.arms.map(\.hidden) == again.arms.map(\.hidden) && first.damage == again.damage)
    }
}
