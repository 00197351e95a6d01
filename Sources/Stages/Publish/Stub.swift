import Handover
import Imaging

enum Panel {
    static func draw(_ part: ScoredPart, record: VerdictRecord, heatmap: Heatmap) -> Image { part.image.picture }
}
