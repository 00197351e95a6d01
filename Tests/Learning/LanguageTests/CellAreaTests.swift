import Testing

@testable import Language

@Suite("Outlines of places") struct CellAreaTests {
    /// 4 x 6 cells of 2 x 3 patches.
    static let area = CellArea(rows: 4, columns: 6)

    @Test("What stands out most of a place are the cells of its greatest errors")
    func standingOut() {
        let errors: [Float] = [1, 1, 1, 1, 3, 5]
        let cells = Array(0..<24)
        func found(_ level: Float) -> [Int] {
            Self.area.standingOut(of: cells, errors: errors, cellsPerPatch: 2, level: level)
        }
        // The last patch has error 5, the one before it 3, half way from the median of 1.
        let last = [16, 17, 22, 23]
        #expect(found(0.8) == last)
        #expect(found(0.5) == [14, 15, 16, 17, 20, 21, 22, 23])
        #expect(found(0) == cells)
    }

    @Test("Errors elsewhere do not matter, and a place that nothing stands out of stays whole")
    func elsewhere() {
        let errors: [Float] = [1, 1, 2, 1, 1, 9]
        // The two upper patches to the left, all alike: whole.
        #expect(Self.area.standingOut(of: [0, 1, 2], errors: errors, cellsPerPatch: 2, level: 0.8) == [0, 1, 2])
        // With the third patch, which has 2: the 9 below is not of this place.
        #expect(Self.area.standingOut(of: [2, 3, 4, 5], errors: errors, cellsPerPatch: 2, level: 0.8) == [4, 5])
        // Below the median everywhere.
        let low: [Float] = [0, 5, 5, 5, 5, 5]
        #expect(Self.area.standingOut(of: [0, 1], errors: low, cellsPerPatch: 2, level: 0.5) == [0, 1])
    }

    @Test("Grown by one: the cell and its eight neighbours, inside of the grid")
    func grown() {
        #expect(Self.area.grown([0], by: 1) == [0, 1, 6, 7])
        #expect(Self.area.grown([8], by: 1) == [1, 2, 3, 7, 8, 9, 13, 14, 15])
    }
}
