import Foundation
import Numerics

/// Changes of a region's outline on the map's cells: inspection never finds exactly what a mask shows.
package struct CellArea: Sendable {
    package let rows: Int
    package let columns: Int

    package init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
    }

    /// With neighbours up to `reach` cells away: the map's regions are wider than what caused them.
    package func grown(_ cells: [Int], by reach: Int) -> [Int] {
        var found = Set(cells)
        for cell in cells {
            let (row, column) = (cell / columns, cell % columns)
            for y in max(0, row - reach)...min(rows - 1, row + reach) {
                for x in max(0, column - reach)...min(columns - 1, column + reach) { found.insert(y * columns + x) }
            }
        }
        return found.sorted()
    }

    /// What lies on one side of a line through the middle, or all: the map may show a part of a defect only.
    package func part(of cells: [Int], using random: inout RandomSource) -> [Int] {
        guard cells.count >= 6, random.uniform() < 0.6 else { return cells }
        let angle = random.uniform() * 2 * .pi
        let along = cells.map { Double($0 % columns) * cos(angle) + Double($0 / columns) * sin(angle) }
        let limit = along.sorted()[Int(Double(cells.count) * (0.2 + 0.4 * random.uniform()))]
        let kept = cells.indices.filter { along[$0] >= limit }.map { cells[$0] }
        return kept.isEmpty ? cells : kept
    }

    /// What of a place stands out most, as inspection would find it: the cells whose error is at least `level` of the way
    /// from the picture's median to the place's greatest.
    ///
    /// - Parameters:
    ///   - errors: one a patch, row by row.
    ///   - cellsPerPatch: cells along a patch's side.
    package func standingOut(of cells: [Int], errors: [Float], cellsPerPatch: Int, level: Float) -> [Int] {
        precondition(
            errors.count * cellsPerPatch * cellsPerPatch == rows * columns,
            "CellArea: expected an error for each patch of \(rows) x \(columns) cells, got \(errors.count)")
        let median = errors.sorted()[errors.count / 2]
        let own = cells.map { cell in
            errors[cell / columns / cellsPerPatch * (columns / cellsPerPatch) + cell % columns / cellsPerPatch]
        }
        let limit = median + level * ((own.max() ?? median) - median)
        let found = cells.indices.filter { own[$0] >= limit }.map { cells[$0] }
        return found.isEmpty ? cells : found
    }
}
