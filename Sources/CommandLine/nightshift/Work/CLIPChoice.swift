import Baselines
import CLIP
import Checkpoint
import Contrast
import Foundation
import Imaging
import Pipeline

/// Which CLIP is compared, as `--clip` says.
package enum CLIPChoice: Sendable, Equatable {
    /// Trained on the spot over the model's embeddings of rendered parts and of the line's good images with synthetic damage,
    /// with captions.
    case here
    /// A folder of published weights.
    case published(String)

    /// What `--clip` and `--object` have in common on every verb.
    package static let option = OptionDescription(
        "clip", value: "FOLDER",
        "Also compare CLIP, scored as WinCLIP does from words alone (method winclip): a folder with published weights "
            + "(model.safetensors, config.json, vocab.json, merges.txt), or the word here for a small CLIP that is trained "
            + "on the spot over the model's own embeddings, in a minute or two, without any download.")
    package static let objectOption = OptionDescription(
        "object", value: "WORDS", default: "the recipe's query, else the name",
        "What CLIP's prompts call the part: \"glass bottle\".")

    /// The longest name of an object that is no mistake.
    private static let longestObject = 1000

    /// `--clip`'s value; nil where it was not given.
    package init?(_ arguments: ParsedArguments) throws(UsageError) {
        guard let text = try arguments.path("clip") else { return nil }
        self = text == "here" ? .here : .published(text)
    }

    /// `--object`'s value.
    package static func object(_ arguments: ParsedArguments) throws(UsageError) -> String? {
        guard let text = arguments.text("object") else { return nil }
        guard text.utf8.count <= longestObject else {
            throw .badValue(
                name: "--object", expected: "at most \(longestObject) bytes", got: "\(text.utf8.count) bytes")
        }
        return text
    }

    /// The method, ready to judge.
    ///
    /// - Parameters:
    ///   - model: whose embeddings a CLIP that is trained here looks at.
    ///   - good: paths of the good images that a CLIP trained here may learn from: those of training, never those held
    ///     out.
    package func method(
        object: String, model: LoadedModel, good: [String], limits: DecodeLimits, seed: Int, workers: Int,
        console: Console
    ) throws(VerbError) -> WinCLIPMethod {
        let start = Date()
        switch self {
        case .published(let folder):
            let model: CLIPModel
            do throws(CheckpointError) {
                model = try PublishedCLIP(path: Presence.absolute(folder)).load()
            } catch {
                throw .failed(error.description)
            }
            return WinCLIPMethod(
                WinCLIP(model: model, object: object), title: "WinCLIP, published CLIP",
                fitSeconds: Date().timeIntervalSince(start))
        case .here:
            let winclip = WinCLIP(
                model: try Self.trained(
                    LineCLIP(
                        encoder: model.encoder, object: object, limits: limits,
                        options: CLIPTrainingOptions(seed: UInt64(seed), workers: workers)), good: good,
                    console: console), object: object)
            return WinCLIPMethod(
                winclip, title: "WinCLIP, CLIP trained here", fitSeconds: Date().timeIntervalSince(start))
        }
    }

    private static func trained(
        _ work: LineCLIP, good: [String], console: Console
    ) throws(VerbError) -> CLIPModel {
        let bars = CLIPBars(console)
        defer { bars.finish() }
        do throws(CLIPTrainingError) {
            return try work.train(
                good: good,
                report: { step in
                    switch step {
                    case .captioning(let done, let count): bars.captioning(done, of: count)
                    case .training(let done, let count): bars.training(done, of: count)
                    }
                }, shouldStop: { Interruption.isRequested })
        } catch {
            if error == .stopped { throw .interrupted(error.description) }
            throw .failed(error.description)
        }
    }
}
