import Foundation

/// Collects tensors and encodes them as one safetensors file.
///
/// The same tensors and metadata give the same bytes, in whatever order they were added.
package struct SafetensorsWriter: Sendable {
    /// How the numbers of a tensor are stored.
    package enum Precision: String, Sendable {
        case f32 = "F32"
        case f16 = "F16"
    }

    private struct Entry: Sendable {
        let precision: Precision
        let shape: [Int]
        let values: [Float]
    }

    /// Strings for `__metadata__`.
    package var metadata: [String: String] = [:]
    private var entries: [String: Entry] = [:]

    package init() {}

    /// Adds a tensor, row-major. `.f16` rounds to the nearest; a number beyond its range (65,504) throws.
    ///
    /// Traps on a name already used or reserved, a negative side, or a shape whose product is not `values.count`.
    package mutating func add(
        _ name: String, shape: [Int], _ values: [Float], as precision: Precision = .f32
    ) throws(CheckpointError) {
        precondition(
            entries[name] == nil && name != "__metadata__", "SafetensorsWriter: the name \"\(name)\" is taken")
        precondition(
            shape.allSatisfy { $0 >= 0 } && shape.reduce(1, *) == values.count,
            "SafetensorsWriter: tensor \"\(name)\": shape \(shape) does not fit \(values.count) numbers")
        if precision == .f16, let value = values.first(where: { $0.isFinite && !Float16($0).isFinite }) {
            throw .notRepresentable(tensor: name, value: value, type: "F16")
        }
        entries[name] = Entry(precision: precision, shape: shape, values: values)
    }

    /// The whole file: header length (8 bytes, little-endian), JSON header padded with spaces to a multiple of 8, then
    /// the tensors without gaps, F32 before F16 so that every number stays aligned, by name within each.
    package func encoded() -> Data {
        let ordered = entries.sorted { a, b in
            a.value.precision == b.value.precision ? a.key < b.key : a.value.precision == .f32
        }
        var fields: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key < $1.key }.map { "\(Self.quoted($0.key)):\(Self.quoted($0.value))" }
            fields.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
        }
        var offset = 0
        for (name, entry) in ordered {
            let end = offset + entry.values.count * (entry.precision == .f32 ? 4 : 2)
            let shape = entry.shape.map(String.init).joined(separator: ",")
            fields.append(
                "\(Self.quoted(name)):{\"dtype\":\"\(entry.precision.rawValue)\",\"shape\":[\(shape)],"
                    + "\"data_offsets\":[\(offset),\(end)]}")
            offset = end
        }
        var header = [UInt8]("{\(fields.joined(separator: ","))}".utf8)
        while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
        var data = Data(capacity: 8 + header.count + offset)
        for byte in 0..<8 { data.append(UInt8(truncatingIfNeeded: header.count >> (8 * byte))) }
        data.append(contentsOf: header)
        for (_, entry) in ordered { data.append(contentsOf: Self.bytes(entry)) }
        return data
    }

    private static func bytes(_ entry: Entry) -> [UInt8] {
        var bytes: [UInt8] = []
        switch entry.precision {
        case .f32:
            bytes.reserveCapacity(entry.values.count * 4)
            for value in entry.values {
                let bits = value.bitPattern
                for byte in 0..<4 as Range<UInt32> { bytes.append(UInt8(truncatingIfNeeded: bits >> (8 * byte))) }
            }
        case .f16:
            bytes.reserveCapacity(entry.values.count * 2)
            for value in entry.values {
                let bits = Float16(value).bitPattern
                bytes.append(UInt8(truncatingIfNeeded: bits))
                bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
            }
        }
        return bytes
    }

    /// A JSON string.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
