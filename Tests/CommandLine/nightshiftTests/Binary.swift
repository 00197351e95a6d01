import Foundation

/// The built program, run as people run it: another process, in a folder of its own.
struct Binary {
    /// What a process left behind.
    struct Outcome {
        let code: Int32
        let stdout: String
        let stderr: String
    }

    /// A fresh folder, taken away by `clean`.
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("nightshift-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    func clean() { try? FileManager.default.removeItem(at: folder) }

    /// `nightshift` lies beside the test bundle, whatever the build's configuration.
    static var program: URL {
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
        var place = URL(fileURLWithPath: bundle).deletingLastPathComponent()
        while place.path != "/" {
            let candidate = place.appendingPathComponent("nightshift")
            if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
            place.deleteLastPathComponent()
        }
        return URL(fileURLWithPath: "nightshift")
    }

    /// Runs the program with `words` in `folder`. Output goes through files: a pipe that nobody reads would stop it.
    func run(_ words: [String], environment: [String: String] = [:]) throws -> Outcome {
        let process = Process()
        process.executableURL = Binary.program
        process.arguments = words
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let name = UUID().uuidString
        let paths = ["out", "err"].map {
            FileManager.default.temporaryDirectory.appendingPathComponent("\(name).\($0)")
        }
        defer { for path in paths { try? FileManager.default.removeItem(at: path) } }
        let files = try paths.map { path in
            try Data().write(to: path)
            return try FileHandle(forWritingTo: path)
        }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = files[0]
        process.standardError = files[1]
        try process.run()
        process.waitUntilExit()
        let texts = try paths.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
        return Outcome(code: process.terminationStatus, stdout: texts[0], stderr: texts[1])
    }
}
