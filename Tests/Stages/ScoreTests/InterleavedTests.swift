import Handover
import Numerics
import Testing

@testable import Score

@Suite("The interleaved grid")
struct InterleavedTests {
    @Test("Every pixel moves by half a patch; what comes in is mirrored", arguments: [2, 4, 8])
    func moved(patch: Int) {
        let (height, width) = (3 * patch, 5 * patch)
        let pixels = (0..<3 * height * width).map { Float($0) }
        let moved = HalfPatch.moved(pixels, height: height, width: width, patchSize: patch)
        let half = patch / 2
        for channel in 0..<3 {
            for y in 0..<height {
                for x in 0..<width {
                    let source = (channel * height + abs(y - half)) * width + abs(x - half)
                    #expect(moved[(channel * height + y) * width + x] == pixels[source])
                }
            }
        }
    }

    /// A cell's interleaved patch covers it, but for the last half patch at the lower and right border.
    @Test("Cells lie in the interleaved patch that they are told to lie in")
    func cells() {
        let (rows, columns) = (3, 4)
        let patches = HalfPatch.patchOfCell(rows: rows, columns: columns)
        #expect(patches.count == 4 * rows * columns)
        for y in 0..<2 * rows - 1 {
            for x in 0..<2 * columns - 1 {
                let patch = patches[y * 2 * columns + x]
                // In half patches: the interleaved patch (r, c) covers 2r − 1…2r and 2c − 1…2c.
                let (r, c) = (patch / columns, patch % columns)
                #expect((2 * r - 1...2 * r).contains(y) && (2 * c - 1...2 * c).contains(x))
            }
        }
        #expect(patches.last == rows * columns - 1)
    }

    private func statistics(rows: Int, columns: Int) -> ScoreStatistics {
        let unit = ArmScale(median: 0, percentile99: 1)
        return ScoreStatistics(
            gridRows: rows, gridColumns: columns,
            arms: [false, true].map {
                ArmStatistics(
                    source: .damage, expected: nil, scoreScale: unit, heatScale: unit, isInterleaved: $0)
            }, topShare: 0.01, goodScores: [0.5, 1, 1, 2], zero: 1, review: 3, fail: 5, overkillRate: 0.02)
    }

    private func prediction(own: [Float], moved: [Float], rows: Int, columns: Int) -> PatchPrediction {
        PatchPrediction(
            image: Made.image(rows: rows, columns: columns), target: Matrix(rows: rows * columns, columns: 1), arms: [],
            damage: own,
            interleaved: .init(
                target: Matrix(rows: rows * columns, columns: 1),
                repair: .init(
                    name: "repair", predicted: Matrix(rows: rows * columns, columns: 1),
                    hidden: Matrix(rows: rows * columns, columns: 1)), damage: moved))
    }

    /// A spot that both grids see lies in the cell where their patches overlap: within a quarter of a patch, at every
    /// place of the picture, corners and borders included.
    @Test("Two grids place a spot to the cell", arguments: [(5, 7), (2, 2), (4, 9)])
    func peak(rows: Int, columns: Int) throws {
        let scorer = Scorer(statistics: statistics(rows: rows, columns: columns))
        let patches = HalfPatch.patchOfCell(rows: rows, columns: columns)
        for y in 0..<2 * rows {
            for x in 0..<2 * columns {
                var own = [Float](repeating: 0, count: rows * columns)
                var moved = own
                own[y / 2 * columns + x / 2] = 20
                moved[patches[y * 2 * columns + x]] = 20
                let part = try scorer.score(prediction(own: own, moved: moved, rows: rows, columns: columns))
                let geometry = part.image.geometry
                #expect(geometry.gridRows == 2 * rows && geometry.gridColumns == 2 * columns)
                #expect(part.anomalyMap.count == 4 * rows * columns && part.verdict == .fail)
                let top = try #require(part.anomalyMap.max())
                let peaks = part.anomalyMap.indices.filter { part.anomalyMap[$0] == top }
                // Within half a patch: the cell itself or one that touches it.
                for peak in peaks {
                    #expect(abs(peak / (2 * columns) - y) <= 1 && abs(peak % (2 * columns) - x) <= 1)
                }
                let region = try #require(part.regions.first)
                let cell = geometry.originalRectangle(row: y, column: x)
                #expect(region.x <= Int(cell.x + cell.width) && region.x + region.width >= Int(cell.x))
                #expect(region.y <= Int(cell.y + cell.height) && region.y + region.height >= Int(cell.y))
            }
        }
    }

    @Test("A family's two grids are one voice among the families")
    func families() {
        let unit = ArmScale(median: 0, percentile99: 1)
        func arm(_ interleaved: Bool) -> ArmStatistics {
            ArmStatistics(
                source: .damage, expected: nil, scoreScale: unit, heatScale: unit, isInterleaved: interleaved)
        }
        let whitening = Whitening(mean: Matrix(rows: 4, columns: 1), factor: Matrix(rows: 1, columns: 1, storage: [1]))
        let masked = ArmStatistics(
            source: .residual("masked.2", whitening), expected: nil, scoreScale: unit, heatScale: unit)
        let four = [Float](repeating: 4, count: 4)
        let none = [Float](repeating: 0, count: 4)
        let maps = FusedMaps(
            [(masked, (four, four)), (arm(false), (none, none)), (arm(true), (none, none))], rows: 2, columns: 2)
        #expect(maps.cellsPerPatch == 2 && maps.score == [Float](repeating: 2, count: 16))
        let alone = FusedMaps([(masked, (four, four)), (arm(false), (none, none))], rows: 2, columns: 2)
        #expect(alone.cellsPerPatch == 1 && alone.score == [Float](repeating: 2, count: 4))
    }

    @Test("A number that is not one on the interleaved grid is a rejection")
    func notFinite() {
        let calm = [Float](repeating: 0.5, count: 12)
        for patch in [0, 5, 11] {
            var odd = calm
            odd[patch] = .nan
            let error = #expect(throws: Rejection.self) {
                try Scorer(statistics: statistics(rows: 3, columns: 4))
                    .score(prediction(own: calm, moved: odd, rows: 3, columns: 4))
            }
            #expect(error?.reason == .notFinite)
        }
    }
}
