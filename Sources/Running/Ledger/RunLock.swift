import Files
import Foundation

/// Keeps a second run of a line out, until `release()` or the end of the value. The system holds the lock (`flock`), so it
/// vanishes with the process, however that ends; the file's content only says who holds it.
package final class RunLock: Sendable {
    /// Who runs.
    package struct Holder: Sendable, Equatable, Codable, CustomStringConvertible {
        package let pid: Int32
        package let host: String
        /// ISO 8601, UTC.
        package let start: String

        package init(pid: Int32, host: String, start: String) {
            self.pid = pid
            self.host = host
            self.start = start
        }

        /// This machine's name as the kernel has it: Foundation's would ask the network.
        package static var thisHost: String {
            var name = [CChar](repeating: 0, count: 256)
            guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
            return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }

        package var description: String {
            pid == 0 ? "a process that has not said its name yet" : "process \(pid) on \(host), since \(start)"
        }
    }

    private let file: Descriptor

    /// Takes the lock in `folder`, which is made if missing. `name` tells shards apart. Never waits.
    /// Throws `LedgerError.locked` with the holder when it is taken.
    package init(folder: String, name: String = ".lock") throws(LedgerError) {
        do { file = try Self.open(folder: folder, name: name) } catch { throw .file(error) }
        let path = folder + "/" + name
        guard retrying({ flock(file.number, LOCK_EX | LOCK_NB) }) == 0 else {
            let code = errno
            guard code == EWOULDBLOCK else { throw .file(FileError(.lock, path: path, code: code)) }
            let note = (try? file.read(4096, at: 0)) ?? Data()
            let holder = try? JSONDecoder().decode(Holder.self, from: note)
            throw .locked(holder ?? Holder(pid: 0, host: "", start: ""), path: path)
        }
        let holder = Holder(pid: getpid(), host: Holder.thisHost, start: Date().formatted(.iso8601))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        do {
            try file.truncate(to: 0)
            // Encoding three plain values cannot fail; an empty note would only cost the name in the message.
            try file.writeAll((try? encoder.encode(holder)) ?? Data())
        } catch {
            throw .file(error)
        }
    }

    /// Lets the next run in; the end of the process does the same.
    package func release() { _ = flock(file.number, LOCK_UN) }

    private static func open(folder: String, name: String) throws(FileError) -> Descriptor {
        try Folder.create(folder)
        return try Descriptor(path: folder + "/" + name, flags: O_RDWR | O_CREAT)
    }
}
