/// How the model's input maps back to the picture: the whole original picture, stretched to the input size; nothing
/// is cropped, so no defect can hide outside and no heatmap can shift.
package struct Geometry: Sendable, Equatable, Codable {
    /// Size of the picture after EXIF rotation, in pixels.
    package let originalWidth: Int
    package let originalHeight: Int
    /// Size of the model's input in pixels; multiples of `patchSize`.
    package let inputWidth: Int
    package let inputHeight: Int
    /// Side of a patch in input pixels.
    package let patchSize: Int

    /// Traps unless the input size is a positive multiple of the patch size.
    package init(originalWidth: Int, originalHeight: Int, inputWidth: Int, inputHeight: Int, patchSize: Int) {
        precondition(
            patchSize > 0 && inputWidth > 0 && inputHeight > 0 && inputWidth % patchSize == 0
                && inputHeight % patchSize == 0,
            "Geometry: expected input sides that are multiples of the patch size \(patchSize), got \(inputWidth) x \(inputHeight)"
        )
        self.originalWidth = originalWidth
        self.originalHeight = originalHeight
        self.inputWidth = inputWidth
        self.inputHeight = inputHeight
        self.patchSize = patchSize
    }

    /// The same input cut into `perPatch` × `perPatch` cells a patch: where a map is finer than the patches. Traps unless
    /// the patch size is a multiple of it.
    package func cells(perPatch: Int) -> Geometry {
        precondition(
            perPatch > 0 && patchSize % perPatch == 0,
            "Geometry: expected cells that divide the patch size \(patchSize), got \(perPatch) a patch")
        return Geometry(
            originalWidth: originalWidth, originalHeight: originalHeight, inputWidth: inputWidth,
            inputHeight: inputHeight, patchSize: patchSize / perPatch)
    }

    /// The patch grid: h rows.
    package var gridRows: Int { inputHeight / patchSize }
    /// The patch grid: w columns.
    package var gridColumns: Int { inputWidth / patchSize }

    /// The rectangle that patch (row, column) covers in the original picture, in pixels: x, y of the upper left
    /// corner, width and height.
    package func originalRectangle(row: Int, column: Int) -> (x: Double, y: Double, width: Double, height: Double) {
        let width = Double(originalWidth) / Double(gridColumns)
        let height = Double(originalHeight) / Double(gridRows)
        return (Double(column) * width, Double(row) * height, width, height)
    }
}
