import Foundation
import Network
import Numerics

/// The measurements in the order in which they are printed.
struct Report {
    private let options: BenchOptions
    private let shape = BenchShape()

    init(_ options: BenchOptions) { self.options = options }

    func print() {
        line("\(CPU.name), OpenBLAS kernel \(OpenBLAS.kernelName)")
        line(OpenBLAS.configuration)
        line("")
        if wants("peak") { printPeak() }
        if wants("products") { printProducts() }
        if wants("forward") { printForward() }
        if options.only == "pass" { runPassAlone() }
        if wants("kernels") { printShares() }
        if wants("inspection") { printInspection() }
        if wants("training") { printTraining() }
        // Takes a gigabyte of disk for a minute: only when asked for.
        if options.only == "search" { printSearch() }
    }

    private func wants(_ part: String) -> Bool { options.only == nil || options.only == part }

    /// The forward pass of one worker and nothing else.
    private func runPassAlone() {
        let shape = shape
        let batch = options.batch
        let rate = Rate.measure(
            workers: 1, seconds: options.seconds, make: { _ in ForwardPass(shape, batch: batch, seed: 9) },
            { $0.run() })
        line("forward pass: \(fixed(1e3 / rate.perCoreSecond / Double(batch), 3, width: 0)) ms of a core a picture")
    }

