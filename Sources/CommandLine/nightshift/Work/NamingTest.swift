import Baselines
import Checkpoint
import Describe
import Evaluation
import Foundation
import Handover
import Imaging
import Numerics
import Pipeline
import Score
import Text

/// How well regions of known kinds are named: each picture's worst place, found as inspection finds it, and the place
/// that its mask tells, each against one name per kind of the set.
package struct NamingTest: Sendable {
    /// Names for the kinds of a set.
    package struct Names: Sendable {
        package let kinds: [String]
        /// Phrases of each kind, one at least.
        package let phrases: [[String]]
    }

    /// By the place that the model found, on every defective picture, flagged or not.
    package let found: ConfusionMatrix
    /// By the place that the mask shows, where there is one.
    package let told: ConfusionMatrix
    /// Share of names whose five nearest found places hold one of its kind.
    package let recallAtFive: Double

    /// Phrases for the kinds of `set`: from `file` (JSON: kind to phrase or list of phrases), else the folders' names.
    package static func names(_ set: LabelledSet, file: String?) throws(VerbError) -> Names {
        let kinds = Set(set.pictures.compactMap(\.kind)).sorted()
        guard kinds.count > 1 else {
            throw .failed("--names: expected a set with two kinds of defects at least, got \(kinds.count)")
        }
        guard let file else {
            return Names(kinds: kinds, phrases: kinds.map { [$0.replacingOccurrences(of: "_", with: " ")] })
        }
        guard let bytes = FileManager.default.contents(atPath: file), bytes.count <= 1_000_000 else {
            throw .failed("--words: expected a file of at most 1 MB at \(file)")
        }
        guard let object = try? JSONSerialization.jsonObject(with: bytes) as? [String: Any] else {
            throw .failed("--words: \(file): expected JSON like {\"folder\": [\"phrase\", \"other phrase\"]}")
        }
        var phrases: [[String]] = []
        for kind in kinds {
            let texts = (object[kind] as? [String]) ?? (object[kind] as? String).map { [$0] } ?? []
            guard !texts.isEmpty, texts.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 1000 }) else {
                throw .failed("--words: \(file): expected a phrase, or a list of them, for the kind \(kind)")
            }
            phrases.append(texts)
        }
        return Names(kinds: kinds, phrases: phrases)
    }

    /// Names the places of every defective picture of `set`.
    package static func run(
        _ set: LabelledSet, names: Names, model: LoadedModel, limits: DecodeLimits, workers: Int, console: Console
    ) throws(VerbError) -> NamingTest {
        guard let words = model.language else {
            throw .failed(
                "--names: this model has no language; set language.source in the recipe to \"trained\" or \"imported\" and "
                    + "run `nightshift train LINE --only-language`")
        }
        let vocabulary: Vocabulary
        do throws(CheckpointError) {
            var sums = Matrix<Float>(rows: names.kinds.count, columns: words.region.space.width)
            let language = try words.ready()
            for (row, phrases) in names.phrases.enumerated() {
                let embeddings = try language.embeddings(of: phrases)
                for phrase in 0..<embeddings.rows { sums.addRow(row, embeddings.row(phrase)) }
            }
            var unit = Matrix<Float>(rows: 0, columns: sums.columns)
            var norms: [Float] = []
            unitForward(&unit, norms: &norms, input: sums)
            vocabulary = Vocabulary(labels: names.kinds, embeddings: unit, least: -1)
        } catch {
            throw .failed(error.description)
        }
        let pictures = set.pictures.filter { $0.kind != nil }
        let bar = ProgressBar("naming", total: Double(pictures.count), console: console)
        let done = LockedValue(0)
        let chunk = 8
        let tasks = (pictures.count + chunk - 1) / chunk
        let outcomes = parallelMap(count: tasks, workers: workers) { task -> [Result<Named, VerbError>] in
            let inspector = Inspector(model: model, limits: limits)
            return pictures[task * chunk..<min(pictures.count, (task + 1) * chunk)].map { picture in
                guard !Interruption.isRequested else { return .failure(.interrupted("stopped")) }
                let outcome = named(picture, model: model, language: words.region, inspector: inspector)
                bar.update(
                    Double(
                        done.withLock {
                            $0 += 1
                            return $0
                        }))
                return outcome
            }
        }.flatMap { $0 }
        bar.finish()
        var (found, told) = (ConfusionMatrix(kinds: names.kinds), ConfusionMatrix(kinds: names.kinds))
        var regions: [(kind: String, embedding: [Float])] = []
        for (picture, outcome) in zip(pictures, outcomes) {
            switch outcome {
            case .failure(let error): throw error
            case .success(let named):
                guard let kind = picture.kind else { continue }
                found.add(truth: kind, said: vocabulary.ranked(named.found[...])[0].label)
                regions.append((kind, named.found))
                if let embedding = named.told {
                    told.add(truth: kind, said: vocabulary.ranked(embedding[...])[0].label)
                }
            }
        }
        let hits = names.kinds.indices.filter { row in
            let name = vocabulary.embeddings.row(row)
            let nearest = regions.map { region in
                (region.kind, zip(name, region.embedding).reduce(0.0) { $0 + Double($1.0 * $1.1) })
            }.sorted { $0.1 > $1.1 }
            return nearest.prefix(5).contains { $0.0 == names.kinds[row] }
        }
        return NamingTest(
            found: found, told: told, recallAtFive: Double(hits.count) / Double(names.kinds.count))
    }

    private struct Named: Sendable {
        let found: [Float]
        let told: [Float]?
    }

    private static func named(
        _ picture: LabelledSet.Picture, model: LoadedModel, language: RegionLanguage, inspector: Inspector
    ) -> Result<Named, VerbError> {
        guard let bytes = FileManager.default.contents(atPath: picture.path) else {
            return .failure(.failed("\(picture.path): cannot be read"))
        }
        do {
            let prediction = try inspector.predict(Intake(file: picture.name, bytes: bytes))
            let part = try Scorer(statistics: model.statistics).score(prediction)
            let grid = part.image.geometry
            let perPatch = grid.gridRows / prediction.image.geometry.gridRows
            // A part below the threshold has a worst place too: what stands out by half of its greatest heat.
            let greatest = part.anomalyMap.max() ?? 1
            let level = greatest > 0 ? min(1, greatest * 0.5) : greatest
            let worst = part.regions.first ?? Regions.above(level, map: part.anomalyMap, geometry: grid)[0]
            var rows = [
                RegionFeatures.row(
                    of: prediction, cells: Describer.core(of: worst, map: part.anomalyMap), cellsPerPatch: perPatch)
            ]
            if let mask = try LabelledSet.mask(of: picture) {
                let cells = cells(of: mask, rows: grid.gridRows, columns: grid.gridColumns)
                if !cells.isEmpty {
                    rows.append(RegionFeatures.row(of: prediction, cells: cells, cellsPerPatch: perPatch))
                }
            }
            let embeddings = language.embeddings(rows)
            return .success(
                Named(found: Array(embeddings.row(0)), told: rows.count > 1 ? Array(embeddings.row(1)) : nil))
        } catch let error as VerbError {
            return .failure(error)
        } catch {
            return .failure(.failed("\(picture.path): \(error)"))
        }
    }

    /// Cells of which an eighth or more is masked; the fullest one where none is.
    private static func cells(of mask: Image, rows: Int, columns: Int) -> [Int] {
        var counts = [Int](repeating: 0, count: rows * columns)
        for y in 0..<mask.height {
            for x in 0..<mask.width where mask.pixels[y * mask.width + x] > 127 {
                counts[y * rows / mask.height * columns + x * columns / mask.width] += 1
            }
        }
        guard let most = counts.max(), most > 0 else { return [] }
        let limit = min(most, max(1, mask.width * mask.height / (rows * columns) / 8))
        return counts.indices.filter { counts[$0] >= limit }
    }

    /// Figures for one line of JSON.
    package var json: JSONText {
        func matrix(_ matrix: ConfusionMatrix) -> JSONText {
            .object([
                "accuracy": .share(matrix.accuracy), "balancedAccuracy": .share(matrix.balancedAccuracy),
                "count": .number(Double(matrix.total)),
                "confusion": .list(matrix.counts.map { .list($0.map { .number(Double($0)) }) }),
            ])
        }
        return .object([
            "kinds": .list(found.kinds.map { .text($0) }), "found": matrix(found), "told": matrix(told),
            "recallAtFive": .share(recallAtFive),
        ])
    }

    /// The figures for people.
    package var text: String {
        func table(_ title: String, _ matrix: ConfusionMatrix) -> String {
            var rows = [[title] + matrix.kinds.map { String($0.prefix(12)) }]
            for (row, kind) in matrix.kinds.enumerated() {
                rows.append([kind] + matrix.counts[row].map { "\($0)" })
            }
            return Wording.table(rows) + "\nright \(Wording.percent(matrix.accuracy)), mean over kinds "
                + "\(Wording.percent(matrix.balancedAccuracy)); chance \(Wording.percent(1 / Double(matrix.kinds.count)))"
        }
        return "names; rows: the truth, columns: the nearest name\n\n" + table("place found", found) + "\n\n"
            + (told.total > 0 ? table("place told", told) + "\n\n" : "")
            + "names whose five nearest places hold one of theirs: \(Wording.percent(recallAtFive))"
    }
}
