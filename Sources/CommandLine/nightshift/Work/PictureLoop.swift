import Foundation
import Numerics

/// Why a picture could not be judged, in one sentence.
package struct PictureProblem: Error {
    package let sentence: String

    package init(sentence: String) { self.sentence = sentence }
}

/// Work on many pictures, several at a time, as everything that measures does it: a bar, an end at an interruption, and
/// one bad picture ends it all: leaving it out would flatter the figures.
package enum PictureLoop {
    /// Pictures of a task: a few, so that each worker's room is used more than once.
    private static let chunk = 8

    /// What `body` gives for each of `count` pictures, in order.
    /// - Parameters:
    ///   - room: made once for every task; what a worker needs for its pictures, one after the other.
    ///   - body: the room, and the picture's place.
    package static func run<Room, Outcome: Sendable>(
        _ label: String, count: Int, workers: Int, console: Console, room: @escaping @Sendable () -> Room,
        body: @escaping @Sendable (Room, Int) -> Result<Outcome, PictureProblem>
    ) throws(VerbError) -> [Outcome] {
        let bar = ProgressBar(label, total: Double(count), console: console)
        let done = LockedValue(0)
        let tasks = (count + chunk - 1) / chunk
        let results = parallelMap(count: tasks, workers: workers) { task -> [Result<Outcome, PictureProblem>] in
            let room = room()
            return (task * chunk..<min(count, (task + 1) * chunk)).map { index in
                guard !Interruption.isRequested else { return .failure(PictureProblem(sentence: "interrupted")) }
                let outcome = body(room, index)
                bar.update(
                    Double(
                        done.withLock {
                            $0 += 1
                            return $0
                        }))
                return outcome
            }
        }.flatMap { $0 }
        bar.finish()
        if Interruption.isRequested { throw .interrupted("stopped; nothing was measured") }
        var outcomes: [Outcome] = []
        for result in results {
            switch result {
            case .success(let outcome): outcomes.append(outcome)
            case .failure(let problem): throw .failed(problem.sentence)
            }
        }
        return outcomes
    }
}
