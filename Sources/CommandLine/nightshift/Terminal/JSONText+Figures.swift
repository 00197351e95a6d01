extension JSONText {
    /// A figure with five decimals; nil becomes null.
    package static func share(_ value: Double?) -> JSONText {
        value.map { .number(($0 * 100_000).rounded() / 100_000) } ?? .null
    }

    /// A figure with one decimal, as for seconds and rates; nil becomes null.
    package static func tenths(_ value: Double?) -> JSONText {
        value.map { .number(($0 * 10).rounded() / 10) } ?? .null
    }

    /// An interval as [low, high]; nil becomes null.
    package static func interval(_ range: ClosedRange<Double>?) -> JSONText {
        range.map { .list([.share($0.lowerBound), .share($0.upperBound)]) } ?? .null
    }
}

extension Wording {
    /// `0.993`, or `-` where there is no figure.
    package static func three(_ value: Double?) -> String { value.map { fixed($0, 3) } ?? "-" }

    /// `1.8 %`, or `-` where there is no figure.
    package static func percent(_ value: Double?) -> String { value.map { "\(fixed($0 * 100, 1)) %" } ?? "-" }

    /// ` (0.1…4.9 %)`, or nothing.
    package static func interval(_ range: ClosedRange<Double>?) -> String {
        range.map { " (\(fixed($0.lowerBound * 100, 1))…\(fixed($0.upperBound * 100, 1)) %)" } ?? ""
    }

    /// A number with this many decimals, with a point whatever the machine's language.
    package static func fixed(_ value: Double, _ decimals: Int) -> String {
        var factor = 1.0
        for _ in 0..<decimals { factor *= 10 }
        guard value.isFinite, abs(value) * factor < 1e15 else { return "\(value)" }
        let whole = Int((abs(value) * factor).rounded())
        let scale = Int(factor)
        let sign = value < 0 && whole > 0 ? "-" : ""
        if decimals == 0 { return "\(sign)\(whole)" }
        let rest = String(whole % scale)
        return "\(sign)\(whole / scale)." + String(repeating: "0", count: decimals - rest.count) + rest
    }
}
