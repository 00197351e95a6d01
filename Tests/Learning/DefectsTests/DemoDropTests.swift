import Foundation
import Imaging
import Testing

@testable import Defects

/// A folder for one test that is removed after it.
private func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("drop-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
}

/// Rows of a comma table with quotes, without the head.
private func rows(_ file: URL) throws -> [[String]] {
    let text = try String(contentsOf: file, encoding: .utf8)
    return text.split(separator: "\n").dropFirst().map { line in
        var fields = [""]
        var quoted = false
        for letter in line {
            if letter == "\"" {
                quoted.toggle()
            } else if letter == ",", !quoted {
                fields.append("")
            } else {
                fields[fields.count - 1].append(letter)
            }
        }
        return fields
    }
}

@Suite struct DemoDropTests {
    @Test func dropHoldsWhatItsTruthSays() throws {
        try withFolder { folder in
            let root = folder.appendingPathComponent("drop")
            let drop = try DemoDrop.write(to: root.path, parts: 40, seed: 1, side: 96)
            let table = try rows(URL(fileURLWithPath: drop.truthTable))
            let plain = table.filter { $0[4] == "plain" }
            #expect(plain.count == 40)
            #expect(plain.count { $0[1] == "defective" } == 12)
            #expect(Set(plain.map { $0[2] }).count == 9, "all eight kinds and none")
            #expect(plain.contains { $0[0].hasSuffix(".png") } && plain.contains { $0[0].hasSuffix(".jpg") })
            #expect(drop.good + drop.defective == 40 + DropOddity.allCases.count { $0.isSound })
            #expect(drop.bad == DropOddity.allCases.count { !$0.isSound })
            #expect(!drop.truthTable.hasPrefix(root.path + "/"), "the truth lies outside the drop")

            // Every file of the drop has one row and every row a file.
            var found: [String] = []
            for camera in ["cam-plate", "cam-fabric"] {
                let names = try FileManager.default.contentsOfDirectory(
                    atPath: root.appendingPathComponent(camera).path)
                #expect(names.count > 15)
                found += names.map { "\(camera)/\($0)" }
            }
            #expect(found.sorted() == table.map { $0[0] }.sorted())
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: root.path).sorted() == ["cam-fabric", "cam-plate"])

