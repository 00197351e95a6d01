import Foundation
import Network
import Numerics
import Testing

@testable import Checkpoint

/// Small random encoders of the original libraries, tensor by tensor; `Golden/make_encoders.py` makes the files.
@Suite("Published encoders against the libraries they come from")
struct GoldenEncoderTests {
    /// What the project promises for every tensor, by norm and by greatest number.
    static let tolerance = 1e-4
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Golden/encoders")

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let family: EncoderFamily
        let height: Int
        let width: Int
        /// The published name of the norm behind `final`, without ending.
        let norm: String
        let pixels: PixelNormalisation
        var prefixTokens = 1
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "timm_vit", family: .vit, height: 32, width: 64, norm: "norm", pixels: .half),
        Case(
            name: "timm_vit_registers", family: .vit, height: 48, width: 80, norm: "norm", pixels: .half,
            prefixTokens: 2),
        Case(name: "timm_deit3", family: .vit, height: 48, width: 48, norm: "norm", pixels: .imageNet),
        Case(name: "timm_dinov2", family: .dinov2, height: 42, width: 70, norm: "norm", pixels: .imageNet),
        Case(
            name: "timm_dinov2_reg4", family: .dinov2, height: 56, width: 28, norm: "norm", pixels: .imageNet,
            prefixTokens: 5),
        Case(
            name: "authors_ijepa", family: .imageJEPA, height: 42, width: 56, norm: "target_encoder.module.norm",
            pixels: .imageNet, prefixTokens: 0),
        Case(
            name: "transformers_vit", family: .vit, height: 42, width: 56, norm: "vit.layernorm", pixels: .half),
        Case(
            name: "transformers_dinov2", family: .dinov2, height: 42, width: 70, norm: "layernorm", pixels: .imageNet),
        Case(
            name: "transformers_dinov2_registers", family: .dinov2, height: 42, width: 70, norm: "layernorm",
            pixels: .imageNet, prefixTokens: 5),
        Case(
            name: "transformers_ijepa", family: .imageJEPA, height: 28, width: 56, norm: "layernorm",
            pixels: .imageNet, prefixTokens: 0),
        Case(
            name: "transformers_clip", family: .clip, height: 42, width: 28, norm: "vision_model.post_layernorm",
            pixels: .clip),
    ]

    @Test("Tokens before, after every block and under the last norm", arguments: cases)
    func tokens(made: Case) throws {
        let file = try SafetensorsFile(path: Self.folder.appending(path: "\(made.name).safetensors").path)
        let golden = try SafetensorsFile(path: Self.folder.appending(path: "\(made.name).golden.safetensors").path)
        let published = try PublishedEncoder(file)
        #expect(published.family == made.family && published.normalisation == made.pixels)
        #expect(published.shape.prefixTokens == made.prefixTokens)
        var model = MadeEncoder.model(published.shape)
        try published.load(into: &model)
        let tokens = try Self.run(
            model, input: golden.floats("input", expectedShape: [1, 3, made.height, made.width]), height: made.height,
            width: made.width)
        for (index, ours) in tokens.enumerated() {
            try Self.compare(
                ours, golden, index == 0 ? "embedded" : "block.\(index)", "\(made.name)")
        }

        // The last norm is no part of `Encoder`; it shows that ε is the library's.
        var layout = ParameterLayout()
        let scale = layout.add("scale", columns: published.shape.width, .ones)
        let shift = layout.add("shift", columns: published.shape.width, .zeros)
        var store = ParameterStore<Float>(zerosFor: layout)
        store[scale] = try file.floats("\(made.norm).weight")[...]
        store[shift] = try file.floats("\(made.norm).bias")[...]
        var normed = Matrix<Float>(rows: 0, columns: published.shape.width)
        var moments = Matrix<Float>(rows: 0, columns: 2)
        layerNormForward(
            &normed, statistics: &moments, input: try #require(tokens.last), store: store, scale: scale, shift: shift,
            epsilon: Float(published.shape.epsilon))
        try Self.compare(normed, golden, "final", "\(made.name)")
    }

    /// The tokens before the first block and after each.
    static func run(
        _ model: InspectionModel<Float>, input: [Float], height: Int, width: Int
    ) throws -> [Matrix<Float>] {
        let encoder = model.encoder
        let side = encoder.shape.patchSize
        let (rows, columns) = (height / side, width / side)
        var patches = Matrix<Float>(rows: 0, columns: 3 * side * side)
        encoder.patches(&patches, pixels: input, height: height, width: width)
        let positions: Matrix<Float> = encoder.gridPositions(rows: rows, columns: columns, store: model.store)
        var tokens = Matrix<Float>(rows: 0, columns: encoder.shape.width)
        encoder.embed(&tokens, patches: patches, positions: positions, store: model.store)
        let all = [Array(0..<rows * columns)]
        return (0...encoder.shape.depth).map { depth in
            var pass = Encoder.Activations<Float>(encoder.shape, training: false)
            encoder.forward(
                patchTokens: tokens, subsets: all, depth: depth, store: model.store, activations: &pass,
                training: false)
            return pass.tokens
        }
    }

    private static func compare(
        _ ours: Matrix<Float>, _ golden: SafetensorsFile, _ name: String, _ comment: String
    ) throws {
        let theirs = try golden.floats(name, expectedShape: [ours.rows, ours.columns])
        let difference = zip(ours.storage, theirs).map { Double($0) - Double($1) }
        let byNorm = (difference.reduce(0) { $0 + $1 * $1 } / theirs.reduce(0) { $0 + Double($1) * Double($1) })
            .squareRoot()
        let byGreatest = (difference.map(abs).max() ?? .nan) / Double(theirs.map(abs).max() ?? 0)
        print("golden \(comment) \(name): by norm \(byNorm), by greatest number \(byGreatest)")
        #expect(
            byNorm <= Self.tolerance && byGreatest <= Self.tolerance, "\(comment) \(name): \(byNorm), \(byGreatest)")
    }

    /// Heads of the wrong number, the other activation or interpolation must not pass: the tolerance tells them apart.
    @Test("The tolerance tells a wrong trait")
    func wrongTraits() throws {
        func error(_ name: String, _ height: Int, _ width: Int, _ change: (inout EncoderShape) -> Void) throws -> Double
        {
            let file = try SafetensorsFile(path: Self.folder.appending(path: "\(name).safetensors").path)
            let golden = try SafetensorsFile(path: Self.folder.appending(path: "\(name).golden.safetensors").path)
            let published = try PublishedEncoder(file)
            var shape = published.shape
            change(&shape)
            var model = MadeEncoder.model(shape)
            try published.load(into: &model)
            let tokens = try Self.run(model, input: golden.floats("input"), height: height, width: width)
            let theirs = try golden.floats("block.2")
            let difference = zip(try #require(tokens.last).storage, theirs).map { abs($0 - $1) }.max() ?? 0
            return Double(difference) / Double(theirs.map(abs).max() ?? 1)
        }
        #expect(try error("timm_vit", 32, 64) { _ in } < Self.tolerance)
        #expect(try error("timm_vit", 32, 64) { $0.interpolation = .bicubic } > 10 * Self.tolerance)
        #expect(
            try error("transformers_dinov2", 42, 70) { $0.interpolation = .antialiasedBicubic } > 10 * Self.tolerance)
        #expect(try error("transformers_clip", 42, 28) { $0.activation = .gelu } > 10 * Self.tolerance)
        #expect(try error("timm_vit", 32, 64) { $0.heads = 1 } > 10 * Self.tolerance)
    }
}
