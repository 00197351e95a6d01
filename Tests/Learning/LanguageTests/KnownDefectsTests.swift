import Defects
import Foundation
import Imaging
import TestFolders
import Testing

@testable import Language

@Suite("Known defects in a folder") struct KnownDefectsTests {
    /// A set on disk, and what was said of files that were left out.
    final class Set {
        let folder: TemporaryFolder
        var skipped: [(path: String, why: String)] = []

        init() throws { folder = try TemporaryFolder() }

        func write(_ bytes: Data, _ path: String) throws {
            let url = URL(fileURLWithPath: folder.path + "/" + path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try bytes.write(to: url)
        }

        /// A picture of 24 x 16 with a mask; `mask` nil: none.
        func picture(_ kind: String, _ name: String, mask: Image? = Set.mask(), below: String = "") throws {
            try write(
                Image(width: 24, height: 16, colour: [9, 90, 200]).pngData(), "\(below)test/\(kind)/\(name).png")
            if let mask { try write(mask.pngData(), "\(below)ground_truth/\(kind)/\(name)_mask.png") }
        }

        static func mask(width: Int = 24, height: Int = 16, marked: Bool = true) -> Image {
            var mask = Image(width: width, height: height, colour: [0])
            if marked { mask.pixels[30] = 255 }
            return mask
        }

        func read() throws -> KnownDefects {
            try KnownDefects.read(folder.path, limits: .standard) { self.skipped.append(($0, $1)) }
        }
    }

    @Test("Without captions the folder's name is the phrase; good parts are passed over")
    func folderNames() throws {
        let set = try Set()
        try set.picture("weld_spatter", "a")
        try set.picture("Crack", "b")
        try set.picture("good", "c", mask: nil)
        let known = try set.read()
        #expect(set.skipped.isEmpty && known.pictures.map(\.name) == ["test/Crack/b.png", "test/weld_spatter/a.png"])
        // What is called as a painted kind is one, with all its names.
        #expect(known.kinds.map(\.name) == ["crack", "weld_spatter"])
        #expect(known.kinds[0].phrases == PaintedKind.crack.wordings.trained)
        #expect(known.kinds[1] == .init(name: "weld_spatter", label: "weld spatter", phrases: ["weld spatter"]))
        #expect(known.pictures[1].captions == ["weld spatter"])
        let names = VocabularyName.all(words: ["weld spatter", "cold shut"], known: known.kinds)
        #expect(names.map(\.label).suffix(2) == ["weld spatter", "cold shut"])
        #expect(names.count == PaintedKind.allCases.count + 2)
    }

    @Test("Captions tell pictures and kinds; text is text, whatever it says")
    func captions() throws {
        let set = try Set()
        try set.picture("spatter", "a")
        try set.picture("spatter", "b")
        let table = """
            \u{FEFF}path,note,caption
            test/spatter/a.png,1,"a drop of ""weld"", %s %n ../../etc/passwd 溶接"
            test/spatter/a.png,2,bright bead
            test/spatter,3,weld bead
            test/good/x.png,4,a fine part
            test/spatter/none.png,5,nobody is here

            """
        try set.write(Data(table.utf8), "captions.csv")
        let known = try set.read()
        #expect(
            known.pictures[0].captions == [
                "a drop of \"weld\", %s %n ../../etc/passwd 溶接", "bright bead",
            ])
        #expect(known.pictures[1].captions == ["spatter", "weld bead"])
        #expect(known.kinds == [.init(name: "spatter", label: "spatter", phrases: ["spatter", "weld bead"])])
        #expect(set.skipped.count == 1 && set.skipped[0].why.contains("row 6"), "\(set.skipped)")
    }

