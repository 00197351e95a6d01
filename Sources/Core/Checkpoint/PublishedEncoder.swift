import Network
import Numerics

/// A vision transformer under the tensor names that its makers published: what its file says of its shape, and its
/// numbers.
package struct PublishedEncoder: Sendable {
    package let family: EncoderFamily
    /// Whose names the tensors have.
    package let namesOwner: String
    package let shape: EncoderShape
    package let normalisation: PixelNormalisation
    private let file: SafetensorsFile
    private let names: TensorNames
    private let prefix: String

    /// Reads the shape and checks that every tensor of an encoder of that shape is there, and none besides that would
    /// change what it computes.
    package init(_ file: SafetensorsFile) throws(CheckpointError) {
        try self.init(file, declared: DeclaredNumbers(file))
    }

    /// The same with what a configuration beside the file says in place of the file's metadata.
    init(_ file: SafetensorsFile, declared: DeclaredNumbers) throws(CheckpointError) {
        self.file = file
        let found = try Self.recognised(file)
        names = found.names
        prefix = found.prefix
        namesOwner = names.owner
        let reader = ShapeReader(file: file, names: names, prefix: prefix)
        let measured = try reader.shape(declaredHeads: declared.heads)
        let traits = try EncoderTraits(measured, reader: reader, declared: declared)
        shape = traits.shape
        family = traits.family
        normalisation = traits.normalisation
        try reader.require(shape, nearest: "\(family.name) in the names of \(names.owner)")
    }

    /// Copies the encoder's numbers into a model whose encoder has at most this depth; throws when it has another shape.
    package func load<Scalar: KernelScalar>(into model: inout InspectionModel<Scalar>) throws(CheckpointError) {
        for parameter in model.layout.parameters where parameter.name.hasPrefix("encoder.") {
            let name = String(parameter.name.dropFirst("encoder.".count))
            model.store[parameter] = try numbers(parameter, named: name, shape: model.shape.encoder)[...]
        }
    }

    /// Copies the encoder's numbers to the parameters of an encoder of the published shape that lie in `store` below
    /// `prefix`; what else lies there stays.
    func load<Scalar: KernelScalar>(
        into store: inout ParameterStore<Scalar>, layout: ParameterLayout, prefix: String
    ) throws(CheckpointError) {
        var own = ParameterLayout()
        _ = Encoder(&own, prefix: prefix, shape: shape)
        let names = Set(own.parameters.map(\.name))
        for parameter in layout.parameters where names.contains(parameter.name) {
            let name = String(parameter.name.dropFirst(prefix.count))
            store[parameter] = try numbers(parameter, named: name, shape: shape)[...]
        }
    }

    /// The numbers of one of `Encoder`'s parameters, (rows · columns).
    private func numbers<Scalar: KernelScalar>(
        _ parameter: Parameter, named name: String, shape: EncoderShape
    ) throws(CheckpointError) -> [Scalar] {
        let reader = ShapeReader(file: file, names: names, prefix: prefix)
        let published = reader.published(parameter, named: name, shape: shape)
        guard !published.isEmpty else {
            throw .foreign(
                file: file.path, missing: [name], missingCount: 1, found: Array(file.names.prefix(8)),
                foundCount: file.names.count)
        }
        var result: [Scalar] = []
        result.reserveCapacity(parameter.count)
        for (theirs, dimensions) in published {
            for number in try file.floats(theirs, expectedShape: dimensions) { result.append(Scalar(number)) }
        }
        return result
    }

    /// The names that fit, and what stands before them: every tensor that such an encoder always has must be there.
    private static func recognised(
        _ file: SafetensorsFile
    ) throws(CheckpointError) -> (names: TensorNames, prefix: String) {
        var nearest = (names: TensorNames.timm, expected: [String](), missing: [String](), share: -1)
        for names in TensorNames.all {
            for prefix in names.prefixes {
                let expected = TensorNames.always.flatMap { names.theirs($0, prefix: prefix) }
                let missing = expected.filter { file.shape($0) == nil }
                if missing.isEmpty { return (names, prefix) }
                // In percent; at a tie the names without anything before them are what people know.
                let share = 100 * (expected.count - missing.count) / expected.count
                if share > nearest.share
                    || share == nearest.share && prefix.isEmpty && names.owner == nearest.names.owner
                {
                    nearest = (names, expected, missing, share)
                }
            }
        }
        let gated = ["mlp.weights_in.weight", "mlp.w12.weight"]  // transformers' and the authors' names
        if file.names.contains(where: { name in gated.contains { name.hasSuffix($0) } }) {
            throw .unsupportedEncoder(file: file.path, reason: ShapeReader.gatedReason)
        }
        throw .unknownEncoder(
            file: file.path, nearest: "the names of \(nearest.names.owner)", expected: nearest.expected,
            missing: nearest.missing, wrong: [], unexpected: [], found: Array(file.names.prefix(8)),
            foundCount: file.names.count)
    }
}

