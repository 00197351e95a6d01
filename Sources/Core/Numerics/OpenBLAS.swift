#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// OpenBLAS, loaded at run time so that its kernel can be chosen before it looks at the CPU.
///
/// OpenBLAS reads `OPENBLAS_CORETYPE` while it is being loaded; a program that is linked against it is too late to
/// set it in `main`. OpenBLAS 0.3.21 does not know newer AMD parts and takes its Haswell kernel there, at half the
/// speed of SkylakeX. What the user has set is never overridden, and no kernel is chosen that the CPU lacks.
package enum OpenBLAS {
    typealias SingleProduct =
        @convention(c) (
            Int32, Int32, Int32, Int32, Int32, Int32, Float, UnsafePointer<Float>?, Int32, UnsafePointer<Float>?, Int32,
            Float, UnsafeMutablePointer<Float>?, Int32
        ) -> Void
    typealias DoubleProduct =
        @convention(c) (
            Int32, Int32, Int32, Int32, Int32, Int32, Double, UnsafePointer<Double>?, Int32, UnsafePointer<Double>?,
            Int32, Double, UnsafeMutablePointer<Double>?, Int32
        ) -> Void
    private typealias Name = @convention(c) () -> UnsafePointer<CChar>?
    private typealias SetThreads = @convention(c) (Int32) -> Void

    struct Library: @unchecked Sendable {  // the handles never change after loading
        let singleProduct: SingleProduct
        let doubleProduct: DoubleProduct
        let kernel: String
        let configuration: String
        let path: String
    }

    /// Where Debian, Ubuntu, Fedora and others put the library; the first that loads is taken.
    static let candidates = ["libopenblas.so.0", "libopenblas.so", "libopenblas64_.so.0"]

    static let loaded: Result<Library, OpenBLASError> = load()

    static var library: Library {
        switch loaded {
        case .success(let library): library
        case .failure(let error): fatalError(error.description)
        }
    }

    /// Fails early, with a sentence for people, when the library is missing.
    package static func check() throws(OpenBLASError) { _ = try loaded.get() }

    /// The kernel in use, for example "SkylakeX"; "none" when the library is missing.
    package static var kernelName: String { (try? loaded.get().kernel) ?? "none" }

    /// Version and build options as the library reports them.
    package static var configuration: String { (try? loaded.get().configuration) ?? "none" }

    private static func load() -> Result<Library, OpenBLASError> {
        setenv("OPENBLAS_NUM_THREADS", "1", 1)  // one BLAS thread per worker: its own threads scale badly at our sizes
        if getenv("OPENBLAS_CORETYPE") == nil, CPU.hasAVX512 { setenv("OPENBLAS_CORETYPE", "SkylakeX", 0) }
        var reasons: [String] = []
        for path in candidates {
            guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
                reasons.append(dlerror().map { String(cString: $0) } ?? path)
                continue
            }
            guard let single = dlsym(handle, "cblas_sgemm"), let double = dlsym(handle, "cblas_dgemm") else {
                reasons.append("\(path) has no cblas_sgemm")
                continue
            }
            if let threads = dlsym(handle, "openblas_set_num_threads") {
                unsafeBitCast(threads, to: SetThreads.self)(1)
            }
            func text(_ symbol: String) -> String {
                guard let pointer = dlsym(handle, symbol), let name = unsafeBitCast(pointer, to: Name.self)() else {
                    return "unknown"
                }
                return String(cString: name)
            }
            return .success(
                Library(
                    singleProduct: unsafeBitCast(single, to: SingleProduct.self),
                    doubleProduct: unsafeBitCast(double, to: DoubleProduct.self), kernel: text("openblas_get_corename"),
                    configuration: text("openblas_get_config"), path: path))
        }
        return .failure(OpenBLASError(tried: candidates, reasons: reasons))
    }
}

/// OpenBLAS cannot be loaded.
package struct OpenBLASError: Error, Sendable, CustomStringConvertible {
    /// Library names that were tried, and what the loader said of each.
    package let tried: [String]
    package let reasons: [String]

    package init(tried: [String], reasons: [String]) {
        self.tried = tried
        self.reasons = reasons
    }

    package var description: String {
        "OpenBLAS: expected one of \(tried.joined(separator: ", ")) to load, got: "
            + reasons.joined(separator: "; ") + ". Install it with: apt-get install libopenblas0"
    }
}

/// What this CPU can do, read from the kernel's list.
package enum CPU {
    /// Feature flags of the first processor, for example "avx2"; empty where /proc/cpuinfo is absent.
    package static let flags: Set<String> = {
        guard let line = lines.first(where: { $0.hasPrefix("flags") }) else { return [] }
        return Set(line.split(separator: " ").map(String.init))
    }()

    /// The CPU's own name, for example "AMD EPYC 9R14".
    package static let name: String = {
        guard let line = lines.first(where: { $0.hasPrefix("model name") }),
            let colon = line.firstIndex(of: ":")
        else { return "unknown" }
        return String(line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" })
    }()

    /// True when the features that OpenBLAS's SkylakeX kernel uses are all there.
    package static var hasAVX512: Bool {
        ["avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd"].allSatisfy(flags.contains)
    }

    /// True when the build's baseline (x86-64-v3) can run here; always true elsewhere than on x86-64.
    package static var meetsBaseline: Bool {
        #if arch(x86_64)
            return flags.isEmpty || ["avx2", "fma", "bmi2"].allSatisfy(flags.contains)
        #else
            return true
        #endif
    }

    private static let lines: [String] = {
        guard let file = fopen("/proc/cpuinfo", "r") else { return [] }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 16_384)  // the first processor's entry is about 1.5 kB
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").map(String.init)
    }()
}
