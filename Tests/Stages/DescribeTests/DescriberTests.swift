import Describe
import Foundation
import Handover
import Imaging
import Network
import Numerics
import Testing
import Text

@Suite("Names for regions") struct DescriberTests {
    static let rows = 4
    static let columns = 5
    static let target = 6
    static let state = 3

    static func prediction(seed: UInt64 = 1) -> PatchPrediction {
        var random = RandomSource(seed: seed)
        func matrix(_ width: Int) -> Matrix<Float> {
            Matrix(
                rows: rows * columns, columns: width,
                storage: (0..<rows * columns * width).map { _ in Float(random.normal()) })
        }
        let geometry = Geometry(
            originalWidth: 200, originalHeight: 160, inputWidth: columns * 8, inputHeight: rows * 8, patchSize: 8)
        let image = DecodedImage(
            intake: Intake(
                sha256: "", path: "part.png", bytes: Data(), camera: "", drop: "",
                modifiedAt: Date(timeIntervalSince1970: 0)),
            picture: Image(width: 200, height: 160, colour: [10, 20, 30]),
            pixels: (0..<3 * columns * 8 * rows * 8).map { _ in Float(random.normal()) }, geometry: geometry)
        return PatchPrediction(
            image: image, target: matrix(target),
            arms: [
                .init(name: "masked.2", predicted: matrix(target), hidden: matrix(state)),
                .init(name: "repair", predicted: matrix(target), hidden: matrix(state)),
            ], damage: nil)
    }

    static var width: Int { RegionFeatures.width(targetWidth: target, stateWidth: state) }

    /// A language whose head was drawn at random and whose names are the axes.
    static func language(least: Double) -> RegionLanguage {
        var random = RandomSource(seed: 4)
        let names = ["scratch", "stain", "dent"]
        let axes = Matrix<Float>(rows: 3, columns: 3, storage: [1, 0, 0, 0, 1, 0, 0, 0, 1])
        return RegionLanguage(
            shape: .init(inputWidth: width, hiddenWidth: 8, outputWidth: 3),
            featureMean: [Float](repeating: 0, count: width), featureScale: [Float](repeating: 1, count: width),
            vocabulary: Vocabulary(labels: names, embeddings: axes, least: least),
            space: TextSpace(encoder: .absent, centre: [0, 0, 0]), using: &random)
    }

    static func part(_ prediction: PatchPrediction, regions: Int) -> ScoredPart {
        let map = [Float](repeating: 0, count: rows * columns)
        return ScoredPart(
            image: prediction.image, anomalyMap: map, rawScore: 1, score: 2, pValue: 0.01, verdict: .fail,
            thresholds: Thresholds(review: 0.8, fail: 1, overkillRate: 0.02),
            regions: (0..<regions).map { index in
                Region(
                    x: 0, y: 0, width: 40, height: 40, areaPx: 1600, areaFraction: 0.05, peak: 2, peakX: 20, peakY: 20,
                    cells: [index % (rows * columns)])
            })
    }

    @Test("Features are as wide as announced, finite, and differ between regions of one picture")
    func features() {
        let prediction = Self.prediction()
        let one = RegionFeatures.row(of: prediction, cells: [0, 1], cellsPerPatch: 1)
        let other = RegionFeatures.row(of: prediction, cells: [12], cellsPerPatch: 1)
        #expect(one.count == Self.width && one.allSatisfy(\.isFinite) && other.allSatisfy(\.isFinite) && one != other)
        // What is there comes from the target's patches: the mean of the first two.
        let target = prediction.target
        #expect(abs(one[0] - (target[0, 0] + target[1, 0]) / 2) < 1e-6)
        // What was expected is the repair arm's, though another arm comes first.
        #expect(
            abs(
                one[Self.target]
                    - (one[0] - (prediction.arms[1].predicted[0, 0] + prediction.arms[1].predicted[1, 0]) / 2)) < 1e-5)
    }

    @Test("Cells of half a patch weigh their patches; all cells of a picture have features too")
    func halfPatches() {
        let prediction = Self.prediction()
        // Three of the four cells of patch 0, one of patch 1.
        let cells = [0, 1, Self.columns * 2, 2]
        let row = RegionFeatures.row(of: prediction, cells: cells, cellsPerPatch: 2)
        #expect(abs(row[0] - (0.75 * prediction.target[0, 0] + 0.25 * prediction.target[1, 0])) < 1e-6)
        let all = RegionFeatures.row(of: prediction, cells: Array(0..<Self.rows * Self.columns), cellsPerPatch: 1)
        #expect(all.count == Self.width && all.allSatisfy(\.isFinite))
    }

    @Test("The label is the nearest name, alternatives follow, and the sentence says what, how large and where")
    func labels() throws {
        let prediction = Self.prediction()
        let part = Describer(language: Self.language(least: -1)).describe(Self.part(prediction, regions: 1), prediction)
        let words = try #require(part.regions[0].description)
        let nearest = try #require(zip(words.embedding, ["scratch", "stain", "dent"]).max { $0.0 < $1.0 })
        #expect(words.label == nearest.1 && abs(words.similarity - Double(nearest.0)) < 1e-6)
        #expect(words.alternatives.count == 2 && words.alternatives[0].similarity >= words.alternatives[1].similarity)
        #expect(!words.alternatives.map(\.label).contains(words.label))
        #expect(words.sentence == "A medium-sized \(words.label), upper left corner, 40 x 40 pixels.")
    }

    @Test("A region that no name is near enough to is unknown, and the nearest name leads the alternatives")
    func unknown() throws {
        let prediction = Self.prediction()
        let part = Describer(language: Self.language(least: 1.01)).describe(
            Self.part(prediction, regions: 1), prediction)
        let words = try #require(part.regions[0].description)
        #expect(words.label == "unknown" && words.alternatives[0].similarity == words.similarity)
        #expect(words.sentence.contains("no name"))
    }

    @Test("Of a region that a strong peak has widened, the core is described: cells from half of the peak on")
    func core() {
        var map = [Float](repeating: 0, count: Self.rows * Self.columns)
        (map[0], map[1], map[2], map[3]) = (8, 4, 3.9, 1)
        func region(_ peak: Double) -> Region {
            Region(
                x: 0, y: 0, width: 160, height: 40, areaPx: 6400, areaFraction: 0.2, peak: peak, peakX: 20, peakY: 20,
                cells: [0, 1, 2, 3])
        }
        #expect(Describer.core(of: region(8), map: map) == [0, 1])
        #expect(Describer.core(of: region(80), map: map) == [0, 1, 2, 3])
    }

    @Test("A part that passes is left as it is; of hundreds of regions the first are described")
    func bounds() {
        let prediction = Self.prediction()
        let describer = Describer(language: Self.language(least: -1))
        #expect(describer.describe(Self.part(prediction, regions: 0), prediction).regions.isEmpty)
        let many = describer.describe(Self.part(prediction, regions: 60), prediction).regions
        #expect(many.count == 60 && many.filter { $0.description != nil }.count == Describer.mostRegions)
    }

    @Test("Errors are the distances of each patch from what the repair pass expected")
    func errors() {
        let prediction = Self.prediction()
        let errors = RegionFeatures.errors(of: prediction)
        #expect(errors.count == Self.rows * Self.columns)
        for (patch, error) in errors.enumerated() {
            // The one-patch row holds the same difference.
            let row = RegionFeatures.row(of: prediction, cells: [patch], cellsPerPatch: 1)
            let residual = row[Self.target..<2 * Self.target]
            #expect(abs(error * error - residual.reduce(0) { $0 + $1 * $1 }) < 1e-4 * error * error)
        }
    }
}
