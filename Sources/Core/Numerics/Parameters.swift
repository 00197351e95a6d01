/// Where one learned tensor lies in a `ParameterStore`: a row-major `rows` × `columns` matrix, or a vector (rows 1).
package struct Parameter: Sendable, Equatable {
    package let name: String
    package let offset: Int
    package let rows: Int
    package let columns: Int
    package let initialisation: Initialisation

    /// How a parameter starts.
    package enum Initialisation: Sendable, Equatable {
        case zeros
        case ones
        /// Normal with this standard deviation, cut at two of them.
        case normal(Double)
    }

    package var count: Int { rows * columns }
    package var range: Range<Int> { offset..<offset + count }
    /// Vectors (biases, norms, tokens) are not decayed.
    package var decays: Bool { rows > 1 && columns > 1 }

    /// The outputs of parts `range` of a projection that is `count` equally wide ones fused: of its matrix their rows, of
    /// its vector their numbers. Traps unless the outputs can be split so.
    package func parts(_ range: Range<Int>, of count: Int) -> Parameter {
        let outputs = rows > 1 ? rows : columns
        precondition(
            outputs % count == 0 && range.lowerBound >= 0 && range.upperBound <= count,
            "Parameter.parts: \(name): expected parts of \(count) out of \(outputs) outputs, got \(range)")
        let width = outputs / count
        return Parameter(
            name: name, offset: offset + range.lowerBound * width * (rows > 1 ? columns : 1),
            rows: rows > 1 ? range.count * width : 1, columns: rows > 1 ? columns : range.count * width,
            initialisation: initialisation)
    }
}

/// The names, shapes and places of a network's parameters, in the order they were added.
package struct ParameterLayout: Sendable {
    package private(set) var parameters: [Parameter] = []
    package private(set) var count = 0

    package init() {}

    /// Adds a tensor and returns its place. Traps on a name that is taken.
    package mutating func add(
        _ name: String, rows: Int = 1, columns: Int, _ initialisation: Parameter.Initialisation
    ) -> Parameter {
        precondition(!parameters.contains { $0.name == name }, "ParameterLayout: \(name) was added twice")
        let parameter = Parameter(
            name: name, offset: count, rows: rows, columns: columns, initialisation: initialisation)
        parameters.append(parameter)
        count += parameter.count
        return parameter
    }
}

/// All parameters of a network, or their gradients, in one flat array.
package struct ParameterStore<Scalar: KernelScalar>: Sendable {
    package var values: [Scalar]

    /// Zeros: what gradients start from.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package init(zerosFor layout: ParameterLayout) {
        values = [Scalar](repeating: 0, count: layout.count)
    }

    /// Parameters as their initialisations say.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package init(initialising layout: ParameterLayout, using random: inout RandomSource) {
        values = [Scalar](repeating: 0, count: layout.count)
        for parameter in layout.parameters {
            switch parameter.initialisation {
            case .zeros: break
            case .ones: for index in parameter.range { values[index] = 1 }
            case .normal(let deviation):
                for index in parameter.range {
                    var draw = random.normal()
                    while abs(draw) > 2 { draw = random.normal() }
                    values[index] = Scalar(draw * deviation)
                }
            }
        }
    }

    /// The numbers of one tensor.
    @inlinable
    package subscript(parameter: Parameter) -> ArraySlice<Scalar> {
        get { values[parameter.range] }
        set {
            precondition(
                newValue.count == parameter.count,
                "ParameterStore: \(parameter.name): expected \(parameter.count) numbers, got \(newValue.count)")
            values.replaceSubrange(parameter.range, with: newValue)
        }
    }

    /// Sets every number within `range` to zero.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package mutating func clear(_ range: Range<Int>) {
        values.withUnsafeMutableBufferPointer { UnsafeMutableBufferPointer(rebasing: $0[range]).update(repeating: 0) }
    }
}