    @Test("What cannot be used is left out by its name, with the reason")
    func leftOut() throws {
        let set = try Set()
        try set.picture("cut", "whole")
        try set.picture("cut", "bare", mask: nil)
        try set.picture("cut", "small", mask: Set.mask(width: 12))
        try set.picture("cut", "empty", mask: Set.mask(marked: false))
        try set.picture("cut", "torn")
        try set.write(Data("no picture".utf8), "test/cut/torn.png")
        try set.picture("cut", "maskless")
        try set.write(Data("no mask".utf8), "ground_truth/cut/maskless_mask.png")
        let known = try set.read()
        #expect(known.pictures.map(\.name) == ["test/cut/whole.png"])
        func why(_ name: String) -> String {
            set.skipped.first { $0.path.contains(name) }?.why ?? "nothing"
        }
        #expect(why("bare").contains("ground_truth/cut/bare_mask.png"))
        #expect(why("small").contains("24 x 16") && why("small").contains("12 x 16"))
        #expect(why("empty").contains("the mask is empty"))
        #expect(set.skipped.count == 5 && why("torn") != "nothing" && why("maskless_mask") != "nothing")
    }

    @Test("A folder or a table that is unusable is an error that says where")
    func errors() throws {
        #expect(throws: KnownDefectsError.self) {
            try KnownDefects.read("/no/such/folder", limits: .standard) { _, _ in }
        }
        let bare = try Set()
        try bare.picture("cut", "a", mask: nil)
        #expect(throws: KnownDefectsError.noPictures(path: bare.folder.path)) { try bare.read() }
        for (text, row) in [
            ("file,caption\n", 1), ("path,caption\ntest/cut/a.png\n", 2),
            ("path,caption\ntest/cut/a.png,fine\ntest/cut/a.png,bell \u{7}\n", 3),
            ("path,caption\ntest/cut/a.png,\(String(repeating: "x", count: 1001))\n", 2),
            ("path,caption\ntest/cut/a.png,turn \u{202E}ed\n", 2),
        ] {
            let set = try Set()
            try set.picture("cut", "a")
            try set.write(Data(text.utf8), "captions.csv")
            let error = #expect(throws: KnownDefectsError.self) { try set.read() }
            #expect(error?.description.contains("captions.csv, row \(row):") == true, "\(String(describing: error))")
        }
        let binary = try Set()
        try binary.picture("cut", "a")
        try binary.write(Data([0x70, 0xFF, 0xFE, 0x00]), "captions.csv")
        #expect(throws: KnownDefectsError.self) { try binary.read() }
        let hostile = try Set()
        try hostile.picture("a\u{1}b", "a")
        let error = #expect(throws: KnownDefectsError.self) { try hostile.read() }
        #expect(error?.description.contains("rename the folder") == true)
    }

    @Test("A folder of sets is read as one, kinds of one name together")
    func several() throws {
        let set = try Set()
        try set.picture("cut", "a", below: "plate/")
        try set.picture("cut", "a", below: "cloth/")
        try set.write(Data("path,caption\ntest/cut,slit\n".utf8), "cloth/captions.csv")
        try set.write(Data("path,caption\ntest/cut,gash\n".utf8), "plate/captions.csv")
        let known = try set.read()
        #expect(known.pictures.map(\.name) == ["cloth/test/cut/a.png", "plate/test/cut/a.png"])
        #expect(known.kinds == [.init(name: "cut", label: "cut", phrases: ["cut", "slit", "gash"])])
    }

    @Test("What is rendered as a labelled set is read as known defects, every kind, with its captions")
    func rendered() throws {
        let folder = try TemporaryFolder()
        try DemoDataset.write(
            to: folder.path + "/set", kind: .plate, trainGood: 1, testGood: 1, testPerDefect: 1, seed: 3, side: 64)
        var skipped = 0
        let known = try KnownDefects.read(folder.path + "/set", limits: .standard) { _, _ in skipped += 1 }
        #expect(skipped == 0 && known.pictures.count == DefectKind.allCases.count)
        #expect(known.kinds.map(\.name) == DefectKind.allCases.map(\.rawValue).sorted())
        #expect(known.pictures.allSatisfy { $0.captions.count == 4 })
    }
}
