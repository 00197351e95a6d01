import Foundation

/// One accepted file of the drop, read once: the bytes that were hashed are the bytes that are decoded.
package struct Intake: Sendable {
    /// SHA-256 of `bytes`, 64 lower-case hex digits.
    package let sha256: String
    /// Path inside the drop, with `/` between folders; never absolute, never containing `..`.
    package let path: String
    /// The whole file.
    package let bytes: Data
    /// First folder of `path`, or "" for a file that lies directly in the drop.
    package let camera: String
    /// The drop's folder, absolute.
    package let drop: String
    /// Modification time of the file, UTC.
    package let modifiedAt: Date

    package init(sha256: String, path: String, bytes: Data, camera: String, drop: String, modifiedAt: Date) {
        self.sha256 = sha256
        self.path = path
        self.bytes = bytes
        self.camera = camera
        self.drop = drop
        self.modifiedAt = modifiedAt
    }
}

extension Intake {
    /// The part's id, safe as a file name: the readable stem of the path (at most 40 of `A-Za-z0-9._-`, others
    /// become `-`), then the first 12 hex digits of the hash of path and content.
    package static func partID(stem: String, identity: String) -> String {
        let safe = stem.unicodeScalars.map { scalar -> Character in
            let isSafe =
                ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
                || scalar == "_" || scalar == "-"
            return isSafe ? Character(scalar) : "-"
        }
        return String(safe.prefix(40)) + "-" + identity.prefix(12)
    }
}
