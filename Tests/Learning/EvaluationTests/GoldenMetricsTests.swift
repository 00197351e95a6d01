import Foundation
import Imaging
import Testing

@testable import Evaluation

/// Figures of scikit-learn and of the published AUPRO code, made by `Golden/make_golden.py`.
struct Golden: Decodable {
    struct ImageCase: Decodable {
        let scores: [Double]
        let isDefective: [Bool]
        let auroc: Double
        let averagePrecision: Double
        let f1Max: Double
    }
    struct Picture: Decodable {
        let rows: Int
        let columns: Int
        let map: [Float]
        let width: Int
        let height: Int
        let mask: String?
    }
    struct PixelCase: Decodable {
        let images: [Picture]
        let regions: Int
        let pixelAUROC: Double
        let aupro30: Double
        let aupro05: Double
    }
    struct Components: Decodable {
        let width: Int
        let height: Int
        let mask: String
        let areas: [Int]
    }
    let image: [ImageCase]
    let pixel: [PixelCase]
    let components: [Components]

    static func load() throws -> Golden {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Golden/metrics.json")
        return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
    }
}

/// A grey picture, 255 where the text has a 1.
func maskPicture(_ text: String, width: Int, height: Int) -> Image {
    Image(width: width, height: height, channels: 1, pixels: text.utf8.map { $0 == UInt8(ascii: "1") ? 255 : 0 })
}

/// Both sides add the same float64 numbers in another order.
private let exact = 1e-9
/// Torch rounds the enlarged maps differently in the last bit of float32, so a few near-equal pixels swap places.
private let enlargedTolerance = 1e-4

@Suite("Figures agree with scikit-learn and the published AUPRO code")
struct GoldenMetricsTests {
    @Test("Image AUROC, average precision and F1-max, with ties")
    func imageFigures() throws {
        for golden in try Golden.load().image {
            let ranked = RankedScores(scores: golden.scores, isDefective: golden.isDefective)
            #expect(abs(try #require(ranked.auroc) - golden.auroc) < exact)
            #expect(abs(try #require(ranked.averagePrecision) - golden.averagePrecision) < exact)
            let f1Max = try #require(ranked.f1Max)
            #expect(abs(f1Max.value - golden.f1Max) < exact)
            // The threshold gives the value that it is said to give.
            let overkill = try #require(ranked.overkill(at: f1Max.threshold)) * Double(ranked.goodCount)
            let found = (1 - (try #require(ranked.escape(at: f1Max.threshold)))) * Double(ranked.defectiveCount)
            #expect(abs(2 * found / (found + overkill + Double(ranked.defectiveCount)) - f1Max.value) < exact)
        }
    }

    @Test("Pixel AUROC and AUPRO, with ties, several regions, good parts and enlarged maps")
    func pixelFigures() throws {
        for golden in try Golden.load().pixel {
            var evaluator = Evaluator()
            var isEnlarged = false
            for (index, picture) in golden.images.enumerated() {
                isEnlarged = isEnlarged || picture.map.count != picture.width * picture.height
                evaluator.add(
                    EvaluationInput(
                        name: "\(index)", kind: picture.mask == nil ? nil : "spot", score: 0, map: picture.map,
                        rows: picture.rows, columns: picture.columns, width: picture.width, height: picture.height,
                        mask: picture.mask.map { maskPicture($0, width: picture.width, height: picture.height) }))
            }
            let result = evaluator.result()
            let tolerance = isEnlarged ? enlargedTolerance : exact
            #expect(result.regionCount == golden.regions)
            #expect(result.pixelImageCount == golden.images.count && result.warnings.isEmpty)
            #expect(abs(try #require(result.pixelAUROC) - golden.pixelAUROC) < tolerance)
            #expect(abs(try #require(result.aupro30) - golden.aupro30) < tolerance)
            #expect(abs(try #require(result.aupro05) - golden.aupro05) < tolerance)
        }
    }

    @Test("Connected regions have the areas that scipy.ndimage.label finds")
    func components() throws {
        for golden in try Golden.load().components {
            let mask = RegionMask(maskPicture(golden.mask, width: golden.width, height: golden.height))
            #expect(mask.regionAreas.sorted() == golden.areas)
            var areas = [Int](repeating: 0, count: mask.regionCount)
            for run in mask.runs { areas[run.region] += run.columns.count }
            #expect(areas == mask.regionAreas)
        }
    }
}
