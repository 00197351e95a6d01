import Handover
import Masking
import Numerics

/// Says which patches of a picture the second pass hides.
///
/// Suspicion is read from the prediction of this one picture and nothing else, so that held-out good parts are treated
/// exactly as inspected ones are: the error √(mean of (ẑ − z)²) of a patch in units of the picture's median error,
/// averaged over the masked arms, plus the rank of its log-odds of damage among the picture's patches, from 0 to 1. A share
/// of the patches is always suspected, on good parts too: whether there is reason to is for calibration to say.
struct SecondPass {
    /// Neighbours of a suspicious patch that are hidden with it: a defect seldom ends where its suspicion does.
    static let dilation = 1
    /// Share of the grid that may be hidden at once: from less than half of a part the rest cannot be told.
    static let mostHidden = 0.5

    private let share: Double
    private let grid: PatchGrid
    private var suspicion: [Double]
    private var errors: [Float]
    private var ascending: [Float] = []
    private var order: [Int]

    /// - Parameter share: of the patches, in (0, 1), that are suspected; one patch at least.
    init(share: Double, grid: PatchGrid) {
        precondition(share > 0 && share < 1, "SecondPass: expected a share in (0, 1), got \(share)")
        self.share = share
        self.grid = grid
        suspicion = [Double](repeating: 0, count: grid.count)
        errors = [Float](repeating: 0, count: grid.count)
        order = Array(0..<grid.count)
    }

    /// The most suspicious patches of the picture, the worst first.
    ///
    /// - Parameters:
    ///   - masked: the masked arms, one at least; each (N, D).
    ///   - target: z, (N, D).
    ///   - damage: log-odds of damage, (N), where the model has them.
    mutating func suspects(
        masked: ArraySlice<PatchPrediction.Arm>, target: Matrix<Float>, damage: [Float]?
    ) -> [Int] {
        rate(masked, target: target, damage: damage)
        let suspicion = suspicion
        // Ties go to the lower index: the order is one and the same whatever was sorted before.
        order.sort { suspicion[$0] != suspicion[$1] ? suspicion[$0] > suspicion[$1] : $0 < $1 }
        let count = max(1, Int((share * Double(grid.count)).rounded()))
        return Array(order.prefix(count))
    }

    /// The mask that hides suspicious patches of a grid, the worst first, and their neighbours; nil where there are none, or
    /// where it would hide the whole grid.
    static func mask(around suspects: [Int], grid: PatchGrid) -> Mask? {
        Mask.around(
            suspicious: suspects, dilation: dilation, grid: grid, limit: Int(mostHidden * Double(grid.count)))
    }

    private mutating func rate(_ masked: ArraySlice<PatchPrediction.Arm>, target: Matrix<Float>, damage: [Float]?) {
        precondition(
            !masked.isEmpty && target.rows == grid.count,
            "SecondPass: expected masked arms over \(grid.count) patches, got \(masked.count) over \(target.rows)")
        for patch in suspicion.indices { suspicion[patch] = 0 }
        for arm in masked {
            for patch in errors.indices {
                errors[patch] = Self.comparable(Self.error(arm.predicted.row(patch), target.row(patch)))
            }
            // Where most patches are foretold exactly, the least normal number keeps the quotient finite in Double.
            let median = Double(max(medianError(), .leastNormalMagnitude))
            for patch in suspicion.indices { suspicion[patch] += Double(errors[patch]) / median / Double(masked.count) }
        }
        if let damage { addRanks(damage) }
    }

    /// The upper median of `errors`.
    private mutating func medianError() -> Float {
        ascending.removeAll(keepingCapacity: true)
        ascending.append(contentsOf: errors)
        ascending.sort()
        return ascending[ascending.count / 2]
    }

    /// suspicion += rank / (N − 1); equal log-odds have the rank of the first of them.
    private mutating func addRanks(_ damage: [Float]) {
        precondition(damage.count == grid.count, "SecondPass: expected \(grid.count) log-odds, got \(damage.count)")
        order.sort {
            let (first, second) = (Self.comparable(damage[$0]), Self.comparable(damage[$1]))
            return first != second ? first < second : $0 < $1
        }
        var rank = 0
        for (place, patch) in order.enumerated() {
            if place > 0, Self.comparable(damage[patch]) != Self.comparable(damage[order[place - 1]]) { rank = place }
            suspicion[patch] += Double(rank) / Double(max(1, grid.count - 1))
        }
    }

    private static func error(_ predicted: ArraySlice<Float>, _ target: ArraySlice<Float>) -> Float {
        var sum: Float = 0
        for (a, b) in zip(predicted, target) { sum += (a - b) * (a - b) }
        return (sum / Float(max(1, target.count))).squareRoot()
    }

    /// What is not a finite number is most suspicious, and can be sorted; the scorer rejects the picture later.
    private static func comparable(_ value: Float) -> Float { value.isFinite ? value : .greatestFiniteMagnitude }
}
