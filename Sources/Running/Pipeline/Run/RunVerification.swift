import Files
import Foundation
import Ledger

/// Checks a finished run from its files alone: every input has exactly one outcome, every count is right, every
/// published file is there with the bytes that were written, and the ledger says the same.
package enum RunVerification {
    /// Something that is not as it should be.
    package struct Finding: Sendable, Equatable {
        /// File or input concerned.
        package let place: String
        /// What was expected and what was found.
        package let sentence: String
    }

    /// Every finding about the run in `folder`; none for a sound run.
    package static func verify(_ folder: String) -> [Finding] {
        var check = Check(folder: RunFolder(path: folder))
        check.run()
        return check.findings
    }

    private struct Check {
        let folder: RunFolder
        var findings: [Finding] = []
        var counts = RunCounts()
        var stillQuarantined = 0
        var known: Set<String> = []

        mutating func run() {
            guard let run = folder.readRecord() else {
                add("run.json", "expected the record of a run, found none that can be read")
                return
            }
            if run.state != .done {
                add("run.json", "expected a run that is done, found one that is \(run.state.rawValue)")
            }
            outcomes(of: run)
            if run.state == .done {
                expect("run.json", "counts", counts, run.counts)
                expect("run.json", "sum of the outcomes", counts.total, run.inputs)
                expect("run.json", "files quarantined before", stillQuarantined, run.stillQuarantined ?? 0)
            }
            for (name, hash) in run.files.sorted(by: { $0.key < $1.key }) { file(name, hash) }
            strays()
            ledger(of: run)
        }

        /// Walks through inputs, outcomes and verdicts side by side.
        private mutating func outcomes(of run: RunRecord) {
            var records: [OutcomeRecord] = []
            do throws(RunError) {
                let inputs = try folder.readInputs()
                expect("inputs.jsonl", "number of inputs", inputs.count, run.inputs)
                try RecordCoding.forEach(OutcomeRecord.self, in: folder.outcomes) { (record) throws(RunError) in
                    records.append(record)
                }
                if run.state == .done { expect("outcomes.jsonl", "number of outcomes", records.count, inputs.count) }
                for (number, record) in records.enumerated() {
                    expect(record.path, "number of the input", record.input, number)
                    if number < inputs.count { expect("outcomes.jsonl", "path", record.path, inputs[number].path) }
                }
            } catch {
                add("outcomes.jsonl", error.description)
            }
            for record in records {
                counts.add(record.outcome)
                for entry in record.files {
                    known.insert(entry.path)
                    file(entry.path, entry.sha256)
                }
                let hasVerdict = record.outcome.isVerdict
                if hasVerdict && !record.files.contains(where: { $0.path.hasPrefix("heatmaps/") }) {
                    add(record.path, "expected a heatmap for a part with a verdict, found none")
                }
                if record.outcome == .quarantined && !record.files.contains(where: { $0.path.hasPrefix("quarantine/") })
                {
                    add(record.path, "expected a note in quarantine/, found none")
                }
                if record.earlier != nil && record.outcome != .alreadyDone {
                    add(record.path, "expected an earlier outcome only of what was already done")
                }
                if record.earlier == .quarantined { stillQuarantined += 1 }
                if (record.rejected != nil) != (record.outcome == .quarantined || record.outcome == .deferred) {
                    add(record.path, "expected a reason exactly when there is no verdict")
                }
            }
            verdicts(records.filter(\.outcome.isVerdict))
        }

        private mutating func verdicts(_ records: [OutcomeRecord]) {
            struct Line: Decodable {
                struct Part: Decodable {
                    let id: String
                    let path: String
                    let sha256: String
                }
                struct Heatmap: Decodable { let path: String }
                let part: Part
                let verdict: Outcome
                let heatmap: Heatmap
            }
            var number = 0
            do throws(RunError) {
                var lines: [Line] = []
                try RecordCoding.forEach(Line.self, in: folder.verdicts) { (line) throws(RunError) in lines.append(line)
                }
                number = lines.count
                for (line, record) in zip(lines, records) {
                    expect(record.path, "part in verdicts.jsonl", line.part.id, record.part)
                    expect(record.path, "path in verdicts.jsonl", line.part.path, record.path)
                    expect(record.path, "hash in verdicts.jsonl", line.part.sha256, record.sha256 ?? "none")
                    expect(record.path, "verdict in verdicts.jsonl", line.verdict, record.outcome)
                    if !record.files.contains(where: { $0.path == line.heatmap.path }) {
                        add(record.path, "expected the heatmap among the part's files, got \(line.heatmap.path)")
                    }
                }
            } catch {
                add("verdicts.jsonl", error.description)
            }
            expect("verdicts.jsonl", "number of verdicts", number, records.count)
        }

        /// A published file, or, for a flagged part, where an inspector moved it to.
        private mutating func file(_ name: String, _ hash: String) {
            guard let place = folder.place(of: name) else {
                add(name, "expected a file with SHA-256 \(hash), found none")
                return
            }
            do throws(FileError) {
                let found = try SHA256.hex(ofFile: place)
                if found != hash { add(name, "expected SHA-256 \(hash), found \(found): the file was changed") }
            } catch {
                add(name, error.description)
            }
        }

        /// Heatmaps and notes that no outcome speaks of.
        private mutating func strays() {
            for place in ["heatmaps", "quarantine"] where Folder.exists(folder.path + "/" + place) {
                do throws(FileError) {
                    for name in try folder.files(in: place) where !known.contains(name) {
                        add(name, "expected only files that an outcome names, found this one")
                    }
                } catch {
                    add(place, error.description)
                }
            }
        }

        /// The line's ledger, when the run still lies beside it: one entry per input, with the same outcome.
        private mutating func ledger(of run: RunRecord) {
            let shard = run.shard.map { "-" + $0 } ?? ""
            let path = Folder.parent(of: folder.path) + "/ledger\(shard).jsonl"
            guard Folder.exists(path) else { return }
            var tally = RunCounts()
            var seen: Set<Int> = []
            var twice: [Int] = []
            do throws(LedgerError) {
                try Ledger.forEach(in: path) { entry in
                    guard entry.run == run.id else { return }
                    tally.add(entry.outcome)
                    if !seen.insert(entry.input).inserted { twice.append(entry.input) }
                }
            } catch {
                add("ledger", error.description)
            }
            for input in twice { add("ledger", "expected one entry for input \(input), found several") }
            expect("ledger", "counts", tally, counts)
        }

        private mutating func expect<Value: Equatable>(_ place: String, _ what: String, _ got: Value, _ expected: Value)
        {
            if got != expected { add(place, "\(what): expected \(expected), got \(got)") }
        }

        private mutating func add(_ place: String, _ sentence: String) {
            findings.append(Finding(place: place, sentence: sentence))
        }
    }
}

extension RunCounts {
    /// Counts one more.
    mutating func add(_ outcome: Outcome) {
        switch outcome {
        case .pass: pass += 1
        case .review: review += 1
        case .fail: fail += 1
        case .quarantined: quarantined += 1
        case .deferred: deferred += 1
        case .alreadyDone: alreadyDone += 1
        }
    }
}
