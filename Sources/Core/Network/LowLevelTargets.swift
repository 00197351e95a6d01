import Numerics

/// Targets that need no learned encoder: the oriented gradient energies of a patch, as whitened principal components.
///
/// From scratch, a learned target starts as noise; these mean something from the first step. In a prototype outside
/// this project they told defects on real parts far better than whitened pixels did.
/// Histograms of oriented gradients: Dalal & Triggs, CVPR 2005; here over three scales, in logarithms.
package struct LowLevelTargets: Sendable {
    package let patchSize: Int
    /// (F) mean of the raw descriptors.
    package let mean: [Float]
    /// (width, F): principal axes as rows, divided by their deviation.
    package let projection: Matrix<Float>

    package var width: Int { projection.rows }

    static let scales = 3
    static let orientations = 8
    /// Cells along a patch's side.
    static let cells = 2
    /// Added before the logarithm: gradients below this, in normalised units, are noise.
    static let energyFloor: Float = 0.02

    /// Numbers in a raw descriptor: scales · orientations · cells².
    package static let descriptorWidth = scales * orientations * cells * cells

    package init(patchSize: Int, mean: [Float], projection: Matrix<Float>) {
        precondition(
            mean.count == Self.descriptorWidth && projection.columns == Self.descriptorWidth,
            "LowLevelTargets: expected descriptors of \(Self.descriptorWidth) numbers")
        self.patchSize = patchSize
        self.mean = mean
        self.projection = projection
    }

    /// Fits `width` components on raw descriptors of good patches, (R, F).
    package init(fitting descriptors: Matrix<Float>, patchSize: Int, width: Int) {
        let count = Double(max(1, descriptors.rows))
        let features = descriptors.columns
        var mean = [Double](repeating: 0, count: features)
        for row in 0..<descriptors.rows {
            for (column, value) in descriptors.row(row).enumerated() { mean[column] += Double(value) / count }
        }
        var centred = descriptors
        for row in 0..<descriptors.rows {
            for column in 0..<features { centred[row, column] -= Float(mean[column]) }
        }
        let covariance = product(centred, transposeA: true, centred)
        let (values, vectors) = LinearAlgebra.eigen(
            Matrix(rows: features, columns: features, storage: covariance.storage.map { Double($0) / count }))
        let deviations = values.map { max(0, $0).squareRoot() }
        // A component that hardly varies is not blown up to unit deviation: 5 % of the first is added.
        let spare = 0.05 * max(deviations.first ?? 0, 1e-6)
        var projection = Matrix<Float>(rows: min(width, features), columns: features)
        for component in 0..<projection.rows {
            for column in 0..<features {
                projection[component, column] = Float(vectors[column, component] / (deviations[component] + spare))
            }
        }
        self.init(patchSize: patchSize, mean: mean.map { Float($0) }, projection: projection)
    }

    /// Whitened components of every patch, (N, width), of planes (3, H, W).
    package func targets(pixels: [Float], height: Int, width: Int) -> Matrix<Float> {
        var raw = Self.descriptors(pixels: pixels, height: height, width: width, patchSize: patchSize)
        for row in 0..<raw.rows {
            for column in 0..<raw.columns { raw[row, column] -= mean[column] }
        }
        return product(raw, projection, transposeB: true)
    }

    /// Raw descriptors of every patch, (N, F), from planes (3, H, W) in the model's normalisation: for each scale and
    /// orientation the mean |directional derivative| of the grey picture in each cell, log(· + 0.02). Scale s looks
    /// 2^s pixels to each side on a picture smoothed s times. Of an odd patch size the first cell is a pixel larger.
    /// Traps unless the sides are multiples of the patch size.
    package static func descriptors(
        pixels: [Float], height: Int, width: Int, patchSize: Int
    ) -> Matrix<Float> {
        precondition(
            pixels.count == 3 * height * width && height % patchSize == 0 && width % patchSize == 0,
            "LowLevelTargets: expected (3, H, W) with sides divisible by \(patchSize)")
        let plane = height * width
        var grey = [Float](repeating: 0, count: plane)
        for index in 0..<plane { grey[index] = (pixels[index] + pixels[plane + index] + pixels[2 * plane + index]) / 3 }
        let columns = width / patchSize
        var result = Matrix<Float>(rows: height / patchSize * columns, columns: descriptorWidth)
        for scale in 0..<scales {
            if scale > 0 { grey = boxMean(grey, height: height, width: width) }
            accumulate(grey, scale: scale, height: height, width: width, patchSize: patchSize, into: &result)
        }
        var sides = [Int](repeating: 0, count: cells)
        for offset in 0..<patchSize { sides[offset * cells / patchSize] += 1 }
        let features = result.columns
        for index in result.storage.indices {
            let cell = index % features / orientations % (cells * cells)
            let area = Float(max(1, sides[cell / cells] * sides[cell % cells]))
            result.storage[index] = naturalLog(result.storage[index] / area + energyFloor)
        }
        return result
    }

    /// Adds |gx cos θ + gy sin θ| of every pixel to its cell.
    private static func accumulate(
        _ grey: [Float], scale: Int, height: Int, width: Int, patchSize: Int, into result: inout Matrix<Float>
    ) {
        let step = 1 << scale
        let columns = width / patchSize
        let directions = (0..<orientations).map { directionVectors[$0] }
        let cosines = SIMD8<Float>(directions.map(\.0))
        let sines = SIMD8<Float>(directions.map(\.1))
        let stride = result.columns
        grey.withUnsafeBufferPointer { grey in
            result.storage.withUnsafeMutableBufferPointer { result in
                for y in 0..<height {
                    let above = mirrored(y - step, height) * width
                    let below = mirrored(y + step, height) * width
                    let row = y / patchSize
                    let cellRow = y % patchSize * cells / patchSize
                    for x in 0..<width {
                        let gx =
                            (grey[y * width + mirrored(x + step, width)] - grey[y * width + mirrored(x - step, width)])
                            / 2
                        let gy = (grey[below + x] - grey[above + x]) / 2
                        var energy = cosines * gx + sines * gy
                        energy = energy.replacing(with: -energy, where: energy .< 0)
                        let place =
                            (row * columns + x / patchSize) * stride + scale * orientations * cells * cells
                            + (cellRow * cells + x % patchSize * cells / patchSize) * orientations
                        for orientation in 0..<orientations { result[place + orientation] += energy[orientation] }
                    }
                }
            }
        }
    }

    /// Mean of 3 × 3 pixels, borders mirrored.
    private static func boxMean(_ grey: [Float], height: Int, width: Int) -> [Float] {
        var rows = grey
        var result = grey
        for y in 0..<height {
            for x in 0..<width {
                let base = y * width
                rows[base + x] =
                    (grey[base + mirrored(x - 1, width)] + grey[base + x] + grey[base + mirrored(x + 1, width)]) / 3
            }
        }
        for y in 0..<height {
            let above = mirrored(y - 1, height) * width
            let below = mirrored(y + 1, height) * width
            for x in 0..<width { result[y * width + x] = (rows[above + x] + rows[y * width + x] + rows[below + x]) / 3 }
        }
        return result
    }
}

/// Reflection without repeating the border: −1 → 1, n → n − 2.
@inline(__always)
private func mirrored(_ index: Int, _ count: Int) -> Int {
    if index < 0 { return min(-index, count - 1) }
    return index < count ? index : max(0, 2 * count - 2 - index)
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

private let directionVectors: [(Float, Float)] = (0..<LowLevelTargets.orientations).map { index in
    let angle = Double.pi * Double(index) / Double(LowLevelTargets.orientations)
    return (Float(cos(angle)), Float(sin(angle)))
}

private func naturalLog(_ value: Float) -> Float { logf(value) }
