/// What a test set says about a model. Shares are 0…1; nil where the set does not hold what the figure needs.
package struct EvaluationResult: Sendable, Equatable, Codable {
    /// The figures of one kind of defect.
    package struct Kind: Sendable, Equatable, Codable {
        package let kind: String
        package let count: Int
        /// Parts of this kind against all good parts.
        package let imageAUROC: Double?
        package let escape: Double?
    }

    package let imageAUROC: Double?
    package let averagePrecision: Double?
    /// The best F1 of any threshold, and that threshold: chosen on the test parts, an upper bound.
    package let f1Max: Double?
    package let f1MaxThreshold: Double?
    package let pixelAUROC: Double?
    /// Area under the per-region overlap curve up to a false positive rate of 0.3 and 0.05, divided by that limit.
    package let aupro30: Double?
    package let aupro05: Double?
    /// The line's own threshold, and the good parts at or above it, the defective parts below it.
    package let threshold: Double
    package let overkill: Double?
    package let escape: Double?
    package let goodCount: Int
    package let defectiveCount: Int
    /// Images that the pixel figures are made of, and the defect regions in them.
    package let pixelImageCount: Int
    package let regionCount: Int
    /// Sorted by name.
    package let kinds: [Kind]
    /// Sentences for people about what was left out.
    package let warnings: [String]
}
