import Dispatch
import Foundation
import Numerics

/// Work done per second, measured on workers that run at the same time.
struct Rate {
    /// Units of work (calls) done by all workers.
    let count: Int
    /// Wall-clock seconds from the first start to the last end.
    let seconds: Double
    /// Seconds that the workers' threads really ran: on a shared machine the fairer measure.
    let coreSeconds: Double

    var perSecond: Double { Double(count) / seconds }
    var perCoreSecond: Double { Double(count) / coreSeconds }

    /// Calls `task` on each of `workers` threads until `seconds` have passed; each thread has what `make` gives it.
    ///
    /// One call per worker is made before the clock starts, so that memory is there and pages are touched.
    static func measure<State: Sendable>(
        workers: Int, seconds: Double, make: @escaping @Sendable (_ worker: Int) -> State,
        _ task: @escaping @Sendable (inout State) -> Void
    ) -> Rate {
        let spans = parallelMap(count: workers, workers: workers) { worker in
            var state = make(worker)
            task(&state)
            let start = now()
            let ran = threadSeconds()
            var count = 0
            repeat {
                task(&state)
                count += 1
            } while now() - start < seconds
            return (start: start, end: now(), count: count, ran: threadSeconds() - ran)
        }
        let first = spans.map(\.start).min() ?? 0
        let last = spans.map(\.end).max() ?? 1
        return Rate(
            count: spans.reduce(0) { $0 + $1.count }, seconds: last - first,
            coreSeconds: spans.reduce(0) { $0 + $1.ran })
    }

    /// Seconds of a clock that never goes back.
    static func now() -> Double { Double(DispatchTime.now().uptimeNanoseconds) * 1e-9 }

    /// Seconds that all threads of this process have run on cores.
    static func processSeconds() -> Double { secondsRun(by: CLOCK_PROCESS_CPUTIME_ID) }
}

/// Seconds that the calling thread has run on a core.
private func threadSeconds() -> Double { secondsRun(by: CLOCK_THREAD_CPUTIME_ID) }

private func secondsRun(by clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// The middle of an odd number of values, the mean of the two middle ones of an even number; 0 of none.
func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    let middle = sorted.count / 2
    if sorted.count % 2 == 1 { return sorted[middle] }
    return (sorted[middle - 1] + sorted[middle]) / 2
}
