import Numerics
import Testing

@Suite struct LayerScaleTests {
    static func store(_ width: Int) -> (ParameterStore<Double>, Parameter, ParameterLayout) {
        var layout = ParameterLayout()
        _ = layout.add("before", columns: 3, .ones)
        let scale = layout.add("scale", columns: width, .ones)
        var store = ParameterStore<Double>(zerosFor: layout)
        store[scale] = Array(Matrix<Double>.random(1, width, seed: 1).storage)[...]
        return (store, scale, layout)
    }

    @Test func addsTheScaledBranch() {
        let (store, scale, _) = Self.store(5)
        let x = Matrix<Double>.random(4, 5, seed: 2)
        let before = Matrix<Double>.random(4, 5, seed: 3)
        var y = before
        layerScaleForward(addingTo: &y, input: x, store: store, scale: scale)
        for row in 0..<4 {
            for column in 0..<5 {
                let expected = before[row, column] + x[row, column] * store[scale][scale.offset + column]
                #expect(abs(y[row, column] - expected) < 1e-15)
            }
        }
    }

    @Test func gradients() {
        let (store, scale, layout) = Self.store(5)
        let x = Matrix<Double>.random(4, 5, seed: 2)
        let dy = Matrix<Double>.random(4, 5, seed: 4)
        func loss(_ x: Matrix<Double>, _ store: ParameterStore<Double>) -> Double {
            var y = Matrix<Double>(rows: 4, columns: 5)
            layerScaleForward(addingTo: &y, input: x, store: store, scale: scale)
            return zip(y.storage, dy.storage).reduce(0) { $0 + $1.0 * $1.1 }
        }
        var dx = Matrix<Double>(rows: 0, columns: 5)
        var gradients = ParameterStore<Double>(zerosFor: layout)
        for _ in 0..<2 {  // a second backward adds to the parameters and overwrites dx
            layerScaleBackward(
                &dx, gradients: &gradients, outputGradient: dy, input: x, store: store, scale: scale)
        }
        let step = 1e-5
        for index in x.storage.indices {
            var (above, below) = (x, x)
            above.storage[index] += step
            below.storage[index] -= step
            #expect(abs((loss(above, store) - loss(below, store)) / (2 * step) - dx.storage[index]) < 1e-8)
        }
        for index in store.values.indices {
            var (above, below) = (store, store)
            above.values[index] += step
            below.values[index] -= step
            let numeric = (loss(x, above) - loss(x, below)) / (2 * step)
            #expect(abs(2 * numeric - gradients.values[index]) < 1e-8)
        }
    }
}
