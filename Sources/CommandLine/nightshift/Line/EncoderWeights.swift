import Checkpoint
import Foundation
import Network
import Recipe

/// Published weights that a person named: what they are, and what a recipe says of them.
package struct EncoderWeights: Sendable {
    /// Absolute.
    package let path: String
    package let encoder: PublishedEncoder

    /// Opens and checks the file; nothing executable is ever loaded.
    package init(path: String) throws(VerbError) {
        self.path = Presence.absolute(path)
        guard Presence.isFile(self.path) else {
            throw .failed("expected a safetensors file of an encoder at \(self.path), found none")
        }
        do throws(CheckpointError) {
            encoder = try PublishedEncoder(SafetensorsFile(path: self.path))
        } catch {
            throw .failed(error.description)
        }
    }

    /// A recipe's encoder for them, frozen, or with `adapts` learning on; `file` is the path as it will stand there.
    package func recipe(file: String, adapts: Bool = false) -> Recipe.Encoder {
        let shape = encoder.shape
        return Recipe.Encoder(
            importedFile: file, patchSize: shape.patchSize, width: shape.width, depth: shape.depth, heads: shape.heads,
            adapts: adapts)
    }

    /// "DINOv2, 12 blocks, 384 wide, patches of 14 px".
    package var summary: String {
        "\(encoder.family.name), \(encoder.shape.depth) blocks, \(encoder.shape.width) wide, "
            + "patches of \(encoder.shape.patchSize) px"
    }
}
