import Defects
import Numerics
import Testing

@Suite struct DefectPhrasesTests {
    @Test func noWordingBelongsToTwoKindsOrBothSides() {
        var seen: [String: DefectKind] = [:]
        for kind in DefectKind.allCases {
            let wordings = DefectPhrases.wordings(kind)
            #expect(wordings.trained.count >= 8 && wordings.heldOut.count >= 3)
            for phrase in wordings.trained + wordings.heldOut {
                #expect(seen.updateValue(kind, forKey: phrase) == nil, "\(phrase)")
                #expect(phrase == phrase.lowercased() && !phrase.isEmpty)
            }
        }
    }

    /// No held-out wording occurs in any caption of a few hundred rendered parts.
    @Test func heldOutWordingsAreInNoCaption() {
        let heldOut = DefectKind.allCases.flatMap { DefectPhrases.wordings($0).heldOut }
        for kind in PartKind.allCases {
            for defect in DefectKind.allCases {
                let renderer = PartRenderer(kind: kind, width: 96, height: 96)
                var random = RandomSource(seed: 1)
                for _ in 0..<12 {
                    let part = renderer.render(defect: defect, using: &random)
                    for phrase in heldOut { #expect(!part.caption.contains(phrase), "\(part.caption)") }
                }
            }
        }
    }
}
