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

    /// What the model says of one picture's place, or places.
    package struct Sighting: Sendable {
        /// ŝ of the worst place.
        let found: [Float]
        /// ŝ of the place that the mask shows; nil without one.
        let told: [Float]?
    }

    /// Reads the places of pictures that a model has inspected.
    package struct Reader: Sendable {
        fileprivate let names: Names
        fileprivate let vocabulary: Vocabulary
        private let language: RegionLanguage

        package init(names: Names, model: LoadedModel) throws(VerbError) {
            guard let words = model.language else {
                throw .failed(
                    "--names: this model has no language; set language.source in the recipe to \"trained\" or \"imported\" "
                        + "and run `nightshift train LINE --only-language`")
            }
            let space: TextSpace
            do throws(CheckpointError) { space = try words.ready().region.space } catch {
                throw .failed(error.description)
            }
            guard let embeddings = space.middles(names.phrases) else {
                preconditionFailure("NamingTest: a language that is ready embeds every text")
            }
            self.names = names
            language = words.region
            vocabulary = Vocabulary(labels: names.kinds, embeddings: embeddings, least: -1)
        }

        /// - Parameter prediction: what `part` was scored from.
        package func sighting(
            of picture: LabelledSet.Picture, _ part: ScoredPart, _ prediction: PatchPrediction
        ) throws(VerbError) -> Sighting {
            let grid = part.image.geometry
            let perPatch = grid.gridRows / prediction.image.geometry.gridRows
            let worst = Regions.worst(of: part)
            var places = [Describer.core(of: worst, map: part.anomalyMap)]
            if let mask = try LabelledSet.mask(of: picture) {
                let cells = RegionFeatures.cells(
                    rows: grid.gridRows, columns: grid.gridColumns, width: mask.width, height: mask.height,
                    where: { mask.pixels[$0] > 127 })
                if !cells.isEmpty { places.append(cells) }
            }
            let embeddings = language.embeddings(
                places.map { RegionFeatures.row(of: prediction, cells: $0, cellsPerPatch: perPatch) })
            return Sighting(
                found: Array(embeddings.row(0)), told: places.count > 1 ? Array(embeddings.row(1)) : nil)
        }
    }

    /// The figures over the defective pictures' places.
    package init(_ sightings: [(kind: String, places: Sighting)], reader: Reader) {
        let kinds = reader.names.kinds
        var (found, told) = (ConfusionMatrix(kinds: kinds), ConfusionMatrix(kinds: kinds))
        for (kind, places) in sightings {
            found.add(truth: kind, said: reader.vocabulary.ranked(places.found[...])[0].label)
            if let embedding = places.told {
                told.add(truth: kind, said: reader.vocabulary.ranked(embedding[...])[0].label)
            }
        }
        let hits = kinds.indices.filter { row in
            let name = reader.vocabulary.embeddings.row(row)
            let nearest = sightings.map { sighting in
                (sighting.kind, zip(name, sighting.places.found).reduce(0.0) { $0 + Double($1.0 * $1.1) })
            }.sorted { $0.1 > $1.1 }
            return nearest.prefix(5).contains { $0.0 == kinds[row] }
        }
        self.found = found
        self.told = told
        recallAtFive = Double(hits.count) / Double(kinds.count)
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
