import Foundation
import Handover
import Numerics

/// What is known of a region, as one row of numbers for the region head: what is there, how far that is from what the
/// predictor expected, the predictor's state behind it, and the region's size.
///
/// Statistics of pixels (colours, edges, outlines) and differences to the surroundings were tried beside these: they told
/// painted damage apart better and real damage worse.
package struct RegionFeatures: Sendable {
    /// Numbers about size and shape.
    package static let shapeWidth = 3

    /// The arm whose prediction says what should be there: the one with nothing hidden, where there is one.
    package static func arm(of prediction: PatchPrediction) -> PatchPrediction.Arm? {
        prediction.arms.first { $0.name == "repair" } ?? prediction.arms.first
    }

    /// Lengths of what each patch differs by from what `arm` predicted, (patches). Traps without an arm.
    package static func errors(of prediction: PatchPrediction) -> [Float] {
        guard let arm = arm(of: prediction) else {
            preconditionFailure("RegionFeatures: expected a prediction with an arm, got none")
        }
        let width = prediction.target.columns
        return (0..<prediction.target.rows).map { row in
            var sum: Float = 0
            for index in row * width..<(row + 1) * width {
                let difference = prediction.target.storage[index] - arm.predicted.storage[index]
                sum += difference * difference
            }
            return sum.squareRoot()
        }
    }

    /// Width of a region's row: target and residual (D each), state (P), shape.
    package static func width(targetWidth: Int, stateWidth: Int) -> Int { 2 * targetWidth + stateWidth + shapeWidth }

    /// The row of a region.
    ///
    /// - Parameters:
    ///   - prediction: of the picture.
    ///   - cells: indices of the map's cells inside, one at least.
    ///   - cellsPerPatch: cells along a patch's side, 1 or 2.
    package static func row(of prediction: PatchPrediction, cells: [Int], cellsPerPatch: Int) -> [Float] {
        let grid = prediction.image.geometry
        precondition(!cells.isEmpty, "RegionFeatures: expected a cell at least, got none")
        guard let arm = arm(of: prediction) else {
            preconditionFailure("RegionFeatures: expected a prediction with an arm, got none")
        }
        var weights = [Float](repeating: 0, count: prediction.target.rows)
        let columns = grid.gridColumns * cellsPerPatch
        for cell in cells {
            let patch = (cell / columns / cellsPerPatch) * grid.gridColumns + cell % columns / cellsPerPatch
            weights[patch] += 1
        }
        let inside = mean(prediction.target, weights)
        let expected = mean(arm.predicted, weights)
        var row: [Float] = []
        row.reserveCapacity(width(targetWidth: inside.count, stateWidth: arm.hidden.columns))
        row += inside
        row += zip(inside, expected).map { $0 - $1 }
        row += mean(arm.hidden, weights)
        row += shape(of: cells, rows: grid.gridRows * cellsPerPatch, columns: columns)
        return row
    }

    /// The cells of a map that a mask marks: those of which an eighth or more is masked, the fullest one where none is;
    /// none under an empty mask.
    ///
    /// - Parameters:
    ///   - width, height: of the mask, in any pixels.
    ///   - isMasked: by index, row by row.
    package static func cells(
        rows: Int, columns: Int, width: Int, height: Int, where isMasked: (Int) -> Bool
    ) -> [Int] {
        var counts = [Int](repeating: 0, count: rows * columns)
        for y in 0..<height {
            for x in 0..<width where isMasked(y * width + x) {
                counts[y * rows / height * columns + x * columns / width] += 1
            }
        }
        guard let most = counts.max(), most > 0 else { return [] }
        let limit = min(most, max(1, width * height / (rows * columns) / 8))
        return counts.indices.filter { counts[$0] >= limit }
    }

    private static func mean(_ matrix: Matrix<Float>, _ weights: [Float]) -> [Float] {
        var result = [Float](repeating: 0, count: matrix.columns)
        let total = weights.reduce(0, +)
        for row in weights.indices where weights[row] > 0 {
            let share = weights[row] / total
            let start = row * matrix.columns
            for column in result.indices { result[column] += share * matrix.storage[start + column] }
        }
        return result
    }

    /// How large a region is and how long: logarithms of its share of the picture and of its box's longer side and
    /// shape, (shapeWidth).
    private static func shape(of cells: [Int], rows: Int, columns: Int) -> [Float] {
        let cellRows = cells.map { $0 / columns }
        let cellColumns = cells.map { $0 % columns }
        let height = Float((cellRows.max() ?? 0) - (cellRows.min() ?? 0) + 1)
        let width = Float((cellColumns.max() ?? 0) - (cellColumns.min() ?? 0) + 1)
        return [
            log(Float(cells.count) / Float(rows * columns)), log(max(width, height) / Float(max(rows, columns))),
            log(max(width, height) / min(width, height)),
        ]
    }
}
