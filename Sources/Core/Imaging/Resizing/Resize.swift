extension Image {
    /// The whole picture at another size, 8 bits: Pillow's `Image.resize` to the bit (horizontal pass first, rounded to 8
    /// bits, then vertical). Traps unless both sides are positive.
    package func resized(width newWidth: Int, height newHeight: Int, filter: ResizeFilter = .bicubic) -> Image {
        precondition(
            newWidth > 0 && newHeight > 0, "Image.resized: expected sides >= 1, got \(newWidth) x \(newHeight)")
        if newWidth == width && newHeight == height { return self }
        if filter == .nearest { return nearest(newWidth, newHeight) }
        let across = newWidth == width ? self : resizedAcross(ResizeWeights(from: width, to: newWidth, filter: filter))
        if newHeight == height { return across }
        return across.resizedDown(ResizeWeights(from: height, to: newHeight, filter: filter))
    }

    /// The whole picture at another size as (3, newHeight, newWidth) row-major planes in 0…1, grey replicated. Nothing is
    /// rounded in between, so bicubic may overshoot 0…1 a little at edges; values are not clamped. Traps unless both
    /// sides are positive, and on `nearest`, which has no weights.
    package func planes(width newWidth: Int, height newHeight: Int, filter: ResizeFilter = .bicubic) -> [Float] {
        precondition(newWidth > 0 && newHeight > 0, "Image.planes: expected sides >= 1, got \(newWidth) x \(newHeight)")
        precondition(filter != .nearest, "Image.planes: expected bicubic or bilinear, got nearest")
        let plane = newWidth * newHeight
        var planes = [Float](repeating: 0, count: 3 * plane)
        weigh(
            ResizeWeights(from: width, to: newWidth, filter: filter),
            ResizeWeights(from: height, to: newHeight, filter: filter), into: &planes)
        if channels == 1 {
            for index in 0..<plane {
                planes[plane + index] = planes[index]
                planes[2 * plane + index] = planes[index]
            }
        }
        return planes
    }

    /// The pixel under the centre of each new pixel, as Pillow's NEAREST.
    private func nearest(_ newWidth: Int, _ newHeight: Int) -> Image {
        let columns = (0..<newWidth).map {
            min(Int((Double($0) + 0.5) * Double(width) / Double(newWidth)), width - 1)
        }
        var result = [UInt8]()
        result.reserveCapacity(newWidth * newHeight * channels)
        for y in 0..<newHeight {
            let row = min(Int((Double(y) + 0.5) * Double(height) / Double(newHeight)), height - 1) * width
            for column in columns {
                let source = (row + column) * channels
                for channel in 0..<channels { result.append(pixels[source + channel]) }
            }
        }
        return Image(width: newWidth, height: newHeight, channels: channels, pixels: result)
    }
}
