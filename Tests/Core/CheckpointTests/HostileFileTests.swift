import Foundation
import Testing

@testable import Checkpoint

/// A file with the given header text and data, the length field in front.
private func file(_ header: String, data: Int = 0, length: UInt64? = nil) -> Data {
    var bytes = Data()
    let count = length ?? UInt64(header.utf8.count)
    for byte in 0..<8 as Range<UInt64> { bytes.append(UInt8(truncatingIfNeeded: count >> (8 * byte))) }
    return bytes + Data(header.utf8) + Data(repeating: 1, count: data)
}

private func tensor(_ type: String = "F32", _ shape: String = "[2]", _ offsets: String = "[0,8]") -> String {
    "{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
}

@Suite("Hostile safetensors files end in an error, never in a crash")
struct HostileFileTests {
    @Test("Each broken rule of the format is named")
    func brokenRules() {
        let cases: [(Data, String)] = [
            (Data(), "at least 8 bytes"),
            (Data(repeating: 0xFF, count: 16), "header of at most 100000000 bytes, got 18446744073709551615"),
            (file("{}", length: 100_000_001), "header of at most"),
            (file("{}", length: 3), "header of 3 bytes, got only 2"),
            (file(""), "begin with"), (file(" {}"), "begin with"), (file("[]"), "begin with"),
            (file("{"), "expected \"\"\""), (file("{}x"), "end of the header"),
            (file("{\"a\":\(tensor()),}", data: 8), "expected \"\"\""),
            (file("{\"a\":\(tensor()),\"a\":\(tensor())}", data: 8), "\"a\" occurs twice"),
            (file("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", data: 8), "\"dtype\" occurs twice"),
            (file("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}"), "\"k\" occurs twice"),
            (file("{\"__metadata__\":{\"k\":1}}"), "expected \"\"\""),
            (file("{\"a\":\(tensor("F128"))}", data: 8), "one of the types"),
            (file("{\"a\":\(tensor("F32", "[3]"))}", data: 8), "12 bytes for F32 [3], got 8"),
            (file("{\"a\":\(tensor("F32", "[-2]"))}", data: 8), "non-negative integer"),
            (file("{\"a\":\(tensor("F32", "[2.0]"))}", data: 8), "expected \"]\""),
            (file("{\"a\":\(tensor("F32", "[02]"))}", data: 8), "begins with 0"),
            (file("{\"a\":\(tensor("F32", "[99999999999999999999]"))}", data: 8), "does not fit 63 bits"),
            (file("{\"a\":\(tensor("F32", "[4611686018427387904,4]"))}", data: 8), "fits 63 bits"),
            (file("{\"a\":\(tensor("F32", "[2]", "[8,0]"))}", data: 8), "begin <= end"),
            (file("{\"a\":\(tensor("F32", "[2]", "[0,8,8]"))}", data: 8), "data_offsets [begin, end]"),
            (file("{\"a\":\(tensor("F32", "[2]", "[4,12]"))}", data: 12), "byte 0 on"),
            (file("{\"a\":\(tensor()),\"b\":\(tensor("F32", "[1]", "[4,8]"))}", data: 8), "byte 8 on"),
            (file("{\"a\":\(tensor()),\"b\":\(tensor("F32", "[1]", "[12,16]"))}", data: 16), "byte 8 on"),
            (file("{\"a\":\(tensor())}", data: 7), "within the 7 bytes"),
            (file("{\"a\":\(tensor())}", data: 9), "expected 8 bytes after the header"),
            (file("{\"a\":{\"dtype\":\"F32\",\"shape\":[]}}"), "without one of them"),
            (file("{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"pickle\":\"x\"}}"), "got \"pickle\""),
            (file("{\"a\\ud800\":\(tensor())}", data: 8), "no Unicode character"),
            (file("{\"a\\q\":\(tensor())}", data: 8), "unknown escape"),
            (file("{\"a\u{1}\":\(tensor())}", data: 8), "control character"),
            (file(String(repeating: "{\"a\":", count: 100_000)), "got \"a\""),
        ]
        for (bytes, expected) in cases {
            let error = #expect(throws: CheckpointError.self, "\(expected)") {
                try SafetensorsFile(bytes: bytes, path: "hostile")
            }
            let text = error.map { $0.description } ?? "no error"
            #expect(text.contains(expected), "\(text)")
            #expect(text.contains("hostile"))
        }
    }

    @Test("Bytes that are no UTF-8 are refused")
    func notUTF8() {
        var bytes = file("{\"a?\":\(tensor())}", data: 8)
        bytes[bytes.firstIndex(of: UInt8(ascii: "?"))!] = 0xFF
        #expect(throws: CheckpointError.self) { try SafetensorsFile(bytes: bytes, path: "hostile") }
    }

    @Test("What the format allows is accepted: spaces, escapes, padding, no tensors, surrogate pairs")
    func allowed() throws {
        #expect(try SafetensorsFile(bytes: file("{}"), path: "f").names == [])
        let spaced = "{ \"a\\u00e9\\ud83c\\udf19\" :\n\t\(tensor()) , \"b\":\(tensor("I64", "[0,9]", "[8,8]")) }   "
        let read = try SafetensorsFile(bytes: file(spaced, data: 8), path: "f")
        #expect(read.names == ["aé🌙", "b"])
        #expect(read.shape("b") == [0, 9])
    }

    @Test("Every truncation of a sound file is refused, and so is every byte added")
    func truncations() throws {
        let sound = try InteropTests.written()
        for length in 0..<sound.count {
            #expect(throws: CheckpointError.self) { try SafetensorsFile(bytes: sound.prefix(length), path: "cut") }
        }
        #expect(throws: CheckpointError.self) { try SafetensorsFile(bytes: sound + [0], path: "long") }
    }

    @Test("Flipped bits are refused, or read as tensors that fit the file")
    func bitFlips() throws {
        let sound = try InteropTests.written()
        var refused = 0
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        func random(below bound: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(bound))
        }
        for _ in 0..<20_000 {
            var bytes = sound
            for _ in 0...random(below: 4) { bytes[random(below: bytes.count)] ^= 1 << UInt8(random(below: 8)) }
            do {
                let file = try SafetensorsFile(bytes: bytes, path: "flipped")
                for name in file.names {
                    let shape = try #require(file.shape(name))
                    if let floats = try? file.floats(name) { #expect(floats.count == shape.reduce(1, *)) }
                }
            } catch is CheckpointError {
                refused += 1
            }
        }
        // Most of this small file is header, where nearly every flip breaks a rule.
        #expect(refused > 10_000)
    }

    @Test("A slice of a larger buffer reads like the file itself")
    func slices() throws {
        let sound = try InteropTests.written()
        let padded = Data([1, 2, 3]) + sound
        let file = try SafetensorsFile(bytes: padded.dropFirst(3), path: "slice")
        #expect(try file.floats("scalar") == [0.5])
    }
}
