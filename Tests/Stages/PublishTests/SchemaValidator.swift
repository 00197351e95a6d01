import Foundation
import Testing

/// A small, independent reader of JSON Schema (draft 2020-12): the words that the verdict's schema uses, and a clear
/// complaint about any other word, so that the schema cannot grow a rule that nobody checks.
struct SchemaValidator {
    private let root: [String: Any]

    init(_ text: String) throws {
        root = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    /// What is wrong with the document; empty when it is valid.
    func faults(in document: Data) throws -> [String] {
        try faults(JSONSerialization.jsonObject(with: document, options: [.fragmentsAllowed]), root, "$")
    }

    private func faults(_ value: Any, _ schema: [String: Any], _ place: String) throws -> [String] {
        var found: [String] = []
        for (word, rule) in schema {
            switch word {
            case "$schema", "$id", "$defs", "title", "description", "then": break
            case "$ref":
                let name = try #require((rule as? String)?.split(separator: "/").last.map(String.init))
                let definitions = try #require(root["$defs"] as? [String: Any])
                found += try faults(value, #require(definitions[name] as? [String: Any]), place)
            case "type":
                if try !matches(value, #require(rule as? String)) { found.append("\(place): expected \(rule)") }
            case "const":
                if !same(value, rule) { found.append("\(place): expected \(rule)") }
            case "enum":
                if try !#require(rule as? [Any]).contains(where: { same(value, $0) }) {
                    found.append("\(place): expected one of \(rule)")
                }
            case "required":
                guard let object = value as? [String: Any] else { break }
                for name in try #require(rule as? [String]) where object[name] == nil {
                    found.append("\(place): lacks \(name)")
                }
            case "properties":
                guard let object = value as? [String: Any] else { break }
                for (name, inner) in try #require(rule as? [String: [String: Any]]) {
                    if let child = object[name] { found += try faults(child, inner, place + "." + name) }
                }
            case "additionalProperties":
                guard let object = value as? [String: Any] else { break }
                let known = (schema["properties"] as? [String: Any] ?? [:]).keys
                for (name, child) in object where !known.contains(name) {
                    if let inner = rule as? [String: Any] {
                        found += try faults(child, inner, place + "." + name)
                    } else if try !#require(rule as? Bool) {
                        found.append("\(place): unknown \(name)")
                    }
                }
            case "items":
                for (index, child) in (value as? [Any] ?? []).enumerated() {
                    found += try faults(child, #require(rule as? [String: Any]), "\(place)[\(index)]")
                }
            case "minItems", "maxItems", "minimum", "maximum", "exclusiveMinimum", "minLength":
                if try !isWithin(value, word, #require(rule as? NSNumber).doubleValue) {
                    found.append("\(place): breaks \(word) \(rule)")
                }
            case "pattern":
                if let text = value as? String,
                    try text.range(of: #require(rule as? String), options: .regularExpression) == nil
                {
                    found.append("\(place): \(text) does not match \(rule)")
                }
            case "allOf":
                for inner in try #require(rule as? [[String: Any]]) { found += try faults(value, inner, place) }
            case "if":
                if try faults(value, #require(rule as? [String: Any]), place).isEmpty {
                    found += try faults(value, #require(schema["then"] as? [String: Any]), place)
                }
            default: found.append("\(place): the schema uses \(word), which this validator cannot check")
            }
        }
        return found
    }

    private func isBoolean(_ value: Any) -> Bool { value is Bool && !(value is String) && "\(value)".count > 1 }

    private func matches(_ value: Any, _ type: String) -> Bool {
        switch type {
        case "object": value is [String: Any]
        case "array": value is [Any]
        case "string": value is String
        case "number": value is NSNumber && !isBoolean(value)
        case "integer":
            value is NSNumber && !isBoolean(value) && (value as? NSNumber)?.doubleValue.remainder(dividingBy: 1) == 0
        default: false
        }
    }

    private func same(_ first: Any, _ second: Any) -> Bool {
        if let first = first as? String { return first == second as? String }
        guard let first = first as? NSNumber, let second = second as? NSNumber else { return false }
        return first == second
    }

    private func isWithin(_ value: Any, _ word: String, _ bound: Double) -> Bool {
        switch word {
        case "minItems": (value as? [Any]).map { Double($0.count) >= bound } ?? true
        case "maxItems": (value as? [Any]).map { Double($0.count) <= bound } ?? true
        case "minLength": (value as? String).map { Double($0.unicodeScalars.count) >= bound } ?? true
        case "minimum": (value as? NSNumber).map { $0.doubleValue >= bound } ?? true
        case "maximum": (value as? NSNumber).map { $0.doubleValue <= bound } ?? true
        default: (value as? NSNumber).map { $0.doubleValue > bound } ?? true
        }
    }
}
