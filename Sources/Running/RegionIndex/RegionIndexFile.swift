import Files
import Foundation
import Numerics

/// An index file, open for reading: its batches are known and their directories checked; embeddings are read, and
/// checked, when they are asked for.
///
/// They are read and not mapped: what is cut off or unreachable under a mapping ends the process with a signal, and a
/// copy of 256 KiB into the second-level cache costs little beside the product.
package final class RegionIndexFile: Sendable {
    /// One run's regions in the file.
    package struct Batch: Sendable {
        /// The run's id. Text from the file: to be compared with names, never to be made a path.
        package let run: String
        /// When the run began, ISO 8601, UTC.
        package let start: String
        package let cameras: [String]
        package var count: Int { header.count }
        let header: IndexLayout.BatchHeader
        /// The records, 16 bytes each.
        let records: [UInt8]
        let blockChecksums: [UInt64]
        /// The byte of the file at which the embeddings begin.
        let embeddingsStart: Int
    }

    package let path: String
    package let space: SpaceStamp
    /// In the order in which they were written.
    package let batches: [Batch]
    /// The byte after the last whole batch: where the next one goes.
    package let end: Int
    /// Bytes in the file: more than `end` where a batch is being written, or was when its process was killed.
    package let size: Int
    let file: Descriptor

    /// All regions.
    package var count: Int { batches.reduce(0) { $0 + $1.count } }

    /// Opens the file and walks through its batches; a last one that is not whole is left out.
    ///
    /// Throws `RegionIndexError`: `damaged` where anything but the end of the file is not as it was written.
    package init(path: String) throws(RegionIndexError) {
        self.path = path
        do throws(FileError) {
            file = try Descriptor(path: path, flags: O_RDONLY)
            size = Int(try file.status().st_size)
        } catch {
            throw .file(error)
        }
        let header = try Self.bytes(of: file, IndexLayout.fileHeaderBytes, at: 0)
        guard header.count == IndexLayout.fileHeaderBytes else {
            throw .damaged(
                path: path, byte: header.count,
                problem: "expected a header of \(IndexLayout.fileHeaderBytes) bytes, got \(header.count)")
        }
        let space = try IndexLayout.readFileHeader(header, path: path)
        self.space = space
        var found: [Batch] = []
        var at = IndexLayout.fileHeaderBytes
        while let (batch, next) = try Self.batch(in: file, at: at, size: size, width: space.width) {
            found.append(batch)
            at = next
        }
        batches = found
        end = at
    }

    /// The batch that begins at byte `at`, and the byte after it; nil at the end and where the rest is not whole.
    private static func batch(
        in file: borrowing Descriptor, at: Int, size: Int, width: Int
    ) throws(RegionIndexError) -> (Batch, next: Int)? {
        guard size - at >= IndexLayout.batchHeaderBytes else { return nil }
        let bytes = try Self.bytes(of: file, IndexLayout.batchHeaderBytes, at: at)
        guard let header = IndexLayout.readBatchHeader(bytes, width: width) else {
            // A file system that lost power may have grown the file without its content.
            if try isZero(file, from: at, to: size) { return nil }
            throw .damaged(path: file.path, byte: at, problem: "the header of a batch does not match its checksum")
        }
        guard header.totalBytes <= size - at else { return nil }
        let directory = try Self.bytes(of: file, header.directoryBytes, at: at + bytes.count)
        guard directory.count == header.directoryBytes,
            XXH64.checksum(directory.span.bytes) == header.directoryChecksum
        else {
            throw .damaged(
                path: file.path, byte: at + bytes.count, problem: "the directory of a batch does not match its checksum"
            )
        }
        let records = header.noteBytes..<(header.noteBytes + header.count * IndexLayout.recordBytes)
        guard let note = try? JSONDecoder().decode(RegionBatch.Note.self, from: Data(directory[..<header.noteBytes]))
        else {
            throw .damaged(path: file.path, byte: at + bytes.count, problem: "the note of a batch cannot be read")
        }
        let batch = Batch(
            run: note.run, start: note.start, cameras: note.cameras, header: header,
            records: Array(directory[records]),
            blockChecksums: stride(from: records.upperBound, to: directory.count, by: 8).map {
                directory.word(at: $0)
            }, embeddingsStart: at + bytes.count + directory.count)
        return (batch, at + header.totalBytes)
    }

    /// Where a region stands in its run. Traps on numbers that are not in the file.
    package func region(_ row: Int, of batch: Int) -> IndexedRegion {
        let at = row * IndexLayout.recordBytes
        let records = batches[batch].records
        return IndexedRegion(
            verdictOffset: Int(truncatingIfNeeded: records.word(at: at)), region: Int(records.half(at: at + 8)),
            camera: Int(records.half(at: at + 12)))
    }

    /// A region's embedding, (width). Throws `RegionIndexError`.
    package func embedding(_ row: Int, of batch: Int) throws(RegionIndexError) -> [Float] {
        let bytes = try Self.bytes(
            of: file, space.width * 2, at: batches[batch].embeddingsStart + row * space.width * 2)
        guard bytes.count == space.width * 2 else { throw shortened(batch) }
        return halfNumbers(bytes, from: 0, count: space.width)
    }

    /// Reads a block's embeddings into the beginning of `bytes` and checks them; says how many rows they are.
    /// `bytes` has room for `IndexLayout.rowsPerBlock` rows. Throws `RegionIndexError`.
    func read(block: Int, of batch: Int, into bytes: inout [UInt8]) throws(RegionIndexError) -> Int {
        let found = batches[batch]
        let perBlock = IndexLayout.rowsPerBlock(width: space.width)
        let first = block * perBlock
        let rows = min(perBlock, found.count - first)
        let count = rows * space.width * 2
        let start = found.embeddingsStart + first * space.width * 2
        let got: Int
        do { got = try file.read(count, at: start, into: &bytes) } catch { throw .file(error) }
        guard got == count else { throw shortened(batch) }
        guard XXH64.checksum(bytes.span.bytes.extracting(..<count)) == found.blockChecksums[block] else {
            throw .damaged(
                path: path, byte: start,
                problem: "\(rows) embeddings of run \(found.run.debugDescription) do not match their checksum")
        }
        return rows
    }

    /// Reads everything and holds it against its checksums. Throws `RegionIndexError`.
    package func check() throws(RegionIndexError) {
        var room = [UInt8](repeating: 0, count: IndexLayout.rowsPerBlock(width: space.width) * space.width * 2)
        for batch in batches.indices {
            for block in 0..<batches[batch].header.blocks { _ = try read(block: block, of: batch, into: &room) }
        }
    }

    private func shortened(_ batch: Int) -> RegionIndexError {
        .damaged(path: path, byte: size, problem: "the file became shorter while it was being read")
    }

    private static func bytes(of file: borrowing Descriptor, _ count: Int, at offset: Int) throws(RegionIndexError)
        -> [UInt8]
    {
        var bytes = [UInt8](repeating: 0, count: count)
        do {
            let got = try file.read(count, at: offset, into: &bytes)
            if got < count { bytes.removeLast(count - got) }
        } catch {
            throw .file(error)
        }
        return bytes
    }

    private static func isZero(_ file: borrowing Descriptor, from: Int, to end: Int) throws(RegionIndexError) -> Bool {
        for start in stride(from: from, to: end, by: 1 << 20) {
            let piece = try bytes(of: file, min(1 << 20, end - start), at: start)
            if piece.contains(where: { $0 != 0 }) { return false }
        }
        return true
    }
}
