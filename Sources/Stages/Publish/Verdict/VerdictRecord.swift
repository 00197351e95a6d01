import Foundation
import Handover

/// The verdict of one part as it is written: one line of `verdicts.jsonl`, and `flagged/<part>/verdict.json`.
///
/// Encoding sorts keys and rounds numbers, so reading a record and writing it again gives the same bytes.
/// `VerdictSchema.json` describes it.
package struct VerdictRecord: Codable, Sendable, Equatable {
    /// The version of this shape; it grows when a reader of the old shape could be misled.
    package static let currentSchema = 1

    /// The inspected part and the file it came from.
    package struct Part: Codable, Sendable, Equatable {
        package let id: String
        /// Path inside the drop.
        package let path: String
        /// SHA-256 of the file, 64 lower-case hex digits.
        package let sha256: String
        /// Size of the file.
        package let bytes: Int
        /// Size of the picture in pixels, after EXIF rotation.
        package let width: Int
        package let height: Int
        /// First folder of `path`, "" for a file that lies directly in the drop.
        package let camera: String
        /// The file's modification time, UTC, ISO 8601 with whole seconds: the best clock that a drop has.
        package let capturedAt: String?
    }

    /// One place on the part where the anomaly map is too high.
    package struct Region: Codable, Sendable, Equatable {
        /// Left, top, width, height in pixels of the original picture.
        package let bbox: [Int]
        package let areaPx: Int
        package let areaFraction: Double
        /// Highest map value inside, in score units.
        package let peak: Double
        /// Where the peak lies, [x, y] in pixels of the original picture.
        package let peakAt: [Int]
        /// What the damage is called; absent on a model without language.
        package let label: String?
        package let similarity: Double?
        package let alternatives: [Alternative]?
        /// One sentence: what, how large, where.
        package let description: String?
    }

    /// Another name that a region could have.
    package struct Alternative: Codable, Sendable, Equatable {
        package let label: String
        package let similarity: Double
    }

    /// Where the heatmap lies and how its pixels relate to the picture's.
    package struct HeatmapFile: Codable, Sendable, Equatable {
        /// Relative to the run's folder.
        package let path: String
        /// Heatmap pixels per pixel of the original picture; 1 unless the picture is larger than the cap.
        package let scale: Double
        /// The map value, in score units, of the brightest colour. Red begins at 1 in every heatmap.
        package let top: Double
    }

    package let schema: Int
    package let part: Part
    package let verdict: Verdict
    package let score: Double
    package let rawScore: Double
    package let pValue: Double
    package let thresholds: Thresholds
    package let regions: [Region]
    package let heatmap: HeatmapFile
    package let model: ModelStamp
    package let recipeSha256: String
    /// What the camera should see; "" when the recipe asks nothing.
    package let query: String
    /// Milliseconds that the part spent in each stage.
    package let timingsMs: [String: Double]
    package let tool: ToolStamp
}

/// Which model gave a verdict.
package struct ModelStamp: Codable, Sendable, Equatable {
    package let name: String
    package let version: String
    /// SHA-256 of the bundle, 64 lower-case hex digits.
    package let sha256: String
    /// What the model judges by, "vl-jepa" or "clip"; absent from verdicts of before there was a choice.
    package let method: String?

    package init(name: String, version: String, sha256: String, method: String? = nil) {
        self.name = name
        self.version = version
        self.sha256 = sha256
        self.method = method
    }
}

/// Which program gave a verdict.
package struct ToolStamp: Codable, Sendable, Equatable {
    package let name: String
    package let version: String

    package init(name: String, version: String) {
        self.name = name
        self.version = version
    }
}

extension VerdictRecord {
    /// One line of JSON: keys sorted, no line end, no spaces.
    package func line() -> String { text(pretty: false) }

    /// The same JSON laid out for people, with a line end.
    package func document() -> Data { Data((text(pretty: true) + "\n").utf8) }

    /// Reads one line back. Throws what `JSONDecoder` throws.
    package static func read(line: String) throws -> VerdictRecord {
        try JSONDecoder().decode(VerdictRecord.self, from: Data(line.utf8))
    }

    private func text(pretty: Bool) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        guard let bytes = try? encoder.encode(self) else {
            // Every number of a record passed `Publisher`'s door, and nothing else in it can fail to encode.
            preconditionFailure("VerdictRecord: expected finite numbers, got one that JSON cannot hold")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// How numbers are written.
enum WrittenNumber {
    /// Six decimals resolve a millionth of the distance between an ordinary part and the threshold, far below what
    /// any measurement of a part repeats to.
    static func rounded(_ value: Double) -> Double { rounded(value, per: 1e6) }

    /// A share above zero stays above zero.
    static func share(_ value: Double) -> Double {
        let short = rounded(value)
        return short == 0 ? value : short
    }

    /// Milliseconds to three decimals: a microsecond.
    static func milliseconds(_ value: Double) -> Double { rounded(value, per: 1e3) }

    /// The score, rounded unless rounding would carry it across a threshold: 0.9999999 is not a fail.
    static func score(_ value: Double, thresholds: Thresholds) -> Double {
        let short = rounded(value)
        let keepsVerdict =
            (short >= thresholds.fail) == (value >= thresholds.fail)
            && (short >= thresholds.review) == (value >= thresholds.review)
        return keepsVerdict ? short : value
    }

    private static func rounded(_ value: Double, per unit: Double) -> Double {
        // Beyond 2^53 / unit a double has no decimals left to round.
        guard abs(value) < 9e9 else { return value }
        let result = (value * unit).rounded() / unit
        return result == 0 ? 0 : result  // no "-0"
    }
}
