import Checkpoint
import Describe
import Handover
import Imaging
import Recipe
import Score

/// Inspects parts for one worker, each with the room it works in.
package protocol PartInspector: AnyObject {
    /// Milliseconds of each stage for the last picture.
    var timingsMs: [String: Double] { get }
    /// Texts decoded for the last part, and those taken over from a near-identical part before it; none without language.
    var textCounts: SharedTexts.Counts { get }
    /// From a file to a part with its verdict.
    func inspect(_ intake: Intake) throws(Rejection) -> ScoredPart
}

extension Inspector: PartInspector {}

/// What judges a line's parts, whatever the method.
package enum LineModel: Sendable {
    case jepa(LoadedModel)
    case clip(CLIPLine)

    /// The recipe's word for it.
    package var method: Recipe.Method {
        switch self {
        case .jepa: .vlJEPA
        case .clip: .clip
        }
    }

    package var calibration: ScoreCalibration {
        switch self {
        case .jepa(let model): model.statistics.calibration
        case .clip(let line): line.calibration
        }
    }

    /// nil where regions get no names.
    package var language: ModelLanguage? {
        switch self {
        case .jepa(let model): model.language
        case .clip: nil
        }
    }

    /// How the line asks a network that serves several; nil where it has its model for itself.
    package var query: QueryCard? {
        switch self {
        case .jepa(let model): model.query
        case .clip: nil
        }
    }

    /// An inspector for one worker.
    package func inspector(limits: DecodeLimits) -> any PartInspector {
        switch self {
        case .jepa(let model): Inspector(model: model, limits: limits)
        case .clip(let line): CLIPInspector(line: line, limits: limits)
        }
    }
}

/// A line's bundle, whatever method its model judges by.
package struct LineBundle: Sendable {
    package let model: LineModel
    package let card: ModelCard
    /// SHA-256 of the bundle, which names the model in verdicts.
    package let sha256: String

    /// Reads and checks a bundle.
    package init(_ folder: String) throws(CheckpointError) {
        let bundle = try ModelBundle(folder: folder)
        card = bundle.card
        sha256 = bundle.sha256
        if let clip = bundle.card.clip {
            model = .clip(try CLIPLineFile.read(bundle, clip))
        } else {
            model = .jepa(try ModelFolder(bundle).model)
        }
    }

    /// Writes the bundle of a line that CLIP judges; the folder must exist. `precision` is that of the weights.
    package static func write(
        _ line: CLIPLine, card: ModelCard, precision: SafetensorsWriter.Precision = .f32, to folder: String
    ) throws(CheckpointError) {
        try ModelBundle.write(
            card, weights: try CLIPLineFile.weights(line.sight, precision: precision),
            calibration: try CLIPLineFile.calibration(line.calibration), to: folder)
    }
}
