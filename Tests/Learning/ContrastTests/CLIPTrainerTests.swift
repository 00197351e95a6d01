import Baselines
import CLIP
import Defects
import Foundation
import Handover
import Imaging
import Network
import Numerics
import Pipeline
import Testing
import Text

@testable import Contrast

@Suite("CLIP trained here")
struct CLIPTrainerTests {
    /// Pairs of 64 × 96 pixels in patches of 16, "embedded" as the patches' own pixels.
    private static func examples(workers: Int, goods: [Image] = []) throws -> CaptionedTokens {
        let pictures = CaptionedPictures(
            width: 96, height: 64, patchSize: 16, goods: goods, object: "gear", seed: 5, workers: workers)
        return try CaptionedTokens(pictures, count: 20, seed: 5, workers: workers) {
            { planes in
                var layout = ParameterLayout()
                let encoder = Encoder(
                    &layout, prefix: "",
                    shape: EncoderShape(
                        patchSize: 16, width: 4, depth: 0, heads: 1, hasClassToken: false, learnedPositionSide: 0))
                var patches = Matrix<Float>(rows: 0, columns: 768)
                encoder.patches(&patches, pixels: planes.map { 4 * $0 - 2 }, height: 64, width: 96)
                return patches
            }
        }
    }

    private static func options(workers: Int) -> CLIPTrainingOptions {
        var options = CLIPTrainingOptions(seed: 5, workers: workers)
        options.steps = 60
        options.batchSize = 10
        options.width = 32
        options.heads = 2
        options.outputWidth = 16
        options.warmupSteps = 5
        return options
    }

    @Test("Draws: pairs of good and damaged, whole and windows; captions say which, groups hold what may mean the same")
    func draws() throws {
        let goods = [Image(width: 80, height: 50, colour: [120, 130, 90]), Image(width: 64, height: 64, colour: [40])]
        let examples = try Self.examples(workers: 2, goods: goods)
        #expect(examples.gridRows == 4 && examples.gridColumns == 6 && examples.tokenWidth == 768)
        for step in 0..<2 {
            var captions: [Int: Set<String>] = [:]
            var good = 0
            for number in 0..<120 {
                let draw = examples.draw(step: step, number: number)
                #expect(draw.tokens.rows == 24)
                #expect(draw.views.count == 4 && draw.views[0].subset == Array(0..<24))
                // A pair sees the same, but for the damage.
                let other = examples.draw(step: step, number: number ^ 1)
                #expect(other.views.map(\.subset) == draw.views.map(\.subset))
                #expect(
                    other.views[0].group / CaptionedTokens.groupsPerSource == draw.views[0].group
                        / CaptionedTokens.groupsPerSource)
                for view in draw.views {
                    #expect(!view.subset.isEmpty && view.subset.allSatisfy { (0..<24).contains($0) })
                    let kind = view.group % CaptionedTokens.groupsPerSource
                    good += kind == 0 ? 1 : 0
                    if number % 2 == 0 { #expect(kind == 0) }
                    captions[view.group, default: []].insert(view.caption)
                    // What is said to be damaged differs from its other, within what is seen.
                    if number % 2 == 1 {
                        let changed = view.subset.contains { draw.tokens.row($0) != other.tokens.row($0) }
                        if kind > 0 { #expect(changed, "\(view.caption)") }
                    }
                    if step == 0 {
                        #expect(kind <= 1)
                        let words = ["damage", "flaw", "defect"].filter(view.caption.contains)
                        let denies = ["flawless", "without"].contains { view.caption.contains($0) }
                        #expect(kind == 0 ? denies || words.isEmpty : !denies && !words.isEmpty, "\(view.caption)")
                    }
                    // A sentence that was written with the damage need not name the object.
                    let isOwn = view.group / CaptionedTokens.groupsPerSource == 2
                    if !isOwn || step == 0 { #expect(isOwn == view.caption.contains("gear"), "\(view.caption)") }
                }
            }
            // Another group never has the same words.
            let all = captions.values.map(\.count).reduce(0, +)
            #expect(all == captions.values.reduce(into: Set<String>()) { $0.formUnion($1) }.count)
            #expect((240...420).contains(good), "\(good)")
        }
        let again = try Self.examples(workers: 1, goods: goods)
        let (a, b) = (examples.draw(step: 7, number: 3), again.draw(step: 7, number: 3))
        #expect(a.tokens == b.tokens && a.views.map(\.caption) == b.views.map(\.caption))
        #expect(examples.captions == again.captions && examples.captions.count > 1000)
    }

    @Test("The same seed gives the same model to the bit with one worker and with three, and the loss falls")
    func training() throws {
        var losses: [Double] = []
        var one = CLIPTrainer(try Self.examples(workers: 1), options: Self.options(workers: 1))
        let model = try one.run(progress: { losses.append($1) }, shouldStop: { false })
        var three = CLIPTrainer(try Self.examples(workers: 3), options: Self.options(workers: 3))
        let other = try three.run(progress: { _, _ in }, shouldStop: { false })
        #expect(model.store.values == other.store.values && model.scale == other.scale)
        func mean(_ part: ArraySlice<Double>) -> Double { part.reduce(0, +) / Double(part.count) }
        #expect(losses.count == 60 && mean(losses.suffix(10)) < 0.85 * mean(losses.prefix(6)))
        // It judges embeddings by words.
        let winclip = WinCLIPMethod(WinCLIP(model: model, object: "gear"), title: "test", fitSeconds: 1)
        #expect(winclip.reads == .embedding && winclip.bytes > model.image.bytes)
        let geometry = Geometry(
            originalWidth: 96, originalHeight: 64, inputWidth: 96, inputHeight: 64, patchSize: 16)
        func prediction(_ tokens: Matrix<Float>) -> PatchPrediction {
            PatchPrediction(
                image: DecodedImage(
                    intake: Intake(file: "part.png", bytes: Data()), picture: Image(width: 1, height: 1, colour: [0]),
                    pixels: [], geometry: geometry), target: tokens, arms: [], damage: nil)
        }
        var tokens = try Self.examples(workers: 1).draw(step: 0, number: 0).tokens
        let judgement = try winclip.judge(prediction(tokens))
        #expect(judgement.map.count == 24 && judgement.map.allSatisfy { (0...1).contains($0) })
        #expect(judgement.grid(geometry) == (4, 6) && (0...1).contains(judgement.score))
        tokens[5, 5] = .nan
        #expect(throws: Rejection.self) { try winclip.judge(prediction(tokens)) }
    }

    @Test("An encoder that fails on a made picture, or gives numbers that are none, ends the work with words")
    func notEmbedded() {
        let pictures = CaptionedPictures(
            width: 64, height: 64, patchSize: 16, goods: [], object: "", seed: 1, workers: 1)
        for answer in [nil, Matrix<Float>(rows: 16, columns: 1, storage: Array(repeating: .nan, count: 16))] {
            #expect(throws: CLIPTrainingError.notEmbedded) {
                try CaptionedTokens(pictures, count: 2, seed: 1, workers: 1) { { _ in answer } }
            }
        }
        #expect(CLIPTrainingError.notEmbedded.description.contains("train it again"))
    }

    @Test("Stopping ends the training")
    func stop() throws {
        var trainer = try CLIPTrainer(Self.examples(workers: 1), options: Self.options(workers: 1))
        #expect(throws: CLIPTrainingError.stopped) {
            try trainer.run(progress: { _, _ in }, shouldStop: { true })
        }
    }
}
