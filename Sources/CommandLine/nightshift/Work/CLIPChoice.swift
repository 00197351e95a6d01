import Baselines
import CLIP
import Checkpoint
import Foundation
import Imaging
import Numerics
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

    /// What a part is called where nobody says it: a name of a folder or a line with spaces for separators.
    package static func words(ofName name: String) -> String {
        String(name.map { "_-.".contains($0) ? " " : $0 })
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
    ) throws(VerbError) -> WinCLIP {
        let start = Date()
        switch self {
        case .published(let folder):
            let model: CLIPModel
            do throws(CheckpointError) {
                model = try PublishedCLIP(path: Presence.absolute(folder)).load()
            } catch {
                throw .failed(error.description)
            }
            return WinCLIP(
                model: model, object: object, title: "WinCLIP, published CLIP",
                fitSeconds: Date().timeIntervalSince(start))
        case .here:
            return try Self.trained(
                object: object, model: model,
                goods: try Self.pictures(
                    good, limits: limits, width: model.inputWidth, height: model.inputHeight, workers: workers),
                limits: limits, seed: UInt64(seed), workers: workers, start: start, console: console)
        }
    }

    private static func trained(
        object: String, model: LoadedModel, goods: [Image], limits: DecodeLimits, seed: UInt64, workers: Int,
        start: Date, console: Console
    ) throws(VerbError) -> WinCLIP {
        let options = CLIPTrainingOptions(seed: seed, workers: workers)
        let pictures = CaptionedPictures(
            width: model.inputWidth, height: model.inputHeight, patchSize: model.patchSize, goods: goods,
            object: object, seed: seed, workers: workers)
        let count = CaptionedTokens.usualCount
        let reading = ProgressBar("captioning", total: Double(count), console: console)
        let bar = ProgressBar("training CLIP", total: Double(options.steps), console: console)
        let clip: CLIPModel
        do throws(CLIPTrainingError) {
            let examples = try CaptionedTokens(
                pictures, count: count, seed: seed, workers: workers, progress: { reading.update(Double($0)) },
                shouldStop: { Interruption.isRequested },
                embedder: {
                    let reader = TokenReader(model: model, limits: limits)
                    return { planes in try? reader.tokens(planes: planes) }
                })
            reading.finish()
            var trainer = CLIPTrainer(examples, options: options)
            clip = try trainer.run(
                progress: { done, _ in bar.update(done * Double(options.steps)) },
                shouldStop: { Interruption.isRequested })
        } catch {
            reading.finish()
            bar.finish()
            if error == .stopped { throw .interrupted(error.description) }
            throw .failed(error.description)
        }
        bar.finish()
        return WinCLIP(
            model: clip, object: object, title: "WinCLIP, CLIP trained here",
            fitSeconds: Date().timeIntervalSince(start))
    }

    /// An even choice of the good images, small: hundreds of camera pictures would not fit in memory.
    private static func pictures(
        _ paths: [String], limits: DecodeLimits, width: Int, height: Int, workers: Int
    ) throws(VerbError) -> [Image] {
        let count = min(paths.count, CaptionedPictures.mostGoods)
        let chosen = (0..<count).map { paths[$0 * paths.count / count] }
        let read = parallelMap(count: count, workers: workers) { index -> Result<Image, PictureJudging.Problem> in
            guard let bytes = FileManager.default.contents(atPath: chosen[index]) else {
                return .failure(.init(sentence: "\(chosen[index]): cannot be read"))
            }
            do throws(ImageError) {
                return .success(try Image.decode(bytes, limits: limits).rgb().resized(width: width, height: height))
            } catch {
                return .failure(.init(sentence: "\(chosen[index]): \(error.description)"))
            }
        }
        var images: [Image] = []
        for result in read {
            switch result {
            case .success(let image): images.append(image)
            case .failure(let problem): throw .failed(problem.sentence)
            }
        }
        return images
    }
}
