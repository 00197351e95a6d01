import CLIP
import Foundation
import Handover
import Imaging
import Numerics
import Score
import Testing

@Suite("Scores of what CLIP found")
struct CLIPScorerTests {
    /// Raw scores −1 … 3 of good parts; 0.5 is usual, 2 fails.
    private static let calibration = ScoreCalibration(
        goodScores: (0..<19).map { -1 + Double($0) * 4 / 18 }, zero: 0.5, review: 1.5, fail: 2, overkillRate: 0.05)

    private static func image(rows: Int, columns: Int) -> DecodedImage {
        DecodedImage(
            intake: Intake(
                sha256: "", path: "part.png", bytes: Data(), camera: "", drop: "",
                modifiedAt: Date(timeIntervalSince1970: 0)), picture: Image(width: 1, height: 1, colour: [0]),
            pixels: [],
            geometry: Geometry(
                originalWidth: columns * 20, originalHeight: rows * 20, inputWidth: columns * 8, inputHeight: rows * 8,
                patchSize: 8))
    }

    private static func share(_ logOdds: Double) -> Double { 1 / (1 + exp(-logOdds)) }

    @Test("The map's greatest value is the score, in WinCLIP's order, and a flagged part has its region there")
    func verdicts() throws {
        let scorer = CLIPScorer(calibration: Self.calibration)
        var random = RandomSource(seed: 9)
        for _ in 0..<200 {
            let map = (0..<12).map { _ in Self.share(random.normal() * 3) }
            let finding = WinCLIP.Finding(score: Self.share(random.normal() * 2 + 1), map: map)
            let part = try scorer.score(finding, of: Self.image(rows: 3, columns: 4))
            let raw = log(finding.score / (1 - finding.score))
            #expect(abs(part.rawScore - raw) < 1e-5 && abs(part.score - (raw - 0.5) / 1.5) < 1e-5)
            #expect(part.anomalyMap.max() == Float(part.score))
            let order = map.indices.sorted { map[$0] > map[$1] }
            #expect(part.anomalyMap[order[0]] == Float(part.score))
            for (higher, lower) in zip(order, order.dropFirst()) {
                #expect(part.anomalyMap[higher] >= part.anomalyMap[lower])
            }
            #expect(part.verdict == (part.score >= 1 ? .fail : part.score >= part.thresholds.review ? .review : .pass))
            #expect((part.verdict == .pass) == part.regions.isEmpty)
            if let region = part.regions.first {
                #expect(region.cells.contains(order[0]) && region.peak == Double(Float(part.score)))
            }
            #expect(part.pValue > 0 && part.pValue <= 1)
        }
    }

    @Test("Certain shares stay finite, and what is no number is a rejection, never a pass")
    func extremes() throws {
        let scorer = CLIPScorer(calibration: Self.calibration)
        let image = Self.image(rows: 1, columns: 3)
        let sure = try scorer.score(WinCLIP.Finding(score: 1, map: [0, 0.5, 1]), of: image)
        #expect(sure.verdict == .fail && sure.anomalyMap.allSatisfy(\.isFinite) && sure.score < 40)
        let never = try scorer.score(WinCLIP.Finding(score: 0, map: [0, 0, 0]), of: image)
        #expect(never.verdict == .pass && never.score > -40)
        for finding in [
            WinCLIP.Finding(score: .nan, map: [0, 0, 0]), WinCLIP.Finding(score: 0.1, map: [0, .nan, 0]),
        ] {
            #expect(throws: Rejection.self) { try scorer.score(finding, of: image) }
            #expect(CLIPScorer.rawScore(finding).isNaN)
        }
    }

    @Test("Impossible calibrations are named")
    func problems() {
        #expect(Self.calibration.problem == nil)
        func changed(_ scores: [Double], _ zero: Double, _ fail: Double, _ rate: Double) -> String? {
            ScoreCalibration(goodScores: scores, zero: zero, review: 1, fail: fail, overkillRate: rate).problem
        }
        #expect(changed([], 0, 1, 0.1)?.contains("good_scores") == true)
        #expect(changed([.nan], 0, 1, 0.1)?.contains("good_scores") == true)
        #expect(changed([1], 2, 1, 0.1)?.contains("zero < fail") == true)
        #expect(changed([1], 0, .infinity, 0.1) != nil && changed([1], 0, 1, 0) != nil)
    }
}
