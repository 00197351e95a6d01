import Foundation

/// The headers of a Windows bitmap (BITMAPCOREHEADER to BITMAPV5HEADER), checked, and its pixels.
struct BMPStructure {
    /// Lengths of the header kinds that exist; the byte that tells them lies at offset 14.
    static let headerSizes: Set<UInt8> = [12, 40, 52, 56, 64, 108, 124]

    let width: Int
    let height: Int
    /// 1 for a picture with a grey palette, else 3.
    let channels: Int
    /// Where the last pixel row ends in the file.
    var pixelEnd: Int { pixelStart + stride * height }

    private let isTopDown: Bool
    private let bits: Int
    private let pixelStart: Int
    /// Bytes from row to row, a multiple of 4.
    private let stride: Int
    /// Red, green, blue of each entry; empty from 24 bits on.
    private let palette: [(UInt8, UInt8, UInt8)]
    /// Which byte of a 24- or 32-bit pixel holds red, green and blue.
    private let places: (red: Int, green: Int, blue: Int)

    /// Reads headers and palette. Throws `damaged` when they are cut or impossible, `unsupported` for compression and
    /// 16 bits.
    init(_ bytes: Data) throws(ImageError) {
        let reader = ByteReader(bytes)
        guard let start = reader.littleEndian32(at: 10), let headerSize = reader.littleEndian32(at: 14) else {
            throw .damaged(.bmp, what: "it ends inside the file header")
        }
        let isCore = headerSize == 12
        guard
            let width = isCore ? reader.littleEndian16(at: 18) : reader.signedLittleEndian32(at: 18),
            let signedHeight = isCore ? reader.littleEndian16(at: 20) : reader.signedLittleEndian32(at: 22),
            let bits = reader.littleEndian16(at: isCore ? 24 : 28),
            let compression = isCore ? 0 : reader.littleEndian32(at: 30), reader.count >= 14 + headerSize
        else { throw .damaged(.bmp, what: "it ends inside the picture header") }
        guard width > 0, signedHeight != 0 else {
            throw .damaged(.bmp, what: "its header says \(width) x \(signedHeight) pixels")
        }
        // Also keeps every product below within 64 bits.
        guard width * abs(signedHeight) <= 1 << 40 else {
            throw .damaged(.bmp, what: "its header says \(width) x \(abs(signedHeight)) pixels")
        }
        guard [1, 4, 8, 24, 32].contains(bits) else {
            throw .unsupported(.bmp, what: "\(bits) bits per pixel, expected 1, 4, 8, 24 or 32")
        }
        // 3 and 6 are colour masks behind the header, 1, 2, 4 and 5 compress.
        let hasMasks = bits == 32 && (compression == 3 || compression == 6)
        guard compression == 0 || hasMasks else {
            throw .unsupported(.bmp, what: "compression \(compression) at \(bits) bits, expected none")
        }
        places = hasMasks ? try Self.places(reader) : (2, 1, 0)

        var paletteEnd = 14 + headerSize
        var palette: [(UInt8, UInt8, UInt8)] = []
        if bits <= 8 {
            let used = isCore ? 0 : reader.littleEndian32(at: 46) ?? 0
            let entries = used == 0 ? 1 << bits : used
            guard entries <= 1 << bits else {
                throw .damaged(.bmp, what: "a palette of \(entries) colours, expected at most \(1 << bits)")
            }
            for index in 0..<entries {
                let entry = paletteEnd + index * (isCore ? 3 : 4)
                guard let blue = reader.byte(at: entry), let green = reader.byte(at: entry + 1),
                    let red = reader.byte(at: entry + 2)
                else { throw .damaged(.bmp, what: "it ends inside the palette") }
                palette.append((red, green, blue))
            }
            paletteEnd += entries * (isCore ? 3 : 4)
        }
        guard start >= paletteEnd else {
            throw .damaged(.bmp, what: "its pixels begin at byte \(start), expected \(paletteEnd) or later")
        }
        self.palette = palette
        self.width = width
        height = abs(signedHeight)
        isTopDown = signedHeight < 0
        self.bits = bits
        pixelStart = start
        stride = (width * bits + 31) / 32 * 4
        channels = !palette.isEmpty && palette.allSatisfy { $0.0 == $0.1 && $0.1 == $0.2 } ? 1 : 3
    }

    /// The pixels; the limits have been checked by the caller.
    func decode(_ bytes: Data) throws(ImageError) -> Image {
        guard bytes.count >= pixelEnd else {
            throw .damaged(.bmp, what: "\(bytes.count) bytes, expected \(pixelEnd)")
        }
        var pixels = [UInt8](repeating: 0, count: width * height * channels)
        let isWhole = bytes.withUnsafeBytes { raw in
            for y in 0..<height {
                let row = pixelStart + (isTopDown ? y : height - 1 - y) * stride
                let source = UnsafeRawBufferPointer(rebasing: raw[row..<row + stride])
                let out = y * width * channels
                if bits >= 24 {
                    let step = bits / 8
                    for x in 0..<width {
                        pixels[out + 3 * x] = source[x * step + places.red]
                        pixels[out + 3 * x + 1] = source[x * step + places.green]
                        pixels[out + 3 * x + 2] = source[x * step + places.blue]
                    }
                } else if !unpackIndices(source, into: &pixels, at: out) {
                    return false
                }
            }
            return true
        }
        guard isWhole else {
            throw .damaged(.bmp, what: "a pixel names a colour beyond the palette of \(palette.count)")
        }
        return Image(width: width, height: height, channels: channels, pixels: pixels)
    }

    /// One row of 1, 4 or 8 bits; false when an index lies beyond the palette.
    private func unpackIndices(_ row: UnsafeRawBufferPointer, into pixels: inout [UInt8], at out: Int) -> Bool {
        let perByte = 8 / bits
        for x in 0..<width {
            let shift = (perByte - 1 - x % perByte) * bits
            let index = (Int(row[x / perByte]) >> shift) & ((1 << bits) - 1)
            guard index < palette.count else { return false }
            let colour = palette[index]
            pixels[out + x * channels] = colour.0
            if channels == 3 {
                pixels[out + x * 3 + 1] = colour.1
                pixels[out + x * 3 + 2] = colour.2
            }
        }
        return true
    }

    /// Colour masks at offset 54; only masks of whole bytes occur in practice.
    private static func places(_ reader: ByteReader) throws(ImageError) -> (red: Int, green: Int, blue: Int) {
        let known = [0xFF: 0, 0xFF00: 1, 0xFF_0000: 2, 0xFF00_0000: 3]
        guard let red = reader.littleEndian32(at: 54), let green = reader.littleEndian32(at: 58),
            let blue = reader.littleEndian32(at: 62)
        else { throw .damaged(.bmp, what: "it ends inside the colour masks") }
        guard let r = known[red], let g = known[green], let b = known[blue] else {
            throw .unsupported(.bmp, what: "colour masks that are not whole bytes")
        }
        return (r, g, b)
    }
}
