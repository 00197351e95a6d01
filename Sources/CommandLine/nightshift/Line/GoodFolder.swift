import Foundation
import Imaging
import Recipe

/// A folder of good images, looked at for `init` and `benchmark`.
package struct GoodFolder: Sendable {
    package let path: String

    /// What was seen: the facts, and a sentence per file that could not be read.
    package struct Sight: Sendable {
        package let facts: GoodImageFacts
        package let unreadable: [String]
    }

    package init(path: String) { self.path = path }

    /// Regular files below the folder whose names end like images, in the order of their paths; links and hidden files
    /// are left out.
    package func files() throws(VerbError) -> [URL] {
        let folder = URL(fileURLWithPath: path, isDirectory: true)
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder)
        guard exists, isFolder.boolValue else {
            throw .failed("expected a folder of good images at \(folder.path), got \(exists ? "a file" : "nothing")")
        }
        let keys: [URLResourceKey] = [.isRegularFileKey]
        guard
            let walk = FileManager.default.enumerator(
                at: folder, includingPropertiesForKeys: keys, options: [.skipsHiddenFiles])
        else {
            throw .failed("cannot list \(folder.path)")
        }
        var files: [URL] = []
        for case let url as URL in walk {
            guard ["png", "jpg", "jpeg", "bmp"].contains(url.pathExtension.lowercased()),
                (try? url.resourceValues(forKeys: Set(keys)))?.isRegularFile == true
            else { continue }
            files.append(url)
        }
        return files.sorted { $0.path < $1.path }
    }

    /// Decodes every image and measures the facts a recipe is proposed from. Files that cannot be read are counted, not
    /// fatal; no readable image at all is.
    package func measure(_ console: Console) throws(VerbError) -> Sight {
        let files = try files()
        guard !files.isEmpty else {
            throw .failed("expected PNG, JPEG or BMP files of good parts below \(path), got none")
        }
        let bar = ProgressBar("looking", total: Double(files.count), console: console)
        var pictures: [GoodImageFacts.Picture] = []
        var unreadable: [String] = []
        for (index, file) in files.enumerated() {
            if Interruption.isRequested { throw .interrupted("stopped; nothing was written") }
            switch picture(file) {
            case .success(let picture): pictures.append(picture)
            case .failure(let problem): unreadable.append("\(file.path): \(problem.sentence)")
            }
            bar.update(Double(index + 1))
        }
        bar.finish()
        guard !pictures.isEmpty else {
            throw .failed("none of the \(files.count) files below \(path) can be read; the first: \(unreadable[0])")
        }
        return Sight(
            facts: GoodImageFacts(pictures: pictures, unreadable: unreadable.count), unreadable: unreadable)
    }

    private struct Problem: Error { let sentence: String }

    private func picture(_ file: URL) -> Result<GoodImageFacts.Picture, Problem> {
        let data: Data
        do { data = try Data(contentsOf: file) } catch {
            return .failure(Problem(sentence: error.localizedDescription))
        }
        do throws(ImageError) {
            let image = try Image.decode(data)
            let side = GoodImageFacts.thumbnailSide
            let small = image.greyscale().resized(width: side, height: side)
            return .success(
                GoodImageFacts.Picture(
                    width: image.width, height: image.height, format: ImageFormat.sniff(data)?.name ?? "unknown",
                    channels: image.channels, thumbnail: small.pixels.map { Float($0) / 255 }))
        } catch {
            return .failure(Problem(sentence: "\(error)"))
        }
    }
}
