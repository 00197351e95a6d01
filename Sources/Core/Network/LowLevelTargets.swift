import Numerics

/// Targets that need no learned encoder: what a patch looks like, as whitened principal components.
///
/// Each patch is described by its colours averaged on an 8 × 8 raster (192 numbers) and the deviation of its
/// brightness in 4 × 4 cells (16 numbers, where texture lives); principal components of good patches, whitened, keep
/// what varies. From scratch, a learned target starts as noise; these mean something from the first step.
package struct LowLevelTargets: Sendable {
    package let patchSize: Int
    /// (F) mean of the raw descriptors and (F) factors that bring each to unit deviation.
    package let mean: [Float]
    package let scale: [Float]
    /// (width, F): whitened principal axes, as rows.
    package let projection: Matrix<Float>

    package var width: Int { projection.rows }

    static let raster = 8
    static let cells = 4

    /// Numbers in a raw descriptor.
    package static let descriptorWidth = 3 * raster * raster + cells * cells

    package init(patchSize: Int, mean: [Float], scale: [Float], projection: Matrix<Float>) {
        precondition(
            mean.count == Self.descriptorWidth && scale.count == Self.descriptorWidth
                && projection.columns == Self.descriptorWidth,
            "LowLevelTargets: expected descriptors of \(Self.descriptorWidth) numbers")
        self.patchSize = patchSize
        self.mean = mean
        self.scale = scale
        self.projection = projection
    }

    /// Fits the components on raw descriptors of good patches, (R, F).
    package init(fitting descriptors: Matrix<Float>, patchSize: Int, width: Int) {
        let count = Double(max(1, descriptors.rows))
        let features = descriptors.columns
        var mean = [Double](repeating: 0, count: features)
        var square = mean
        for row in 0..<descriptors.rows {
            for column in 0..<features {
                let value = Double(descriptors[row, column])
                mean[column] += value
                square[column] += value * value
            }
        }
        for column in 0..<features {
            mean[column] /= count
            square[column] = max(0, square[column] / count - mean[column] * mean[column])
        }
        // A descriptor that hardly varies must not be blown up to unit deviation: a floor of 5 % of the typical one.
        let typical = (square.reduce(0, +) / Double(features)).squareRoot()
        let scale = square.map { 1 / max($0.squareRoot(), 0.05 * typical + 1e-6) }
        var centred = Matrix<Float>(rows: descriptors.rows, columns: features)
        for row in 0..<descriptors.rows {
            for column in 0..<features {
                centred[row, column] = Float((Double(descriptors[row, column]) - mean[column]) * scale[column])
            }
        }
        let covariance = product(centred, transposeA: true, centred)
        let (values, vectors) = LinearAlgebra.eigen(
            Matrix(rows: features, columns: features, storage: covariance.storage.map { Double($0) / count }))
        let floor = 1e-3 * max(values.first ?? 1, 1e-9)
        var projection = Matrix<Float>(rows: width, columns: features)
        for component in 0..<min(width, features) {
            let gain = 1 / max(values[component], floor).squareRoot()
            for column in 0..<features { projection[component, column] = Float(vectors[column, component] * gain) }
        }
        self.init(
            patchSize: patchSize, mean: mean.map { Float($0) }, scale: scale.map { Float($0) }, projection: projection)
    }

    /// Whitened components of every patch, (N, width), of planes (3, H, W).
    package func targets(pixels: [Float], height: Int, width: Int) -> Matrix<Float> {
        var raw = Self.descriptors(pixels: pixels, height: height, width: width, patchSize: patchSize)
        for row in 0..<raw.rows {
            for column in 0..<raw.columns { raw[row, column] = (raw[row, column] - mean[column]) * scale[column] }
        }
        return product(raw, projection, transposeB: true)
    }

    /// Raw descriptors of every patch, (N, F). Traps unless the sides are multiples of the patch size, and that of 4.
    package static func descriptors(
        pixels: [Float], height: Int, width: Int, patchSize: Int
    ) -> Matrix<Float> {
        precondition(
            pixels.count == 3 * height * width && height % patchSize == 0 && width % patchSize == 0,
            "LowLevelTargets: expected (3, H, W) with sides divisible by \(patchSize)")
        let columns = width / patchSize
        var result = Matrix<Float>(rows: height / patchSize * columns, columns: descriptorWidth)
        for n in 0..<result.rows {
            let top = n / columns * patchSize
            let left = n % columns * patchSize
            for channel in 0..<3 {
                for i in 0..<raster {
                    for j in 0..<raster {
                        let y0 = top + i * patchSize / raster
                        let y1 = max(y0 + 1, top + (i + 1) * patchSize / raster)
                        let x0 = left + j * patchSize / raster
                        let x1 = max(x0 + 1, left + (j + 1) * patchSize / raster)
                        var sum: Float = 0
                        for y in y0..<y1 { for x in x0..<x1 { sum += pixels[(channel * height + y) * width + x] } }
                        result[n, (channel * raster + i) * raster + j] = sum / Float((y1 - y0) * (x1 - x0))
                    }
                }
            }
            for i in 0..<cells {
                for j in 0..<cells {
                    let y0 = top + i * patchSize / cells
                    let y1 = top + (i + 1) * patchSize / cells
                    let x0 = left + j * patchSize / cells
                    let x1 = left + (j + 1) * patchSize / cells
                    var sum: Float = 0
                    var square: Float = 0
                    for y in y0..<y1 {
                        for x in x0..<x1 {
                            var grey: Float = 0
                            for channel in 0..<3 { grey += pixels[(channel * height + y) * width + x] }
                            sum += grey / 3
                            square += grey * grey / 9
                        }
                    }
                    let count = Float(max(1, (y1 - y0) * (x1 - x0)))
                    result[n, 3 * raster * raster + i * cells + j] =
                        max(0, square / count - sum / count * sum / count).squareRoot()
                }
            }
        }
        return result
    }
}
