import Foundation
import Imaging

/// A test set in MVTec AD's layout: `train/good`, `test/<kind>`, `ground_truth/<kind>/<stem>_mask.png`.
///
/// Also read, as other published sets have them: `ok` for `good`, and masks named `<stem>` or of another image type.
/// Images are .png, .jpg, .jpeg and .bmp in any case, listed in the order of their names; hidden files are passed over.
package struct DatasetFolder: Sendable {
    /// One picture to inspect.
    package struct TestImage: Sendable, Equatable {
        /// The file's path.
        package let path: String
        /// Its path inside the set: "test/<kind>/<file>".
        package let name: String
        /// The kind of defect; nil: a good part.
        package let kind: String?
        /// Its mask's path; nil on a good part, and where there is none.
        package let maskPath: String?
    }

    package let path: String
    /// Paths of the good images to train on; empty when the set was opened without them.
    package let train: [String]
    /// Good images first, then kind by kind.
    package let test: [TestImage]

    /// Lists the set at `path`. `needsTraining`: whether `train/good` must be there with images.
    package init(path: String, needsTraining: Bool = true) throws(EvaluationError) {
        self.path = path
        guard Self.isFolder(path) else { throw .missingFolder(path: path) }
        var train: [String] = []
        if needsTraining {
            let folder = Self.goodNames.map { "\(path)/train/\($0)" }.first(where: Self.isFolder)
            guard let folder else { throw .missingFolder(path: "\(path)/train/good") }
            train = try Self.images(in: folder).map { "\(folder)/\($0)" }
            if train.isEmpty { throw .noImages(path: folder) }
        }
        self.train = train

        let testFolder = path + "/test"
        guard Self.isFolder(testFolder) else { throw .missingFolder(path: testFolder) }
        let kinds = try Self.entries(of: testFolder).filter { Self.isFolder("\(testFolder)/\($0)") }
        let good = kinds.filter(Self.goodNames.contains)
        var test: [TestImage] = []
        for folder in good + kinds.filter({ !Self.goodNames.contains($0) }) {
            let isGood = Self.goodNames.contains(folder)
            let masks = isGood ? [:] : try Self.masks(in: "\(path)/ground_truth/\(folder)")
            for file in try Self.images(in: "\(testFolder)/\(folder)") {
                let stem = Self.stem(file)
                test.append(
                    TestImage(
                        path: "\(testFolder)/\(folder)/\(file)", name: "test/\(folder)/\(file)",
                        kind: isGood ? nil : folder, maskPath: masks[stem + "_mask"] ?? masks[stem]))
            }
        }
        if test.isEmpty { throw .noImages(path: testFolder) }
        self.test = test
    }

    /// The test images at `path`: those of the set that it is, or of the sets that its folders are, each with what its
    /// images' names begin with ("" or "<folder>/").
    package static func sets(at path: String) throws(EvaluationError) -> [(prefix: String, set: DatasetFolder)] {
        guard isFolder(path) else { throw .missingFolder(path: path) }
        if !isFolder(path + "/test") {
            let inside = try entries(of: path).filter { isFolder("\(path)/\($0)/test") }
            var sets: [(prefix: String, set: DatasetFolder)] = []
            for name in inside {
                sets.append((name + "/", try DatasetFolder(path: "\(path)/\(name)", needsTraining: false)))
            }
            if !sets.isEmpty { return sets }
        }
        return [("", try DatasetFolder(path: path, needsTraining: false))]
    }

    /// The mask of a test image, grey; nil when it has none.
    package static func mask(of image: TestImage) throws(EvaluationError) -> Image? {
        guard let path = image.maskPath else { return nil }
        let bytes: Data
        do {
            bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw .unreadable(path: path, reason: error.localizedDescription)
        }
        do {
            return try Image.decode(bytes).greyscale()
        } catch {
            throw .badMask(path: path, reason: error.description)
        }
    }

    private static let goodNames = ["good", "ok"]
    private static let extensions: Set<String> = ["png", "jpg", "jpeg", "bmp"]

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    private static func entries(of folder: String) throws(EvaluationError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }.sorted()
        } catch {
            throw .unreadable(path: folder, reason: error.localizedDescription)
        }
    }

    private static func images(in folder: String) throws(EvaluationError) -> [String] {
        try entries(of: folder).filter { extensions.contains(split($0).ending) }
            .filter { !isFolder("\(folder)/\($0)") }
    }

    /// File paths by stem; empty when there is no such folder.
    private static func masks(in folder: String) throws(EvaluationError) -> [String: String] {
        guard isFolder(folder) else { return [:] }
        let files = try images(in: folder).map { (stem($0), "\(folder)/\($0)") }
        return Dictionary(files) { first, _ in first }
    }

    private static func stem(_ file: String) -> String { split(file).stem }

    private static func split(_ file: String) -> (stem: String, ending: String) {
        guard let dot = file.lastIndex(of: ".") else { return (file, "") }
        return (String(file[..<dot]), file[file.index(after: dot)...].lowercased())
    }
}
