import RegionIndex

extension Findings {
    /// Whether the line's index of regions is as it was written: one finding a text space, none without an index. A damaged one
    /// stops no run.
    package static func ofRegionIndex(lineFolder: String) -> [Finding] {
        RegionIndex(lineFolder: lineFolder).files.map { path in
            do throws(RegionIndexError) {
                let file = try RegionIndexFile(path: path)
                try file.check()
                let torn = file.size - file.end
                let words =
                    "\(path): \(Wording.count(file.count, "region")) of \(Wording.count(file.batches.count, "run"))"
                return torn == 0
                    ? Finding(.good, "search index", words)
                    : Finding(
                        .warning, "search index", words + "; the last \(torn) bytes are not whole",
                        advice: "a run is writing them, or was ended while it did; the next run cuts them off")
            } catch {
                return Finding(.warning, "search index", error.description)
            }
        }
    }
}
