import Foundation

/// What the machine is, as far as speed and safety depend on it. Everything is read, nothing is changed.
package struct Machine: Sendable {
    /// "AMD EPYC 9655": as the kernel calls it.
    package let processor: String
    /// Vector extensions that matter here, those the CPU has.
    package let extensions: [String]
    /// Cores that this process may use, control groups included.
    package let cores: Int
    /// Bytes of memory that this process may use, control groups included, and of those free now; 0 = unknown.
    package let memory: Int
    package let availableMemory: Int

    /// Extensions in the order from baseline to luxury; the first two are what the build asks for (x86-64-v3).
    package static let interesting = [
        "avx2", "fma", "avx512f", "avx512_bf16", "avx512_vnni", "amx_tile", "asimd", "sve",
    ]

    /// This machine.
    package static func current() -> Machine {
        let cpu = text("/proc/cpuinfo")
        let memory = text("/proc/meminfo")
        let limit = Int(text("/sys/fs/cgroup/memory.max").trimmingCharacters(in: .whitespacesAndNewlines))
        let used = Int(text("/sys/fs/cgroup/memory.current").trimmingCharacters(in: .whitespacesAndNewlines))
        let total = kibibytes("MemTotal", in: memory)
        let available = kibibytes("MemAvailable", in: memory)
        let flags = Set(
            (field("flags", in: cpu) ?? field("Features", in: cpu) ?? "").split(separator: " ").map(String.init))
        return Machine(
            processor: field("model name", in: cpu) ?? "unknown", extensions: interesting.filter(flags.contains),
            cores: usableCores(), memory: min(total, limit ?? total),
            availableMemory: min(available, limit.map { max(0, $0 - (used ?? 0)) } ?? available))
    }

    /// Whether the CPU has what the build asks for; true on architectures without a baseline.
    package var hasBaseline: Bool {
        #if arch(x86_64)
            return extensions.contains("avx2") && extensions.contains("fma")
        #else
            return true
        #endif
    }

    /// Files of shared libraries that are loaded into this process, by the beginning of their names.
    package static func loadedLibraries(_ prefixes: [String]) -> [String: String] {
        var found: [String: String] = [:]
        for line in text("/proc/self/maps").split(separator: "\n") {
            guard let slash = line.firstIndex(of: "/") else { continue }
            let name = line[slash...].split(separator: "/").last.map(String.init) ?? ""
            if let prefix = prefixes.first(where: name.hasPrefix) { found[prefix] = name }
        }
        return found
    }

    /// Cores of the affinity mask, limited by the control group's quota, at least 1.
    private static func usableCores() -> Int {
        // A hexadecimal mask, "ffffffff,0000000f": one bit per core.
        let mask = field("Cpus_allowed", in: text("/proc/self/status")) ?? ""
        let allowed = mask.reduce(0) { $0 + ($1.hexDigitValue ?? 0).nonzeroBitCount }
        let quota = text("/sys/fs/cgroup/cpu.max").split(whereSeparator: \.isWhitespace)
        guard quota.count == 2, let time = Double(quota[0]), let period = Double(quota[1]), period > 0 else {
            return max(1, allowed)
        }
        return max(1, min(allowed, Int((time / period).rounded(.up))))
    }

    /// A whole file of /proc or /sys: they claim to be empty and come a page at a time, so Foundation's reader, which
    /// takes the first short read for the end, would miss most of it.
    private static func text(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var page = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&page, 1, page.count, file)
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += page[..<count]
        }
    }

    private static func field(_ name: String, in text: String) -> String? {
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, parts[0].trimmingCharacters(in: .whitespaces) == name {
                return parts[1].trimmingCharacters(in: .whitespaces)
            }
        }
        return nil
    }

    private static func kibibytes(_ name: String, in text: String) -> Int {
        (field(name, in: text)?.split(separator: " ").first).flatMap { Int($0) }.map { $0 * 1024 } ?? 0
    }

    /// Most memory this process has held at once, in MiB.
    package static func peakMemoryMiB() -> Double {
        var usage = rusage()
        guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
        return Double(usage.ru_maxrss) / 1024  // Linux counts in KiB
    }
}
