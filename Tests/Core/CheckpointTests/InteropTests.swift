import Foundation
import Testing

@testable import Checkpoint

private let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Golden")

/// The numbers of `make_golden.py`: 0, 1/8, 2/8, … minus one.
private func ramp(_ count: Int) -> [Float] { (0..<count).map { Float($0) / 8 - 1 } }

@Suite("Safetensors files of the official Python package, and ours")
struct InteropTests {
    @Test("A file of the official package reads with every float type, name and shape")
    func readsOfficial() throws {
        let file = try SafetensorsFile(path: golden.appending(path: "official.safetensors").path)
        #expect(file.names.count == 11)
        #expect(file.metadata == ["format": "pt", "quoted": "a \"b\"\n\tc"])
        #expect(try file.floats("f32", expectedShape: [2, 3, 4]) == ramp(24))
        #expect(try file.floats("f16", expectedShape: [5]) == ramp(5))
        #expect(try file.floats("bf16", expectedShape: [7]) == ramp(7))
        #expect(try file.floats("f64", expectedShape: [3, 1]) == ramp(3))
        #expect(try file.floats("scalar", expectedShape: []) == [0.5])
        #expect(try file.floats("empty", expectedShape: [0, 4]) == [])
        #expect(try file.floats("name with \"quotes\", \\ and é ☂ 🌙") == [2.5])
        let special = try file.floats("special")
        #expect(special[0] == .infinity && special[1] == -.infinity && special[2].isNaN)
        #expect(special[3] == 0 && special[3].sign == .minus && special[4] == Float.leastNonzeroMagnitude)
    }

    @Test("Integers are refused as floats, missing tensors and wrong shapes say what was expected")
    func refusals() throws {
        let path = golden.appending(path: "official.safetensors").path
        let file = try SafetensorsFile(path: path)
        #expect(file.shape("i64") == [2] && file.shape("absent") == nil)
        #expect(throws: CheckpointError.wrongType(file: path, tensor: "i64", got: "I64")) { try file.floats("i64") }
        #expect(throws: CheckpointError.wrongShape(file: path, tensor: "f32", expected: [24], got: [2, 3, 4])) {
            try file.floats("f32", expectedShape: [24])
        }
        #expect(throws: CheckpointError.wrongShape(file: path, tensor: "bf16", expected: [1], got: [7])) {
            try file.require(["f32": [2, 3, 4], "bf16": [1]])
        }
        do {
            try file.require(["patch_embed.proj.weight": [192, 3, 16, 16], "cls_token": [1, 1, 192], "f16": [5]])
            Issue.record("a foreign checkpoint was accepted")
        } catch {
            #expect(error.description.contains("2 are missing (cls_token, patch_embed.proj.weight)"))
            #expect(error.description.contains("the file holds 11 (bf16, empty, "))
        }
    }

    /// What `make_golden.py written.safetensors` expects to find.
    static func written() throws -> Data {
        var writer = SafetensorsWriter()
        writer.metadata = ["line": "ä", "card": "{\"a\": \"b\"}\n"]
        try writer.add("w", shape: [2, 3, 4], ramp(24))
        try writer.add("half", shape: [5], ramp(5), as: .f16)
        try writer.add("scalar", shape: [], [0.5])
        try writer.add("empty", shape: [0, 4], [])
        try writer.add("odd \"name\" \\ é", shape: [2], [.leastNonzeroMagnitude, 3.4e38])
        return writer.encoded()
    }

    @Test("What we write reads back, is aligned, and is the same whatever the order")
    func roundTrip() throws {
        let data = try Self.written()
        if let path = ProcessInfo.processInfo.environment["NIGHTSHIFT_KEEP_WRITTEN"] {
            try data.write(to: URL(fileURLWithPath: path))
        }
        let file = try SafetensorsFile(bytes: data, path: "written")
        #expect(file.names == ["empty", "half", "odd \"name\" \\ é", "scalar", "w"])
        #expect(file.metadata == ["line": "ä", "card": "{\"a\": \"b\"}\n"])
        #expect(try file.floats("w", expectedShape: [2, 3, 4]) == ramp(24))
        #expect(try file.floats("half", expectedShape: [5]) == ramp(5))
        #expect(try file.floats("odd \"name\" \\ é") == [.leastNonzeroMagnitude, 3.4e38])
        let headerLength = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        #expect(headerLength % 8 == 0)

        var reversed = SafetensorsWriter()
        reversed.metadata = ["card": "{\"a\": \"b\"}\n", "line": "ä"]
        try reversed.add("odd \"name\" \\ é", shape: [2], [.leastNonzeroMagnitude, 3.4e38])
        try reversed.add("empty", shape: [0, 4], [])
        try reversed.add("scalar", shape: [], [0.5])
        try reversed.add("half", shape: [5], ramp(5), as: .f16)
        try reversed.add("w", shape: [2, 3, 4], ramp(24))
        #expect(reversed.encoded() == data)
    }

    @Test("The file of the golden script's second half, as the official package accepted it, is what we write")
    func acceptedByOfficial() throws {
        let accepted = try Data(contentsOf: golden.appending(path: "accepted.safetensors"))
        #expect(try Self.written() == accepted)
    }

    @Test("A number too large for F16 is refused, an infinite one is kept")
    func halfRange() throws {
        var writer = SafetensorsWriter()
        #expect(throws: CheckpointError.notRepresentable(tensor: "a", value: 70_000, type: "F16")) {
            try writer.add("a", shape: [1], [70_000], as: .f16)
        }
        try writer.add("b", shape: [2], [-.infinity, 65_504], as: .f16)
        let file = try SafetensorsFile(bytes: writer.encoded(), path: "half")
        #expect(try file.floats("b") == [-.infinity, 65_504])
    }

    @Test("A missing file, a folder and a pipe are refused without hanging")
    func unreadable() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "checkpoint-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let pipe = folder.appending(path: "pipe").path
        #expect(mkfifo(pipe, 0o600) == 0)
        for path in [folder.appending(path: "absent").path, folder.path, pipe] {
            let error = #expect(throws: CheckpointError.self) { try SafetensorsFile(path: path) }
            guard case .unreadable(path, _) = error else {
                Issue.record("expected unreadable, got \(String(describing: error))")
                continue
            }
        }
    }
}
