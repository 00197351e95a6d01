/// Why bytes did not become a picture, or a picture not bytes. `description` is a sentence for people: what was found,
/// what was expected, what to do.
package enum ImageError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The content is no PNG, JPEG or BMP; `found` names what it is.
    case unknownFormat(found: String)
    case tooManyBytes(found: Int, limit: Int)
    case tooManyPixels(width: Int, height: Int, limit: Int)
    case tooManyChunks(limit: Int)
    case tooManyScans(limit: Int)
    /// A sound file of a kind that is not read.
    case unsupported(ImageFormat, what: String)
    /// The data is broken or ends early.
    case damaged(ImageFormat, what: String)
    case outOfMemory(ImageFormat)
    /// The picture cannot be written in that format.
    case notWritable(ImageFormat, what: String)

    package var description: String {
        switch self {
        case .unknownFormat(let found):
            "expected a PNG, JPEG or BMP image, found \(found); convert it or remove it from the drop"
        case .tooManyBytes(let found, let limit):
            "expected a file of at most \(limit) bytes, found \(found); raise the limit if the camera is this large"
        case .tooManyPixels(let width, let height, let limit):
            "expected at most \(limit) pixels, found a header of \(width) x \(height); raise the limit if the camera is this large"
        case .tooManyChunks(let limit):
            "expected a PNG of at most \(limit) chunks, found more; write the file again with fewer, larger chunks"
        case .tooManyScans(let limit):
            "expected a JPEG of at most \(limit) scans, found more; write the file again as a baseline JPEG"
        case .unsupported(let format, let what):
            "found a \(format.name) of a kind that is not read: \(what); write it as 8-bit PNG, JPEG or BMP"
        case .damaged(let format, let what):
            "expected a whole \(format.name), found a damaged one: \(what); copy the file again from the camera"
        case .outOfMemory(let format):
            "expected memory to decode the \(format.name), found none left; run with fewer workers or a lower pixel limit"
        case .notWritable(let format, let what):
            "expected a picture that fits a \(format.name), found \(what)"
        }
    }
}
