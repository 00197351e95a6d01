/// The header of a safetensors file, parsed and checked against the published format
/// (https://github.com/huggingface/safetensors#format).
struct SafetensorsHeader: Sendable, Equatable {
    struct Tensor: Sendable, Equatable {
        let type: TensorType
        let shape: [Int]
        /// Bytes from the start of the data section.
        let offsets: Range<Int>
    }

    private(set) var tensors: [String: Tensor] = [:]
    private(set) var metadata: [String: String] = [:]

    /// Checks and parses the header's bytes.
    ///
    /// Strict: no name twice, no unknown field or type, no negative or overflowing number, every tensor exactly as
    /// long as shape and type say, and all tensors together covering the `dataCount` bytes of the data section
    /// without hole or overlap.
    init(bytes: [UInt8], dataCount: Int, file: String) throws(CheckpointError) {
        guard bytes.first == UInt8(ascii: "{") else {
            throw .damaged(file: file, problem: "expected the header to begin with \"{\"")
        }
        var scanner = HeaderScanner(bytes: bytes, file: file)
        try scanner.object { (scanner, name) throws(CheckpointError) in
            if name == "__metadata__" {
                try scanner.object { (scanner, key) throws(CheckpointError) in metadata[key] = try scanner.string() }
            } else {
                tensors[name] = try Self.tensor(name, &scanner, file)
            }
        }
        try scanner.end()
        try checkCover(dataCount: dataCount, file: file)
    }

    private static func tensor(
        _ name: String, _ scanner: inout HeaderScanner, _ file: String
    ) throws(CheckpointError) -> Tensor {
        var typeName: String?
        var shape: [Int]?
        var offsets: [Int]?
        try scanner.object { (scanner, field) throws(CheckpointError) in
            switch field {
            case "dtype": typeName = try scanner.string()
            case "shape": shape = try scanner.integers()
            case "data_offsets": offsets = try scanner.integers()
            default:
                throw .damagedTensor(
                    file: file, tensor: name, expected: "the fields dtype, shape and data_offsets", got: "\"\(field)\"")
            }
        }
        func bad(_ expected: String, _ got: String) -> CheckpointError {
            .damagedTensor(file: file, tensor: name, expected: expected, got: got)
        }
        guard let typeName, let shape, let offsets else {
            throw bad("the fields dtype, shape and data_offsets", "an entry without one of them")
        }
        guard let type = TensorType(rawValue: typeName) else {
            throw bad("one of the types \(TensorType.allCases.map(\.rawValue).joined(separator: ", "))", typeName)
        }
        guard offsets.count == 2, offsets[0] <= offsets[1] else {
            throw bad("data_offsets [begin, end] with begin <= end", "\(offsets)")
        }
        var byteCount = type.byteCount
        for side in shape {
            let (product, overflow) = byteCount.multipliedReportingOverflow(by: side)
            if overflow { throw bad("a shape whose size fits 63 bits", "\(shape)") }
            byteCount = product
        }
        guard offsets[1] - offsets[0] == byteCount else {
            throw bad("\(byteCount) bytes for \(typeName) \(shape)", "\(offsets[1] - offsets[0])")
        }
        return Tensor(type: type, shape: shape, offsets: offsets[0]..<offsets[1])
    }

    private func checkCover(dataCount: Int, file: String) throws(CheckpointError) {
        let ordered = tensors.sorted {
            ($0.value.offsets.lowerBound, $0.value.offsets.upperBound)
                < ($1.value.offsets.lowerBound, $1.value.offsets.upperBound)
        }
        var end = 0
        for (name, tensor) in ordered {
            guard tensor.offsets.lowerBound == end else {
                throw .damagedTensor(
                    file: file, tensor: name, expected: "data from byte \(end) on, without hole or overlap",
                    got: "data from byte \(tensor.offsets.lowerBound) on")
            }
            guard tensor.offsets.upperBound <= dataCount else {
                throw .damagedTensor(
                    file: file, tensor: name, expected: "data within the \(dataCount) bytes after the header",
                    got: "data up to byte \(tensor.offsets.upperBound)")
            }
            end = tensor.offsets.upperBound
        }
        guard end == dataCount else {
            throw .damaged(
                file: file, problem: "expected \(end) bytes after the header, as its tensors say, got \(dataCount)")
        }
    }
}

/// The number types of the safetensors format that have whole bytes.
enum TensorType: String, Sendable, CaseIterable {
    case bool = "BOOL"
    case u8 = "U8"
    case i8 = "I8"
    case f8e5m2 = "F8_E5M2"
    case f8e4m3 = "F8_E4M3"
    case f8e8m0 = "F8_E8M0"
    case i16 = "I16"
    case u16 = "U16"
    case f16 = "F16"
    case bf16 = "BF16"
    case i32 = "I32"
    case u32 = "U32"
    case f32 = "F32"
    case f64 = "F64"
    case i64 = "I64"
    case u64 = "U64"
    case c64 = "C64"

    var byteCount: Int {
        switch self {
        case .bool, .u8, .i8, .f8e5m2, .f8e4m3, .f8e8m0: 1
        case .i16, .u16, .f16, .bf16: 2
        case .i32, .u32, .f32: 4
        case .f64, .i64, .u64, .c64: 8
        }
    }
}
