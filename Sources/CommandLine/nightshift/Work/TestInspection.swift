import Evaluation
import Files
import Foundation
import Handover
import Imaging
import Numerics
import Pipeline

/// Labelled pictures inspected with a model, and what the figures say.
package struct TestInspection: Sendable {
    package let result: EvaluationResult
    package let imagesPerSecond: Double
    /// One JSON line per picture: name, kind, score, verdict.
    package let lines: [String]
    /// p-values of the good parts: uniform if calibration keeps its promise.
    package let goodPValues: [Double]
    /// How well defects are named, where that was asked.
    package let naming: NamingTest?

    /// Inspects every picture of `set`. A picture that cannot be inspected stops the measurement: leaving it
    /// out would flatter the figures.
    /// - Parameter names: names for the kinds of the set, where naming is measured too.
    package static func run(
        _ set: LabelledSet, model: LineModel, limits: DecodeLimits, workers: Int, names: NamingTest.Names? = nil,
        console: Console
    ) throws(VerbError) -> TestInspection {
        var reader: NamingTest.Reader?
        if let names, case .jepa(let model) = model { reader = try NamingTest.Reader(names: names, model: model) }
        let naming = reader
        let images = set.pictures
        let start = Date()
        let parts = try PictureLoop.run(
            "inspecting", count: images.count, workers: workers, console: console,
            room: { model.inspector(limits: limits) },
            body: { inspector, index in inspected(images[index], of: set, inspector, naming) })
        let seconds = Date().timeIntervalSince(start)
        var evaluator = Evaluator()
        var lines: [String] = []
        var goodPValues: [Double] = []
        var sightings: [(kind: String, places: NamingTest.Sighting)] = []
        for (image, inspected) in zip(images, parts) {
            let part = inspected.part
            if let kind = image.kind, let places = inspected.places { sightings.append((kind, places)) }
            let geometry = part.image.geometry
            let mask = try LabelledSet.mask(of: image)
            if image.kind == nil { goodPValues.append(part.pValue) }
            evaluator.add(
                EvaluationInput(
                    name: image.name, kind: image.kind, score: part.score, map: part.anomalyMap,
                    rows: geometry.gridRows, columns: geometry.gridColumns, width: geometry.originalWidth,
                    height: geometry.originalHeight, mask: mask))
            lines.append(
                JSONText.object([
                    "name": .text(image.name), "kind": image.kind.map { .text($0) } ?? .null,
                    "score": .number(part.score), "verdict": .text(part.verdict.rawValue),
                ]).line)
        }
        let result = evaluator.result()
        for warning in result.warnings { console.warn(warning) }
        return TestInspection(
            result: result, imagesPerSecond: Double(images.count) / max(seconds, 1e-9), lines: lines,
            goodPValues: goodPValues, naming: naming.map { NamingTest(sightings, reader: $0) })
    }

    private static func inspected(
        _ image: LabelledSet.Picture, of set: LabelledSet, _ inspector: any PartInspector, _ naming: NamingTest.Reader?
    ) -> Result<Inspected, PictureProblem> {
        guard let bytes = FileManager.default.contents(atPath: image.path) else {
            return .failure(PictureProblem(sentence: "\(image.path): cannot be read"))
        }
        let intake = Intake(
            sha256: SHA256.hex(of: bytes), path: image.name, bytes: bytes, camera: "", drop: set.path,
            modifiedAt: Date(timeIntervalSince1970: 0))
        do throws(Rejection) {
            guard let naming, let predicting = inspector as? Inspector, image.kind != nil else {
                return .success(Inspected(part: try inspector.inspect(intake).withoutPicture(), places: nil))
            }
            let (part, prediction) = try predicting.inspectKeepingPrediction(intake)
            do throws(VerbError) {
                let places = try naming.sighting(of: image, part, prediction)
                return .success(Inspected(part: part.withoutPicture(), places: places))
            } catch {
                return .failure(PictureProblem(sentence: error.description))
            }
        } catch {
            return .failure(PictureProblem(sentence: "\(image.path): \(error.sentence)"))
        }
    }
}

private struct Inspected: Sendable {
    let part: ScoredPart
    let places: NamingTest.Sighting?
}

extension ScoredPart {
    /// The part with a picture of one pixel instead of its own: thousands of parts are kept at once for the figures.
    fileprivate func withoutPicture() -> ScoredPart {
        let light = DecodedImage(
            intake: Intake(
                sha256: image.intake.sha256, path: image.intake.path, bytes: Data(), camera: image.intake.camera,
                drop: image.intake.drop, modifiedAt: image.intake.modifiedAt),
            picture: Image(width: 1, height: 1, colour: [0]), pixels: [], geometry: image.geometry)
        return ScoredPart(
            image: light, anomalyMap: anomalyMap, rawScore: rawScore, score: score, pValue: pValue, verdict: verdict,
            thresholds: thresholds, regions: regions)
    }
}
