import Imaging

/// One inspected test part and what people know about it.
package struct EvaluationInput: Sendable {
    /// For warnings: the picture's path in the test set.
    package let name: String
    /// The kind of defect; nil: a good part.
    package let kind: String?
    /// Image score, larger = more anomalous.
    package let score: Double
    /// Anomaly map, (rows, columns) row-major, covering the whole picture.
    package let map: [Float]
    package let rows: Int
    package let columns: Int
    /// Size of the upright picture in pixels.
    package let width: Int
    package let height: Int
    /// Truth mask, grey above 127 = defect; nil when there is none. Of the picture's size, or stretched to it.
    package let mask: Image?

    package var isDefective: Bool { kind != nil }

    /// Traps on a map of the wrong size, sizes below 1, and numbers that are not finite.
    package init(
        name: String, kind: String?, score: Double, map: [Float], rows: Int, columns: Int, width: Int, height: Int,
        mask: Image?
    ) {
        precondition(
            rows > 0 && columns > 0 && map.count == rows * columns,
            "EvaluationInput: expected \(rows) x \(columns) map values, got \(map.count)")
        precondition(width > 0 && height > 0, "EvaluationInput: expected a picture, got \(width) x \(height)")
        precondition(
            score.isFinite && map.allSatisfy(\.isFinite), "EvaluationInput: score and map of \(name) must be finite")
        self.name = name
        self.kind = kind
        self.score = score
        self.map = map
        self.rows = rows
        self.columns = columns
        self.width = width
        self.height = height
        self.mask = mask
    }
}