    private func line(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

    private func fixed(_ value: Double, _ digits: Int = 1, width: Int = 8) -> String {
        let scale = pow(10, Double(digits))
        let whole = Int64((abs(value) * scale).rounded())
        let fraction = String(whole % Int64(scale))
        let text =
            (value < 0 ? "-" : "") + String(whole / Int64(scale))
            + (digits > 0 ? "." + String(repeating: "0", count: digits - fraction.count) + fraction : "")
        return String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private func padded(_ text: String, _ width: Int = 40) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// What the machine can do at most: the ceiling of every other figure here.
    private func printPeak() {
        line("float32 peak of this machine, GFLOP/s by the clock (GFLOP per second of a core)")
        for (name, measure) in [
            ("multiply-adds in registers", Peak.registers),
            ("product \(Peak.side) x \(Peak.side) x \(Peak.side)", Peak.product),
        ] {
            let speeds = [1, 2].map { measure($0, options.seconds / 2) }
            let texts = zip([1, 2], speeds).map { workers, speed in
                "\(workers) worker\(workers == 1 ? "" : "s") " + fixed(speed.byTheClock, width: 6)
                    + " (\(fixed(speed.ofACore, width: 0)))"
            }
            line(padded("  \(name)", 34) + texts.joined(separator: ",  "))
        }
        line("")
    }

    /// GFLOP/s of each product alone.
    private func printProducts() {
        let products = ForwardProducts(shape: shape, batch: options.batch)
        line("float32 products of ViT-Ti/16 at 224 px, batch \(options.batch), GFLOP per second of a core")
        line(padded("  product (m x n x k)") + " 1 worker  2 workers")
        for size in products.sizes {
            let rates = [1, 2].map { workers in
                Rate.measure(workers: workers, seconds: options.seconds / 3, make: { _ in products }) { products in
                    for _ in 0..<8 { products.run(size) }
                }.perCoreSecond * 8 * size.operations * 1e-9
            }
            let name = "  \(size.name) \(size.m)x\(size.n)x\(size.k)"
            line(padded(name) + fixed(rates[0], width: 9) + fixed(rates[1], width: 11))
        }
        line("")
    }

    /// The forward pass and its products alone, in turns, on one and two workers.
    private func printForward() {
        let shape = shape
        let batch = options.batch
        let products = ForwardProducts(shape: shape, batch: batch)
        line("forward pass, \(fixed(products.operations / Double(batch) * 1e-9, 2, width: 0)) GFLOP a picture")
        for workers in [1, 2] {
            var passes: [Rate] = []
            var raw: [Rate] = []
            for _ in 0..<options.turns {
                let make: @Sendable (Int) -> ForwardPass = { worker in
                    ForwardPass(shape, batch: batch, seed: UInt64(worker * batch))
                }
                passes.append(Rate.measure(workers: workers, seconds: options.seconds, make: make) { $0.run() })
                raw.append(
                    Rate.measure(workers: workers, seconds: options.seconds, make: { _ in products }) { $0.run() })
            }
            let giga = products.operations * 1e-9
            func middle(_ rates: [Rate], _ value: (Rate) -> Double) -> Double { median(rates.map(value)) }
            let ratio = median(zip(passes, raw).map { $0.perCoreSecond / $1.perCoreSecond })
            line("  \(workers) worker\(workers == 1 ? "" : "s")")
            for (name, rates) in [("the pass", passes), ("its products alone", raw)] {
                line(
                    padded("    \(name)", 24) + fixed(middle(rates, \.perSecond) * Double(batch)) + " img/s "
                        + fixed(middle(rates, \.perSecond) * giga) + " GFLOP/s by the clock, "
                        + fixed(middle(rates, \.perCoreSecond) * giga) + " GFLOP per second of a core")
            }
            let peak = Peak.registers(workers: workers, seconds: options.seconds / 2).ofACore
            let share = middle(passes, \.perCoreSecond) * giga / peak
            line(
                "    the pass reaches \(fixed(100 * share, width: 0)) % of what the cores' registers give "
                    + "(\(fixed(peak, width: 0)) GFLOP per second of a core)")
            line(
                "    ratio \(fixed(ratio, 3, width: 0)) (core seconds): "
                    + "\(fixed((1 - ratio) * 100, width: 0)) % is everything else, cold memory included")
        }
        line("")
    }

    private func printShares() {
        line("kernels of one worker, each alone, of one picture's forward pass")
        let shape = shape
        let batch = options.batch
        let pass = Rate.measure(
            workers: 1, seconds: options.seconds, make: { _ in ForwardPass(shape, batch: batch, seed: 9) },
            { $0.run() })
        let whole = 1e3 / pass.perCoreSecond / Double(batch)
        for (name, milliseconds) in KernelShares(shape, batch: batch, seconds: options.seconds / 2).measure() {
            line(
                padded("  \(name)") + fixed(milliseconds, 3) + " ms " + fixed(100 * milliseconds / whole, width: 6)
                    + " %")
        }
        line(padded("  the whole pass") + fixed(whole, 3) + " ms")
        line("")
    }

    private func printInspection() {
        let shape = shape
        line("masked inspection, imported encoder up to block 7, 4 partitions of 2 x 2 patches, predictor of 3 blocks")
        for workers in [1, 2] {
            let rates = (0..<options.turns).map { _ in
                Rate.measure(
                    workers: workers, seconds: options.seconds,
                    make: { MaskedInspection(shape, partitions: 4, seed: UInt64($0)) }
                ) { $0.run() }
            }
            line(
                "  \(workers) worker\(workers == 1 ? " " : "s") \(fixed(median(rates.map(\.perSecond)))) img/s, "
                    + "\(fixed(1e3 / median(rates.map(\.perCoreSecond)), width: 0)) ms of a core a picture")
        }
        line("")
    }

    private func printTraining() {
        let shape = shape
        line("training as `train` runs it, two workers, batches of 8 rendered parts, predictor of 3 blocks")
        let workloads = [
            ("frozen encoder of 8 blocks", TrainingWorkload(shape, source: .imported)),
            ("from scratch, 4 blocks (default)", TrainingWorkload(shape, source: .trained, depth: 4)),
            ("from scratch, 6 blocks", TrainingWorkload(shape, source: .trained, depth: 6)),
        ]
        for (name, workload) in workloads {
            do {
                let speeds = try (0..<options.turns).map { _ in try workload.run(workers: 2, seconds: options.seconds) }
                let idle = 100 * median(speeds.map(\.idle))
                line(
                    padded("  \(name)") + fixed(median(speeds.map(\.imagesPerSecond))) + " img/s, "
                        + "\(fixed(1e3 * median(speeds.map(\.coreSecondsPerImage)), width: 0)) ms of a core a picture, "
                        + "\(fixed(idle, width: 0)) % of the two workers' time idle or taken by other programs")
            } catch {
                line(padded("  \(name)") + " failed: \(error)")
            }
        }
    }

    /// What a search over a year of runs takes.
    private func printSearch() {
        line("search by words: a million generated regions, exact, every byte checked; the file in the page cache")
        for width in [128, 384] {
            do {
                let workload = try SearchWorkload(count: 1_000_000, width: width)
                defer { workload.clean() }
                line(
                    "  \(width) numbers a region: \(workload.bytes / 1_000_000) MB, written in "
                        + "\(fixed(workload.written, width: 0)) s")
                for workers in [1, 2] {
                    let turns = try (0..<options.turns).map {
                        try workload.search(workers: workers, seed: UInt64($0))
                    }
                    line(
                        "    \(workers) worker\(workers == 1 ? " " : "s")  "
                            + "\(fixed(1e3 * median(turns.map(\.search)), 0, width: 5)) ms a search, "
                            + "slowest \(fixed(1e3 * (turns.map(\.search).max() ?? 0), 0, width: 0)) ms; opening "
                            + "\(fixed(1e3 * median(turns.map(\.open)), 0, width: 0)) ms")
                }
            } catch {
                line("  \(width) numbers a region: failed: \(error)")
            }
        }
    }
}