            // Files with a part decode; the others do not.
            for row in table {
                let file = root.appendingPathComponent(row[0])
                if row[4] == "symbolic-link" { continue }
                let data = try Data(contentsOf: file)
                if row[1] == "none" {
                    #expect(throws: ImageError.self, "\(row[4])") { try Image.decode(data) }
                } else {
                    let image = try Image.decode(data)
                    #expect(image.width == 96 && image.height == 96 && image.channels == 3)
                }
                if row[1] == "defective" {
                    let maskFile = URL(fileURLWithPath: drop.truthTable).deletingLastPathComponent()
                        .appendingPathComponent(row[5])
                    let mask = try Image.decode(try Data(contentsOf: maskFile))
                    #expect(mask.channels == 1 && mask.pixels.contains(255))
                }
            }
        }
    }

    @Test func oddFilesAreWhatTheySay() throws {
        try withFolder { folder in
            let root = folder.appendingPathComponent("drop")
            let drop = try DemoDrop.write(
                to: root.path, parts: 4, seed: 2, defectiveShare: 0, side: 96, kinds: [.plate])
            let table = try rows(URL(fileURLWithPath: drop.truthTable))
            func file(_ oddity: DropOddity) throws -> URL {
                let row = try #require(table.first { $0[4] == oddity.rawValue })
                return root.appendingPathComponent(row[0])
            }
            func bytes(_ oddity: DropOddity) throws -> [UInt8] { [UInt8](try Data(contentsOf: try file(oddity))) }
            #expect(try bytes(.empty).isEmpty)
            #expect(try bytes(.truncatedPNG).starts(with: [0x89, 0x50, 0x4E, 0x47]))
            #expect(ImageFormat.endsWhole(Data(try bytes(.truncatedPNG))) == false)
            #expect(ImageFormat.endsWhole(Data(try bytes(.truncatedJPEG))) == false)
            #expect(try bytes(.textAsPNG).starts(with: Array("camera".utf8)))
            #expect(try file(.wrongExtension).pathExtension == "png")
            #expect(try bytes(.wrongExtension).starts(with: [0xFF, 0xD8, 0xFF]))
            #expect(try bytes(.sixteenBit)[24] == 16, "bit depth in the header")
            #expect(ImageFormat.endsWhole(Data(try bytes(.bomb))), "whole by its ends, so only its size gives it away")
            #expect(
                throws: ImageError.tooManyPixels(width: 50_000, height: 50_000, limit: DecodeLimits.standard.maxPixels)
            ) {
                try Image.decode(Data(try bytes(.bomb)))
            }
            #expect(try bytes(.bomb).count < 400)
            let jpeg = try bytes(.cmyk)
            let frame = try #require(jpeg.indices.dropLast(10).first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 })
            #expect(jpeg[frame + 9] == 4, "four components")
            let copy = try bytes(.duplicate)
            let twins = try table.filter {
                try $0[4] == "plain" && [UInt8](Data(contentsOf: root.appendingPathComponent($0[0]))) == copy
            }
            #expect(twins.count == 1)
            // A turned picture stands upright once decoded: it resembles another plate better than its own turn does.
            let rotated = try Image.decode(Data(try bytes(.rotated)))
            let upright = try Image.decode(Data(try bytes(.sixteenBit)))
            func distance(_ a: Image, _ b: Image) -> Int {
                zip(a.pixels, b.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
            }
            #expect(distance(rotated, upright) * 2 < distance(rotated.turned(upright: .turnedLeft), upright))

            let link = try file(.symbolicLink)
            let target = try FileManager.default.destinationOfSymbolicLink(atPath: link.path)
            let resolved = link.deletingLastPathComponent().appendingPathComponent(target).standardizedFileURL
            #expect(FileManager.default.fileExists(atPath: resolved.path), "a link that works is the dangerous one")
            #expect(!resolved.path.hasPrefix(root.standardizedFileURL.path + "/"))

            for row in table where row[4] != "symbolic-link" {
                let attributes = try FileManager.default.attributesOfItem(
                    atPath: root.appendingPathComponent(row[0]).path)
                let age = Date().timeIntervalSince(try #require(attributes[.modificationDate] as? Date))
                #expect((age < 600) == (row[4] == "growing"), "\(row[4]) is \(age) seconds old")
            }
        }
    }

    @Test func sameSeedGivesTheSameDrop() throws {
        try withFolder { folder in
            var contents: [[String: Data]] = []
            for name in ["one/drop", "two/drop"] {
                let root = folder.appendingPathComponent(name)
                let drop = try DemoDrop.write(to: root.path, parts: 6, seed: 3, side: 64)
                var files: [String: Data] = ["truth": try Data(contentsOf: URL(fileURLWithPath: drop.truthTable))]
                for row in try rows(URL(fileURLWithPath: drop.truthTable)) where row[4] != "symbolic-link" {
                    files[row[0]] = try Data(contentsOf: root.appendingPathComponent(row[0]))
                }
                contents.append(files)
            }
            #expect(contents[0] == contents[1])
        }
    }

    @Test func namesAndTimesLookLikeACamera() throws {
        try withFolder { folder in
            let root = folder.appendingPathComponent("drop")
            let drop = try DemoDrop.write(to: root.path, parts: 20, seed: 4, oddities: [], side: 64)
            let names = try rows(URL(fileURLWithPath: drop.truthTable)).map { $0[0] }
            for name in names {
                #expect(name.wholeMatch(of: /cam-(plate|fabric)\/\1_2025031\dT\d{6}_\d{3}_\d{6}\.(png|jpg)/) != nil)
            }
            #expect(Set(names).count == 20)
            let plates = names.filter { $0.hasPrefix("cam-plate") }
            #expect(plates == plates.sorted(), "later parts have later names")
        }
    }

    @Test func refusesWhatItCannotDo() throws {
        try withFolder { folder in
            try Data("x".utf8).write(to: folder.appendingPathComponent("note"))
            #expect(throws: DefectError.notEmpty(folder: folder.standardizedFileURL.path)) {
                try DemoDrop.write(to: folder.path, parts: 4, seed: 1)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["note"])
            #expect(throws: DefectError.self) {
                try DemoDrop.write(to: folder.appendingPathComponent("note/drop").path, parts: 4, seed: 1)
            }
            #expect(throws: DefectError.self) {
                try DemoDrop.write(to: folder.appendingPathComponent("d").path, parts: 1, seed: 1)
            }
            #expect(throws: DefectError.self) {
                try DemoDataset.write(
                    to: folder.appendingPathComponent("d").path, kind: .plate, trainGood: 0, testGood: 0,
                    testPerDefect: 0, seed: 1)
            }
        }
    }

    @Test func dataSetHasTheLayoutOfMVTec() throws {
        try withFolder { folder in
            for (name, train) in [("a", 3), ("b", 5)] {
                try DemoDataset.write(
                    to: folder.appendingPathComponent(name).path, kind: .fabric, trainGood: train, testGood: 2,
                    testPerDefect: 1, seed: 5, side: 64)
            }
            let root = folder.appendingPathComponent("a")
            func list(_ path: String) throws -> [String] {
                try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(path).path).sorted()
            }
            #expect(try list("train/good") == ["000.png", "001.png", "002.png"])
            #expect(try list("test") == (DefectKind.allCases.map(\.rawValue) + ["good"]).sorted())
            #expect(try list("ground_truth") == DefectKind.allCases.map(\.rawValue).sorted())
            for defect in DefectKind.allCases {
                #expect(try list("ground_truth/\(defect.rawValue)") == ["000_mask.png"])
                let mask = try Image.decode(
                    Data(contentsOf: root.appendingPathComponent("ground_truth/\(defect.rawValue)/000_mask.png")))
                #expect(mask.channels == 1 && mask.pixels.contains(255))
            }
            #expect(try rows(root.appendingPathComponent("captions.csv")).count == 3 + 2 + 8 * 4)
            let other = folder.appendingPathComponent("b/test/crack/000.png")
            #expect(try Data(contentsOf: other) == Data(contentsOf: root.appendingPathComponent("test/crack/000.png")))
        }
    }
}
