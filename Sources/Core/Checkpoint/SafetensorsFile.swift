import Foundation

/// A safetensors file, mapped into memory: names, shapes and numbers of its tensors.
///
/// Nothing in it is executed. The whole header is checked when it is opened; a tensor's numbers are read when asked for.
/// The file must not be shortened while it is open, as with every mapped file: bundles are replaced by renaming.
package struct SafetensorsFile: Sendable {
    /// Longest header that is accepted, as in the reference implementation: 100 MB.
    package static let largestHeader = 100_000_000

    /// The path, for messages.
    package let path: String
    private let bytes: Data
    private let dataStart: Int
    private let header: SafetensorsHeader

    /// Opens and checks the file at `path`.
    package init(path: String) throws(CheckpointError) {
        try self.init(bytes: try Self.mapped(path), path: path)
    }

    /// Checks bytes already in memory; `path` names them in messages.
    package init(bytes: Data, path: String) throws(CheckpointError) {
        guard bytes.count >= 8 else {
            throw .damaged(file: path, problem: "expected at least 8 bytes, got \(bytes.count)")
        }
        let length = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(Self.largestHeader) else {
            throw .damaged(
                file: path, problem: "expected a header of at most \(Self.largestHeader) bytes, got \(length)")
        }
        guard length <= UInt64(bytes.count - 8) else {
            throw .damaged(
                file: path, problem: "expected a header of \(length) bytes, got only \(bytes.count - 8) in the file")
        }
        self.path = path
        self.bytes = bytes
        dataStart = 8 + Int(length)
        header = try SafetensorsHeader(
            bytes: [UInt8](bytes.dropFirst(8).prefix(Int(length))), dataCount: bytes.count - dataStart, file: path)
    }

    /// The tensors' names, sorted.
    package var names: [String] { header.tensors.keys.sorted() }

    /// The strings under `__metadata__`.
    package var metadata: [String: String] { header.metadata }

    /// The shape of a tensor, nil when there is none of that name.
    package func shape(_ name: String) -> [Int]? { header.tensors[name]?.shape }

    /// The numbers of a tensor in row-major order, converted from F32, F16, BF16 or F64 (rounded to the nearest).
    ///
    /// Throws when there is no such tensor, when its shape is not `expectedShape` (nil: any), or when it holds integers.
    package func floats(_ name: String, expectedShape: [Int]? = nil) throws(CheckpointError) -> [Float] {
        guard let tensor = header.tensors[name] else { throw foreign(missing: [name]) }
        if let expectedShape, expectedShape != tensor.shape {
            throw .wrongShape(file: path, tensor: name, expected: expectedShape, got: tensor.shape)
        }
        let range = (dataStart + tensor.offsets.lowerBound)..<(dataStart + tensor.offsets.upperBound)
        switch tensor.type {
        case .f32: return numbers(range, 4) { Float(bitPattern: UInt32(truncatingIfNeeded: $0)) }
        case .f16: return numbers(range, 2) { Float(Float16(bitPattern: UInt16(truncatingIfNeeded: $0))) }
        case .bf16: return numbers(range, 2) { Float(bitPattern: UInt32(truncatingIfNeeded: $0) << 16) }
        case .f64: return numbers(range, 8) { Float(Double(bitPattern: $0)) }
        default: throw .wrongType(file: path, tensor: name, got: tensor.type.rawValue)
        }
    }

    /// Throws unless every given tensor is there with its shape: tells a foreign checkpoint before anything is read.
    package func require(_ shapes: [String: [Int]]) throws(CheckpointError) {
        let missing = shapes.keys.filter { header.tensors[$0] == nil }.sorted()
        if !missing.isEmpty { throw foreign(missing: missing) }
        for (name, expected) in shapes.sorted(by: { $0.key < $1.key }) {
            if let got = shape(name), got != expected {
                throw .wrongShape(file: path, tensor: name, expected: expected, got: got)
            }
        }
    }

    private func foreign(missing: [String]) -> CheckpointError {
        .foreign(
            file: path, missing: Array(missing.prefix(8)), missingCount: missing.count, found: Array(names.prefix(8)),
            foundCount: header.tensors.count)
    }

    /// Little-endian numbers of `width` bytes each, put together byte by byte: tensors need not be aligned.
    @inline(__always)
    private func numbers(_ range: Range<Int>, _ width: Int, _ convert: (UInt64) -> Float) -> [Float] {
        let span = bytes.span
        var result: [Float] = []
        result.reserveCapacity(range.count / width)
        var start = range.lowerBound
        while start < range.upperBound {
            var bits: UInt64 = 0
            for byte in 0..<width { bits |= UInt64(span[start + byte]) << UInt64(8 * byte) }
            result.append(convert(bits))
            start += width
        }
        return result
    }

    /// The bytes of a regular file, mapped. Refuses folders, pipes and devices before opening them.
    static func mapped(_ path: String) throws(CheckpointError) -> Data {
        do {
            let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
            let type = try FileManager.default.attributesOfItem(atPath: url.path)[.type] as? FileAttributeType
            guard type == .typeRegular else {
                throw CheckpointError.unreadable(file: path, reason: "expected a regular file")
            }
            return try Data(contentsOf: url, options: .alwaysMapped)
        } catch let error as CheckpointError {
            throw error
        } catch CocoaError.fileReadNoSuchFile, CocoaError.fileNoSuchFile {
            throw .unreadable(file: path, reason: "there is no such file")
        } catch {
            throw .unreadable(file: path, reason: error.localizedDescription)
        }
    }
}
