import Files
import Foundation

/// A model on disk: one folder with `card.json`, `weights.safetensors`, `calibration.safetensors` and, where the model
/// has language, `language.safetensors`.
package struct ModelBundle: Sendable {
    package static let cardFile = "card.json"
    package static let weightsFile = "weights.safetensors"
    package static let calibrationFile = "calibration.safetensors"
    package static let languageFile = "language.safetensors"
    /// A card is a page of text; a larger file under its name is something else.
    private static let largestCard = 1_000_000

    package let card: ModelCard
    /// SHA-256 of `card.json`, 64 lower-case hex digits. The card holds the hashes of the other files, so this one
    /// names the whole model.
    package let sha256: String
    package let weights: SafetensorsFile
    /// Statistics of held-out good parts, with JSON strings under its metadata.
    package let calibration: SafetensorsFile
    /// How regions get names; nil on a model without language.
    package let language: SafetensorsFile?

    /// Opens the bundle in `folder`: the card is checked, then each file's bytes against the hash in the card, before
    /// anything else looks at them. A bundle that is being replaced, or whose replacement was cut off by a crash, is
    /// opened as the old one or the new one.
    package init(folder: String) throws(CheckpointError) {
        do { try self.init(reading: folder) } catch {
            // Another process may have replaced the files between the card and them: then the card is another, too.
            switch error {
            case .wrongHash, .unreadable: break
            default: throw error
            }
            try self.init(reading: folder)
        }
    }

    private init(reading folder: String) throws(CheckpointError) {
        let (card, json) = try Self.card(in: folder)
        self.card = card
        sha256 = SHA256.hex(of: json)
        weights = try Self.open(Self.weightsFile, of: card, in: folder)
        calibration = try Self.open(Self.calibrationFile, of: card, in: folder)
        language =
            card.files[Self.languageFile] == nil ? nil : try Self.open(Self.languageFile, of: card, in: folder)
    }

    private static func card(in folder: String) throws(CheckpointError) -> (ModelCard, json: Data) {
        let path = folder + "/" + cardFile
        let json = try SafetensorsFile.mapped(path)
        guard json.count <= largestCard else {
            throw .badCard(file: path, problem: "expected at most \(largestCard) bytes, got \(json.count)")
        }
        return (try ModelCard(json: json, file: path), json)
    }

    /// A file under its own name, or, where a replacement was cut off, under its name as the next one.
    private static func open(
        _ name: String, of card: ModelCard, in folder: String
    ) throws(CheckpointError) -> SafetensorsFile {
        let path = folder + "/" + name
        guard let expected = card.files[name] else {
            throw .badCard(file: folder + "/" + cardFile, problem: "files.\(name) is missing")
        }
        if let next = try? SafetensorsFile.mapped(path + nextSuffix), SHA256.hex(of: next) == expected {
            return try SafetensorsFile(bytes: next, path: path + nextSuffix)
        }
        let bytes = try SafetensorsFile.mapped(path)
        let got = SHA256.hex(of: bytes)
        guard got == expected else { throw .wrongHash(file: path, expected: expected, got: got) }
        return try SafetensorsFile(bytes: bytes, path: path)
    }

    /// `weights.safetensors.next` waits for the card that names it.
    private static let nextSuffix = ".next"

    /// Writes a bundle into `folder`, which must exist, replacing one that is there; returns the card as written.
    ///
    /// The new files are written beside the old ones; the new card takes the old one's place in one step, and from then
    /// on the bundle is the new one; last the files get their names. A process killed at any moment leaves a bundle that
    /// opens: the old one, or the new one. One writer at a time: the caller holds a lock.
    /// - Parameter afterStep: hears of each step that is on the disk, counted from 1.
    @discardableResult
    package static func write(
        _ card: ModelCard, weights: SafetensorsWriter, calibration: SafetensorsWriter,
        language: SafetensorsWriter? = nil, to folder: String,
        afterStep: (Int) -> Void = { _ in }
    ) throws(CheckpointError) -> ModelCard {
        let cardPath = folder + "/" + cardFile
        if let problem = card.problem { throw .badCard(file: cardPath, problem: problem) }
        var card = card
        var contents = [(weightsFile, weights.encoded()), (calibrationFile, calibration.encoded())]
        if let language { contents.append((languageFile, language.encoded())) }
        card.files = [:]
        for (name, bytes) in contents { card.files[name] = SHA256.hex(of: bytes) }
        let json = try card.encoded(file: cardPath)
        var step = 0
        func done() {
            step += 1
            afterStep(step)
        }
        // Files of a replacement that was cut off after its card belong to the present bundle.
        if let present = try? Self.card(in: folder).0 { try settle(present, in: folder, done: {}) }
        for (name, bytes) in contents {
            try put(bytes, at: folder + "/" + name + nextSuffix)
            done()
        }
        try put(json, at: cardPath)
        done()
        try settle(card, in: folder, done: done)
        return card
    }

    /// Gives the files that `card` names their names, where they still wait.
    private static func settle(
        _ card: ModelCard, in folder: String, done: () -> Void
    ) throws(CheckpointError) {
        for name in [weightsFile, calibrationFile, languageFile] where card.files[name] != nil {
            let path = folder + "/" + name
            guard let next = try? SafetensorsFile.mapped(path + nextSuffix), SHA256.hex(of: next) == card.files[name]
            else { continue }
            guard rename(path + nextSuffix, path) == 0 else {
                throw .unwritable(file: path, reason: String(cString: strerror(errno)))
            }
            do throws(FileError) { try Folder.synchronise(folder) } catch {
                throw .unwritable(file: path, reason: error.description)
            }
            done()
        }
        // A language of the bundle that was replaced belongs to nothing.
        if card.files[languageFile] == nil {
            unlink(folder + "/" + languageFile)
            unlink(folder + "/" + languageFile + nextSuffix)
        }
    }

    private static func put(_ bytes: Data, at path: String) throws(CheckpointError) {
        do throws(FileError) { try AtomicFile.write(bytes, to: path) } catch {
            throw .unwritable(file: path, reason: error.description)
        }
    }
}
