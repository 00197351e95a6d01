import Handover
import Imaging

/// The second stage: bytes of an intake become a picture in the model's normalisation.
///
/// Training and inspection both prepare pictures here, so their preprocessing cannot drift apart.
package struct Decoder: Sendable {
    /// Pictures with a smaller side say nothing about a part: one patch of the model is as large.
    package static let smallestSide = 16

    package let limits: DecodeLimits
    /// Size of the model's input in pixels; multiples of `patchSize`.
    package let inputWidth: Int
    package let inputHeight: Int
    package let patchSize: Int
    /// Of the red, green and blue planes in 0…1.
    package let mean: [Float]
    package let standardDeviation: [Float]

    /// Traps unless the input sides are positive multiples of the patch size and `mean` and `standardDeviation` hold three
    /// numbers each, the latter above 0.
    package init(
        limits: DecodeLimits, inputWidth: Int, inputHeight: Int, patchSize: Int, mean: [Float],
        standardDeviation: [Float]
    ) {
        precondition(
            patchSize > 0 && inputWidth > 0 && inputHeight > 0 && inputWidth % patchSize == 0
                && inputHeight % patchSize == 0,
            "Decoder: expected input sides that are multiples of the patch size \(patchSize), got \(inputWidth) x \(inputHeight)"
        )
        precondition(
            mean.count == 3 && standardDeviation.count == 3 && standardDeviation.allSatisfy { $0 > 0 },
            "Decoder: expected 3 means and 3 deviations above 0, got \(mean) and \(standardDeviation)")
        self.limits = limits
        self.inputWidth = inputWidth
        self.inputHeight = inputHeight
        self.patchSize = patchSize
        self.mean = mean
        self.standardDeviation = standardDeviation
    }

    /// Decodes the bytes by their content, whatever the extension says. Every bad file is a quarantined rejection; only a
    /// lack of memory is deferred, since the next run may have more.
    package func decode(_ intake: Intake) throws(Rejection) -> DecodedImage {
        let picture: Image
        do {
            picture = try Image.decode(intake.bytes, limits: limits)
        } catch {
            throw Rejection(
                stage: .decode, outcome: error.outcome, reason: error.reason, sentence: "\(intake.path): \(error)")
        }
        guard min(picture.width, picture.height) >= Self.smallestSide else {
            throw Rejection(
                stage: .decode, outcome: .quarantined, reason: .tooSmall,
                sentence:
                    "\(intake.path): expected a picture of at least \(Self.smallestSide) x \(Self.smallestSide) pixels, found \(picture.width) x \(picture.height)"
            )
        }
        let (pixels, geometry) = prepare(picture)
        return DecodedImage(intake: intake, picture: picture, pixels: pixels, geometry: geometry)
    }

    /// Stretches the whole picture to the input size (antialiased bicubic, unrounded) and normalises each plane to
    /// (v - mean) / standardDeviation. Returns (3, inputHeight, inputWidth) row-major planes.
    package func prepare(_ picture: Image) -> (pixels: [Float], geometry: Geometry) {
        var planes = picture.planes(width: inputWidth, height: inputHeight, filter: .bicubic)
        let count = inputWidth * inputHeight
        for channel in 0..<3 {
            let shift = mean[channel]
            let scale = 1 / standardDeviation[channel]
            for index in channel * count..<(channel + 1) * count { planes[index] = (planes[index] - shift) * scale }
        }
        let geometry = Geometry(
            originalWidth: picture.width, originalHeight: picture.height, inputWidth: inputWidth,
            inputHeight: inputHeight, patchSize: patchSize)
        return (planes, geometry)
    }
}

extension ImageError {
    fileprivate var outcome: Rejection.Outcome {
        if case .outOfMemory = self { .deferred } else { .quarantined }
    }

    fileprivate var reason: Rejection.Reason {
        switch self {
        case .unknownFormat: .unknownFormat
        case .tooManyBytes: .tooManyBytes
        case .tooManyPixels: .tooManyPixels
        case .tooManyChunks: .tooManyChunks
        case .tooManyScans: .tooManyScans
        case .unsupported: .unsupportedVariant
        case .damaged: .damaged
        // Memory is short for now, not the file wrong; the closed list has no nearer word.
        case .outOfMemory: .noSpace
        // Decoding never writes; the case belongs to the same closed enum.
        case .notWritable: .unsupportedVariant
        }
    }
}
