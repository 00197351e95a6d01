/// How far predicted embeddings lie from their targets, without negatives. Targets get no gradient.
package enum Alignment {
    /// Mean over rows of 1 − cos(predicted, target). Writes d loss / d predicted times `weight`, (R, D).
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package static func cosine<Scalar: KernelScalar>(
        predicted: Matrix<Scalar>, target: Matrix<Scalar>, weight: Scalar, gradient: inout Matrix<Scalar>
    ) -> Scalar {
        check(predicted, target, gradient)
        var unit = Matrix<Scalar>(rows: 0, columns: predicted.columns)
        var wanted = unit
        var norms: [Scalar] = []
        var targetNorms: [Scalar] = []
        unitForward(&unit, norms: &norms, input: predicted)
        unitForward(&wanted, norms: &targetNorms, input: target)
        let share = 1 / Scalar(Swift.max(1, predicted.rows))
        var loss: Scalar = 0
        for row in 0..<predicted.rows {
            var along: Scalar = 0
            for index in row * unit.columns..<(row + 1) * unit.columns {
                along += unit.storage[index] * wanted.storage[index]
            }
            loss += share * (1 - along)
        }
        for index in wanted.storage.indices { wanted.storage[index] *= -share * weight }
        unitBackward(&gradient, outputGradient: wanted, output: unit, norms: norms)
        return loss
    }

    /// Mean over all numbers of (predicted − target)². Writes d loss / d predicted times `weight`, (R, D).
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package static func squares<Scalar: KernelScalar>(
        predicted: Matrix<Scalar>, target: Matrix<Scalar>, weight: Scalar, gradient: inout Matrix<Scalar>
    ) -> Scalar {
        check(predicted, target, gradient)
        gradient.resize(rows: predicted.rows)
        let share = 1 / Scalar(Swift.max(1, predicted.storage.count))
        var loss: Scalar = 0
        for index in predicted.storage.indices {
            let difference = predicted.storage[index] - target.storage[index]
            loss += share * difference * difference
            gradient.storage[index] = 2 * weight * share * difference
        }
        return loss
    }

    private static func check<Scalar: KernelScalar>(
        _ predicted: Matrix<Scalar>, _ target: Matrix<Scalar>, _ gradient: Matrix<Scalar>
    ) {
        precondition(
            predicted.rows == target.rows && predicted.columns == target.columns
                && gradient.columns == predicted.columns,
            "Alignment: expected equal shapes, got (\(predicted.rows), \(predicted.columns)), (\(target.rows), \(target.columns))"
        )
    }
}

/// The alignment of two modalities without negatives (LeVLJEPA, 2026): each predicts the other's embedding, which
/// stands still (no gradient), and SIGReg keeps both from collapsing: small batches are enough.
package struct LeVLJEPA<Scalar: KernelScalar>: Sendable {
    /// Weight of each SIGReg term, as published.
    package static var publishedLambda: Double { 0.02 }

    /// What the two towers and their predictors gave for one batch, each (B, D), not normalised.
    package struct Batch: Sendable {
        package var image: Matrix<Scalar>
        package var text: Matrix<Scalar>
        /// The text's embedding as predicted from the image, and the image's as predicted from the text.
        package var textFromImage: Matrix<Scalar>
        package var imageFromText: Matrix<Scalar>

        package init(
            image: Matrix<Scalar>, text: Matrix<Scalar>, textFromImage: Matrix<Scalar>, imageFromText: Matrix<Scalar>
        ) {
            self.image = image
            self.text = text
            self.textFromImage = textFromImage
            self.imageFromText = imageFromText
        }
    }

    /// Mean square of (textFromImage − text) + that of (imageFromText − image) + λ · (SIGReg(image) + SIGReg(text)).
    ///
    /// `gradient` receives d loss / d of all four, times `weight`; image and text get theirs from SIGReg alone.
    /// `directions` (D, M) as from `SIGReg.directions`.
    package static func loss(
        _ batch: Batch, directions: Matrix<Scalar>, lambda: Scalar, weight: Scalar, gradient: inout Batch
    ) -> Scalar {
        var loss = Alignment.squares(
            predicted: batch.textFromImage, target: batch.text, weight: weight, gradient: &gradient.textFromImage)
        loss += Alignment.squares(
            predicted: batch.imageFromText, target: batch.image, weight: weight, gradient: &gradient.imageFromText)
        loss +=
            lambda
            * SIGReg.loss(
                embeddings: batch.image, directions: directions, weight: weight * lambda, gradient: &gradient.image)
        loss +=
            lambda
            * SIGReg.loss(
                embeddings: batch.text, directions: directions, weight: weight * lambda, gradient: &gradient.text)
        return loss
    }
}
