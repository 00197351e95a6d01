import Foundation
import Numerics

/// The golden files that `Golden/make_golden.py` made with the original libraries.
enum GoldenTexts {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Golden").path
    static let sentences: [String] = read("sentences.json")

    static func read<Value: Decodable>(_ name: String) -> Value {
        do {
            return try JSONDecoder().decode(
                Value.self, from: Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)))
        } catch {
            fatalError("\(name): \(error)")
        }
    }

    static func bytes(_ name: String) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: folder + "/" + name) else { fatalError(name) }
        return [UInt8](data)
    }

    /// A copy of one of the small models in a folder of its own, to be damaged.
    static func copy(_ name: String) throws -> String {
        let target = FileManager.default.temporaryDirectory.appending(path: "nightshift-text-\(UUID().uuidString)").path
        try FileManager.default.copyItem(atPath: folder + "/" + name, toPath: target)
        return target
    }

    /// Seconds that this thread computes for `body`: on a busy machine the clock on the wall says nothing.
    static func seconds(_ body: () -> Void) -> Double {
        func now() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
        }
        let start = now()
        body()
        return now() - start
    }

    /// ‖a − b‖ / ‖b‖.
    static func relativeError(_ a: some Sequence<Float>, _ b: some Sequence<Float>) -> Double {
        var difference = 0.0
        var size = 0.0
        for (x, y) in zip(a, b) {
            difference += (Double(x) - Double(y)) * (Double(x) - Double(y))
            size += Double(y) * Double(y)
        }
        return (difference / size).squareRoot()
    }

    static func cosine(_ a: some Sequence<Float>, _ b: some Sequence<Float>) -> Double {
        var along = 0.0
        var first = 0.0
        var second = 0.0
        for (x, y) in zip(a, b) {
            along += Double(x) * Double(y)
            first += Double(x) * Double(x)
            second += Double(y) * Double(y)
        }
        return along / (first * second).squareRoot()
    }
}
