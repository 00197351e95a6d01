import Foundation
import Numerics
import Testing

@Suite struct QuickGELUTests {
    static func naive(_ x: Double) -> Double { x / (1 + exp(-1.702 * x)) }

    @Test(arguments: [1, 15, 16, 17, 333])
    func agreesWithNaive(width: Int) {
        let x = Matrix<Float>.random(3, width, seed: 1, scale: 4)
        var y = Matrix<Float>(rows: 0, columns: width)
        quickGELUForward(&y, input: x)
        for (x, y) in zip(x.storage, y.storage) {
            #expect(abs(Double(y) - Self.naive(Double(x))) <= 1e-6 * max(1, abs(Double(x))), "\(x)")
        }
    }

    @Test func endsAndFaults() {
        let x = Matrix<Float>(rows: 1, columns: 4, storage: [-1000, 1000, 0, .nan])
        var y = Matrix<Float>(rows: 0, columns: 4)
        quickGELUForward(&y, input: x)
        #expect(abs(y[0, 0]) < 1e-30 && y[0, 1] == 1000 && y[0, 2] == 0 && y[0, 3].isNaN)
        var slope = Matrix<Float>(rows: 1, columns: 4, storage: [1, 1, 1, 1])
        quickGELUBackward(&slope, input: x)
        #expect(abs(slope[0, 0]) < 1e-30 && slope[0, 1] == 1 && slope[0, 2] == 0.5 && slope[0, 3].isNaN)
    }

    @Test(arguments: [5, 16, 37])
    func gradient(width: Int) {
        let x = Matrix<Double>.random(2, width, seed: 2, scale: 2)
        var dx = Matrix<Double>.random(2, width, seed: 3)
        let dy = dx
        quickGELUBackward(&dx, input: x)
        for (index, x) in x.storage.enumerated() {
            let numeric = (Self.naive(x + 1e-5) - Self.naive(x - 1e-5)) / 2e-5
            #expect(abs(dx.storage[index] - dy.storage[index] * numeric) < 1e-8)
        }
    }
}
