import Foundation
import Handover
import Numerics

/// What is known of a region, as one row of numbers for the region head: what is there, what the predictor expected
/// there, what surrounds it, and its looks and shape in pixels.
package struct RegionFeatures: Sendable {
    /// Numbers about pixels and shape.
    package static let pixelWidth = 32

    /// The arm whose prediction says what should be there: the one with nothing hidden, where there is one.
    package static func arm(of prediction: PatchPrediction) -> PatchPrediction.Arm? {
        prediction.arms.first { $0.name == "repair" } ?? prediction.arms.first
    }

    /// Width of a region's row: target, residual and difference to the surroundings (D each), state (P), pixels.
    package static func width(targetWidth: Int, stateWidth: Int) -> Int { 3 * targetWidth + stateWidth + pixelWidth }

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
        let ring = surroundings(weights, rows: grid.gridRows, columns: grid.gridColumns)
        let inside = mean(prediction.target, weights)
        let expected = mean(arm.predicted, weights)
        let outside = mean(prediction.target, ring)
        var row: [Float] = []
        row.reserveCapacity(width(targetWidth: inside.count, stateWidth: arm.hidden.columns))
        row += inside
        row += zip(inside, expected).map { $0 - $1 }
        row += zip(inside, outside).map { $0 - $1 }
        row += mean(arm.hidden, weights)
        row += pixels(of: prediction.image, cells: cells, cellsPerPatch: cellsPerPatch)
        return row
    }

    /// Patches next to the region and not in it, two wide; all others where there are none.
    private static func surroundings(_ weights: [Float], rows: Int, columns: Int) -> [Float] {
        var ring = [Float](repeating: 0, count: weights.count)
        for patch in weights.indices where weights[patch] > 0 {
            let (row, column) = (patch / columns, patch % columns)
            for y in max(0, row - 2)...min(rows - 1, row + 2) {
                for x in max(0, column - 2)...min(columns - 1, column + 2) where weights[y * columns + x] == 0 {
                    ring[y * columns + x] = 1
                }
            }
        }
        if ring.contains(where: { $0 > 0 }) { return ring }
        return [Float](repeating: 1, count: weights.count)
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

    /// Looks and shape of a region: colours inside against those around it, the odd pixels' share, spread and outline,
    /// roughness, place. (pixelWidth), of order one.
    private static func pixels(of image: DecodedImage, cells: [Int], cellsPerPatch: Int) -> [Float] {
        let grid = image.geometry
        let side = grid.patchSize / cellsPerPatch
        let columns = grid.gridColumns * cellsPerPatch
        let rows = grid.gridRows * cellsPerPatch
        let (width, height) = (grid.inputWidth, grid.inputHeight)
        let plane = width * height
        var isInside = [Bool](repeating: false, count: rows * columns)
        for cell in cells { isInside[cell] = true }
        let ring = (0..<rows * columns).filter { cell in
            guard !isInside[cell] else { return false }
            let (row, column) = (cell / columns, cell % columns)
            for y in max(0, row - 2)...min(rows - 1, row + 2) {
                for x in max(0, column - 2)...min(columns - 1, column + 2) where isInside[y * columns + x] {
                    return true
                }
            }
            return false
        }
        func each(_ cells: [Int], _ body: (_ index: Int, _ x: Int, _ y: Int) -> Void) {
            for cell in cells {
                let (top, left) = (cell / columns * side, cell % columns * side)
                for y in top..<top + side { for x in left..<left + side { body(y * width + x, x, y) } }
            }
        }
        func colour(_ index: Int) -> SIMD3<Float> {
            SIMD3(image.pixels[index], image.pixels[plane + index], image.pixels[2 * plane + index])
        }
        func grey(_ index: Int) -> Float {
            (image.pixels[index] + image.pixels[plane + index] + image.pixels[2 * plane + index]) / 3
        }
        func moments(_ cells: [Int]) -> (mean: SIMD3<Float>, deviation: SIMD3<Float>, roughness: Float) {
            var (sum, square, rough, count) = (SIMD3<Float>.zero, SIMD3<Float>.zero, Float.zero, Float.zero)
            each(cells) { index, x, y in
                let value = colour(index)
                sum += value
                square += value * value
                if x > 0, y > 0 { rough += abs(grey(index) - grey(index - 1)) + abs(grey(index) - grey(index - width)) }
                count += 1
            }
            guard count > 0 else { return (.zero, .zero, 0) }
            let mean = sum / count
            let variance = square / count - mean * mean
            return (mean, variance.replacing(with: 0, where: variance .< 0).squareRoot(), rough / count)
        }
        let inside = moments(cells)
        let around = ring.isEmpty ? inside : moments(ring)
        let usual = (around.mean.x + around.mean.y + around.mean.z) / 3
        let spread = (around.deviation.x + around.deviation.y + around.deviation.z) / 3
        let limit = max(0.15, 1.5 * spread)
        // The odd pixels inside: how many, dark or bright, how they spread.
        var (odd, dark, strongest) = (Float.zero, Float.zero, Float.zero)
        var (sx, sy, sxx, syy, sxy) = (Float.zero, Float.zero, Float.zero, Float.zero, Float.zero)
        var (lowest, highest) = (Float.infinity, -Float.infinity)
        each(cells) { index, x, y in
            let change = grey(index) - usual
            lowest = min(lowest, change)
            highest = max(highest, change)
            guard abs(change) > limit else { return }
            odd += 1
            if change < 0 { dark += 1 }
            strongest = max(strongest, abs(change))
            let (px, py) = (Float(x), Float(y))
            sx += px
            sy += py
            sxx += px * px
            syy += py * py
            sxy += px * py
        }
        var (long, narrow) = (Float.zero, Float.zero)
        if odd > 1 {
            let (mx, my) = (sx / odd, sy / odd)
            let (vx, vy, vxy) = (max(0, sxx / odd - mx * mx), max(0, syy / odd - my * my), sxy / odd - mx * my)
            let half = (vx + vy) / 2
            let root = ((vx - vy) * (vx - vy) / 4 + vxy * vxy).squareRoot()
            (long, narrow) = ((half + root).squareRoot(), max(0, half - root).squareRoot())
        }
        let area = Float(cells.count * side * side)
        let cellRows = cells.map { $0 / columns }
        let cellColumns = cells.map { $0 % columns }
        let (top, bottom) = (cellRows.min() ?? 0, cellRows.max() ?? 0)
        let (left, right) = (cellColumns.min() ?? 0, cellColumns.max() ?? 0)
        let reach = Float(max(rows, columns))
        let (boxWidth, boxHeight) = (Float(right - left + 1), Float(bottom - top + 1))
        func touches(_ condition: Bool) -> Float { condition ? 1 : 0 }
        let difference = inside.mean - around.mean
        return [
            inside.mean.x, inside.mean.y, inside.mean.z, difference.x, difference.y, difference.z,
            difference.x - difference.z, inside.deviation.x, inside.deviation.y, inside.deviation.z,
            logarithm(inside.roughness / max(around.roughness, 0.01)), logarithm(inside.roughness),
            logarithm(spread), lowest, highest, highest + lowest, odd / area, logarithm(odd / Float(plane)),
            odd > 0 ? 2 * dark / odd - 1 : 0, strongest, long / Float(width) * 10, narrow / Float(width) * 20,
            long > 0 ? narrow / long : 1, odd > 0 ? logarithm((long + 0.5) * (narrow + 0.5) / odd) : 0,
            logarithm(Float(cells.count) / Float(rows * columns)), logarithm(boxWidth / boxHeight),
            4 * max(boxWidth, boxHeight) / reach, Float(cells.count) / (boxWidth * boxHeight),
            2 * Float(left + right + 1) / Float(2 * columns) - 1, 2 * Float(top + bottom + 1) / Float(2 * rows) - 1,
            touches(left == 0) + touches(right == columns - 1), touches(top == 0) + touches(bottom == rows - 1),
        ]
    }

    private static func logarithm(_ value: Float) -> Float { log(max(value, 1e-4)) }
}
