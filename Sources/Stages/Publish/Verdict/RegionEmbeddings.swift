import Checkpoint
import Foundation
import Handover

/// `flagged/<part>/regions.safetensors`: the embeddings by which a part's regions are found again, so that the index of
/// a line can be made again from its runs alone.
///
/// One tensor `embedding`, (regions, d), F16, rows in the order of the verdict's regions; a region without a
/// description is a row of zeros. Metadata: `text_space`, the identity of the space that the embeddings lie in.
package struct RegionEmbeddings: Sendable, Equatable {
    private static let tensor = "embedding"
    private static let spaceKey = "text_space"
    /// Float16 keeps three digits: a row of unit length comes back at most this far from it.
    private static let lengthTolerance: Float = 0.01

    /// SHA-256 of the text space.
    package let textSpace: String
    /// Numbers of a row, d.
    package let width: Int
    /// One entry a region, of unit length; nil for a region without a description.
    package let rows: [[Float]?]

    /// nil when no region has a description. Traps on descriptions of different widths.
    package init?(of regions: [Region], textSpace: String) {
        let rows = regions.map { $0.description?.embedding }
        guard let width = rows.lazy.compactMap({ $0?.count }).first else { return nil }
        precondition(
            rows.allSatisfy { $0 == nil || $0?.count == width },
            "RegionEmbeddings: expected embeddings of one width, got \(rows.map { $0?.count ?? 0 })")
        self.textSpace = textSpace
        self.width = width
        self.rows = rows
    }

    /// Reads a file's bytes; `path` names them in messages. Throws `CheckpointError`.
    package init(bytes: Data, path: String) throws(CheckpointError) {
        let file = try SafetensorsFile(bytes: bytes, path: path)
        guard let textSpace = file.metadata[Self.spaceKey] else {
            throw .damaged(file: path, problem: "expected the metadata \(Self.spaceKey), got none")
        }
        let numbers = try file.floats(Self.tensor)
        guard let shape = file.shape(Self.tensor), shape.count == 2, shape[1] > 0 else {
            throw .damaged(
                file: path, problem: "expected \(Self.tensor) as (regions, d), got \(file.shape(Self.tensor) ?? [])")
        }
        self.textSpace = textSpace
        let width = shape[1]
        self.width = width
        var rows: [[Float]?] = []
        for row in 0..<shape[0] {
            let embedding = Array(numbers[(row * width)..<((row + 1) * width)])
            let length = Self.length(embedding)
            guard length == 0 || Self.isUnit(length) else {
                throw .damaged(file: path, problem: "expected row \(row) to be of unit length, got \(length)")
            }
            rows.append(length == 0 ? nil : embedding)
        }
        self.rows = rows
    }

    static func length(_ embedding: [Float]) -> Float { embedding.reduce(0) { $0 + $1 * $1 }.squareRoot() }

    /// False for NaN too.
    static func isUnit(_ length: Float) -> Bool { abs(length - 1) <= lengthTolerance }

    /// The file's bytes; the same embeddings give the same bytes. Rows have unit length: `Publisher` has seen to it.
    package func encoded() -> Data {
        var writer = SafetensorsWriter()
        writer.metadata[Self.spaceKey] = textSpace
        let numbers = rows.flatMap { $0 ?? [Float](repeating: 0, count: width) }
        do throws(CheckpointError) {
            try writer.add(Self.tensor, shape: [rows.count, width], numbers, as: .f16)
        } catch {
            preconditionFailure("RegionEmbeddings: expected rows of unit length: \(error)")
        }
        return writer.encoded()
    }
}
