import Foundation
import Recipe

/// One thing that `doctor` looked at.
package struct Finding: Sendable, Equatable {
    /// `good`; `warning`: works, but look at it; `bad`: a run would fail.
    package enum State: String, Sendable { case good, warning, bad }

    package let state: State
    package let name: String
    /// What was found.
    package let found: String
    /// What to do; "" where nothing is.
    package let advice: String

    package init(_ state: State, _ name: String, _ found: String, advice: String = "") {
        self.state = state
        self.name = name
        self.found = found
        self.advice = advice
    }
}

/// What `doctor` finds of a machine and of a line's folders.
package enum Findings {
    /// CPU, memory and libraries; `blasKernel` is what OpenBLAS calls its kernel, "none" when it is missing.
    package static func ofMachine(_ machine: Machine, blasKernel: String) -> [Finding] {
        var findings: [Finding] = []
        let extensions = machine.extensions.isEmpty ? "none known" : machine.extensions.joined(separator: " ")
        findings.append(
            machine.hasBaseline
                ? Finding(.good, "processor", "\(machine.processor); \(extensions)")
                : Finding(
                    .bad, "processor", "\(machine.processor); \(extensions)",
                    advice: "this build needs AVX2 and FMA; build it again with NIGHTSHIFT_MARCH=x86-64-v2"))
        findings.append(Finding(.good, "cores", "\(machine.cores) usable"))
        // A run is promised to stay below 600 MB.
        let isTight = machine.availableMemory > 0 && machine.availableMemory < 800 << 20
        findings.append(
            Finding(
                isTight ? .warning : .good, "memory",
                "\(Wording.bytes(machine.memory)), \(Wording.bytes(machine.availableMemory)) of it free",
                advice: isTight ? "a run may need 600 MB" : ""))
        let isSlow = blasKernel == "Haswell" && machine.extensions.contains("avx512f")
        findings.append(
            blasKernel == "none"
                ? Finding(
                    .bad, "OpenBLAS", "not found", advice: "install it: apt-get install libopenblas0, or `make deps`")
                : Finding(
                    isSlow ? .warning : .good, "OpenBLAS", "kernel \(blasKernel)",
                    advice: isSlow ? "this CPU has AVX-512: unset OPENBLAS_CORETYPE, or set it to SkylakeX" : ""))
        let loaded = Machine.loadedLibraries(["libpng", "libjpeg"])
        for name in ["libpng", "libjpeg"] { findings.append(Finding(.good, name, loaded[name] ?? "linked statically")) }
        return findings
    }

    /// Whether a folder can be used: read, and written where `writable`; a missing one is made by `run` if its parent
    /// can be written.
    package static func ofFolder(_ name: String, _ url: URL, writable: Bool, mustExist: Bool) -> Finding {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            if mustExist { return Finding(.bad, name, "nothing at \(url.path)", advice: "make it, or mend the recipe") }
            var parent = url.deletingLastPathComponent()
            while !FileManager.default.fileExists(atPath: parent.path), parent.path != "/" {
                parent.deleteLastPathComponent()
            }
            return access(parent.path, W_OK) == 0
                ? Finding(.good, name, "\(url.path) will be made when needed")
                : Finding(.bad, name, "\(url.path) is missing", advice: "user \(user) may not write to \(parent.path)")
        }
        guard isFolder.boolValue else {
            return Finding(.bad, name, "\(url.path) is a file", advice: "expected a folder")
        }
        let needed = R_OK | X_OK | (writable ? W_OK : 0)
        guard access(url.path, needed) == 0 else {
            return Finding(
                .bad, name, url.path, advice: "user \(user) may not \(writable ? "read and write" : "read") it")
        }
        return Finding(.good, name, "\(url.path), \(writable ? "readable and writable" : "readable")")
    }

    /// Free space where runs are written; below 1 GiB a night's heatmaps may not fit.
    package static func ofDisk(at url: URL) -> Finding {
        var place = url
        while !FileManager.default.fileExists(atPath: place.path), place.path != "/" { place.deleteLastPathComponent() }
        var information = statvfs()
        guard statvfs(place.path, &information) == 0 else {
            return Finding(.warning, "disk", "cannot be asked at \(place.path)")
        }
        let free = Int(information.f_bavail) * Int(information.f_frsize)
        let isTight = free < 1 << 30
        return Finding(
            isTight ? .warning : .good, "disk", "\(Wording.bytes(free)) free at \(place.path)",
            advice: isTight ? "a night's heatmaps and panels need room: free some" : "")
    }

    /// Whether the clock can be right, and whether somebody keeps it so. Settling and run ids go by it.
    package static func ofClock(now: Date, newest: Date?) -> Finding {
        let stamp = now.ISO8601Format()
        // No machine that runs this can live before this was written: its battery is empty.
        guard now.timeIntervalSince1970 > 1_767_225_600 else {  // 2026-01-01
            return Finding(.bad, "clock", stamp, advice: "the clock is wrong; set it, or start a time service")
        }
        if let newest, newest.timeIntervalSince(now) > 60 {
            let ahead = Wording.duration(seconds: newest.timeIntervalSince(now))
            return Finding(
                .warning, "clock", "\(stamp); a file in the drop is \(ahead) in the future",
                advice: "this clock or the camera's is wrong; such files are judged by content, but settle late")
        }
        // systemd-timesyncd, chrony and ntpd each leave a trace while they keep the time.
        let traces = ["/run/systemd/timesync/synchronized", "/run/chrony", "/run/ntpd.pid"]
        let isKept = traces.contains { FileManager.default.fileExists(atPath: $0) }
        return Finding(.good, "clock", stamp + (isKept ? ", kept by a time service" : ", no time service seen"))
    }

    private static var user: String { ProcessInfo.processInfo.userName }
}
