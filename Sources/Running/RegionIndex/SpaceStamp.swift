/// The space that embeddings of words and of regions share. Cosines between embeddings of two spaces mean nothing, so
/// nothing of one is ever compared with anything of another.
package struct SpaceStamp: Sendable, Hashable {
    /// Widest embedding that is indexed; published text encoders have 384 to 1024.
    package static let widest = 8192

    /// SHA-256 of what makes the space, 64 lower-case hex digits.
    package let identity: String
    /// Numbers of an embedding, d.
    package let width: Int

    /// nil unless `identity` is 64 lower-case hex digits and `width` is in 1…`widest`.
    package init?(identity: String, width: Int) {
        let isHash =
            identity.utf8.count == 64
            && identity.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        guard isHash, (1...Self.widest).contains(width) else { return nil }
        self.identity = identity
        self.width = width
    }

    /// The name of its index file: 64 bits of the hash tell a line's few spaces apart; the file holds all of it.
    var fileName: String { identity.prefix(16) + IndexLayout.fileSuffix }
}
