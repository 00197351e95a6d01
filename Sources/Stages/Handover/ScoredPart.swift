import Imaging

/// pass, review or fail: what the inspector says of a part.
package enum Verdict: String, Sendable, Codable, CaseIterable { case pass, review, fail }

/// The thresholds a verdict was given by, in units of the image score.
package struct Thresholds: Sendable, Codable, Equatable {
    /// Scores from here on are `review`; at most 1.
    package let review: Double
    /// Scores from here on are `fail`; 1 by definition of the score.
    package let fail: Double
    /// The share of good parts that calibration expects at or above `fail`.
    package let overkillRate: Double

    package init(review: Double, fail: Double, overkillRate: Double) {
        self.review = review
        self.fail = fail
        self.overkillRate = overkillRate
    }
}

/// One connected place on the part where the anomaly map is too high.
package struct Region: Sendable, Equatable {
    /// Left, top, width, height in pixels of the original picture.
    package let x: Int
    package let y: Int
    package let width: Int
    package let height: Int
    /// Area in pixels of the original picture, and as a share of it.
    package let areaPx: Int
    package let areaFraction: Double
    /// Highest anomaly map value inside, in score units, and where it lies in original pixels.
    package let peak: Double
    package let peakX: Int
    package let peakY: Int
    /// Indices of the anomaly map's cells inside, ascending.
    package let cells: [Int]
    /// nil on a model without language.
    package var description: RegionDescription?

    package init(
        x: Int, y: Int, width: Int, height: Int, areaPx: Int, areaFraction: Double, peak: Double, peakX: Int,
        peakY: Int, cells: [Int] = [], description: RegionDescription? = nil
    ) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
        self.areaPx = areaPx
        self.areaFraction = areaFraction
        self.peak = peak
        self.peakX = peakX
        self.peakY = peakY
        self.cells = cells
        self.description = description
    }
}

/// A part with its verdict.
package struct ScoredPart: Sendable {
    package let image: DecodedImage
    /// One value a cell of `image.geometry`'s grid, row-major, which is twice as fine as the patches where the model looks at the
    /// interleaved grid; in units of the image score: 0 = a typical good patch's best, 1 = the fail threshold.
    package let anomalyMap: [Float]
    /// The image score in the units of the map before calibration to the threshold.
    package let rawScore: Double
    /// Image score: 1.0 = fail threshold, unclamped, larger = more anomalous; may be negative on a very ordinary part.
    package let score: Double
    /// Share of held-out good parts with at least this score, (1 + count) / (1 + n).
    package let pValue: Double
    package let verdict: Verdict
    package let thresholds: Thresholds
    /// Empty on a part that passes.
    package var regions: [Region]

    package init(
        image: DecodedImage, anomalyMap: [Float], rawScore: Double, score: Double, pValue: Double, verdict: Verdict,
        thresholds: Thresholds, regions: [Region]
    ) {
        self.image = image
        self.anomalyMap = anomalyMap
        self.rawScore = rawScore
        self.score = score
        self.pValue = pValue
        self.verdict = verdict
        self.thresholds = thresholds
        self.regions = regions
    }
}
