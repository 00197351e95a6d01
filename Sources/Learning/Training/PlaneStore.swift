import Foundation
import Numerics

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Planes of many pictures of one size at half precision: in memory up to a limit, beyond it in a nameless file, so that
/// many large pictures can be learned from in bounded memory. What is read is to the bit what was added, wherever it lay.
struct PlaneStore: Sendable {
    private enum Place: Sendable {
        case memory([Float16])
        /// The offset in the file.
        case file(Int)
    }

    /// Bytes that are kept in memory: 1,600 pictures of 320 px.
    static let room = 1_000_000_000

    private let room: Int
    private var places: [Place] = []
    private var kept = 0
    private var file: PlaneFile?

    /// - Parameter room: bytes that may be kept in memory.
    init(room: Int = PlaneStore.room) { self.room = room }

    var count: Int { places.count }
    /// Bytes that lie in memory.
    var bytesInMemory: Int { kept }

    /// Adds a picture's planes. Where the file cannot be written, as on a full disk, they stay in memory.
    mutating func append(_ planes: [Float16]) {
        let size = planes.count * MemoryLayout<Float16>.stride
        if kept + size > room {
            if file == nil { file = PlaneFile() }
            if let offset = file?.append(planes) {
                places.append(.file(offset))
                return
            }
        }
        kept += size
        places.append(.memory(planes))
    }

    /// Adds all pictures of `others`, which must not be added to in turn.
    mutating func append(_ others: PlaneStore) {
        for index in 0..<others.count { others.withPlanes(index) { append($0) } }
    }

    /// Lends the planes of picture `index`.
    func withPlanes<Result>(_ index: Int, _ body: ([Float16]) -> Result) -> Result {
        switch places[index] {
        case .memory(let planes): return body(planes)
        case .file(let offset):
            guard let planes = file?.read(at: offset) else {
                preconditionFailure("PlaneStore: picture \(index) cannot be read back from the temporary folder")
            }
            return body(planes)
        }
    }
}

/// A file without a name in the temporary folder: it goes with the last who holds it, whatever ends the program.
private final class PlaneFile: Sendable {
    private struct Written {
        var end = 0
        var counts: [Int: Int] = [:]
    }

    private let descriptor: Int32
    private let written = LockedValue(Written())

    /// nil where the temporary folder takes no file.
    init?() {
        var name = Array((NSTemporaryDirectory() + "/nightshift.XXXXXX").utf8CString)
        descriptor = mkstemp(&name)
        guard descriptor >= 0 else { return nil }
        unlink(name)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The offset of the planes in the file; nil where they could not be written whole.
    func append(_ planes: [Float16]) -> Int? {
        written.withLock { written -> Int? in
            let whole = planes.withUnsafeBytes { bytes -> Bool in
                var done = 0
                while done < bytes.count {
                    let count = pwrite(
                        descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(written.end + done))
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else { return false }
                    done += count
                }
                return true
            }
            guard whole else { return nil }
            let offset = written.end
            written.counts[offset] = planes.count
            written.end += planes.count * MemoryLayout<Float16>.stride
            return offset
        }
    }

    /// The planes at an offset that `append` gave; nil where they cannot be read.
    func read(at offset: Int) -> [Float16]? {
        guard let count = written.withLock({ $0.counts[offset] }) else { return nil }
        var isWhole = true
        let planes = [Float16](unsafeUninitializedCapacity: count) { room, filled in
            let bytes = UnsafeMutableRawBufferPointer(room)
            var done = 0
            while done < count * MemoryLayout<Float16>.stride {
                let got = pread(
                    descriptor, bytes.baseAddress! + done, count * MemoryLayout<Float16>.stride - done,
                    off_t(offset + done))
                if got < 0, errno == EINTR { continue }
                guard got > 0 else {
                    isWhole = false
                    return
                }
                done += got
            }
            filled = count
        }
        return isWhole ? planes : nil
    }
}
