import Foundation
import Handover
import Imaging
import Network
import Numerics
import Testing

@testable import Pipeline

@Suite("Inspector")
struct InspectorTests {
    @Test(
        "The same scores to the bit with one worker and two, in any order, and on a rerun",
        arguments: [nil, 0.05, 0.2] as [Double?])
    func workers(secondPassShare: Double?) throws {
        let model = MadeModel.model(secondPassShare: secondPassShare)
        let intakes = try (0..<12 as Range<UInt64>).map { try MadeModel.intake($0) }
        let one = Inspector(model: model, limits: .standard)
        let inOrder = try intakes.map { try one.inspect($0) }
        let backwards = try intakes.reversed().map { try one.inspect($0) }
        for (a, b) in zip(inOrder, backwards.reversed()) {
            #expect(a.score == b.score && a.anomalyMap == b.anomalyMap && a.regions == b.regions)
        }
        let byTwo = parallelMap(count: 4, workers: 2) { task -> [Double] in
            let inspector = Inspector(model: model, limits: .standard)
            return (task * 3..<task * 3 + 3).map { (try? inspector.inspect(intakes[$0]).score) ?? .nan }
        }.flatMap { $0 }
        #expect(byTwo == inOrder.map(\.score))
        #expect(one.timingsMs.keys.sorted() == ["decode", "embed", "predict", "score"])
    }

    @Test("A bad file is a rejection of its stage and leaves the next part as it was")
    func badFile() throws {
        let inspector = Inspector(model: MadeModel.model(), limits: .standard)
        let sound = try MadeModel.intake(3)
        let before = try inspector.inspect(sound).score
        let bad = Intake(
            sha256: sound.sha256, path: "bad.png", bytes: sound.bytes.prefix(sound.bytes.count / 2), camera: "",
            drop: "/drop", modifiedAt: sound.modifiedAt)
        let error = #expect(throws: Rejection.self) { try inspector.inspect(bad) }
        #expect(error?.stage == .decode)
        #expect(try inspector.inspect(sound).score == before)
    }

    @Test("A model with a number that is not finite rejects every part")
    func brokenModel() throws {
        let sound = MadeModel.model()
        var network = sound.network
        network.store.values[network.predictor.outputBias.offset] = .nan
        let broken = LoadedModel(
            network: network, lowLevel: sound.lowLevel, inputWidth: sound.inputWidth, inputHeight: sound.inputHeight,
            mean: sound.mean, standardDeviation: sound.standardDeviation, predictOptions: sound.predictOptions,
            statistics: sound.statistics)
        let inspector = Inspector(model: broken, limits: .standard)
        let error = #expect(throws: Rejection.self) { try inspector.inspect(MadeModel.intake(1)) }
        #expect(error?.reason == .notFinite)
    }
}
