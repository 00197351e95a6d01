import Numerics
import Testing

@Suite struct LayerNormTests {
    static func layer(_ width: Int) -> (ParameterLayout, scale: Parameter, shift: Parameter) {
        var layout = ParameterLayout()
        let scale = layout.add("g", columns: width, .ones)
        let shift = layout.add("b", columns: width, .zeros)
        return (layout, scale, shift)
    }

    @Test(arguments: [1, 7, 16, 40, 192, 384], [true, false])
    func fastAgreesWithNaive(width: Int, affine: Bool) {
        let (layout, scale, shift) = Self.layer(width)
        let store = ParameterStore<Float>(drawing: layout, seed: 1)
        let x = Matrix<Float>.random(9, width, seed: 2, scale: 3)
        var y = Matrix<Float>(rows: 0, columns: width)
        var statistics = Matrix<Float>(rows: 0, columns: 2)
        layerNormForward(
            &y, statistics: &statistics, input: x, store: store, scale: affine ? scale : nil,
            shift: affine ? shift : nil, epsilon: 1e-6)
        let expected = Naive.layerNorm(
            x.wide, scale: affine ? store[scale].map(Double.init) : nil,
            shift: affine ? store[shift].map(Double.init) : nil, epsilon: 1e-6)
        #expect(relativeError(y.wide.storage, expected.storage) < 1e-6)  // a few roundings of 6e-8
    }

    @Test(arguments: [5, 16, 37], [true, false])
    func gradients(width: Int, affine: Bool) {
        let (layout, scale, shift) = Self.layer(width)
        let store = ParameterStore<Double>(drawing: layout, seed: 3)
        let x = Matrix<Double>.random(4, width, seed: 4)
        let dy = Matrix<Double>.random(4, width, seed: 5)
        func loss(_ values: [Double], _ x: Matrix<Double>) -> Double {
            var moved = store
            moved.values = values
            var y = Matrix<Double>(rows: 0, columns: width)
            var statistics = Matrix<Double>(rows: 0, columns: 2)
            layerNormForward(
                &y, statistics: &statistics, input: x, store: moved, scale: affine ? scale : nil,
                shift: affine ? shift : nil, epsilon: 1e-6)
            return dot(y.storage, dy.storage)
        }
        var y = Matrix<Double>(rows: 0, columns: width)
        var statistics = Matrix<Double>(rows: 0, columns: 2)
        layerNormForward(
            &y, statistics: &statistics, input: x, store: store, scale: affine ? scale : nil,
            shift: affine ? shift : nil, epsilon: 1e-6)
        let before = Matrix<Double>.random(4, width, seed: 6)
        var dx = before
        var gradients = ParameterStore<Double>(drawing: layout, seed: 7)
        let gradientsBefore = gradients
        layerNormBackward(
            addingTo: &dx, gradients: &gradients, outputGradient: dy, input: x, statistics: statistics, store: store,
            scale: affine ? scale : nil, shift: affine ? shift : nil)
        let byInput = centralDifferences(x.storage) {
            loss(store.values, Matrix(rows: 4, columns: width, storage: $0))
        }
        #expect(relativeError(zip(dx.storage, before.storage).map { $0 - $1 }, byInput) < gradientTolerance)
        let byParameters = centralDifferences(store.values) { loss($0, x) }
        let added = zip(gradients.values, gradientsBefore.values).map { $0 - $1 }
        #expect(relativeError(added, byParameters) < gradientTolerance)
    }

    @Test func constantRowsGiveTheShift() {
        let (layout, scale, shift) = Self.layer(20)
        let store = ParameterStore<Float>(drawing: layout, seed: 8)
        var x = Matrix<Float>(rows: 2, columns: 20)
        x.fill(1000)
        var y = x
        var statistics = Matrix<Float>(rows: 0, columns: 2)
        layerNormForward(
            &y, statistics: &statistics, input: x, store: store, scale: scale, shift: shift, epsilon: 1e-6)
        #expect(Array(y.row(1)) == Array(store[shift]))
    }

    @Test func notANumberStaysVisibleInItsRow() {
        let (layout, scale, shift) = Self.layer(40)
        let store = ParameterStore<Float>(drawing: layout, seed: 9)
        var x = Matrix<Float>.random(2, 40, seed: 10)
        x[1, 35] = .nan
        var y = x
        var statistics = Matrix<Float>(rows: 0, columns: 2)
        layerNormForward(
            &y, statistics: &statistics, input: x, store: store, scale: scale, shift: shift, epsilon: 1e-6)
        #expect(y.row(0).allSatisfy { $0.isFinite })
        #expect(y.row(1).allSatisfy { $0.isNaN })
    }
}
