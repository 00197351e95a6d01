import Files
import Foundation

/// How an index file is laid out. All numbers are little-endian; every section begins at a multiple of 8.
///
///     file header (128)   "nightrgn", version (4), width (4), identity of the text space (64), zeros, checksum (8)
///     then one batch a run, one behind the other:
///       header (64)       "regbatch", regions (4), bytes of the note (4), checksum of the directory (8), zeros,
///                         checksum of this header (8)
///       directory         note: JSON, spaces behind it; records (16 each); checksum of every block (8 each)
///       embeddings        (regions, width) float16, zeros behind them
///
/// A record: where the part's line begins in the run's verdicts.jsonl (8), number of the region in it (4), number of its
/// camera in the note (4). A block: as many rows as fit 256 KiB. Checksums are XXH64 with seed 0.
///
/// So every byte that a search reads is checked, the sizes before they are believed; and a batch that was not written
/// to its end is told from one that was damaged later.
enum IndexLayout {
    static let version: UInt32 = 1
    static let fileSuffix = ".regions"
    static let fileHeaderBytes = 128
    static let batchHeaderBytes = 64
    static let recordBytes = 16
    /// A block is read, checked and multiplied while it lies in the second-level cache.
    static let blockBytes = 262_144
    /// Cameras' names and a run's id: more is no note of ours.
    static let longestNote = 1 << 26

    private static let fileMagic = [UInt8]("nightrgn".utf8)
    private static let batchMagic = [UInt8]("regbatch".utf8)

    static func rowsPerBlock(width: Int) -> Int { max(1, blockBytes / (2 * width)) }

    /// The first bytes of the file of a text space.
    static func fileHeader(_ space: SpaceStamp) -> [UInt8] {
        var bytes = fileMagic
        bytes.append(half: version)
        bytes.append(half: UInt32(space.width))
        bytes += space.identity.utf8
        return sealed(bytes, to: fileHeaderBytes)
    }

    /// The text space that a file's first bytes name. Throws `RegionIndexError`.
    static func readFileHeader(_ bytes: [UInt8], path: String) throws(RegionIndexError) -> SpaceStamp {
        guard bytes.starts(with: fileMagic) else {
            throw .damaged(path: path, byte: 0, problem: "expected the file to begin with \"nightrgn\"")
        }
        guard isSealed(bytes, fileHeaderBytes) else {
            throw .damaged(path: path, byte: 0, problem: "the file's header does not match its checksum")
        }
        guard bytes.half(at: 8) == version else {
            throw .foreign(path: path, problem: "expected version \(version), got \(bytes.half(at: 8))")
        }
        let identity = String(decoding: bytes[16..<80], as: UTF8.self)
        guard let space = SpaceStamp(identity: identity, width: Int(bytes.half(at: 12))) else {
            throw .damaged(path: path, byte: 12, problem: "expected a width and the hash of a text space")
        }
        return space
    }

    /// The sizes of one batch, from its header.
    struct BatchHeader: Equatable {
        let count: Int
        let noteBytes: Int
        let directoryChecksum: UInt64
        let width: Int

        var blocks: Int { (count + rowsPerBlock(width: width) - 1) / rowsPerBlock(width: width) }
        /// Bytes of note, records and blocks' checksums.
        var directoryBytes: Int { noteBytes + count * recordBytes + blocks * 8 }
        var embeddingBytes: Int { count * width * 2 }
        var totalBytes: Int { batchHeaderBytes + directoryBytes + padded(embeddingBytes) }
    }

    static func batchHeader(_ header: BatchHeader) -> [UInt8] {
        var bytes = batchMagic
        bytes.append(half: UInt32(header.count))
        bytes.append(half: UInt32(header.noteBytes))
        bytes.append(word: header.directoryChecksum)
        return sealed(bytes, to: batchHeaderBytes)
    }

    /// nil when the bytes are no header of a batch.
    static func readBatchHeader(_ bytes: [UInt8], width: Int) -> BatchHeader? {
        guard bytes.starts(with: batchMagic), isSealed(bytes, batchHeaderBytes) else { return nil }
        let header = BatchHeader(
            count: Int(bytes.half(at: 8)), noteBytes: Int(bytes.half(at: 12)), directoryChecksum: bytes.word(at: 16),
            width: width)
        guard header.noteBytes <= longestNote, header.noteBytes % 8 == 0 else { return nil }
        return header
    }

    static func padded(_ count: Int) -> Int { (count + 7) / 8 * 8 }

    /// Zeros up to the last 8 bytes, then the checksum of all before.
    private static func sealed(_ bytes: [UInt8], to count: Int) -> [UInt8] {
        var sealed = bytes + [UInt8](repeating: 0, count: count - 8 - bytes.count)
        sealed.append(word: XXH64.checksum(sealed.span.bytes))
        return sealed
    }

    private static func isSealed(_ bytes: [UInt8], _ count: Int) -> Bool {
        bytes.count == count && XXH64.checksum(bytes.span.bytes.extracting(..<(count - 8))) == bytes.word(at: count - 8)
    }
}

extension [UInt8] {
    mutating func append(half value: UInt32) {
        for byte in 0..<4 as Range<UInt32> { append(UInt8(truncatingIfNeeded: value >> (8 * byte))) }
    }

    mutating func append(word value: UInt64) {
        for byte in 0..<8 as Range<UInt64> { append(UInt8(truncatingIfNeeded: value >> (8 * byte))) }
    }

    func half(at offset: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(self[offset + $1]) << UInt32(8 * $1) } }

    func word(at offset: Int) -> UInt64 { (0..<8).reduce(0) { $0 | UInt64(self[offset + $1]) << UInt64(8 * $1) } }
}
