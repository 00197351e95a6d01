import CLIP
import Checkpoint
import Network
import Numerics
import Score

/// What a line that CLIP judges looks with: everything but its calibration.
package struct CLIPSight: Sendable {
    package let winclip: WinCLIP
    /// Whose tokens the CLIP looks at; nil: it looks at pixels.
    package let encoder: TokenEncoder?
    package let inputWidth: Int
    package let inputHeight: Int
    /// Side of a patch in input pixels; WinCLIP's grid is the input's.
    package let patchSize: Int
    package let mean: [Float]
    package let standardDeviation: [Float]

    /// A CLIP that looks at pixels. Traps on one that looks at tokens.
    package init(pixels winclip: WinCLIP) {
        guard let input = winclip.image.pixels else {
            preconditionFailure("CLIPSight: expected a CLIP that looks at pictures")
        }
        self.winclip = winclip
        encoder = nil
        inputWidth = input.side
        inputHeight = input.side
        patchSize = winclip.image.tower.shape.patchSize
        mean = input.mean
        standardDeviation = input.standardDeviation
    }

    /// A CLIP that looks at an encoder's tokens; of the encoder's model nothing else is kept. Traps unless they fit.
    package init(_ winclip: WinCLIP, over encoder: TokenEncoder) {
        precondition(
            winclip.image.tower.shape.inputWidth == encoder.tokenWidth
                && winclip.image.gridRows == encoder.gridRows && winclip.image.gridColumns == encoder.gridColumns,
            "CLIPSight: expected tokens of width \(encoder.tokenWidth) on \(encoder.gridRows) x \(encoder.gridColumns), got "
                + "a CLIP over \(winclip.image.tower.shape.inputWidth ?? 0) on \(winclip.image.gridRows) x \(winclip.image.gridColumns)"
        )
        self.winclip = winclip
        self.encoder = TokenEncoder(
            network: encoder.network.encoderAlone(), lowLevel: encoder.lowLevel, inputWidth: encoder.inputWidth,
            inputHeight: encoder.inputHeight, mean: encoder.mean, standardDeviation: encoder.standardDeviation,
            tiles: encoder.tiles)
        inputWidth = encoder.inputWidth
        inputHeight = encoder.inputHeight
        patchSize = encoder.patchSize
        mean = encoder.mean
        standardDeviation = encoder.standardDeviation
    }

    /// What a card says of it.
    package var card: (architecture: ArchitectureCard, clip: CLIPCard) {
        let tower = winclip.image.tower.shape
        return (
            encoder?.architecture
                ?? ArchitectureCard(
                    network: .encoderAlone(tower), inputWidth: inputWidth, inputHeight: inputHeight, mean: mean,
                    standardDeviation: standardDeviation),
            CLIPCard(
                source: encoder == nil ? .published : .trained, object: winclip.object, tower: tower,
                outputWidth: winclip.image.width, scale: winclip.scale)
        )
    }
}

/// A line that CLIP judges, calibrated.
package struct CLIPLine: Sendable {
    package let sight: CLIPSight
    package let calibration: ScoreCalibration

    package init(sight: CLIPSight, calibration: ScoreCalibration) {
        self.sight = sight
        self.calibration = calibration
    }
}

extension InspectionModel<Float> {
    /// The same encoder beside the smallest predictor that there is: what has no use for predictions keeps no numbers of
    /// them.
    func encoderAlone() -> InspectionModel<Float> {
        var random = RandomSource(seed: 0)
        var result = InspectionModel<Float>(
            shape: .encoderAlone(
                shape.encoder, source: shape.source, targetBlocks: shape.targetBlocks,
                lowLevelWidth: shape.lowLevelWidth), using: &random)
        for parameter in result.encoderParameters {
            guard let own = layout.parameters.first(where: { $0.name == parameter.name }) else {
                preconditionFailure("InspectionModel: no parameter \(parameter.name)")
            }
            result.store[parameter] = store[own]
        }
        result.tokenMean = tokenMean
        result.tokenScale = tokenScale
        return result
    }

    /// The encoder's alone.
    var encoderParameters: [Parameter] { layout.parameters.filter { $0.name.hasPrefix("encoder.") } }
}
