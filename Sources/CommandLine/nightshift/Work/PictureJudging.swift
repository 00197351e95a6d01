import Baselines
import Calibration
import Foundation
import Handover
import Imaging
import Numerics
import Pipeline

/// Pictures judged by several methods at once, several pictures at a time: what the comparison and the tables of
/// robustness are made of.
package struct PictureJudging: Sendable {
    /// What all methods say of one picture.
    package struct Outcome: Sendable {
        /// In the order of the methods.
        package let judgements: [Judgement]
        /// Milliseconds that each method takes for the picture from the file's bytes to its score: decoding, embedding and
        /// prediction where it reads them, and its own work.
        package let milliseconds: [Double]
        package let geometry: Geometry
        /// What the predictor said, where it is kept.
        package let part: HeldOutPart?
    }

    package typealias Problem = PictureProblem

    package let model: LoadedModel
    package let limits: DecodeLimits
    package let methods: [any ComparedMethod]
    package let workers: Int
    package let console: Console
    /// Whether outcomes hold what the predictor said: some megabytes for each picture.
    package var keepsPredictions = false

    /// Judges `count` pictures whose bytes `source` gives. A picture that cannot be judged stops everything: leaving it
    /// out would flatter the figures.
    package func run(
        _ label: String, count: Int, source: @escaping @Sendable (Int) -> Result<(name: String, bytes: Data), Problem>
    ) throws(VerbError) -> [Outcome] {
        try PictureLoop.run(
            label, count: count, workers: workers, console: console,
            room: { Inspector(model: model, limits: limits) },
            body: { inspector, index in source(index).flatMap { judge($0.name, $0.bytes, inspector) } })
    }

    /// The file at `path`, to be judged.
    package static func file(_ path: String, name: String) -> Result<(name: String, bytes: Data), Problem> {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            return .failure(Problem(sentence: "\(path): cannot be read"))
        }
        return .success((name, bytes))
    }

    private func judge(_ name: String, _ bytes: Data, _ inspector: Inspector) -> Result<Outcome, Problem> {
        do throws(Rejection) {
            let prediction = try inspector.predict(Intake(file: name, bytes: bytes))
            let times = inspector.timingsMs
            // The interleaved grid is what the arms of the model read; the others look at the picture's own.
            let second = inspector.secondLookMs
            func shared(_ input: MethodInput) -> Double {
                let decode = times["decode"] ?? 0
                let embed = times["embed"] ?? 0
                return switch input {
                case .picture: decode
                case .embedding: decode + embed - second
                case .prediction: decode + embed + (times["predict"] ?? 0)
                }
            }
            var judgements: [Judgement] = []
            var milliseconds: [Double] = []
            for method in methods {
                let start = DispatchTime.now().uptimeNanoseconds
                judgements.append(try method.judge(prediction))
                let own = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6
                milliseconds.append(shared(method.reads) + own)
            }
            return .success(
                Outcome(
                    judgements: judgements, milliseconds: milliseconds, geometry: prediction.image.geometry,
                    part: keepsPredictions ? HeldOutPart(prediction) : nil))
        } catch {
            return .failure(Problem(sentence: "\(name): \(error.sentence)"))
        }
    }
}
