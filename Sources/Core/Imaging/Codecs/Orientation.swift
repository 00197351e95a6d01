/// How a stored picture must be turned to stand upright: tag 0x0112 of EXIF 2.32, values 1 to 8.
package enum Orientation: Int, Sendable, Codable, CaseIterable {
    case upright = 1
    case mirrored, upsideDown, upsideDownMirrored, transposed, turnedLeft, transversed, turnedRight

    /// Whether width and height change places.
    package var swapsSides: Bool { rawValue >= 5 }

    /// Reads the first image directory of a TIFF block; upright when there is none, or the block is broken: wrong
    /// metadata does not make the picture wrong.
    init(exif reader: ByteReader, from start: Int, to end: Int) {
        self = .upright
        let isLittle = reader.hasBytes([0x49, 0x49, 0x2A, 0], at: start)
        guard isLittle || reader.hasBytes([0x4D, 0x4D, 0, 0x2A], at: start) else { return }
        func number16(_ offset: Int) -> Int? {
            offset + 2 > end ? nil : isLittle ? reader.littleEndian16(at: offset) : reader.bigEndian16(at: offset)
        }
        func number32(_ offset: Int) -> Int? {
            offset + 4 > end ? nil : isLittle ? reader.littleEndian32(at: offset) : reader.bigEndian32(at: offset)
        }
        guard let directory = number32(start + 4), let entries = number16(start + directory) else { return }
        for index in 0..<entries {
            let entry = start + directory + 2 + index * 12
            guard let tag = number16(entry) else { return }
            // Type 3 is SHORT; the value lies in the entry itself.
            if tag == 0x0112, number16(entry + 2) == 3, let value = number16(entry + 8) {
                self = Orientation(rawValue: value) ?? .upright
                return
            }
        }
    }

    /// The body of an APP1 segment that says nothing but this orientation.
    var exifSegment: [UInt8] {
        Array("Exif".utf8) + [0, 0, 0x4D, 0x4D, 0, 0x2A, 0, 0, 0, 8, 0, 1]
            + [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, UInt8(rawValue), 0, 0, 0, 0, 0, 0]
    }
}

extension Image {
    /// The stored picture turned so that it stands upright.
    package func turned(upright orientation: Orientation) -> Image {
        if orientation == .upright { return self }
        let width = orientation.swapsSides ? self.height : self.width
        let height = orientation.swapsSides ? self.width : self.height
        // Where the upper left pixel of the result lies in the source, and the steps per result column and row.
        let (right, bottom) = (self.width - 1, self.height - 1)
        let row = self.width
        let (origin, stepX, stepY) =
            switch orientation {
            case .upright: (0, 1, row)
            case .mirrored: (right, -1, row)
            case .upsideDown: (bottom * row + right, -1, -row)
            case .upsideDownMirrored: (bottom * row, 1, -row)
            case .transposed: (0, row, 1)
            case .turnedLeft: (bottom * row, -row, 1)
            case .transversed: (bottom * row + right, -row, -1)
            case .turnedRight: (right, row, -1)
            }
        var turned = [UInt8](repeating: 0, count: pixels.count)
        var out = 0
        for y in 0..<height {
            var source = origin + y * stepY
            for _ in 0..<width {
                for channel in 0..<channels { turned[out + channel] = pixels[source * channels + channel] }
                out += channels
                source += stepX
            }
        }
        return Image(width: width, height: height, channels: channels, pixels: turned)
    }
}
