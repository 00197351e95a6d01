import Numerics

/// The compositional prompts of WinCLIP (arXiv 2303.14814, appendix): states of an object, normal and anomalous, each in
/// every template. "Prompt" is CLIP's word for a text that a picture is held against.
package enum PromptEnsemble {
    /// States of a flawless object; `#` stands for the object.
    package static let normalStates = [
        "#", "flawless #", "perfect #", "unblemished #", "# without flaw", "# without defect", "# without damage",
    ]
    /// States of a damaged one.
    package static let anomalousStates = ["damaged #", "# with flaw", "# with defect", "# with damage"]
    /// `#` stands for the object in its state.
    package static let templates = [
        "a cropped photo of the #.", "a cropped photo of a #.", "a close-up photo of a #.",
        "a close-up photo of the #.",
        "a bright photo of a #.", "a bright photo of the #.", "a dark photo of the #.", "a dark photo of a #.",
        "a jpeg corrupted photo of a #.", "a jpeg corrupted photo of the #.", "a blurry photo of the #.",
        "a blurry photo of a #.", "a photo of a #.", "a photo of the #.", "a photo of a small #.",
        "a photo of the small #.", "a photo of a large #.", "a photo of the large #.",
        "a photo of the # for visual inspection.", "a photo of a # for visual inspection.",
        "a photo of the # for anomaly detection.", "a photo of a # for anomaly detection.",
    ]
    /// What an object without a name is called.
    package static let unnamed = "part"
    /// Letters of a name that are used: the tokenizers read a few dozen words, of which the template needs some.
    private static let longestName = 200

    /// All prompts about an object, at each state every template. Any text will do as a name; the empty one means
    /// "part".
    package static func prompts(object: String) -> (normal: [String], anomalous: [String]) {
        let name = named(object)
        func all(_ states: [String]) -> [String] {
            states.flatMap { state in templates.map { prompt($0, state: state, name: name) } }
        }
        return (all(normalStates), all(anomalousStates))
    }

    /// One prompt; `name` goes in last, so that a `#` in it stays what it is.
    package static func prompt(_ template: String, state: String, name: String) -> String {
        template.replacing("#", with: state).replacing("#", with: name)
    }

    /// A name as it stands in prompts: one line of at most 200 characters, "part" for a blank one.
    package static func named(_ object: String) -> String {
        let words = object.split { $0.isWhitespace }.joined(separator: " ")
        return words.isEmpty ? unnamed : String(words.prefix(longestName))
    }

    /// The mean of each side's embeddings, brought to length 1: (2, width), normal first.
    package static func prototypes(_ model: CLIPModel, object: String) -> Matrix<Float> {
        let (normal, anomalous) = prompts(object: object)
        let embeddings = model.embeddings(of: normal + anomalous)
        var means = Matrix<Float>(rows: 0, columns: embeddings.columns)
        meanForward(&means, input: embeddings, segments: Segments(lengths: [normal.count, anomalous.count]))
        var result = Matrix<Float>(rows: 0, columns: embeddings.columns)
        var norms: [Float] = []
        unitForward(&result, norms: &norms, input: means)
        return result
    }
}
