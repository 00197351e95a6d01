import Defects
import Foundation
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

    /// Phrases of a file beside the results, by kind.
    private static func phrases(_ name: String) throws -> [String: [String]] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Benchmarks/\(name)")
        return try JSONDecoder().decode([String: [String]].self, from: Data(contentsOf: file))
    }

    @Test func heldOutWordingsAreTheFilesAndMadeOfWordsThatCaptionsHave() throws {
        func words(_ phrase: String) -> [String] {
            phrase.split { !$0.isLetter }.map(String.init)
        }
        let file = try Self.phrases("held-out-wordings.json")
        let captions = PaintedKind.allCases.flatMap { $0.wordings.trained }
        let known = Set(captions.flatMap(words))
        for kind in DefectKind.allCases {
            let heldOut = DefectPhrases.wordings(kind).heldOut
            #expect(file[kind.rawValue] == heldOut)
            for phrase in heldOut {
                #expect(words(phrase).allSatisfy(known.contains), "\(phrase)")
                #expect(!captions.contains { $0.contains(phrase) }, "\(phrase)")
            }
        }
    }

    @Test("What ties kinds together is no other wording, trained or held out, of any kind")
    func kindred() {
        let kindred = PaintedKind.allCases.flatMap(\.kindred)
        let wordings = PaintedKind.allCases.flatMap { $0.wordings.trained + $0.wordings.heldOut }
        #expect(!kindred.isEmpty && Set(kindred).count == kindred.count)
        #expect(Set(kindred).isDisjoint(with: wordings))
    }

    @Test func heldOutWordsAreInNoWordingThatIsTrained() throws {
        let words = try Self.phrases("held-out-words.json")
        #expect(words.keys.sorted() == DefectKind.allCases.map(\.rawValue).sorted())
        let captions = PaintedKind.allCases.flatMap { $0.wordings.trained + $0.kindred }
        for phrase in words.values.flatMap({ $0 }) {
            #expect(!captions.contains { $0.contains(phrase) }, "\(phrase)")
        }
    }

    /// No held-out wording occurs in any caption of a few hundred rendered parts.
    @Test func heldOutWordingsAreInNoCaption() throws {
        let heldOut =
            DefectKind.allCases.flatMap { DefectPhrases.wordings($0).heldOut }
            + (try Self.phrases("held-out-words.json")).values.flatMap { $0 }
        for kind in PartKind.allCases {
            for defect in DefectKind.allCases {
                let renderer = PartRenderer(kind: kind, width: 96, height: 96)
                var random = RandomSource(seed: 1)
                for _ in 0..<12 {
                    let part = renderer.render(defect: defect, using: &random)
                    for caption in part.captions {
                        for phrase in heldOut { #expect(!caption.contains(phrase), "\(caption)") }
                    }
                }
            }
        }
    }
}
