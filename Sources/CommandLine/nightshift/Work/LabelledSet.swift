import Evaluation
import Foundation
import Imaging

/// Pictures whose truth is known: a set in MVTec layout, a folder of such sets, or a rendered drop with its truth.csv.
package struct LabelledSet: Sendable {
    /// One picture.
    package struct Picture: Sendable {
        package let path: String
        /// Its path inside the set, for people.
        package let name: String
        /// Kind of defect; nil = a good part.
        package let kind: String?
        /// Grey above 127 = defect; nil = none.
        package let maskPath: String?
    }

    /// The set's folder.
    package let path: String
    package let pictures: [Picture]

    /// The test part of a set in MVTec layout.
    package init(_ dataset: DatasetFolder) {
        path = dataset.path
        pictures = dataset.test.map { .init(path: $0.path, name: $0.name, kind: $0.kind, maskPath: $0.maskPath) }
    }

    /// What lies at `folder`: a drop's truth, beside or below it, or else a set in MVTec layout or a folder of such sets.
    package init(folder: String) throws(VerbError) {
        let folder = Presence.absolute(folder)
        let tables = [folder, folder + "-truth", folder + "/drop-truth"].map { $0 + "/truth.csv" }
        if let table = tables.first(where: Presence.isFile) {
            try self.init(truthTable: table)
            return
        }
        do throws(EvaluationError) {
            let sets = try DatasetFolder.sets(at: folder)
            self.init(
                path: folder,
                pictures: sets.flatMap { inside in
                    inside.set.test.map {
                        .init(path: $0.path, name: inside.prefix + $0.name, kind: $0.kind, maskPath: $0.maskPath)
                    }
                })
        } catch {
            throw .failed(
                "\(error.description) A rendered drop is known by its truth.csv, which is in neither "
                    + "\(folder) nor \(folder)-truth.")
        }
    }

    private init(path: String, pictures: [Picture]) {
        self.path = path
        self.pictures = pictures
    }

    /// A drop's truth.csv in `<drop>-truth/`. Rows without a part are left out.
    private init(truthTable: String) throws(VerbError) {
        let truthFolder = (truthTable as NSString).deletingLastPathComponent
        guard truthFolder.hasSuffix("-truth") else {
            throw .failed("\(truthTable): expected it in a folder named DROP-truth beside the drop")
        }
        path = String(truthFolder.dropLast("-truth".count))
        let text: String
        do { text = try String(contentsOfFile: truthTable, encoding: .utf8) } catch {
            throw .failed("\(truthTable): cannot be read: \(error.localizedDescription)")
        }
        var rows = CommaText.rows(text)
        let head = rows.isEmpty ? [] : rows.removeFirst()
        let columns = ["path", "label", "defect", "mask"].map { head.firstIndex(of: $0) ?? -1 }
        guard !columns.contains(-1) else {
            throw .failed("\(truthTable): expected columns path, label, defect and mask, got \(head)")
        }
        var pictures: [Picture] = []
        for (number, row) in rows.enumerated() {
            guard row.count == head.count else {
                throw .failed("\(truthTable): row \(number + 2): expected \(head.count) columns, got \(row.count)")
            }
            let cells = columns.map { row[$0] }
            guard cells[1] == "good" || cells[1] == "defective" else { continue }
            pictures.append(
                Picture(
                    path: path + "/" + cells[0], name: cells[0],
                    kind: cells[1] == "good" ? nil : cells[2].isEmpty ? "defective" : cells[2],
                    maskPath: cells[3].isEmpty ? nil : truthFolder + "/" + cells[3]))
        }
        guard !pictures.isEmpty else { throw .failed("\(truthTable): expected rows of parts, got none") }
        self.pictures = pictures
    }

    /// A picture's mask, grey; nil where it has none.
    package static func mask(of picture: Picture) throws(VerbError) -> Image? {
        guard let path = picture.maskPath else { return nil }
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw .failed("\(path): expected the mask of \(picture.name), cannot read it")
        }
        do throws(ImageError) { return try Image.decode(bytes).greyscale() } catch {
            throw .failed("\(path): expected a mask: \(error.description)")
        }
    }
}
