import CLIP
import Defects
import Numerics

/// The words under the pictures that a CLIP is trained on here: of a whole picture or a window, of a good part or a
/// damaged one.
struct DamageWords: Sendable {
    /// What one picture shows.
    struct Sight {
        /// Names of the object, any of which fits.
        let names: [String]
        /// nil = nothing wrong in what is seen.
        let defect: PaintedKind?
        /// The sentence that was written with the damage, where the whole part is seen.
        let sentence: String?
    }

    /// Half of the steps tell good from damaged, in WinCLIP's prompts; the other half tell kinds of damage, in many
    /// wordings. Apart, because "damaged plate" fits every defect: as a negative of "scratched plate" it would teach
    /// that a scratch is no damage.
    static func caption(_ sight: Sight, tellsKinds: Bool, using random: inout RandomSource) -> String {
        func pick(_ words: [String]) -> String { words[random.integer(below: words.count)] }
        let name = pick(sight.names)
        guard tellsKinds else {
            let states = sight.defect == nil ? PromptEnsemble.normalStates : PromptEnsemble.anomalousStates
            return PromptEnsemble.prompt(pick(PromptEnsemble.templates), state: pick(states), name: name)
        }
        if let sentence = sight.sentence, random.uniform() < 0.6 { return sentence }
        guard let defect = sight.defect else {
            return PromptEnsemble.prompt(
                pick(["a good #", "# without defects", "nothing wrong with this #", "an intact #"]), state: "#",
                name: name)
        }
        let phrase = pick(defect.wordings.trained)
        return PromptEnsemble.prompt(
            pick(["\(phrase) on the #", "a # with a \(phrase)", "\(phrase), #"]), state: "#", name: name)
    }

    /// What people would call a piece of training damage.
    static func kind(of damage: DamageDescription) -> PaintedKind {
        switch (damage.shape, damage.filling) {
        case (.stroke, .cutPaste): .crack
        case (.stroke, .colour), (.stroke, .gain), (.stroke, .texture): .scratch
        case (_, .texture): .contamination
        case (_, .colour), (_, .gain): .stain
        case (_, .blur): .wiped
        case (_, .warp): .dent
        case (_, .cutPaste): .misplaced
        }
    }
}
