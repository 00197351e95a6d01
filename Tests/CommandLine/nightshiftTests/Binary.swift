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

    /// Adds a folder `clip` in `transformers`' names: random weights, a few hundred kilobytes.
    func addPublishedCLIP() throws {
        let core = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Core")
            .standardizedFileURL
        let clip = folder.appendingPathComponent("clip")
        try FileManager.default.copyItem(
            at: core.appendingPathComponent("CheckpointTests/Golden/clip/quick"), to: clip)
        for file in ["vocab.json", "merges.txt"] {
            try FileManager.default.copyItem(
                at: core.appendingPathComponent("TextTests/Golden/clip/\(file)"), to: clip.appendingPathComponent(file))
        }
    }

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

    /// A process at work, with the files its output goes to.
    struct Running {
        let process: Process
        fileprivate let output: URL
        fileprivate let errors: URL

        func signal(_ number: Int32) { kill(process.processIdentifier, number) }

        /// Waits for the end; the code of a process that a signal ended is minus the signal's number.
        func finish() throws -> Outcome {
            process.waitUntilExit()
            defer { for path in [output, errors] { try? FileManager.default.removeItem(at: path) } }
            let texts = try [output, errors].map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
            let code = process.terminationStatus
            return Outcome(
                code: process.terminationReason == .exit ? code : -code, stdout: texts[0], stderr: texts[1])
        }
    }

    /// Starts the program with `words` in `folder`. Output goes through files: a pipe that nobody reads would stop it.
    func start(_ words: [String], environment: [String: String] = [:]) throws -> Running {
        let process = Process()
        process.executableURL = Binary.program
        process.arguments = words
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let name = UUID().uuidString
        let paths = ["out", "err"].map {
            FileManager.default.temporaryDirectory.appendingPathComponent("\(name).\($0)")
        }
        let files = try paths.map { path in
            try Data().write(to: path)
            return try FileHandle(forWritingTo: path)
        }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = files[0]
        process.standardError = files[1]
        try process.run()
        return Running(process: process, output: paths[0], errors: paths[1])
    }

    /// Runs the program with `words` in `folder`.
    func run(_ words: [String], environment: [String: String] = [:]) throws -> Outcome {
        try start(words, environment: environment).finish()
    }

    /// Runs the program; another exit code than `code` is thrown with what the program said.
    @discardableResult
    func expect(_ code: Int32, _ words: [String]) throws -> Outcome {
        let outcome = try run(words)
        guard outcome.code == code else {
            throw Surprise("\(words): expected exit code \(code), got \(outcome.code): \(outcome.stderr)")
        }
        return outcome
    }
}
