import Foundation
import Handover
import Imaging

extension Publisher {
    static func png(_ i: Image, of s: String) throws(Rejection) -> Data { Data(i.pixels) }
    static func jpeg(_ i: Image, of s: String) throws(Rejection) -> Data { Data(i.pixels) }
}
enum Panel {
    static func draw(_ part: ScoredPart, record: VerdictRecord, heatmap: Heatmap) -> Image { part.image.picture }
}
struct ReviewThumbnails {
    let part: Image
    let heat: Image
    init(part: Image, heatmap: Image) {
        self.part = part
        heat = heatmap
    }
}
