import Foundation
import Imaging
import Testing

@testable import Evaluation

/// Real sets lie beside the package when they are there at all.
private let realSets = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared/data")

/// A folder that is filled with empty files and removed at the end.
private final class Sketch {
    let path = FileManager.default.temporaryDirectory.appending(path: "dataset-\(UUID().uuidString)").path

    init(_ files: [String] = []) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for file in files { try add(file) }
    }

    func add(_ file: String, _ bytes: Data = Data()) throws {
        let url = URL(fileURLWithPath: path + "/" + file)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try bytes.write(to: url)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Suite("Test sets in MVTec's layout")
struct DatasetFolderTests {
    @Test("Images are listed in order, good ones first, with their masks")
    func lists() throws {
        let sketch = try Sketch([
            "train/good/010.png", "train/good/002.JPG", "train/good/.hidden.png", "train/good/notes.txt",
            "test/broken/001.png", "test/broken/000.Jpeg", "test/broken/003.bmp", "test/good/5.png", "test/readme.md",
            "ground_truth/broken/000_mask.png", "ground_truth/broken/001.PNG", "ground_truth/broken/001_mask.png",
            "ground_truth/good/5_mask.png",
        ])
        let set = try DatasetFolder(path: sketch.path)
        #expect(set.train == ["002.JPG", "010.png"].map { "\(sketch.path)/train/good/\($0)" })
        #expect(
            set.test.map(\.name)
                == ["test/good/5.png", "test/broken/000.Jpeg", "test/broken/001.png", "test/broken/003.bmp"])
        #expect(set.test.map(\.kind) == [nil, "broken", "broken", "broken"])
        let truth = "\(sketch.path)/ground_truth/broken"
        #expect(set.test.map(\.maskPath) == [nil, "\(truth)/000_mask.png", "\(truth)/001_mask.png", nil])
        #expect(try DatasetFolder.mask(of: set.test[3]) == nil)
    }

    @Test("`ok` is good, masks may be named as the image")
    func otherSets() throws {
        let sketch = try Sketch(["train/ok/1.bmp", "test/ok/2.bmp", "test/ko/3.bmp", "ground_truth/ko/3.png"])
        let set = try DatasetFolder(path: sketch.path)
        #expect(set.train.count == 1 && set.test.map(\.kind) == [nil, "ko"])
        #expect(set.test[1].maskPath == "\(sketch.path)/ground_truth/ko/3.png")
    }

    @Test("A wrong layout says which folder is missing and what a set looks like")
    func wrongLayouts() throws {
        let sketch = try Sketch()
        func failure(needsTraining: Bool = true) -> EvaluationError? {
            #expect(throws: EvaluationError.self) {
                try DatasetFolder(path: sketch.path, needsTraining: needsTraining)
            }
        }
        #expect(failure() == .missingFolder(path: "\(sketch.path)/train/good"))
        #expect(failure(needsTraining: false) == .missingFolder(path: "\(sketch.path)/test"))
        try sketch.add("train/good/readme.txt")
        #expect(failure() == .noImages(path: "\(sketch.path)/train/good"))
        try sketch.add("train/good/1.png")
        #expect(failure() == .missingFolder(path: "\(sketch.path)/test"))
        try sketch.add("test/1.png")
        #expect(failure() == .noImages(path: "\(sketch.path)/test"))
        #expect(failure()?.description.contains("test/<kind of defect>") == true)
        try sketch.add("test/good/1.png")
        #expect(try DatasetFolder(path: sketch.path).test.count == 1)
        #expect(throws: EvaluationError.missingFolder(path: "\(sketch.path)/absent")) {
            try DatasetFolder(path: sketch.path + "/absent")
        }
    }

    @Test("A mask that is no image is named")
    func badMask() throws {
        let sketch = try Sketch(["test/spot/1.png"])
        try sketch.add("ground_truth/spot/1_mask.png", Data("not a picture".utf8))
        let set = try DatasetFolder(path: sketch.path, needsTraining: false)
        let error = #expect(throws: EvaluationError.self) { try DatasetFolder.mask(of: set.test[0]) }
        #expect(error?.description.contains("1_mask.png: expected a mask") == true)
    }

    @Test("A folder of sets gives each of them; a set is one; a folder with neither is refused")
    func sets() throws {
        let sketch = try Sketch(["b/test/cut/1.png", "a/test/good/1.png", "a/test/dent/2.png", "notes/x.txt"])
        let sets = try DatasetFolder.sets(at: sketch.path)
        #expect(sets.map(\.prefix) == ["a/", "b/"])
        #expect(sets.map { $0.set.test.map(\.kind) } == [[nil, "dent"], ["cut"]])
        #expect(try DatasetFolder.sets(at: sketch.path + "/b").map(\.prefix) == [""])
        #expect(throws: EvaluationError.self) { try DatasetFolder.sets(at: sketch.path + "/notes") }
        #expect(throws: EvaluationError.self) { try DatasetFolder.sets(at: sketch.path + "/none") }
    }

    @Test(
        "The real sets are listed as their catalogue counts them",
        .enabled(if: FileManager.default.fileExists(atPath: realSets.path), "no real sets beside the package"))
    func realCounts() throws {
        for (name, train, good, defective, empty) in [
            ("mvtec_bottle", 209, 20, 63, 0), ("magnetic_tile", 381, 191, 392, 4), ("visa_macaroni1", 150, 100, 100, 0),
        ] {
            let set = try DatasetFolder(path: realSets.appending(path: name).path)
            #expect(set.train.count == train)
            #expect(set.test.count { $0.kind == nil } == good)
            #expect(set.test.count { $0.kind != nil } == defective)
            // At full size no defect vanishes: what is left out is what is empty.
            var evaluator = Evaluator(longestSide: 4096)
            var masked = 0
            for image in set.test where image.kind != nil {
                let mask = try #require(try DatasetFolder.mask(of: image))
                masked += 1
                evaluator.add(
                    EvaluationInput(
                        name: image.name, kind: image.kind, score: 0, map: [0], rows: 1, columns: 1, width: mask.width,
                        height: mask.height, mask: mask))
            }
            #expect(masked == defective && evaluator.result().pixelImageCount == defective - empty)
        }
    }
}
