import Files
import Foundation

/// A model on disk: one folder with `card.json`, `weights.safetensors` and `calibration.safetensors`.
package struct ModelBundle: Sendable {
    package static let cardFile = "card.json"
    package static let weightsFile = "weights.safetensors"
    package static let calibrationFile = "calibration.safetensors"
    /// A card is a page of text; a larger file under its name is something else.
    private static let largestCard = 1_000_000

    package let card: ModelCard
    /// SHA-256 of `card.json`, 64 lower-case hex digits. The card holds the hashes of the other files, so this one
    /// names the whole model.
    package let sha256: String
    package let weights: SafetensorsFile
    /// Statistics of held-out good parts, with JSON strings under its metadata.
    package let calibration: SafetensorsFile

    /// Opens the bundle in `folder`: the card is checked, then each file's bytes against the hash in the card, before
    /// anything else looks at them.
    package init(folder: String) throws(CheckpointError) {
        let cardPath = folder + "/" + Self.cardFile
        let json = try SafetensorsFile.mapped(cardPath)
        guard json.count <= Self.largestCard else {
            throw .badCard(file: cardPath, problem: "expected at most \(Self.largestCard) bytes, got \(json.count)")
        }
        let card = try ModelCard(json: json, file: cardPath)
        func open(_ name: String) throws(CheckpointError) -> SafetensorsFile {
            let path = folder + "/" + name
            guard let expected = card.files[name] else {
                throw .badCard(file: cardPath, problem: "files.\(name) is missing")
            }
            let bytes = try SafetensorsFile.mapped(path)
            let got = SHA256.hex(of: bytes)
            guard got == expected else { throw .wrongHash(file: path, expected: expected, got: got) }
            return try SafetensorsFile(bytes: bytes, path: path)
        }
        self.card = card
        sha256 = SHA256.hex(of: json)
        weights = try open(Self.weightsFile)
        calibration = try open(Self.calibrationFile)
    }

    /// Writes a bundle into `folder`, which must exist, replacing one that is there; returns the card as written.
    ///
    /// Every file appears whole or not at all, the card last. A process killed in between leaves a bundle whose hashes
    /// do not match: it is refused when opened, never used half.
    @discardableResult
    package static func write(
        _ card: ModelCard, weights: SafetensorsWriter, calibration: SafetensorsWriter, to folder: String
    ) throws(CheckpointError) -> ModelCard {
        if let problem = card.architecture.problem {
            throw .badCard(file: folder + "/" + cardFile, problem: problem)
        }
        var card = card
        let contents = [(weightsFile, weights.encoded()), (calibrationFile, calibration.encoded())]
        for (name, bytes) in contents { card.files[name] = SHA256.hex(of: bytes) }
        let json = try card.encoded(file: folder + "/" + cardFile)
        for (name, bytes) in contents + [(cardFile, json)] {
            let path = folder + "/" + name
            do throws(FileError) {
                try AtomicFile.write(bytes, to: path)
            } catch {
                throw .unwritable(file: path, reason: error.description)
            }
        }
        return card
    }
}
