import Foundation
import Pipeline
import Publish

/// One region that a search shows.
package struct FoundRegion: Sendable {
    /// Cosine between the words and the region, −1…1.
    package let similarity: Double
    package let run: String
    package let folder: RunFolder
    package let record: VerdictRecord
    /// Which of the verdict's regions, from 0.
    package let number: Int
    /// Further regions of the same part that show the same.
    package var alike = 0

    package var region: VerdictRecord.Region { record.regions[number] }

    /// A picture of the part's flagged folder, wherever a reviewer has moved it; nil where it is gone.
    package func picture(_ name: KeyPath<FlaggedFolder, String>) -> String? {
        folder.place(of: FlaggedFolder(partID: record.part.id)[keyPath: name])
    }

    /// The closeup that the run has cut out, which shows the worst region; nil for every other one.
    package var closeup: String? {
        let worst = record.regions.indices.max { record.regions[$0].peak < record.regions[$1].peak }
        return number == worst ? picture(\.closeup) : nil
    }

    /// The same place on the same part, seen in two runs, or twice what one damage looks like.
    func shows(sameAs other: FoundRegion, similarity: Float) -> Bool {
        guard record.part.id == other.record.part.id else { return false }
        return similarity >= Self.sameLook || Self.overlap(region.bbox, other.region.bbox) >= 0.5
    }

    /// Cosine from which on two regions of one part are one finding: embeddings of unlike damage lie well below.
    private static let sameLook: Float = 0.98

    /// Shared area of two boxes as a share of their joint area.
    static func overlap(_ a: [Int], _ b: [Int]) -> Double {
        guard a.count == 4, b.count == 4 else { return 0 }
        func side(_ axis: Int) -> Double {
            let end = min(Double(a[axis]) + Double(a[axis + 2]), Double(b[axis]) + Double(b[axis + 2]))
            return max(0, end - Double(max(a[axis], b[axis])))
        }
        let shared = side(0) * side(1)
        let joint = Double(a[2]) * Double(a[3]) + Double(b[2]) * Double(b[3]) - shared
        return joint > 0 ? shared / joint : 0
    }
}
