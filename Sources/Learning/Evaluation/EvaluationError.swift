/// Why a test set cannot be used.
package enum EvaluationError: Error, Sendable, Equatable {
    /// A folder of the layout is missing or is no folder.
    case missingFolder(path: String)
    /// A folder that must hold images holds none.
    case noImages(path: String)
    /// A folder or file could not be read.
    case unreadable(path: String, reason: String)
    /// A mask is no readable image.
    case badMask(path: String, reason: String)
}

extension EvaluationError: CustomStringConvertible {
    private static let layout =
        "train/good, test/good, test/<kind of defect> and, for pixel figures, ground_truth/<kind>/<stem>_mask.png"

    package var description: String {
        switch self {
        case .missingFolder(let path): "\(path): there is no such folder. A test set needs \(Self.layout)."
        case .noImages(let path):
            "\(path): expected images (.png, .jpg, .jpeg or .bmp), got none. A test set needs \(Self.layout)."
        case .unreadable(let path, let reason): "\(path): cannot be read: \(reason). Check its permissions."
        case .badMask(let path, let reason):
            "\(path): expected a mask, a picture with grey above 127 on the defect: \(reason)."
        }
    }
}
