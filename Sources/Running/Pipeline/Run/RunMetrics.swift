import Foundation

/// metrics.prom, in the text format of Prometheus, for node_exporter's textfile collector.
enum RunMetrics {
    static func text(_ run: RunRecord) -> String {
        let line = escaped(run.line)
        let shard = run.shard.map { ",shard=\"\(escaped($0))\"" } ?? ""
        let labels = "line=\"\(line)\"\(shard)"
        var text = ""
        func metric(_ name: String, _ help: String, _ values: [(labels: String, value: Double)]) {
            text += "# HELP nightshift_\(name) \(help)\n# TYPE nightshift_\(name) gauge\n"
            for (labels, value) in values { text += "nightshift_\(name){\(labels)} \(value)\n" }
        }
        let counts = run.counts
        let outcomes: [(String, Int)] = [
            ("pass", counts.pass), ("review", counts.review), ("fail", counts.fail),
            ("quarantined", counts.quarantined), ("deferred", counts.deferred), ("already_done", counts.alreadyDone),
        ]
        metric("last_run_inputs", "Names the scan of the last run found.", [(labels, Double(run.inputs))])
        metric(
            "last_run_outcomes", "Inputs of the last run by outcome.",
            outcomes.map { ("\(labels),outcome=\"\($0.0)\"", Double($0.1)) })
        metric(
            "last_run_duplicates", "Inputs whose content lay under another path too.",
            [(labels, Double(run.duplicates))])
        metric("last_run_seconds", "Seconds the last process of the run worked.", [(labels, run.seconds ?? 0)])
        metric("last_run_parts_per_second", "Verdicts per second.", [(labels, run.partsPerSecond ?? 0)])
        if let end = run.end, let date = try? Date(end, strategy: .iso8601) {
            metric(
                "last_run_end_timestamp_seconds", "When the last run was done, seconds since 1970.",
                [(labels, date.timeIntervalSince1970)])
        }
        return text
    }

    private static func escaped(_ value: String) -> String {
        value.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"")
            .replacingOccurrences(of: "\n", with: "\\n")
    }
}
