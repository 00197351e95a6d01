import Describe
import Foundation
import Handover
import Imaging
import Language
import Numerics
import Pipeline
import Score
import Text

/// Region examples of known defects: each picture is inspected as a part is, and described where its mask and where the
/// inspection says that something is.
struct KnownExamples: Sendable {
    let known: KnownDefects
    let model: LoadedModel
    let limits: DecodeLimits
    /// How pictures may be turned to make more of them; the first is upright.
    let views: [Imaging.Orientation]
    let seed: UInt64

    init(
        known: KnownDefects, model: LoadedModel, limits: DecodeLimits, flipsHorizontal: Bool, flipsVertical: Bool,
        seed: UInt64
    ) {
        self.known = known
        self.model = model
        self.limits = limits
        var views: [Imaging.Orientation] = [.upright]
        if flipsHorizontal { views.append(.mirrored) }
        if flipsVertical { views.append(.upsideDownMirrored) }
        if flipsHorizontal, flipsVertical { views.append(.upsideDown) }
        self.views = views
        self.seed = seed
    }

    /// The examples of each picture, one for each of its views; none of a picture that can no longer be used. They depend
    /// on the pictures and the seed alone, not on the number of workers.
    ///
    /// - Parameter done: hears of each picture that is done.
    func make(workers: Int, done: @escaping @Sendable () -> Void) -> [[RegionExample]] {
        let chunk = 8
        let count = known.pictures.count
        return parallelMap(count: (count + chunk - 1) / chunk, workers: workers) { task -> [[RegionExample]] in
            let inspector = Inspector(model: model, limits: limits)
            return (task * chunk..<min(count, (task + 1) * chunk)).map { number in
                var random = RandomSource(seed: seed ^ 0x6B6E_6F77, stream: UInt64(number))
                let examples = views.compactMap { view in
                    example(known.pictures[number], view, inspector, using: &random)
                }
                done()
                return examples
            }
        }.flatMap { $0 }
    }

    private func example(
        _ picture: KnownDefects.Picture, _ view: Imaging.Orientation, _ inspector: Inspector,
        using random: inout RandomSource
    ) -> RegionExample? {
        guard let bytes = turned(picture.bytes, view),
            let mask = try? Image.decode(picture.mask, limits: limits).greyscale().turned(upright: view)
        else { return nil }
        let intake = Intake(
            sha256: "", path: picture.name, bytes: bytes, camera: "", drop: "",
            modifiedAt: Date(timeIntervalSince1970: 0))
        guard let (part, prediction) = try? inspector.inspectKeepingPrediction(intake) else { return nil }
        let grid = part.image.geometry
        let perPatch = grid.gridRows / prediction.image.geometry.gridRows
        let told = RegionFeatures.cells(
            rows: grid.gridRows, columns: grid.gridColumns, width: mask.width, height: mask.height,
            where: { mask.pixels[$0] > 127 })
        guard !told.isEmpty else { return nil }
        let area = CellArea(rows: grid.gridRows, columns: grid.gridColumns)
        var places = [told, area.part(of: area.grown(told, by: random.integer(below: 2)), using: &random)]
        // What inspection will find of such a defect: places that touch the mask, the worst one where none is above the
        // threshold.
        let around = Set(area.grown(told, by: 1))
        let regions = part.regions.isEmpty ? [Regions.worst(of: part)] : part.regions
        places += regions.map { Describer.core(of: $0, map: part.anomalyMap) }
            .filter { !around.isDisjoint(with: $0) }.prefix(Self.mostFound)
        let rows = places.map { RegionFeatures.row(of: prediction, cells: $0, cellsPerPatch: perPatch) }
        guard rows.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { return nil }
        return RegionExample(
            rows: rows, kind: picture.kind, captions: picture.captions, sizes: Self.sizes(of: mask))
    }

    /// Words for the size of what a mask marks.
    private static func sizes(of mask: Image) -> [String] {
        var (area, left, right, top, bottom) = (0, Int.max, -1, Int.max, -1)
        for index in mask.pixels.indices where mask.pixels[index] > 127 {
            area += 1
            let (x, y) = (index % mask.width, index / mask.width)
            (left, right, top, bottom) = (min(left, x), max(right, x), min(top, y), y)
        }
        return PlaceWords.sizes(
            area: area, length: max(right - left, bottom - top) + 1, side: min(mask.width, mask.height))
    }

    /// Found places of one picture that are learned from, greatest peaks first.
    private static let mostFound = 2

    /// The picture's file, turned; nil where it cannot be.
    private func turned(_ bytes: Data, _ view: Imaging.Orientation) -> Data? {
        if view == .upright { return bytes }
        return try? Image.decode(bytes, limits: limits).turned(upright: view).pngData()
    }
}
