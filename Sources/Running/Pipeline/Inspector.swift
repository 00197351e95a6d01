import Decode
import Describe
import Dispatch
import Embed
import Handover
import Imaging
import Network
import Numerics
import Predict
import Score

/// The stages from decode to score for one worker, each with the room it works in: after the first image nothing is
/// allocated but the hand-over values.
package final class Inspector {
    private let decoder: Decoder
    private let embedder: Embedder
    private let predictor: PatchPredictor
    private let scorer: Scorer?
    private let describer: Describer?
    private var texts = SharedTexts()
    /// Milliseconds of each stage for the last image.
    package private(set) var timingsMs: [String: Double] = [:]

    /// An inspector that scores.
    package convenience init(model: LoadedModel, limits: DecodeLimits) {
        self.init(
            network: model.network, lowLevel: model.lowLevel, query: model.queryTokens,
            predictOptions: model.predictOptions,
            decoder: model.encoder.decoder(limits: limits),
            scorer: Scorer(statistics: model.statistics),
            describer: model.language.map { Describer(language: $0.region) }, tiles: model.tiles)
    }

    /// An inspector that only predicts, for a model without calibration.
    /// - Parameters:
    ///   - query: the tokens that condition the predictor, (Q, queryWidth); none for a network of one line.
    ///   - tiles: how pictures are cut; nil where they are not.
    package init(
        network: InspectionModel<Float>, lowLevel: LowLevelTargets?, query: Matrix<Float>,
        predictOptions: PredictOptions, decoder: Decoder, scorer: Scorer?, describer: Describer? = nil,
        tiles: TileLayout? = nil
    ) {
        self.decoder = decoder
        self.scorer = scorer
        self.describer = describer
        let side = network.shape.encoder.patchSize
        let tiles =
            tiles ?? TileLayout(wholeRows: decoder.inputHeight / side, columns: decoder.inputWidth / side)
        embedder = Embedder(
            model: network, lowLevel: lowLevel, tiles: tiles, interleaved: predictOptions.interleaved)
        predictor = PatchPredictor(
            model: network, options: predictOptions, query: query, tiles: tiles)
    }

    /// The part of the last picture's `embed` time that its interleaved grid took.
    package var secondLookMs: Double { embedder.secondLookMs }

    /// Texts decoded for the last part that was inspected, and those taken over from a near-identical part before it.
    package var textCounts: SharedTexts.Counts { texts.counts }

    /// Decode → Embed → Predict.
    package func predict(_ intake: Intake) throws(Rejection) -> PatchPrediction {
        timingsMs.removeAll(keepingCapacity: true)
        let start = DispatchTime.now().uptimeNanoseconds
        let image = try decoder.decode(intake)
        let decoded = DispatchTime.now().uptimeNanoseconds
        let embedding = try embedder.embed(image)
        let embedded = DispatchTime.now().uptimeNanoseconds
        let prediction = predictor.predict(embedding)
        let predicted = DispatchTime.now().uptimeNanoseconds
        timingsMs["decode"] = Double(decoded - start) / 1e6
        timingsMs["embed"] = Double(embedded - decoded) / 1e6
        timingsMs["predict"] = Double(predicted - embedded) / 1e6
        return prediction
    }

    /// Decode → Embed → Predict → Score → Describe. Traps on an inspector without calibration.
    package func inspect(_ intake: Intake) throws(Rejection) -> ScoredPart {
        try inspectKeepingPrediction(intake).part
    }

    /// The same, with what the part was scored from: some megabytes.
    package func inspectKeepingPrediction(
        _ intake: Intake
    ) throws(Rejection) -> (part: ScoredPart, prediction: PatchPrediction) {
        guard let scorer else { preconditionFailure("Inspector: this model has no calibration") }
        let prediction = try predict(intake)
        let start = DispatchTime.now().uptimeNanoseconds
        let part = try scorer.score(prediction)
        let scored = DispatchTime.now().uptimeNanoseconds
        timingsMs["score"] = Double(scored - start) / 1e6
        guard let describer else { return (part, prediction) }
        let described = describer.describe(part, prediction, sharing: &texts)
        timingsMs["describe"] = Double(DispatchTime.now().uptimeNanoseconds - scored) / 1e6
        return (described, prediction)
    }
}
