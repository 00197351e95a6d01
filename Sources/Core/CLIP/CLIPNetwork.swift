import Network
import Numerics
import Text

/// The numbers that fix a CLIP that is trained here.
package struct CLIPShape: Sendable, Equatable {
    package var image: EncoderShape
    package var text: LineTextShape

    /// Both towers give embeddings of `text.outputWidth` columns.
    package init(image: EncoderShape, text: LineTextShape) {
        self.image = image
        self.text = text
    }
}

/// Both towers of a CLIP that is trained here, and its temperature, in one layout. Holds places of parameters, no numbers.
package struct CLIPNetwork: Sendable {
    package let layout: ParameterLayout
    package let image: ImageTower
    package let text: LineTextEncoder
    /// ln of the scale of the logits, one number; starts at ln(1 / 0.07).
    package let logScale: Parameter

    package init(_ shape: CLIPShape) {
        var layout = ParameterLayout()
        image = ImageTower(&layout, prefix: "image.", shape: shape.image, outputWidth: shape.text.outputWidth)
        text = LineTextEncoder(&layout, prefix: "text.", shape: shape.text)
        logScale = layout.add("logit_scale", columns: 1, .zeros)
        self.layout = layout
    }

    /// Parameters as their initialisations say, the temperature at CLIP's first.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package func initialised<Scalar: KernelScalar>(using random: inout RandomSource) -> ParameterStore<Scalar> {
        var store = ParameterStore<Scalar>(initialising: layout, using: &random)
        store.values[logScale.offset] = Scalar(InfoNCE.firstLogScale)
        return store
    }
}