/// What the tensors alone leave open: the family, and with it the normalisation, ε, the activation and how positions are
/// interpolated.
private struct EncoderTraits {
    let family: EncoderFamily
    let shape: EncoderShape
    let normalisation: PixelNormalisation

    init(_ measured: EncoderShape, reader: ShapeReader, declared: DeclaredNumbers) throws(CheckpointError) {
        var shape = measured
        let usual: PixelNormalisation?
        switch reader.names.owner {
        case TensorNames.transformersCLIP.owner:
            family = .clip
            usual = .clip
            shape.epsilon = 1e-5
            shape.activation = .quickGELU
        case TensorNames.transformersDINOv2.owner:
            family = .dinov2
            usual = .imageNet
            // The two classes differ in this: only the one with registers asks for antialias=True.
            if shape.registerTokens > 0 { shape.interpolation = .antialiasedBicubic }
        case TensorNames.transformersViT.owner:
            family = shape.hasClassToken ? .vit : .imageJEPA
            usual = shape.hasClassToken ? .half : .imageNet
            if shape.hasClassToken { shape.epsilon = 1e-12 }
        default:
            shape.interpolation = .antialiasedBicubic
            if shape.hasPreNorm {
                guard declared.activation != nil else {
                    throw .unsupportedEncoder(
                        file: reader.file.path,
                        reason: "timm's names do not say whether this CLIP was trained with GELU or QuickGELU; take "
                            + "transformers' CLIPVisionModel, or say hidden_act (\"gelu\" or \"quick_gelu\") in the "
                            + "file's metadata")
                }
                family = .clip
                usual = .clip
                shape.epsilon = 1e-5
            } else {
                (family, usual) = Self.timmFamily(shape, prefix: reader.prefix)
            }
        }
        if let activation = declared.activation { shape.activation = activation }
        if let epsilon = declared.epsilon { shape.epsilon = epsilon }
        guard let normalisation = declared.normalisation ?? usual else {
            throw .unsupportedEncoder(
                file: reader.file.path,
                reason:
                    "no known encoder has \(shape.registerTokens) register tokens beside a class token, so nothing says "
                    + "how its pixels were normalised; say image_mean and image_std (\"[0.5, 0.5, 0.5]\") in the file's "
                    + "metadata")
        }
        self.normalisation = normalisation
        self.shape = shape
    }

    /// What timm publishes under one and the same names, told apart as its registry of pretrained models allows.
    private static func timmFamily(_ shape: EncoderShape, prefix: String) -> (EncoderFamily, PixelNormalisation?) {
        if !shape.hasClassToken {
            // I-JEPA was published as ViT-H and ViT-g; the smaller ones without class token are SigLIP's and timm's own.
            let isJEPA = !prefix.isEmpty || [1280, 1408].contains(shape.width)
            return shape.registerTokens == 0 && !shape.hasLayerScale && isJEPA ? (.imageJEPA, .imageNet) : (.vit, .half)
        }
        if shape.hasLayerScale {
            // Without registers and with patches of another size it is DeiT III, on ImageNet's numbers too.
            let isPublished = shape.registerTokens == 0 || shape.registerTokens == 4
            return (shape.patchSize == 14 ? .dinov2 : .vit, isPublished ? .imageNet : nil)
        }
        return (.vit, shape.registerTokens == 0 ? .half : nil)
    }
}
