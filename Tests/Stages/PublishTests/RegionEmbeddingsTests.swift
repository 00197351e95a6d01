import Checkpoint
import Foundation
import Handover
import Testing

@testable import Publish

@Suite struct RegionEmbeddingsTests {
    /// Half a unit in the last place of float16 below 1.
    static let roundingTolerance: Float = 0.00025
    static let space = String(repeating: "c0", count: 32)

    private func described(_ embedding: [Float]?) -> Region {
        Region(
            x: 1, y: 2, width: 3, height: 4, areaPx: 12, areaFraction: 0.1, peak: 2, peakX: 2, peakY: 3,
            description: embedding.map {
                RegionDescription(
                    label: "scratch", similarity: 0.7, alternatives: [], sentence: "A scratch.", embedding: $0)
            })
    }

    private func publisher(_ space: String?) -> Publisher {
        Publisher(
            model: ModelStamp(name: "m", version: "1", sha256: String(repeating: "a", count: 64)),
            recipeSha256: String(repeating: "b", count: 64), query: "", tool: ToolStamp(name: "t", version: "1"),
            textSpace: space)
    }

    @Test func rowsComeBackInTheRegionsOrder() throws {
        let rows: [[Float]?] = [[0.6, 0.8, 0], nil, [0, -1, 0]]
        let made = try #require(RegionEmbeddings(of: rows.map(described), textSpace: Self.space))
        let bytes = made.encoded()
        let read = try RegionEmbeddings(bytes: bytes, path: "x")
        #expect(read.textSpace == Self.space && read.width == 3 && read.rows.count == 3 && read.rows[1] == nil)
        for (a, b) in zip(rows, read.rows) {
            for (x, y) in zip(a ?? [], b ?? []) { #expect(abs(x - y) < Self.roundingTolerance) }
        }
        // Reading and writing again gives the same bytes: what a rebuild sees is what the run saw.
        let again = try #require(RegionEmbeddings(of: read.rows.map(described), textSpace: Self.space))
        #expect(again.encoded() == bytes)
    }

    @Test func onlyFlaggedPartsWithDescriptionsHaveTheFile() throws {
        func names(_ part: MadePart, _ space: String?) throws -> [String] {
            try publisher(space).publish(part.scored(), partID: "id", timingsMs: [:]).files.map(\.path)
        }
        let file = "flagged/id/regions.safetensors"
        var part = MadePart()
        #expect(try !names(part, Self.space).contains(file))
        part.regions = [described(nil), described([1, 0])]
        #expect(try names(part, Self.space).contains(file))
        #expect(try !names(part, nil).contains(file))
        part.verdict = .pass
        #expect(try !names(part, Self.space).contains(file))
    }

    @Test(arguments: [[Float.nan, 1], [.infinity, 0], [0, 0], [3, 4], [1e30, 0]])
    func anEmbeddingThatIsNotOfUnitLengthIsStopped(embedding: [Float]) {
        var part = MadePart()
        part.regions = [described(embedding)]
        #expect {
            try publisher(Self.space).publish(part.scored(), partID: "id", timingsMs: [:])
        } throws: { ($0 as? Rejection)?.reason == .notFinite }
    }

    @Test func foreignAndTornFilesAreErrors() throws {
        let made = try #require(RegionEmbeddings(of: [described([0.6, 0.8])], textSpace: Self.space))
        let bytes = made.encoded()
        for length in 0..<bytes.count {
            #expect(throws: CheckpointError.self) { try RegionEmbeddings(bytes: bytes.prefix(length), path: "x") }
        }
        var writer = SafetensorsWriter()
        try writer.add("embedding", shape: [1, 2], [0.6, 0.8])
        #expect(throws: CheckpointError.self) { try RegionEmbeddings(bytes: writer.encoded(), path: "x") }
        writer.metadata["text_space"] = Self.space
        #expect(try RegionEmbeddings(bytes: writer.encoded(), path: "x").rows.count == 1)
        for (shape, numbers) in [([2], [0.6, 0.8]), ([1, 2], [3, 4]), ([1, 2], [.nan, 0]), ([5, 0], [])]
            as [([Int], [Float])]
        {
            var other = SafetensorsWriter()
            other.metadata["text_space"] = Self.space
            try other.add("embedding", shape: shape, numbers)
            #expect(throws: CheckpointError.self) { try RegionEmbeddings(bytes: other.encoded(), path: "x") }
        }
    }
}
