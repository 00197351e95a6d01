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
}
