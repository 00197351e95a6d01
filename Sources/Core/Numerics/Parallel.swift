import Dispatch
import Foundation

/// Runs `count` tasks on at most `workers` threads and returns their results in order of their index.
///
/// Which thread runs which task is open; a task that depends on its index alone gives the same bits for any number of
/// workers.
package func parallelMap<Result: Sendable>(
    count: Int, workers: Int, _ task: @escaping @Sendable (_ index: Int) -> Result
) -> [Result] {
    guard count > 1, workers > 1 else { return (0..<count).map(task) }
    let results = Slots<Result>(count: count)
    let next = Counter()
    DispatchQueue.concurrentPerform(iterations: min(workers, count)) { _ in
        while let index = next.take(below: count) { results.set(index, task(index)) }
    }
    return results.taken()
}

private final class Counter: Sendable {
    private let value = LockedValue(0)
    func take(below bound: Int) -> Int? {
        value.withLock { value in
            guard value < bound else { return nil }
            value += 1
            return value - 1
        }
    }
}

private final class Slots<Value: Sendable>: Sendable {
    private let values: LockedValue<[Value?]>
    init(count: Int) { values = LockedValue([Value?](repeating: nil, count: count)) }
    func set(_ index: Int, _ value: Value) { values.withLock { $0[index] = value } }
    func taken() -> [Value] { values.withLock { $0.map { $0! } } }
}

/// A value behind a lock.
package final class LockedValue<Value>: @unchecked Sendable {  // every access goes through the lock
    private var value: Value
    private let lock = NSLock()

    package init(_ value: Value) { self.value = value }

    /// Runs `body` while nobody else sees the value.
    package func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}
