import CLIP
import Foundation
import Handover
import Imaging
import Network
import Numerics
import Testing
import Text

@testable import Baselines

@Suite("WinCLIP's windows and prompts")
struct WinCLIPTests {
    /// The aggregation as the paper writes it, patch by patch and window by window.
    private func naive(
        rows: Int, columns: Int, sizes: [Int], whole: Double, score: (_ size: Int, _ row: Int, _ column: Int) -> Double
    ) -> [Double] {
        (0..<rows * columns).map { patch in
            let (y, x) = (patch / columns, patch % columns)
            var levels = [whole]
            for size in sizes {
                var inverses: [Double] = []
                for row in 0..<rows where row + size <= rows {
                    for column in 0..<columns where column + size <= columns {
                        if (row..<row + size).contains(y) && (column..<column + size).contains(x) {
                            inverses.append(1 / score(size, row, column))
                        }
                    }
                }
                levels.append(Double(inverses.count) / inverses.reduce(0, +))
            }
            return Double(levels.count) / levels.reduce(0) { $0 + 1 / $1 }
        }
    }

    @Test("Harmonic aggregation agrees with a naive one", arguments: [(4, 4), (3, 5), (7, 6)])
    func aggregation(rows: Int, columns: Int) {
        var random = RandomSource(seed: UInt64(rows * 10 + columns))
        let plan = WindowPlan(rows: rows, columns: columns)
        #expect(plan.scales.count == 2)
        #expect(plan.scales[0].count == (rows - 1) * (columns - 1))
        #expect(plan.subsets[0] == Array(0..<rows * columns))
        let scores = plan.subsets.map { _ in 0.02 + 0.96 * random.uniform() }
        let found = plan.map(scores)
        let expected = naive(rows: rows, columns: columns, sizes: [2, 3], whole: scores[0]) { size, row, column in
            scores[plan.scales[size - 2].lowerBound + row * (columns - size + 1) + column]
        }
        for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-12) }
        // Equal scores stay; one certain normal window makes its patches normal, and no number is lost on the way.
        for value in plan.map(scores.map { _ in 0.3 }) { #expect(abs(value - 0.3) < 1e-12) }
        var certain = scores
        certain[plan.scales[0].lowerBound] = 0
        let map = plan.map(certain)
        #expect(map[0] == 0 && map[1] == 0 && map[columns] == 0 && map.allSatisfy(\.isFinite))
        #expect(map[rows * columns - 1] == found[rows * columns - 1])
    }

    @Test("Windows that do not fit a small grid are left out")
    func smallGrids() {
        #expect(WindowPlan(rows: 1, columns: 1).subsets == [[0]])
        #expect(WindowPlan(rows: 1, columns: 1).map([0.4]) == [0.4])
        #expect(WindowPlan(rows: 2, columns: 2).scales.isEmpty)
        let plan = WindowPlan(rows: 2, columns: 3)
        #expect(plan.scales.count == 1 && plan.subsets.dropFirst() == [[0, 1, 3, 4], [1, 2, 4, 5]])
    }

    @Test("Prompts name the object in every state and template, whatever its name is")
    func prompts() {
        let (normal, anomalous) = PromptEnsemble.prompts(object: "glass  bottle\n")
        #expect(normal.count == 7 * 22 && anomalous.count == 4 * 22)
        #expect(normal[0] == "a cropped photo of the glass bottle.")
        #expect(anomalous.contains("a photo of a glass bottle with defect."))
        #expect(Set(normal + anomalous).count == 11 * 22)
        #expect((normal + anomalous).allSatisfy { $0.contains("glass bottle") })
        #expect(PromptEnsemble.prompts(object: " \t ").normal[0] == "a cropped photo of the part.")
        // Text from someone else is text: no place holder, no format.
        #expect(PromptEnsemble.prompts(object: "# %s").normal[1] == "a cropped photo of a # %s.")
        #expect(PromptEnsemble.prompts(object: String(repeating: "螺丝 ", count: 9000)).normal[0].count < 300)
    }

    @Test("The share of the softmax is stable where exponentials are not")
    func share() {
        #expect(abs(WinCLIP.share(0.2, 0.21, scale: 100) - 1 / (1 + 1 / 2.718281828459045)) < 1e-9)
        #expect(WinCLIP.share(0.5, 0.5, scale: 100) == 0.5)
        #expect(WinCLIP.share(1, -1, scale: 1e6) == 0 && WinCLIP.share(-1, 1, scale: 1e6) == 1)
    }
}

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
        let winclip = WinCLIP(model: model, object: "gear", title: "test", fitSeconds: 1)
        #expect(winclip.reads == .embedding && winclip.bytes > model.imageBytes)
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
