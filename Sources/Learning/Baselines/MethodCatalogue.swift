import Foundation
import Handover
import Imaging
import Network
import Numerics
import Pipeline
import Score

/// Which methods a model can be compared with. A new method is one more name here and one more value of
/// `ComparedMethod`.
package enum MethodCatalogue {
    /// Methods that learn from the good images again, on the model's own embeddings.
    package static let fitted = ["knn", "padim"]

    /// All names, the product first, single arms last. `withCLIP`: CLIP among them, which is no part of the model and comes
    /// from elsewhere.
    package static func names(_ statistics: ScoreStatistics, withCLIP: Bool = false) -> [String] {
        [FusedScore.product] + fitted + (withCLIP ? [WinCLIPMethod.method] : [])
            + PredictionError.Reading.allCases.compactMap { PredictionError($0, statistics: statistics)?.name }
            + arms(statistics).map(\.name)
    }

    /// Those of `names` that come with the model, in the order of `names(_:)`.
    package static func own(_ statistics: ScoreStatistics, names: [String]) -> [any ComparedMethod] {
        var methods: [any ComparedMethod] = [FusedScore(statistics: statistics)]
        methods += PredictionError.Reading.allCases.compactMap { PredictionError($0, statistics: statistics) }
        methods += arms(statistics)
        return methods.filter { names.contains($0.name) }
    }

    /// Arms alone; not the only masked one, which is the calibrated masked error by another name.
    private static func arms(_ statistics: ScoreStatistics) -> [SingleArm] {
        let masked = statistics.arms.filter { $0.name.hasPrefix("masked") }
        return statistics.arms.filter { masked.count != 1 || $0.name != masked[0].name }
            .map { SingleArm($0, statistics: statistics) }
    }
}

/// Why a baseline cannot be fitted.
package enum BaselineError: Error, Sendable, CustomStringConvertible {
    /// A good image that training could read no longer can be.
    case unreadable(path: String, reason: String)
    /// The embeddings make no statistics.
    case notFinite(method: String)
    /// There is nothing to learn from.
    case noImages
    /// `shouldStop` said so.
    case stopped

    package var description: String {
        switch self {
        case .unreadable(let path, let reason): "\(path): expected a good image that training could read: \(reason)"
        case .notFinite(let method):
            "\(method): expected finite embeddings of at least two good images, got others; a good image may be damaged"
        case .noImages: "expected good images to fit a baseline on, got none"
        case .stopped: "stopped; nothing was compared"
        }
    }
}

/// Fits the baselines that learn: one pass over the good images' embeddings serves them all.
package struct BaselineFit {
    /// Pictures read at a time; their tokens wait in memory until they are added in order.
    private static let chunk = 16

    private let model: LoadedModel
    private let limits: DecodeLimits
    private let seed: UInt64
    private let workers: Int

    package init(model: LoadedModel, limits: DecodeLimits, seed: UInt64, workers: Int) {
        self.model = model
        self.limits = limits
        self.seed = seed
        self.workers = workers
    }

    /// Those of `names` that have to be fitted, fitted on the good images at `paths`: those of training, never those
    /// held out, which set the thresholds.
    package func run(
        names: [String], paths: [String], progress: @escaping @Sendable (_ done: Int) -> Void,
        shouldStop: @escaping @Sendable () -> Bool
    ) throws(BaselineError) -> [any ComparedMethod] {
        let wanted = MethodCatalogue.fitted.filter(names.contains)
        if wanted.isEmpty { return [] }
        guard !paths.isEmpty else { throw .noImages }
        let start = Date()
        let width = model.network.shape.targetWidth
        let rows = model.inputHeight / model.patchSize
        let columns = model.inputWidth / model.patchSize
        var pool = PatchPool(pictures: paths.count, width: width, seed: seed)
        var moments = PositionMoments(width: width, places: rows * columns, seed: seed)
        for first in stride(from: 0, to: paths.count, by: Self.chunk) {
            if shouldStop() { throw .stopped }
            for tokens in try read(Array(paths[first..<min(paths.count, first + Self.chunk)])) {
                if wanted.contains("knn") { pool.add(neighbourhoodMeans(tokens, rows: rows, columns: columns)) }
                if wanted.contains("padim") { moments.add(tokens) }
            }
            progress(min(paths.count, first + Self.chunk))
        }
        let readSeconds = Date().timeIntervalSince(start)
        var methods: [any ComparedMethod] = []
        if wanted.contains("knn") {
            guard pool.patches.storage.allSatisfy(\.isFinite) else { throw .notFinite(method: "knn") }
            var memory = PatchMemory(pool, gridRows: rows, gridColumns: columns, seed: seed, workers: workers)
            memory.fitSeconds += readSeconds
            methods.append(memory)
        }
        if wanted.contains("padim") {
            let fitStart = Date()
            guard
                var gaussians = PositionGaussians(moments, gridRows: rows, gridColumns: columns, workers: workers)
            else { throw .notFinite(method: "padim") }
            gaussians.fitSeconds = readSeconds + Date().timeIntervalSince(fitStart)
            methods.append(gaussians)
        }
        return methods
    }

    private func read(_ paths: [String]) throws(BaselineError) -> [Matrix<Float>] {
        let share = (paths.count + max(1, workers) - 1) / max(1, workers)
        let tasks = (paths.count + share - 1) / share
        let (model, limits) = (model, limits)
        let parts = parallelMap(count: tasks, workers: workers) { task -> Result<[Matrix<Float>], BaselineError> in
            let reader = TokenReader(model: model, limits: limits)
            var tokens: [Matrix<Float>] = []
            for path in paths[task * share..<min(paths.count, (task + 1) * share)] {
                guard let bytes = FileManager.default.contents(atPath: path) else {
                    return .failure(.unreadable(path: path, reason: "it is gone or not permitted"))
                }
                do throws(Rejection) {
                    tokens.append(try reader.tokens(Intake(file: path, bytes: bytes)))
                } catch {
                    return .failure(.unreadable(path: path, reason: error.sentence))
                }
            }
            return .success(tokens)
        }
        var all: [Matrix<Float>] = []
        for part in parts { all += try part.get() }
        return all
    }
}
