import Foundation

/// A fresh folder that goes away with the value.
package final class TemporaryFolder {
    package let path: String

    /// Makes it in the system's folder for such things.
    package init() throws {
        var template = Array((NSTemporaryDirectory() + "/nightshift-test-XXXXXX").utf8CString)
        guard let made = mkdtemp(&template) else { throw POSIXError(.EIO) }
        path = String(cString: made)
    }

    /// The same below `parent`; throws when fewer than `bytes` are free there.
    package init(in parent: String, atLeast bytes: UInt) throws {
        var found = statvfs()
        guard statvfs(parent, &found) == 0, found.f_bavail * found.f_bsize >= bytes else { throw POSIXError(.ENOSPC) }
        var template = Array((parent + "/nightshift-test-XXXXXX").utf8CString)
        guard let made = mkdtemp(&template) else { throw POSIXError(.EIO) }
        path = String(cString: made)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The names in it, sorted.
    package func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

    /// The text of a file in it.
    package func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)), as: UTF8.self)
    }
}
