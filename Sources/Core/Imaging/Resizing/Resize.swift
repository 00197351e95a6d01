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
    /// sides are positive.
    package func planes(width newWidth: Int, height newHeight: Int, filter: ResizeFilter = .bicubic) -> [Float] {
        precondition(newWidth > 0 && newHeight > 0, "Image.planes: expected sides >= 1, got \(newWidth) x \(newHeight)")
        let across = spreadAcross(ResizeWeights(from: width, to: newWidth, filter: filter))
        let down = ResizeWeights(from: height, to: newHeight, filter: filter)
        let plane = newWidth * newHeight
        var planes = [Float](repeating: 0, count: 3 * plane)
        planes.withUnsafeMutableBufferPointer { planes in
            across.withUnsafeBufferPointer { across in
                for channel in 0..<channels {
                    let source = UnsafeBufferPointer(
                        rebasing: across[channel * height * newWidth..<(channel + 1) * height * newWidth])
                    let target = UnsafeMutableBufferPointer(
                        rebasing: planes[channel * plane..<(channel + 1) * plane])
                    weighRows(source, down, rowLength: newWidth, into: target)
                }
            }
            if channels == 1 {
                for index in 0..<plane {
                    planes[plane + index] = planes[index]
                    planes[2 * plane + index] = planes[index]
                }
            }
        }
        return planes
    }

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

    // MARK: Floats

    /// The horizontal pass into (channels, height, newWidth) planes in 0…1. Four lanes work at once: the channels of a
    /// pixel, or four rows of a grey picture.
    private func spreadAcross(_ weights: ResizeWeights) -> [Float] {
        let newWidth = weights.ranges.count
        let plane = height * newWidth
        // A pixel's channels lie one plane apart; the rows that share lanes one row apart.
        let rowsAtOnce = channels == 1 ? 4 : 1
        let laneStride = channels == 1 ? newWidth : plane
        var spread = [Float](repeating: 0, count: channels * plane)
        var lanes = [SIMD4<Float>](repeating: .zero, count: width)
        let scale = SIMD4<Float>(repeating: 1 / 255)
        spread.withUnsafeMutableBufferPointer { spread in
            lanes.withUnsafeMutableBufferPointer { lanes in
                weights.values.withUnsafeBufferPointer { values in
                    for y in stride(from: 0, to: height, by: rowsAtOnce) {
                        let used = channels == 1 ? min(4, height - y) : 3
                        loadLanes(row: y, used: used) { x, loaded in
                            lanes[x] = SIMD4<Float>(loaded) * scale
                        }
                        for x in 0..<newWidth {
                            let (start, count) = weights.ranges[x]
                            let offset = weights.offsets[x]
                            var sum = SIMD4<Float>.zero
                            for tap in 0..<count {
                                sum.addProduct(SIMD4(repeating: values[offset + tap]), lanes[start + tap])
                            }
                            for lane in 0..<used { spread[y * newWidth + x + lane * laneStride] = sum[lane] }
                        }
                    }
                }
            }
        }
        return spread
    }

    /// The vertical pass of one plane: every output row is a weighted sum of whole source rows.
    private func weighRows(
        _ source: UnsafeBufferPointer<Float>, _ weights: ResizeWeights, rowLength: Int,
        into target: UnsafeMutableBufferPointer<Float>
    ) {
        for y in 0..<weights.ranges.count {
            let (start, count) = weights.ranges[y]
            let offset = weights.offsets[y]
            for tap in 0..<count {
                let weight = weights.values[offset + tap]
                let row = (start + tap) * rowLength
                let out = y * rowLength
                for x in 0..<rowLength {
                    target[out + x] += weight * source[row + x]
                }
            }
        }
    }

    // MARK: Fixed point

    private func resizedAcross(_ weights: ResizeWeights) -> Image {
        let newWidth = weights.ranges.count
        let rowsAtOnce = channels == 1 ? 4 : 1
        let laneStride = channels == 1 ? newWidth : 1
        var result = [UInt8](repeating: 0, count: newWidth * height * channels)
        var lanes = [SIMD4<Int32>](repeating: .zero, count: width)
        result.withUnsafeMutableBufferPointer { result in
            lanes.withUnsafeMutableBufferPointer { lanes in
                weights.fixedValues.withUnsafeBufferPointer { values in
                    for y in stride(from: 0, to: height, by: rowsAtOnce) {
                        let used = channels == 1 ? min(4, height - y) : 3
                        loadLanes(row: y, used: used) { x, loaded in lanes[x] = loaded }
                        for x in 0..<newWidth {
                            let (start, count) = weights.ranges[x]
                            let offset = weights.offsets[x]
                            var sum = SIMD4<Int32>(repeating: 1 << (ResizeWeights.fixedBits - 1))
                            for tap in 0..<count {
                                sum &+= SIMD4(repeating: values[offset + tap]) &* lanes[start + tap]
                            }
                            let rounded = (sum &>> ResizeWeights.fixedBits).clamped(
                                lowerBound: .zero, upperBound: SIMD4(repeating: 255))
                            let out = (y * newWidth + x) * channels
                            for lane in 0..<used {
                                result[out + lane * laneStride] = UInt8(truncatingIfNeeded: rounded[lane])
                            }
                        }
                    }
                }
            }
        }
        return Image(width: newWidth, height: height, channels: channels, pixels: result)
    }

    private func resizedDown(_ weights: ResizeWeights) -> Image {
        let newHeight = weights.ranges.count
        let rowLength = width * channels
        var result = [UInt8](repeating: 0, count: newHeight * rowLength)
        var sums = [Int32](repeating: 0, count: rowLength)
        result.withUnsafeMutableBufferPointer { result in
            sums.withUnsafeMutableBufferPointer { sums in
                pixels.withUnsafeBufferPointer { pixels in
                    for y in 0..<newHeight {
                        let (start, count) = weights.ranges[y]
                        sums.update(repeating: 1 << (ResizeWeights.fixedBits - 1))
                        for tap in 0..<count {
                            let weight = weights.fixedValues[weights.offsets[y] + tap]
                            let row = (start + tap) * rowLength
                            for x in 0..<rowLength { sums[x] &+= weight &* Int32(pixels[row + x]) }
                        }
                        for x in 0..<rowLength {
                            let value = min(max(sums[x] &>> ResizeWeights.fixedBits, 0), 255)
                            result[y * rowLength + x] = UInt8(truncatingIfNeeded: value)
                        }
                    }
                }
            }
        }
        return Image(width: width, height: newHeight, channels: channels, pixels: result)
    }

    /// Hands out, for each column, the pixel's three channels, or the values of `used` rows from `row` on.
    @inline(__always)
    private func loadLanes(row: Int, used: Int, _ store: (Int, SIMD4<Int32>) -> Void) {
        pixels.withUnsafeBufferPointer { pixels in
            if channels == 3 {
                for x in 0..<width {
                    let at = (row * width + x) * 3
                    store(x, SIMD4(Int32(pixels[at]), Int32(pixels[at + 1]), Int32(pixels[at + 2]), 0))
                }
            } else {
                for x in 0..<width {
                    var loaded = SIMD4<Int32>.zero
                    for lane in 0..<used { loaded[lane] = Int32(pixels[(row + lane) * width + x]) }
                    store(x, loaded)
                }
            }
        }
    }
}
