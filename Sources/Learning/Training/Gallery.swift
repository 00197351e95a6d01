import Decode
import Files
import Foundation
import Handover
import Imaging
import Numerics

/// The good images of a line: read once, brought to the input's size by the very code that inspection uses.
struct Gallery: Sendable {
    private let intakes: [Intake]
    private let pictures: [[Float16]]
    /// SHA-256 over the sorted SHA-256 of the files.
    let sha256: String

    var count: Int { intakes.count }

    /// Reads all files; what cannot be read is reported and left out.
    static func read(
        _ paths: [String], limits: DecodeLimits, width: Int, height: Int, workers: Int,
        report: @escaping @Sendable (TrainingEvent) -> Void
    ) throws -> Gallery {
        var intakes: [Intake] = []
        var pictures: [[Float16]] = []
        let decoder = Decoder(
            limits: limits, inputWidth: width, inputHeight: height, patchSize: 1, mean: [0, 0, 0],
            standardDeviation: [1, 1, 1])
        // A few at a time: the compressed bytes stay, decoded pictures go as soon as they are resized.
        let chunk = 16
        for first in stride(from: 0, to: paths.count, by: chunk) {
            let part = Array(paths[first..<min(paths.count, first + chunk)])
            let results = parallelMap(count: part.count, workers: workers) {
                index -> Result<(Intake, [Float16]), Skip> in
                let path = part[index]
                guard let bytes = FileManager.default.contents(atPath: path) else {
                    return .failure(Skip(why: "cannot be read"))
                }
                let intake = Intake(
                    sha256: SHA256.hex(of: bytes), path: (path as NSString).lastPathComponent, bytes: bytes,
                    camera: "", drop: (path as NSString).deletingLastPathComponent,
                    modifiedAt: Date(timeIntervalSince1970: 0))
                do throws(Rejection) {
                    return .success((intake, try decoder.decode(intake).pixels.map { Float16($0) }))
                } catch {
                    return .failure(Skip(why: error.sentence))
                }
            }
            for (index, result) in results.enumerated() {
                switch result {
                case .success(let (intake, picture)):
                    intakes.append(intake)
                    pictures.append(picture)
                case .failure(let skip): report(.skipped(path: part[index], why: skip.why))
                }
            }
            report(.reading(done: min(paths.count, first + chunk), of: paths.count))
        }
        let hashes = intakes.map(\.sha256).sorted().joined()
        return Gallery(intakes: intakes, pictures: pictures, sha256: SHA256.hex(of: hashes))
    }

    private struct Skip: Error { let why: String }

    private init(intakes: [Intake], pictures: [[Float16]], sha256: String) {
        self.intakes = intakes
        self.pictures = pictures
        self.sha256 = sha256
    }

    func intake(_ index: Int) -> Intake { intakes[index] }

    /// Planes (3, H, W) in 0…1.
    func planes(_ index: Int) -> [Float] { pictures[index].map { Float($0) } }

    /// Mean and deviation per channel over these pictures of each gallery.
    static func moments(_ selections: [(gallery: Gallery, indices: [Int])]) -> (mean: [Float], deviation: [Float]) {
        var sum = [Double](repeating: 0, count: 3)
        var square = sum
        var count = 0.0
        for picture in selections.flatMap({ selection in selection.indices.map { selection.gallery.pictures[$0] } }) {
            let plane = picture.count / 3
            for channel in 0..<3 {
                for value in picture[channel * plane..<(channel + 1) * plane] {
                    let number = Double(value)
                    sum[channel] += number
                    square[channel] += number * number
                }
            }
            count += Double(plane)
        }
        let mean = sum.map { $0 / max(1, count) }
        let deviation = zip(square, mean).map { max(0, $0 / max(1, count) - $1 * $1).squareRoot() }
        // A floor of two grey levels: a camera that always sends the same picture must not divide by zero.
        return (mean.map { Float($0) }, deviation.map { Float(max($0, 2.0 / 255)) })
    }
}
