import Numerics

/// What is written down about the program and its libraries, in run.json and model cards.
package enum Versions {
    /// By name: "nightshift", "OpenBLAS" (its kernel), "libpng", "libjpeg" (the loaded files).
    package static var current: [String: String] {
        let loaded = Machine.loadedLibraries(["libpng", "libjpeg"])
        return ["nightshift": Program.version, "OpenBLAS": OpenBLAS.kernelName].merging(loaded) { own, _ in own }
    }
}
