import Numerics

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// WinCLIP (arXiv 2303.14814) without reference pictures: a picture and its windows are held against what a flawless and
/// a damaged object are called, and score the softmax's share of "damaged".
///
/// A window is embedded as the paper does it: its patches, with their positions in the whole picture, go through the
/// image tower with the class token and without the other patches. The map is the harmonic aggregation of `WindowPlan`;
/// the score is the mean of the whole picture's share and the map's greatest. The texts are embedded once: their tower is
/// not needed for looking.
package struct WinCLIP: Sendable {
    /// What was found on one picture; all numbers are shares in 0…1, larger = more anomalous.
    package struct Finding: Sendable {
        package let score: Double
        /// A value a patch, row-major.
        package let map: [Double]

        package init(score: Double, map: [Double]) {
            self.score = score
            self.map = map
        }
    }

    package let image: ImageSide
    /// What the part is called in the prompts.
    package let object: String
    /// What cosines are multiplied by before the softmax.
    package let scale: Double
    /// Embeddings of length 1 of what is normal and what is not, (2, width).
    package let prototypes: Matrix<Float>
    private let plan: WindowPlan

    /// - Parameter object: what the camera sees, in plain words; "" = "part".
    package init(model: CLIPModel, object: String) {
        self.init(
            image: model.image, object: PromptEnsemble.named(object), scale: model.scale,
            prototypes: PromptEnsemble.prototypes(model, object: object))
    }

    /// From prompts that were embedded before. Traps on other than two prototypes of the image side's width.
    package init(image: ImageSide, object: String, scale: Double, prototypes: Matrix<Float>) {
        precondition(
            prototypes.rows == 2 && prototypes.columns == image.width,
            "WinCLIP: expected (2, \(image.width)) prototypes, got (\(prototypes.rows), \(prototypes.columns))")
        self.image = image
        self.object = object
        self.scale = scale
        self.prototypes = prototypes
        plan = WindowPlan(rows: image.gridRows, columns: image.gridColumns)
    }

    /// Bytes of all that looking needs.
    package var bytes: Int { image.bytes + 4 * prototypes.storage.count }

    /// What stands out on a picture, from planes (3, side, side) that are normalised as `image.pixels` says. NaN in them
    /// comes out as NaN. Traps on an image side over tokens.
    package func finding(ofNormalised planes: [Float]) -> Finding {
        finding(image.embeddings(ofNormalised: planes, subsets: plan.subsets))
    }

    /// The same from another encoder's tokens, (N, their width).
    package func finding(ofTokens tokens: Matrix<Float>) -> Finding {
        finding(image.embeddings(ofPatches: tokens, subsets: plan.subsets))
    }

    /// From the embeddings of the plan's subsets.
    private func finding(_ embeddings: Matrix<Float>) -> Finding {
        let cosines = product(embeddings, prototypes, transposeB: true)
        let shares = (0..<cosines.rows).map { row in
            Self.share(Double(cosines[row, 0]), Double(cosines[row, 1]), scale: scale)
        }
        let map = plan.map(shares)
        return Finding(score: (shares[0] + (map.max() ?? 0)) / 2, map: map)
    }

    /// The softmax's share of the second of two cosines.
    static func share(_ normal: Double, _ anomalous: Double, scale: Double) -> Double {
        1 / (1 + exp(scale * (normal - anomalous)))
    }
}
