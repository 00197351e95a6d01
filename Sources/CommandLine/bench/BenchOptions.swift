import Foundation

/// What the command line asks for.
struct BenchOptions {
    /// Seconds of one measurement's turn.
    var seconds = 1.0
    /// Turns per measurement; medians are printed.
    var turns = 5
    /// Pictures in one worker's batch.
    var batch = 4

    /// The one part to measure, for a profiler; nil: all of them.
    var only: String?

    static let parts = ["peak", "products", "forward", "pass", "kernels", "inspection", "training", "search"]

    static let help = """
        usage: bench [--seconds S] [--turns N] [--batch B] [--only PART]
          --seconds S   seconds of each turn of a measurement (default 1)
          --turns N     turns of each measurement; medians are printed (default 5)
          --batch B     pictures in one worker's batch (default 4)
          --only PART   one of peak, products, forward, pass (nothing but the forward pass, for a profiler), kernels,
                        inspection, training, search (a gigabyte of disk for a minute, so only when asked for); all of
                        them but pass and search when left out
        """

    /// Prints the help and ends the program when it is asked for or an option cannot be understood.
    init(_ arguments: some Collection<String>) {
        var rest = Array(arguments)
        while !rest.isEmpty {
            let name = rest.removeFirst()
            if name == "--help" || name == "-h" {
                print(Self.help)
                exit(0)
            }
            let text = rest.isEmpty ? "" : rest.removeFirst()
            switch name {
            case "--seconds":
                guard let value = Double(text), value > 0, value <= 600 else { Self.refuse(name, "0…600", text) }
                seconds = value
            case "--turns":
                guard let value = Int(text), (1...1000).contains(value) else { Self.refuse(name, "1…1000", text) }
                turns = value
            case "--batch":
                guard let value = Int(text), (1...64).contains(value) else { Self.refuse(name, "1…64", text) }
                batch = value
            case "--only":
                guard Self.parts.contains(text) else { Self.refuse(name, "one of \(Self.parts)", text) }
                only = text
            default: Self.refuse(name, "one of --seconds, --turns, --batch, --only, --help", name)
            }
        }
    }

    private static func refuse(_ option: String, _ expected: String, _ got: String) -> Never {
        complain("\(option): expected \(expected), got '\(got)'\n\(help)")
        exit(2)
    }
}

/// One message on stderr.
func complain(_ text: String) { FileHandle.standardError.write(Data("bench: \(text)\n".utf8)) }
