import Foundation
import Numerics

/// File names and times as a line camera makes them: one part every few seconds through a night shift.
struct CameraClock {
    /// 14 March 2025, 22:00:00 UTC. Fixed, so that the same seed gives the same names; and past, so that the files have
    /// long settled.
    private static let start: TimeInterval = 1_741_989_600

    private var seconds: TimeInterval = CameraClock.start
    private var counter: Int

    init(using random: inout RandomSource) { counter = 1_000 + random.integer(below: 7_000) }

    /// The next part: a name without extension such as `20250314T220411_183_004217`, and the moment it names.
    mutating func next(using random: inout RandomSource) -> (stem: String, moment: Date) {
        seconds += random.uniform(6...9)
        counter += 1
        let whole = Int(seconds)
        let milliseconds = Int((seconds - TimeInterval(whole)) * 1_000)
        let passed = whole - Int(Self.start)
        // 22:00 plus what has passed; the day turns at midnight.
        let day = 14 + (22 * 3_600 + passed) / 86_400
        let clock = (22 * 3_600 + passed) % 86_400
        func digits(_ value: Int, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let time = digits(clock / 3_600, 2) + digits(clock / 60 % 60, 2) + digits(clock % 60, 2)
        return (
            "202503\(digits(day, 2))T\(time)_\(digits(milliseconds, 3))_\(digits(counter, 6))",
            Date(timeIntervalSince1970: seconds)
        )
    }
}
