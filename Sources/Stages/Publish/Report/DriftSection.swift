import Foundation

/// Whether a run's parts still look like those of calibration: its p-values against the uniform distribution that good
/// parts have.
enum DriftSection {
    /// Parts below which a distribution says nothing.
    private static let fewest = 20

    /// The section; empty without calibration scores or with too few parts.
    static func html(pValues: [Double], calibrated: Int) -> String {
        guard calibrated > 0, pValues.count >= fewest else { return "" }
        let plots = [1, 0.2].map {
            ReliabilityPlot(pValues: pValues, calibrated: calibrated, limit: $0, subject: "parts of this run")
        }
        return ReliabilityFigure.html(
            title: "Does the line still look as it did?", plots: plots, text: sentence(plots[0], calibrated))
    }

    /// Defects lift the left end of the curve; the median tells whether the many that are no defects have moved too.
    private static func sentence(_ plot: ReliabilityPlot, _ calibrated: Int) -> String {
        let seen = plot.share(at: 0.5)
        let band = plot.band(at: 0.5)
        func percent(_ share: Double) -> String { "\(HTMLText.number(share * 100, decimals: 0)) %" }
        let first =
            "\(percent(seen)) of this run's parts look odder than the median good part of calibration; chance explains "
            + "\(percent(band.lowerBound)) to \(percent(band.upperBound))."
        if seen > band.upperBound {
            return first
                + " That is more: either very many parts have defects, or what the camera sees has drifted since "
                + "training. Compare passing parts with the good images; after a lasting change, train again."
        }
        if seen < band.lowerBound {
            return first
                + " That is less: the parts look more alike than those of calibration. Check that the drop holds what it should."
        }
        return first
            + " Nothing has drifted that this would show. Defects lift the left end of the curve, drift all of it."
    }
}
