import Foundation
import Network
import Numerics
import Testing

@Suite struct PositionsTests {
    /// PyTorch's `interpolate(mode="bicubic", align_corners=False)`, made by `Tests/Core/NumericsTests/Golden/golden_numbers.py`.
    static let golden5x4: [Double] = [
        -1.5387822265624995, 0.4941669921874998, -0.8997939453124996, 1.2474628906249994, -0.07033496093749984,
        0.6596943359374997, 0.3518330078124998, -0.8455546874999995, -0.3040346679687502, 0.28816699218750025,
        -0.7745693359375004, 1.0632158203124997, -0.5709663085937501, 0.3823447265624996, 0.16004492187500047,
        -1.2637666015625002, 1.1435546875, -0.0538330078125, -0.3616943359375, 0.699462890625, -0.949462890625,
        0.1116943359375, -0.1961669921875, -1.3935546875, 0.8929653320312494, -0.39583300781249947, 0.6290834960937488,
        0.17256298828125063, -0.05178759765625065, 0.37616601562499985, -0.6589682617187493, 0.06824658203124866,
        0.3792177734375, -0.6018330078125002, 1.3493339843750005, -0.1796650390625001, 0.7615654296875003,
        0.6497939453125002, -0.9605039062500004, 1.2887822265625006,
    ]
    static let golden2x2: [Double] = [
        -0.7455635070800781, 0.6479301452636719, -0.036464691162109375, -0.44098663330078125, 0.747650146484375,
        -0.23883819580078125, -0.3412666320800781, 0.4702606201171875,
    ]

    /// The same with `antialias=True`.
    static let smooth5x4: [Double] = [
        -1.4698324415657564, 0.49855674457899196, -0.8722840955221773, 1.148119385071571, -0.11514905483876647,
        0.5938630707591296, 0.32691495353421585, -0.8167417628836948, -0.4207924927600806, 0.30783582089552264,
        -0.7113374893539789, 0.966037446071793, -0.47391724725297757, 0.357182748558424, 0.1426264201381156,
        -1.1370294052127428, 1.1044776119402986, -0.03917910447761194, -0.3061272217025257, 0.6103835360149673,
        -0.8603835360149672, 0.056127221702525765, -0.21082089552238809, -1.3544776119402986, 0.7937597460458903,
        -0.38619402985074647, 0.6371190120492025, 0.13810333272831332, 0.028264314535833668, 0.37552357482931464,
        -0.651105480062375, 0.17722488304744977, 0.412243030132357, -0.5769149535342157, 1.2172900082955327,
        -0.13485094516123342, 0.6630336939830912, 0.6222840955221772, -0.9030554773303295, 1.2198324415657562,
    ]
    static let smooth2x2: [Double] = [
        -0.5900364311865384, 0.6922292588288943, -0.21889693890433334, -0.24669826269101236, 0.6939954242017472,
        -0.07414609575682303, -0.24493209731815954, 0.2969933965253819,
    ]

    static let learned = Matrix<Double>(
        rows: 9, columns: 2, storage: (0..<18).map { Double((7 * $0) % 11 - 5) / 4 })

    @Test func interpolationAgreesWithPyTorch() {
        let larger = Positions.interpolated(Self.learned, side: 3, rows: 5, columns: 4)
        #expect(relativeError(larger.storage, Self.golden5x4) < 1e-14)
        let smaller = Positions.interpolated(Self.learned, side: 3, rows: 2, columns: 2)
        #expect(relativeError(smaller.storage, Self.golden2x2) < 1e-14)
        #expect(Positions.interpolated(Self.learned, side: 3, rows: 3, columns: 3) == Self.learned)
        func smooth(_ rows: Int, _ columns: Int) -> Matrix<Double> {
            Positions.interpolated(Self.learned, side: 3, rows: rows, columns: columns, by: .antialiasedBicubic)
        }
        #expect(relativeError(smooth(5, 4).storage, Self.smooth5x4) < 1e-14)
        #expect(relativeError(smooth(2, 2).storage, Self.smooth2x2) < 1e-14)
        #expect(smooth(3, 3) == Self.learned)
    }

    static let interpolations = [Positions.Interpolation.bicubic, .antialiasedBicubic]

    @Test(arguments: [(1, 1), (7, 2), (30, 41)], interpolations)
    func interpolationKeepsConstants(grid: (Int, Int), interpolation: Positions.Interpolation) {
        let (rows, columns) = grid
        var constant = Matrix<Double>(rows: 16, columns: 3)
        constant.fill(1.25)
        let result = Positions.interpolated(constant, side: 4, rows: rows, columns: columns, by: interpolation)
        #expect(result.rows == rows * columns && result.storage.allSatisfy { abs($0 - 1.25) < 1e-14 })
    }

    /// ⟨interpolated x, y⟩ = ⟨x, backward y⟩: the backward is the transpose of the forward.
    @Test(arguments: [(1, 1), (2, 7), (9, 4)], interpolations)
    func backwardIsTheTranspose(grid: (Int, Int), interpolation: Positions.Interpolation) {
        let (rows, columns) = grid
        let x = Matrix<Double>.random(16, 3, seed: 1)
        let y = Matrix<Double>.random(rows * columns, 3, seed: 2)
        let there = Positions.interpolated(x, side: 4, rows: rows, columns: columns, by: interpolation)
        let back = Positions.interpolatedBackward(y, side: 4, rows: rows, columns: columns, by: interpolation)
        #expect(abs(dot(there.storage, y.storage) - dot(x.storage, back.storage)) < 1e-12)
    }

    @Test func sineCosineSumsToOne() {
        let width = 16
        let positions: Matrix<Double> = Positions.sineCosine(rows: 5, columns: 7, width: width)
        for n in 0..<35 {
            for index in 0..<width / 4 {
                let row = hypot(positions[n, index], positions[n, width / 4 + index])
                let column = hypot(positions[n, width / 2 + index], positions[n, 3 * width / 4 + index])
                #expect(abs(row - 1) < 1e-14 && abs(column - 1) < 1e-14)
            }
        }
        // The lowest index turns by one radian per patch.
        #expect(abs(positions[7 * 3 + 2, 0] - sin(3)) < 1e-14 && abs(positions[7 * 3 + 2, width / 2] - sin(2)) < 1e-14)
    }

    /// The product of two positions depends on how far they are apart, not on where they lie.
    @Test func sineCosineKnowsDistances() {
        let positions: Matrix<Double> = Positions.sineCosine(rows: 8, columns: 8, width: 32)
        func similarity(_ a: (Int, Int), _ b: (Int, Int)) -> Double {
            dot(Array(positions.row(a.0 * 8 + a.1)), Array(positions.row(b.0 * 8 + b.1)))
        }
        #expect(abs(similarity((0, 0), (2, 3)) - similarity((5, 4), (7, 7))) < 1e-12)
        #expect(abs(similarity((1, 1), (1, 1)) - 16) < 1e-12)
        #expect(similarity((3, 3), (3, 4)) > similarity((3, 3), (3, 5)))
        let unique = Set((0..<64).map { Array(positions.row($0)) })
        #expect(unique.count == 64)
    }
}
