import Checkpoint
import Imaging
import Numerics
import Pipeline
import Recipe

/// What the verbs that work on images need alike.
package enum LineWork {
    /// Fails where OpenBLAS is missing, with the sentence that says how to install it.
    package static func requireBLAS() throws(VerbError) {
        do throws(OpenBLASError) { try OpenBLAS.check() } catch { throw .failed(error.description) }
    }

    /// What a file may ask for, as the recipe says.
    package static func limits(_ recipe: Recipe) -> DecodeLimits {
        DecodeLimits(
            maxPixels: recipe.limits.maxPixels, maxBytes: recipe.limits.maxBytes,
            maxPNGChunks: recipe.limits.maxPNGChunks, maxJPEGScans: recipe.limits.maxJPEGScans)
    }

    /// Images at a time: the option, else the recipe's; 0 = one per usable core.
    package static func workers(_ option: Int?, _ recipe: Recipe) -> Int {
        let asked = option ?? recipe.workers
        return asked > 0 ? asked : Machine.current().cores
    }

    /// Opens a model bundle, with advice where there is none.
    package static func openModel(_ folder: String, line: String) throws(VerbError) -> ModelFolder {
        guard Presence.isFile(folder + "/" + ModelBundle.cardFile) else {
            throw .failed(
                "expected a model bundle at \(folder), found none; `nightshift train \(line)` makes it, or name another "
                    + "with --model")
        }
        do throws(CheckpointError) { return try ModelFolder(folder) } catch { throw .failed(error.description) }
    }
}
