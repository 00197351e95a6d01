import Files
import Foundation
import Handover

/// Finds and reads the images in a drop.
///
/// A file is settled when nothing has changed it for `settleSeconds`, and whole when its bytes also end as its format
/// demands; both, or it is deferred to the next run. One that stands still for `giveUpSeconds` and still is not whole
/// will not become so: it is quarantined as `incomplete`.
///
/// Clocks lie. The age of a file is now − mtime; where mtime lies in the future the time of the last change of the
/// inode takes its place, which no client can set; where that lies in the future too (the server's clock runs ahead of
/// ours) the file counts as settled when a second look, after a pause of at most two seconds, finds it unchanged.
package struct DropScanner: Sendable {
    /// The drop's folder, absolute.
    package let drop: String
    let settleSeconds: Double
    let giveUpSeconds: Double
    let maxBytes: Int
    let now: Date
    let endsWhole: @Sendable (Data) -> Bool
    /// Deeper folders are refused: each level costs an open file, and no camera nests so.
    static let maxDepth = 64
    /// Names that programs give to files they are still writing.
    static let temporarySuffixes = [".tmp", ".part", ".partial", ".filepart", ".crdownload", ".upload", ".swp", "~"]

    /// - Parameters:
    ///   - settleSeconds: how long a file must have stood still.
    ///   - giveUpSeconds: how long a file may stay incomplete, unreadable or under a temporary name.
    ///   - maxBytes: larger files are refused before memory is taken.
    ///   - now: the time of the scan; fixed, so that outcomes do not depend on how fast the run gets to a file.
    ///   - endsWhole: says whether the bytes end as their format demands; true for a format it does not know, which
    ///     Decode then refuses by name.
    package init(
        drop: String, settleSeconds: Double, giveUpSeconds: Double = 86400, maxBytes: Int, now: Date = Date(),
        endsWhole: @escaping @Sendable (Data) -> Bool
    ) {
        precondition(settleSeconds >= 0 && maxBytes > 0, "DropScanner: expected settleSeconds >= 0 and maxBytes > 0")
        self.drop = drop
        self.settleSeconds = settleSeconds
        self.giveUpSeconds = max(giveUpSeconds, settleSeconds)
        self.maxBytes = maxBytes
        self.now = now
        self.endsWhole = endsWhole
    }

    /// Every name in the drop that is not a folder, and every folder that cannot be entered, in the order of their
    /// bytes, folder by folder. Opens no file. Throws `IngestError` when the drop itself cannot be read.
    package func scan() throws(IngestError) -> [Candidate] {
        var found: [Candidate] = []
        var ahead: [Int] = []
        do {
            let root = try DropFolder.open(drop)
            try scan(root, prefix: [], depth: 1, found: &found, ahead: &ahead)
        } catch {
            throw IngestError.dropUnreadable(path: drop, code: error.code)
        }
        if !ahead.isEmpty {
            Thread.sleep(forTimeInterval: min(2, settleSeconds))
            for index in ahead { found[index] = secondLook(at: found[index]) }
        }
        return found
    }

    private func scan(
        _ folder: borrowing Descriptor, prefix: [UInt8], depth: Int, found: inout [Candidate], ahead: inout [Int]
    ) throws(DropFolder.Refused) {
        for name in try DropFolder.names(in: folder) {
            let path = prefix + name
            let status: stat
            do { status = try DropFolder.status(of: name, in: folder) } catch {
                // Gone since the folder was listed: the camera renamed it. The next run sees its new name.
                if error.code == ENOENT { continue }
                found.append(refusedFolder(path, code: error.code))
                continue
            }
            guard status.kind == S_IFDIR, name.first != UInt8(ascii: ".") else {
                let candidate = judge(name: name, path: path, status: status)
                if candidate.rejection == nil && candidate.stillSeconds < 0 { ahead.append(found.count) }
                found.append(candidate)
                continue
            }
            guard depth < Self.maxDepth else {
                let sentence =
                    "expected folders at most \(Self.maxDepth) deep, found deeper ones here; nothing below was read: flatten them"
                found.append(
                    candidate(path, status, .ingest(.quarantined, .unreadable, sentence)))
                continue
            }
            let before = found.count
            do {
                let inner = try DropFolder.enter(name, in: folder)
                try scan(inner, prefix: path + [UInt8(ascii: "/")], depth: depth + 1, found: &found, ahead: &ahead)
            } catch {
                // Listing failed half way at worst: what was found below stands, and the folder is named as well.
                if found.count == before && error.code == ENOENT { continue }
                found.append(refusedFolder(path, code: error.code))
            }
        }
    }

    /// Decides from the name and the inode alone.
    private func judge(name: [UInt8], path: [UInt8], status: stat) -> Candidate {
        let age = stillSeconds(status)
        if status.kind == S_IFLNK {
            let sentence =
                "expected a regular file, found a symbolic link; it was not followed: put the file itself there"
            return candidate(path, status, .ingest(.quarantined, .symbolicLink, sentence))
        }
        if name.first == UInt8(ascii: ".") {
            let sentence =
                "expected a visible name, found one that begins with a dot; rename it if it is an image to inspect"
            return candidate(path, status, .ingest(.deferred, .notSettled, sentence))
        }
        guard status.kind == S_IFREG else {
            let sentence = "expected a regular file, found \(Self.kindName(status)); it was not opened"
            return candidate(path, status, .ingest(.quarantined, .notRegularFile, sentence))
        }
        let lowered = String(decoding: name, as: UTF8.self).lowercased()
        if let suffix = Self.temporarySuffixes.first(where: { lowered.hasSuffix($0) }) {
            let sentence =
                "expected a finished file, found a name that ends in \(suffix): a program is still writing it"
            return candidate(path, status, impatient(.incomplete, sentence, age: age))
        }
        if age >= 0 && age < settleSeconds {
            return candidate(path, status, notSettled(age: age))
        }
        if status.st_size > maxBytes {
            let sentence =
                "expected at most \(maxBytes) bytes (recipe), found \(status.st_size); it was not read"
            return candidate(path, status, .ingest(.quarantined, .tooManyBytes, sentence))
        }
        if status.st_size == 0 {
            return candidate(
                path, status,
                .ingest(.quarantined, .empty, "expected an image, found an empty file: the camera wrote nothing"))
        }
        return candidate(path, status, nil)
    }

    /// Files dated in the future by every clock: unchanged since the scan means settled.
    private func secondLook(at first: Candidate) -> Candidate {
        guard let components = DropPath.components(of: first.path),
            let folder = try? DropFolder.openParent(of: components, in: drop),
            let status = try? DropFolder.status(of: components[components.count - 1], in: folder),
            status.kind == S_IFREG, Int(status.st_size) == first.size, status.modified == first.modified
        else {
            return Candidate(
                path: first.path, size: first.size, modified: first.modified, stillSeconds: 0,
                rejection: notSettled(age: 0))
        }
        return Candidate(
            path: first.path, size: first.size, modified: first.modified, stillSeconds: settleSeconds, rejection: nil)
    }

    /// Seconds since the last change; −1 when every clock says it lies in the future.
    private func stillSeconds(_ status: stat) -> Double {
        for time in [status.modified, status.changed] {
            let age = now.timeIntervalSince1970 - Double(time) / 1e9
            if age >= 0 { return age }
        }
        return -1
    }

    private func notSettled(age: Double) -> Rejection {
        .ingest(
            .deferred, .notSettled,
            "expected a file that stood still for \(settleSeconds) s, changed \(Int(age)) s ago; "
                + "the next run looks again")
    }

    /// Deferred while there is hope, quarantined after `giveUpSeconds`.
    func impatient(_ reason: Rejection.Reason, _ sentence: String, age: Double) -> Rejection {
        age >= giveUpSeconds
            ? .ingest(.quarantined, reason, "\(sentence); unchanged for \(Int(age)) s, so given up")
            : .ingest(.deferred, reason, "\(sentence); the next run looks again")
    }

    private func candidate(_ path: [UInt8], _ status: stat, _ rejection: Rejection?) -> Candidate {
        Candidate(
            path: DropPath.text(of: path), size: Int(status.st_size), modified: status.modified,
            stillSeconds: stillSeconds(status), rejection: rejection)
    }

    private func refusedFolder(_ path: [UInt8], code: Int32) -> Candidate {
        let isLink = code == ELOOP
        let sentence =
            isLink
            ? "expected a folder, found a symbolic link in its place; it was not followed"
            : "expected a folder that can be listed, found: \(String(cString: strerror(code))); give this user the right to read it"
        return Candidate(
            path: DropPath.text(of: path), size: 0, modified: 0, stillSeconds: 0,
            rejection: .ingest(isLink ? .quarantined : .deferred, isLink ? .symbolicLink : .unreadable, sentence))
    }

    /// What a name is, for people.
    static func kindName(_ status: stat) -> String {
        switch status.kind {
        case S_IFDIR: "a folder"
        case S_IFIFO: "a FIFO"
        case S_IFSOCK: "a socket"
        case S_IFCHR, S_IFBLK: "a device"
        case S_IFLNK: "a symbolic link"
        default: "something else"
        }
    }
}