/// Collects inspected test parts one by one and computes every figure at the end.
///
/// Kept per part: the map on its patch grid and the mask as runs, so a thousand parts take some megabytes; maps are
/// enlarged row by row when the figures are computed.
///
/// Pixel figures are computed at the picture's own size, reduced so that its longer side is at most `longestSide`: maps
/// are enlarged bilinearly, masks sampled at the nearest pixel, regions kept as they are in the whole mask. Published
/// evaluations use 224 to 256 pixels; at 512, bottle and magnetic tile agree with the full size to 0.001 in every figure.
/// Masks with specks of a few pixels lose some of them: of macaroni1's 404 regions 341 are left, and AUPRO is 0.015
/// higher than at 1,500 pixels. A larger `longestSide` costs time alone.
package struct Evaluator: Sendable {
    private struct Part: Sendable {
        let map: [Float]
        let rows: Int
        let columns: Int
        let width: Int
        let height: Int
        /// Nil: all pixels are good.
        let mask: RegionMask?
    }

    private let threshold: Double
    private let longestSide: Int
    private var scores: [Double] = []
    private var kinds: [String?] = []
    private var parts: [Part] = []
    /// Names of defective parts left out of the pixel figures, by kind and reason.
    private var leftOut: [String: [String: [String]]] = [:]

    /// `threshold`: the line's own; scores from there on are flagged. Traps unless `longestSide` >= 1.
    package init(threshold: Double = 1, longestSide: Int = 512) {
        precondition(longestSide >= 1, "Evaluator: expected longestSide >= 1, got \(longestSide)")
        self.threshold = threshold
        self.longestSide = longestSide
    }

    /// Adds one part. A defective part whose mask is missing or empty counts at image level only, with a warning; a mask
    /// of a good part is ignored.
    package mutating func add(_ input: EvaluationInput) {
        scores.append(input.score)
        kinds.append(input.kind)
        let longest = max(input.width, input.height)
        func reduced(_ side: Int) -> Int {
            longest <= longestSide
                ? side : max(1, Int((Double(side) * Double(longestSide) / Double(longest)).rounded()))
        }
        let width = reduced(input.width)
        let height = reduced(input.height)
        var mask: RegionMask?
        if let kind = input.kind {
            guard let picture = input.mask else {
                leftOut[kind, default: [:]]["no mask", default: []].append(input.name)
                return
            }
            let whole = RegionMask(picture)
            let regions = whole.sampled(width: width, height: height)
            guard regions.area > 0 else {
                let reason =
                    whole.area > 0
                    ? "a mask whose defects vanish at \(longestSide) pixels"
                    : "an empty mask, without grey above 127"
                leftOut[kind, default: [:]][reason, default: []].append(input.name)
                return
            }
            mask = regions
        }
        parts.append(
            Part(
                map: input.map, rows: input.rows, columns: input.columns, width: width, height: height, mask: mask))
    }

    /// Every figure over the parts added so far.
    package func result() -> EvaluationResult {
        let ranked = RankedScores(scores: scores, isDefective: kinds.map { $0 != nil })
        let curve = pixelCurve()
        let f1Max = ranked.f1Max
        let kindResults = Set(kinds.compactMap { $0 }).sorted().map { kind in
            let chosen = kinds.indices.filter { kinds[$0] == nil || kinds[$0] == kind }
            let ranked = RankedScores(scores: chosen.map { scores[$0] }, isDefective: chosen.map { kinds[$0] != nil })
            return EvaluationResult.Kind(
                kind: kind, count: ranked.defectiveCount, imageAUROC: ranked.auroc,
                escape: ranked.escape(at: threshold))
        }
        return EvaluationResult(
            imageAUROC: ranked.auroc, averagePrecision: ranked.averagePrecision, f1Max: f1Max?.value,
            f1MaxThreshold: f1Max?.threshold, pixelAUROC: curve.auroc, aupro30: curve.aupro(limit: 0.3),
            aupro05: curve.aupro(limit: 0.05), threshold: threshold, overkill: ranked.overkill(at: threshold),
            escape: ranked.escape(at: threshold), goodCount: ranked.goodCount, defectiveCount: ranked.defectiveCount,
            pixelImageCount: parts.contains { $0.mask != nil } ? parts.count : 0,
            regionCount: parts.reduce(0) { $0 + ($1.mask?.regionCount ?? 0) }, kinds: kindResults, warnings: warnings())
    }

    /// Two passes over the maps: the defect pixels' scores first, then all good pixels against them.
    private func pixelCurve() -> PixelCurve {
        var defectPixels: [PixelCurve.DefectPixel] = []
        defectPixels.reserveCapacity(parts.reduce(0) { $0 + ($1.mask?.area ?? 0) })
        for part in parts {
            guard let mask = part.mask else { continue }
            let sampler = sampler(part)
            var values = [Float](repeating: 0, count: part.width)
            var current = -1
            for run in mask.runs {
                if run.row != current {
                    current = run.row
                    sampler.row(current, into: &values)
                }
                for value in values[run.columns] {
                    defectPixels.append(.init(score: value, regionArea: mask.regionAreas[run.region]))
                }
            }
        }
        var curve = PixelCurve(
            defectPixels: defectPixels, regionCount: parts.reduce(0) { $0 + ($1.mask?.regionCount ?? 0) })
        if defectPixels.isEmpty { return curve }
        for part in parts {
            let sampler = sampler(part)
            let runs = part.mask?.runs ?? []
            var next = 0
            var values = [Float](repeating: 0, count: part.width)
            for row in 0..<part.height {
                sampler.row(row, into: &values)
                var start = 0
                while next < runs.count, runs[next].row == row {
                    curve.addGood(values[start..<runs[next].columns.lowerBound])
                    start = runs[next].columns.upperBound
                    next += 1
                }
                curve.addGood(values[start...])
            }
        }
        return curve
    }

    private func sampler(_ part: Part) -> MapSampler {
        MapSampler(map: part.map, rows: part.rows, columns: part.columns, width: part.width, height: part.height)
    }

    private func warnings() -> [String] {
        leftOut.sorted { $0.key < $1.key }.flatMap { kind, reasons in
            reasons.sorted { $0.key < $1.key }.map { reason, names in
                let shown = names.prefix(3).joined(separator: ", ") + (names.count > 3 ? ", …" : "")
                return "\(kind): \(names.count) counted at image level only: \(reason) (\(shown))."
            }
        }
    }
}
