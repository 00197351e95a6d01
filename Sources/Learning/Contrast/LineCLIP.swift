import CLIP
import Foundation
import Imaging
import Numerics
import Pipeline

/// A CLIP that is trained here over a line's own tokens, from its good pictures and rendered parts: what `compare --clip
/// here` and a line with `method: "clip"` have in common.
package struct LineCLIP: Sendable {
    /// What is being done.
    package enum Step: Sendable {
        /// Pairs of pictures are made and embedded.
        case captioning(done: Int, of: Int)
        /// Steps of training.
        case training(done: Int, of: Int)
    }

    /// Whose tokens the CLIP looks at.
    package let encoder: TokenEncoder
    /// What the prompts call the part.
    package let object: String
    package let limits: DecodeLimits
    package let options: CLIPTrainingOptions

    package init(encoder: TokenEncoder, object: String, limits: DecodeLimits, options: CLIPTrainingOptions) {
        self.encoder = encoder
        self.object = object
        self.limits = limits
        self.options = options
    }

    /// Trains it; the same paths and seed give the same CLIP to the bit, whatever the number of workers.
    /// - Parameter good: paths of good images that it may learn from: those of training, never those held out.
    package func train(
        good: [String], report: @escaping @Sendable (Step) -> Void, shouldStop: @escaping @Sendable () -> Bool
    ) throws(CLIPTrainingError) -> CLIPModel {
        let pictures = CaptionedPictures(
            width: encoder.inputWidth, height: encoder.inputHeight, patchSize: encoder.patchSize,
            goods: try pictures(good), object: object, seed: options.seed, workers: options.workers)
        let count = CaptionedTokens.usualCount
        let (encoder, limits) = (encoder, limits)
        let examples = try CaptionedTokens(
            pictures, count: count, seed: options.seed, workers: options.workers,
            progress: { report(.captioning(done: $0, of: count)) }, shouldStop: shouldStop,
            embedder: {
                let reader = TokenReader(encoder, limits: limits)
                return { planes in try? reader.tokens(planes: planes) }
            })
        let steps = options.steps
        var trainer = CLIPTrainer(examples, options: options)
        return try trainer.run(
            progress: { done, _ in report(.training(done: Int((done * Double(steps)).rounded()), of: steps)) },
            shouldStop: shouldStop)
    }

    /// An even choice of the good images, small: hundreds of camera pictures would not fit in memory.
    private func pictures(_ paths: [String]) throws(CLIPTrainingError) -> [Image] {
        let count = min(paths.count, CaptionedPictures.mostGoods)
        let chosen = (0..<count).map { paths[$0 * paths.count / count] }
        let (encoder, limits) = (encoder, limits)
        let read = parallelMap(count: count, workers: options.workers) { index -> Result<Image, CLIPTrainingError> in
            guard let bytes = FileManager.default.contents(atPath: chosen[index]) else {
                return .failure(.unreadable(path: chosen[index], reason: "it is gone or not permitted"))
            }
            do throws(ImageError) {
                return .success(
                    try Image.decode(bytes, limits: limits).rgb().resized(
                        width: encoder.inputWidth, height: encoder.inputHeight))
            } catch {
                return .failure(.unreadable(path: chosen[index], reason: error.description))
            }
        }
        var images: [Image] = []
        for result in read { images.append(try result.get()) }
        return images
    }
}
