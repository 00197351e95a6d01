import Defects
import Evaluation
import Foundation
import Imaging

/// Defects of a line that somebody has seen and marked: pictures with masks and words, from a folder in MVTec's layout.
///
///     test/<kind>/<name>.png                  the picture
///     ground_truth/<kind>/<name>_mask.png     as large as the picture, grey above 127 on the defect
///     captions.csv                            optional: columns path and caption, others are passed over
///
/// A row of captions.csv tells a picture ("test/cut/003.png", several rows for several sentences) or, with a kind's folder
/// ("test/cut"), another name of the kind. Without rows the folder's name is all that is said. `test/good` and `train` are
/// passed over. A folder may also hold several such sets, one in each of its folders.
package struct KnownDefects: Sendable {
    /// One picture with one defect of known kind.
    package struct Picture: Sendable {
        /// Its path inside the folder, for people.
        package let name: String
        /// The files of picture and mask as they are: decoded, hundreds would take all memory.
        package let bytes: Data
        package let mask: Data
        /// The `Kind.name`.
        package let kind: String
        /// Sentences about it, one at least.
        package let captions: [String]
    }

    /// A kind of defect by its folder.
    package struct Kind: Sendable, Equatable {
        /// Equal for folders that mean the same; a painted kind's raw value where it is one of those.
        package let name: String
        /// What regions are called.
        package let label: String
        /// All that stands for the kind, the label first.
        package let phrases: [String]
    }

    package let pictures: [Picture]
    /// Kinds with a picture at least, in the order of their names.
    package let kinds: [Kind]

    /// What captions.csv may hold.
    static let longestCaption = 1000
    static let largestTable = 10_000_000

    /// Reads and checks everything, so that what is wrong is known before anything is trained.
    ///
    /// - Parameters:
    ///   - limits: of pictures and masks.
    ///   - skipped: hears, with its path and the reason, of each picture that is left out: no mask, an empty one or one of
    ///     another size, an unreadable file.
    /// - Throws: where the folder, the table or all of the pictures are unusable.
    package static func read(
        _ folder: String, limits: DecodeLimits, skipped: (_ path: String, _ why: String) -> Void
    ) throws(KnownDefectsError) -> KnownDefects {
        let sets: [(prefix: String, set: DatasetFolder)]
        do throws(EvaluationError) { sets = try DatasetFolder.sets(at: folder) } catch { throw .layout(error) }
        var (pictures, kinds): ([Picture], [String: Kind]) = ([], [:])
        for (prefix, set) in sets {
            let images = set.test.filter { $0.kind != nil }
            let table = try CaptionTable(folder: set.path, known: images, skipped: skipped)
            for image in images {
                guard let folderName = image.kind else { continue }
                try check(folderName, set.path + "/test/" + folderName)
                let kind = kind(of: folderName, names: table.names[folderName] ?? [], before: kinds)
                let loaded: (bytes: Data, mask: Data)
                do throws(Unusable) { loaded = try files(of: image, limits: limits) } catch {
                    skipped(error.path, error.why)
                    continue
                }
                kinds[kind.name] = kind
                pictures.append(
                    Picture(
                        name: prefix + image.name, bytes: loaded.bytes, mask: loaded.mask, kind: kind.name,
                        captions: table.captions[image.name] ?? kind.phrases))
            }
        }
        guard !pictures.isEmpty else { throw .noPictures(path: folder) }
        return KnownDefects(pictures: pictures, kinds: kinds.keys.sorted().compactMap { kinds[$0] })
    }

    /// The kind that a folder's name means: a painted one where it is called so, else its own.
    private static func kind(of folder: String, names: [String], before: [String: Kind]) -> Kind {
        let label = folder.replacingOccurrences(of: "_", with: " ")
        let painted = PaintedKind.allCases.first {
            $0.rawValue == folder.lowercased() || $0.wordings.trained[0] == label.lowercased()
        }
        let name = painted?.rawValue ?? folder
        var phrases = before[name]?.phrases ?? painted?.wordings.trained ?? [label]
        for phrase in names where !phrases.contains(phrase) { phrases.append(phrase) }
        return Kind(name: name, label: phrases[0], phrases: phrases)
    }

    private static func check(_ kind: String, _ path: String) throws(KnownDefectsError) {
        guard kind.utf8.count <= 200, !CaptionTable.isHostile(kind) else {
            throw .badKind(path: path)
        }
    }

    // MARK: - Files

    private struct Unusable: Error {
        let path: String
        let why: String
    }

    private static func files(
        of image: DatasetFolder.TestImage, limits: DecodeLimits
    ) throws(Unusable) -> (bytes: Data, mask: Data) {
        let (bytes, picture) = try decoded(image.path, limits)
        guard let maskPath = image.maskPath else {
            let expected = image.name.replacingOccurrences(of: "test/", with: "ground_truth/")
            let stem = (expected as NSString).deletingPathExtension
            throw Unusable(path: image.path, why: "expected its mask at \(stem)_mask.png, got none")
        }
        let (maskBytes, mask) = try decoded(maskPath, limits)
        guard mask.width == picture.width, mask.height == picture.height else {
            throw Unusable(
                path: maskPath,
                why:
                    "expected a mask as large as its picture, \(picture.width) x \(picture.height), got \(mask.width) x "
                    + "\(mask.height)")
        }
        guard mask.greyscale().pixels.contains(where: { $0 > 127 }) else {
            throw Unusable(path: maskPath, why: "expected grey above 127 on the defect, got none: the mask is empty")
        }
        return (bytes, maskBytes)
    }

    private static func decoded(_ path: String, _ limits: DecodeLimits) throws(Unusable) -> (Data, Image) {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw Unusable(path: path, why: "cannot be read")
        }
        do throws(ImageError) { return (bytes, try Image.decode(bytes, limits: limits)) } catch {
            throw Unusable(path: path, why: error.description)
        }
    }
}

/// Why a folder of known defects cannot be used.
package enum KnownDefectsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// It is not in MVTec's layout.
    case layout(EvaluationError)
    /// A kind's folder has a name that nothing can be called.
    case badKind(path: String)
    /// captions.csv is not a table of captions; `row` counts from 1, the head.
    case badTable(path: String, row: Int, problem: String)
    /// Every picture was left out.
    case noPictures(path: String)

    package var description: String {
        switch self {
        case .layout(let error): "language.examples: \(error.description)"
        case .badKind(let path):
            "language.examples: \(path): expected a name of at most 200 bytes without control characters for a kind of "
                + "defect; rename the folder"
        case .badTable(let path, let row, let problem): "language.examples: \(path), row \(row): \(problem)"
        case .noPictures(let path):
            "language.examples: \(path): expected a picture with its mask at least "
                + "(test/KIND/NAME.png, ground_truth/KIND/NAME_mask.png), got none that can be used"
        }
    }
}
