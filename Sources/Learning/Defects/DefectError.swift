import Imaging

/// Why a drop or data set could not be written.
package enum DefectError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The request makes no sense; `what` says the value, the expected range and the place.
    case invalidRequest(what: String)
    /// The target folder holds files already; nothing is ever overwritten.
    case notEmpty(folder: String)
    /// The file system refused.
    case notWritable(path: String, reason: String)
    /// A rendered picture could not be encoded.
    case notEncodable(path: String, ImageError)

    package var description: String {
        switch self {
        case .invalidRequest(let what): what
        case .notEmpty(let folder):
            "\(folder): expected a new or empty folder, found files in it; name another folder or empty this one"
        case .notWritable(let path, let reason):
            "\(path): expected to write here, got: \(reason); check the folder's permissions and the free space"
        case .notEncodable(let path, let error): "\(path): \(error)"
        }
    }
}
