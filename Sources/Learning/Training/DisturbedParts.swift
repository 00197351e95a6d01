import Calibration
import Decode
import Foundation
import Handover
import Imaging
import Numerics
import Pipeline

/// Good parts whose pictures change as those of another night may: the lamp is brighter or weaker, the camera noisier, the
/// lens out of focus, the files compressed harder. What is said of them before and after tells calibration where to look
/// less. The parts' positions do not change: how far a part may move is for the good images to say.
struct DisturbedParts: Sendable {
    /// The kinds, each with a greatest amount that a person at the line would call usual.
    private enum Kind: Int, CaseIterable {
        case light, noise, blur, jpeg

        func drawn(using random: inout RandomSource) -> Disturbance {
            switch self {
            case .light: .light(0.75 + 0.5 * random.uniform())
            case .noise: .noise(8 * random.uniform())
            case .blur: .blur(1.2 * random.uniform())
            case .jpeg: .jpeg(50 + random.integer(below: 46))
            }
        }
    }

    /// Pictures of each kind. What is said of them stays in memory, as it does of held-out parts.
    private static let picturesPerKind = 8
    /// Pictures of all kinds.
    static let count = picturesPerKind * Kind.allCases.count

    /// Good parts: the file of each, and what was said of it.
    let parts: [(intake: Intake, clean: PatchPrediction)]
    let limits: DecodeLimits
    let seed: UInt64
    let workers: Int

    /// - Parameters:
    ///   - inspector: makes one for a worker, with limits `forChangedPictures`.
    ///   - done: called after each of `count` pictures.
    func predictions(
        inspector: @escaping @Sendable () -> Inspector, done: @escaping @Sendable () -> Void
    ) -> [DisturbedPart] {
        guard !parts.isEmpty else { return [] }
        return parallelMap(count: Kind.allCases.count, workers: workers) { place -> [DisturbedPart] in
            let kind = Kind.allCases[place]
            let inspector = inspector()
            return (0..<Self.picturesPerKind).compactMap { number in
                defer { done() }
                // From all over the parts, which may be sorted by camera or by day, and one kind beside the other.
                let slot = number * Kind.allCases.count + place
                let part = parts[parts.count > Self.count ? slot * parts.count / Self.count : slot % parts.count]
                var random = RandomSource(seed: seed, stream: UInt64(0xD157 << 32 + place << 16 + number))
                guard let disturbed = try? inspector.predict(self.disturbed(part.intake, kind, using: &random))
                else { return nil }
                return DisturbedPart(kind: place, clean: part.clean, disturbed: HeldOutPart(disturbed).prediction)
            }
        }.flatMap { $0 }
    }

    /// The same part, of another night: the picture at its own size, before anything else sees it.
    private func disturbed(
        _ intake: Intake, _ kind: Kind, using random: inout RandomSource
    ) throws(ImageError) -> Intake {
        let file = try kind.drawn(using: &random).changedFile(intake.bytes, limits: limits, using: &random)
        return Intake(
            sha256: intake.sha256, path: intake.path, bytes: file, camera: intake.camera,
            drop: intake.drop, modifiedAt: intake.modifiedAt)
    }
}
