import Foundation

/// Hands out the numbers 0..<count in order to any number of workers and gives their results back in that order.
/// At most `lookAhead` numbers are out or waiting at any time, so memory does not depend on `count`, nor on one slow
/// part that the others would have to wait for.
///
/// `@unchecked`: everything mutable is only touched while `condition` is locked.
final class OrderedWork<Result: Sendable>: @unchecked Sendable {
    private let condition = NSCondition()
    private let end: Int
    private let lookAhead: Int
    private let isStopRequested: @Sendable () -> Bool
    /// The next number to hand out, and the next whose result is to be written.
    private var next: Int
    private var written: Int
    private var results: [Int: Result] = [:]
    private var workers = 0
    private var isClosed = false

    /// Work on `start..<end`.
    init(start: Int, end: Int, lookAhead: Int, isStopRequested: @escaping @Sendable () -> Bool) {
        precondition(
            start >= 0 && start <= end && lookAhead > 0, "OrderedWork: expected 0 <= start <= end, lookAhead > 0")
        self.end = end
        self.lookAhead = lookAhead
        self.isStopRequested = isStopRequested
        next = start
        written = start
    }

    /// A worker begins; to be called before its thread starts.
    func enter() {
        condition.lock()
        workers += 1
        condition.unlock()
    }

    /// A worker has ended.
    func leave() {
        condition.lock()
        workers -= 1
        condition.broadcast()
        condition.unlock()
    }

    /// The next number; waits while too many are out. nil when there is nothing more to do.
    func take() -> Int? {
        condition.lock()
        defer { condition.unlock() }
        while !isOver && next >= written + lookAhead { condition.wait() }
        guard !isOver else { return nil }
        next += 1
        return next - 1
    }

    /// Brings the result for a number that was taken.
    func deliver(_ result: Result, for number: Int) {
        condition.lock()
        results[number] = result
        if number == written { condition.broadcast() }
        condition.unlock()
    }

    /// The results that are next in order, with the number of the first; waits for at least one. nil when all that was
    /// taken has been written, or when the workers have gone without delivering.
    func nextResults() -> (first: Int, results: [Result])? {
        condition.lock()
        defer { condition.unlock() }
        while results[written] == nil {
            if workers == 0 { return nil }
            condition.wait()
        }
        var batch: [Result] = []
        while let result = results.removeValue(forKey: written + batch.count) { batch.append(result) }
        return (written, batch)
    }

    /// The writer is done with so many results; only now may as many more be begun.
    func finish(_ count: Int) {
        condition.lock()
        written += count
        condition.broadcast()
        condition.unlock()
    }

    /// Nothing more is handed out.
    func close() {
        condition.lock()
        isClosed = true
        condition.broadcast()
        condition.unlock()
    }

    /// Waits until every worker has ended; their results are thrown away.
    func waitForWorkers() {
        condition.lock()
        while workers > 0 { condition.wait() }
        condition.unlock()
    }

    private var isOver: Bool {
        if isStopRequested() { isClosed = true }
        return isClosed || next >= end
    }
}
