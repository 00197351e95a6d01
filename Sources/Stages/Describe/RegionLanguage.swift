import Handover
import Network
import Numerics
import Text

/// The language half of a model: from a region's features to ŝ, the embedding of its description, and to words.
package struct RegionLanguage: Sendable {
    package let head: RegionHead
    package let layout: ParameterLayout
    package var store: ParameterStore<Float>
    /// Per-dimension mean and 1/deviation of the features of training regions, (inputWidth) each.
    package let featureMean: [Float]
    package let featureScale: [Float]
    package var vocabulary: Vocabulary
    package var space: TextSpace

    package init(
        shape: RegionHeadShape, featureMean: [Float], featureScale: [Float], vocabulary: Vocabulary, space: TextSpace,
        using random: inout RandomSource
    ) {
        precondition(
            featureMean.count == shape.inputWidth && featureScale.count == shape.inputWidth
                && vocabulary.embeddings.columns == shape.outputWidth && space.width == shape.outputWidth,
            "RegionLanguage: expected \(shape.inputWidth) features and embeddings of width \(shape.outputWidth), got "
                + "\(featureMean.count), \(featureScale.count), \(vocabulary.embeddings.columns) and \(space.width)")
        var layout = ParameterLayout()
        head = RegionHead(&layout, prefix: "head.", shape: shape)
        self.layout = layout
        store = ParameterStore(initialising: layout, using: &random)
        self.featureMean = featureMean
        self.featureScale = featureScale
        self.vocabulary = vocabulary
        self.space = space
    }

    /// Features on the scale that the head reads, within ±5: one odd number must not drown all others.
    package static func standardised(_ rows: [[Float]], mean: [Float], scale: [Float]) -> Matrix<Float> {
        var result = Matrix<Float>(rows: rows.count, columns: mean.count)
        for (index, row) in rows.enumerated() {
            precondition(row.count == mean.count, "RegionLanguage: expected \(mean.count) features, got \(row.count)")
            for column in row.indices {
                result[index, column] = min(5, max(-5, (row[column] - mean[column]) * scale[column]))
            }
        }
        return result
    }

    /// ŝ of regions by their features (`RegionFeatures.row`), (regions, d), each of unit length.
    package func embeddings(_ rows: [[Float]]) -> Matrix<Float> {
        var activations = RegionHead.Activations<Float>(head.shape)
        head.forward(
            Self.standardised(rows, mean: featureMean, scale: featureScale), store: store, activations: &activations)
        return activations.embeddings
    }
}
