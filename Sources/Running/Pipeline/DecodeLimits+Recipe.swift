import Imaging
import Recipe

extension DecodeLimits {
    /// What a file may ask for, as a recipe says.
    package init(_ limits: Recipe.Limits) {
        self.init(
            maxPixels: limits.maxPixels, maxBytes: limits.maxBytes, maxPNGChunks: limits.maxPNGChunks,
            maxJPEGScans: limits.maxJPEGScans)
    }
}
