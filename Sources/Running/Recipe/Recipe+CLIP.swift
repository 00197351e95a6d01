extension Recipe {
    /// What judges a line's parts: one model does it alone, so another method is another training.
    package enum Method: String, Sendable, Codable, CaseIterable {
        /// Predicts the embedding of every hidden patch and flags where that fails.
        case vlJEPA = "vl-jepa"
        /// Holds the picture and its windows against prompts about a flawless and a damaged part, as WinCLIP does.
        case clip
    }

    /// How CLIP judges, where `method` is `clip`.
    package struct CLIP: Sendable, Codable, Equatable {
        /// `published`: weights of `transformers`, which look at the pixels; nothing is trained. `trained`: a small CLIP
        /// that is trained here, over the tokens of the recipe's encoder.
        package enum Source: String, Sendable, Codable, CaseIterable { case published, trained }

        package var source = Source.trained
        /// Folder of the published weights; relative to the recipe's folder, or absolute.
        package var folder = ""
        /// What the prompts call the part; "" = the query, else the line's name.
        package var object = ""
        /// Steps of the training here, 1…100,000.
        package var steps = 300
    }

    /// What CLIP's prompts call the part.
    package var clipObject: String {
        if !clip.object.isEmpty { return clip.object }
        return query.isEmpty ? Self.words(ofName: line) : query
    }

    /// A name of a folder or a line with spaces for separators.
    package static func words(ofName name: String) -> String {
        String(name.map { "_-.".contains($0) ? " " : $0 })
    }

    /// Whether training looks at the recipe's encoder and input size: a published CLIP has its own.
    package var hasOwnEncoder: Bool { method == .vlJEPA || clip.source == .trained }

    /// Least side in pixels of pictures that captions are made for.
    package static let leastCaptionedSide = 64
}
