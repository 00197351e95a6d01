import CLIP
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
        DecodeLimits(recipe.limits)
    }

    /// Images at a time: the option, else the recipe's; 0 = one per usable core.
    package static func workers(_ option: Int?, _ recipe: Recipe) -> Int {
        let asked = option ?? recipe.workers
        return asked > 0 ? asked : Machine.current().cores
    }

    /// Opens the bundle that a line is inspected with. Refuses one that judges by another method than the recipe says, or
    /// by other prompts: its verdicts would not be those that somebody asked for.
    package static func openLine(_ folder: String, recipe: Recipe) throws(VerbError) -> LineBundle {
        try requireBundle(folder, line: recipe.line)
        let bundle: LineBundle
        do throws(CheckpointError) { bundle = try LineBundle(folder) } catch { throw .failed(error.description) }
        var differences: [String] = []
        func compare(_ key: String, _ wanted: String, _ got: String) {
            guard wanted != got else { return }
            differences.append(
                "\(key) is \(wanted.debugDescription) in the recipe and \(got.debugDescription) in the model")
        }
        compare("method", recipe.method.rawValue, bundle.model.method.rawValue)
        if recipe.method == .clip, let clip = bundle.card.clip {
            compare("clip.source", recipe.clip.source.rawValue, clip.source.rawValue)
            compare("what the prompts call the part", PromptEnsemble.named(recipe.clipObject), clip.object)
        }
        guard differences.isEmpty else {
            throw .failed(
                "\(folder): \(differences.joined(separator: ", ")); train again with `nightshift train \(recipe.line)`, or set "
                    + "the recipe back")
        }
        return bundle
    }

    /// Opens the bundle of a model that predicts, for what needs predictions: with advice where there is none, and where
    /// the line is one that CLIP judges.
    package static func openModel(_ folder: String, line: String) throws(VerbError) -> ModelFolder {
        try requireBundle(folder, line: line)
        do throws(CheckpointError) { return try ModelFolder(folder) } catch {
            if case .otherMethod = error { throw .failed(clipHasNone(line, model: folder)) }
            throw .failed(error.description)
        }
    }

    /// Why what needs predictions cannot be had of a line that CLIP judges.
    package static func clipHasNone(_ line: String, model: String) -> String {
        "line \(line) is judged by CLIP (\(model)), which flags places and has no names for them: ask, search, compare, "
            + "--names, --robustness and --only-language need `method: \"vl-jepa\"` in the recipe and `nightshift train \(line)`"
    }

    private static func requireBundle(_ folder: String, line: String) throws(VerbError) {
        guard Presence.isFile(folder + "/" + ModelBundle.cardFile) else {
            throw .failed(
                "expected a model bundle at \(folder), found none; `nightshift train \(line)` makes it, or name another "
                    + "with --model")
        }
    }
}
