import Checkpoint
import Defects
import Foundation
import Handover
import Imaging
import Network
import Numerics
import Pipeline
import Recipe
import Score
import TestFolders
import Testing

@testable import Training

@Suite("Training in tiles", .serialized)
struct TiledTrainingTests {
    static func layout() throws -> TileLayout {
        try #require(TileLayout(gridRows: 8, gridColumns: 8, rows: 2, columns: 3, overlap: 2))
    }

    @Test("A tile of a view is cut out of the picture so turned and moved, in every way that a part may lie")
    func views() throws {
        let images = MadeTextures.images(2, side: 64)
        let tiles = try Self.layout()
        for bits in 0..<8 {
            let orientation = Training.Orientation(
                flipHorizontal: bits & 1 > 0, flipVertical: bits & 2 > 0, transpose: bits & 4 > 0)
            for isInterleaved in [false, true] {
                var whole = orientation.applied(to: images.pixels(1), width: 64, height: 64)
                if isInterleaved { whole = HalfPatch.moved(whole, height: 64, width: 64, patchSize: 8) }
                for tile in 0..<tiles.count {
                    let view = PictureView(
                        picture: 1, orientation: orientation, isInterleaved: isInterleaved, tile: tile)
                    #expect(
                        images.pixels(view, tiles: tiles, patchSize: 8)
                            == tiles.pixels(ofTile: tile, of: whole, patchSize: 8))
                }
            }
        }
    }

    @Test("Samples are of every tile, of its size, and depend on the seed and their number alone")
    func samples() throws {
        let tiles = try Self.layout()
        let drawer = SampleDrawer(
            images: MadeTextures.images(4, side: 64),
            options: TrainingOptions(minutes: 1, flipHorizontal: true, interleaved: true, seed: 3), patchSize: 8,
            space: .unit, tiles: tiles)
        var drawn: Set<Int> = []
        for number in 0..<60 {
            let sample = drawer.sample(number)
            drawn.insert(sample.view.tile)
            #expect(sample.clean.count == 3 * tiles.tilePatchCount * 64 && sample.seen.count == sample.clean.count)
            #expect(sample.damage.isEmpty || sample.damage.count == tiles.tilePatchCount)
            #expect((sample.visible + sample.hidden).allSatisfy { (0..<tiles.tilePatchCount).contains($0) })
            #expect(drawer.sample(number).seen == sample.seen)
        }
        #expect(drawn == Set(0..<tiles.count))
    }

    @Test("Pictures beyond the room wait in a file and come back to the bit, and memory stays within the room")
    func boundedMemory() throws {
        let picture = 3 * 32 * 32 * MemoryLayout<Float16>.stride
        let plenty = MadeTextures.images(9)
        var tight = TrainingImages(width: 32, height: 32, room: 3 * picture)
        for index in 0..<plenty.count { tight.append(plenty.pixels(index)) }
        #expect(plenty.bytesInMemory == 9 * picture && tight.bytesInMemory == 3 * picture && tight.count == 9)
        for index in [8, 0, 5, 3, 2] {
            #expect(tight.pixels(index) == plenty.pixels(index))
            let view = PictureView(picture: index, orientation: .init(), isInterleaved: true, tile: 0)
            let whole = TileLayout(wholeRows: 4, columns: 4)
            #expect(
                tight.pixels(view, tiles: whole, patchSize: 8) == plenty.pixels(view, tiles: whole, patchSize: 8))
        }
    }

    static func recipe(_ source: Recipe.Encoder.Source, steps: Int) -> Recipe {
        var recipe = LineTrainerTests.recipe(source, steps: steps)
        recipe.image = .init(width: 64, height: 64, tileRows: 2, tileColumns: 2, tileOverlap: 2)
        return recipe
    }

    /// Of 64 px and 8 × 8 patches in four tiles, patches 3 and 4 are in two tiles or all four: every third place of
    /// `expectDefectsFound` lies at the middle of the overlap, the second and fourth at a tile's border.
    @Test("Defects are found at tile borders, in their corners and overlaps as elsewhere, and good parts pass")
    func found() throws {
        let line = try LineTrainerTests.train(Self.recipe(.trained, steps: 80))
        #expect(line.model.tiles.count == 4 && line.model.tiles.tileRows == 5)
        try LineTrainerTests.expectDefectsFound(line, "tiles")
        try Self.expectNoSeam(line)
    }

    @Test("A frozen encoder's tiles find them too")
    func imported() throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/encoder.safetensors"
        try LineTrainerTests.writeEncoder(to: file)
        let line = try LineTrainerTests.train(Self.recipe(.imported, steps: 80), encoder: file)
        try LineTrainerTests.expectDefectsFound(line, "tiles, imported")
        try Self.expectNoSeam(line)
    }

    /// On good parts the map steps no more where tiles begin and end than it does elsewhere.
    static func expectNoSeam(_ line: TrainedLine) throws {
        let inspector = Inspector(model: line.model, limits: .standard)
        // Twice as fine as the patches: a tile begins at cell 6 and one ends at cell 10 of 16; a cell before under the
        // interleaved grid.
        let side = 16
        var across = [Double](repeating: 0, count: side - 1)
        for number in 0..<40 {
            let map = try inspector.inspect(MadeTextures.intake(MadeTextures.good(20_000 + number))).anomalyMap
            #expect(map.count == side * side)
            for row in 0..<side {
                for column in 0..<side - 1 {
                    across[column] += Double(abs(map[row * side + column + 1] - map[row * side + column]))
                    across[column] += Double(abs(map[(column + 1) * side + row] - map[column * side + row]))
                }
            }
        }
        let seams = [4, 5, 8, 9]
        let borders = seams.map { across[$0] }
        let elsewhere = across.indices.filter { !seams.contains($0) }.map { across[$0] }.sorted()
        #expect((borders.max() ?? 0) <= (elsewhere.last ?? 0), "\(across)")
        #expect(borders.reduce(0, +) / 4 <= 1.25 * elsewhere[elsewhere.count / 2], "\(across)")
    }

    @Test("Fixed steps give the same model to the bit with one worker and two; language and second pass work in tiles")
    func repeats() throws {
        var recipe = Self.recipe(.trained, steps: 6)
        recipe.mask.secondPass = true
        recipe.mask.secondPassShare = 0.1
        recipe.language.source = .trained
        recipe.language.samples = 48
        let one = try LineTrainerTests.train(recipe, parts: 26, workers: 1)
        let two = try LineTrainerTests.train(recipe, parts: 26, workers: 2)
        #expect(one.model.network.store.values == two.model.network.store.values)
        #expect(one.model.statistics == two.model.statistics)
        #expect(one.model.language != nil)
        // As many patches make the score as in one tile alone: 25 of 64 patches are a tile's.
        #expect(one.model.statistics.topShare == 0.01 * 25 / 64)
        // A bundle keeps how the input is cut.
        let folder = try TemporaryFolder()
        let tiles = one.model.tiles
        try ModelFolder.write(one.model, card: LineTrainerTests.card(one.model), to: folder.path)
        let read = try ModelFolder(folder.path).model
        #expect(read.tiles == tiles && tiles.count == 4)
        let intake = try MadeTextures.intake(MadeTextures.damaged(3, x: 30, y: 30))
        let before = try Inspector(model: one.model, limits: .standard).inspect(intake)
        let after = try Inspector(model: read, limits: .standard).inspect(intake)
        #expect(before.score == after.score && before.anomalyMap == after.anomalyMap)
        // Tiles that do not cover the input are refused.
        var wrong = LineTrainerTests.card(one.model)
        wrong.architecture.tiles = .init(rows: 3, columns: 2, overlap: 3)
        try ModelFolder.write(one.model, card: wrong, to: folder.path)
        #expect(throws: CheckpointError.self) { try ModelFolder(folder.path) }
    }

    @Test("One tile is the picture: samples and scores are those of a line that knows no tiles")
    func whole() throws {
        let images = MadeTextures.images(4)
        let options = TrainingOptions(minutes: 1, flipHorizontal: true, quarterTurns: true, interleaved: true, seed: 9)
        let plain = SampleDrawer(images: images, options: options, patchSize: 8, space: .unit)
        let one = SampleDrawer(
            images: images, options: options, patchSize: 8, space: .unit,
            tiles: TileLayout(gridRows: 4, gridColumns: 4, rows: 1, columns: 1, overlap: 3))
        for number in 0..<20 { #expect(plain.sample(number).seen == one.sample(number).seen) }
        var recipe = LineTrainerTests.recipe(.trained, steps: 4)
        let before = try LineTrainerTests.train(recipe, parts: 26)
        recipe.image.tileOverlap = 2
        let after = try LineTrainerTests.train(recipe, parts: 26)
        #expect(before.model.statistics == after.model.statistics && before.model.statistics.topShare == 0.01)
        #expect(before.model.network.store.values == after.model.network.store.values)
    }
}

@Suite("What calibration holds in memory")
struct CalibrationMemoryTests {
    @Test("The estimate is what the held-out predictions of a line hold, within what the arm that is fitted adds")
    func estimate() throws {
        var recipe = TiledTrainingTests.recipe(.imported, steps: 1)
        let line = CalibrationMemory.bytes(recipe, heldOut: 10)
        // Two target blocks of 64; masked, repair and the interleaved repair; two targets and one arm's residuals.
        // Beside the held-out parts 32 pictures of other nights.
        #expect(line == 42 * 64 * (6 * 128 + 3 * 32) * 4)
        recipe.image = .init(width: 128, height: 64)
        #expect(CalibrationMemory.bytes(recipe, heldOut: 10) == 2 * line)
        #expect(CalibrationMemory.bytes(recipe, heldOut: 52) == 4 * line)
        recipe.scoring.interleaved = false
        recipe.mask.secondPass = true
        #expect(CalibrationMemory.bytes(recipe, heldOut: 5) == 37 * 128 * (5 * 128 + 3 * 32) * 4)
    }
}
