/// The pictures of one line among those of a training, what it asks for, and how its parts may lie.
package struct LinePictures: Sendable, Equatable {
    /// Indices among all pictures of the training; one at least.
    package let pictures: Range<Int>
    /// Tokens of the line's query, as rows of the model's query table; empty where one line has the model for itself.
    package let query: [Int]
    package let flipHorizontal: Bool
    package let flipVertical: Bool
    package let quarterTurns: Bool

    package init(
        pictures: Range<Int>, query: [Int], flipHorizontal: Bool = false, flipVertical: Bool = false,
        quarterTurns: Bool = false
    ) {
        self.pictures = pictures
        self.query = query
        self.flipHorizontal = flipHorizontal
        self.flipVertical = flipVertical
        self.quarterTurns = quarterTurns
    }
}
