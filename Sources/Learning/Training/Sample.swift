/// A picture as it lies: everything that a clean sample shows.
struct PictureView: Sendable, Hashable {
    let picture: Int
    let orientation: Orientation
    /// True under the interleaved grid: moved by half a patch.
    let isInterleaved: Bool
}

/// One sample of a batch, drawn before the shards compute.
struct Sample: Sendable {
    let view: PictureView
    /// Clean planes (3, H, W).
    let clean: [Float]
    /// What the context encoder sees: the clean picture, or a damaged one with noise.
    let seen: [Float]
    /// Share of visibly damaged pixels of each patch, (N); empty when the picture is whole, `seen` being `clean` then.
    let damage: [Float]
    /// Patches the context encoder sees, and those it must predict unseen.
    let visible: [Int]
    let hidden: [Int]
    /// Which line's query it is shown under.
    var query = 0
    /// True when the picture is another line's: flawless, and wrong in every patch.
    var isWrongPart = false

    /// True when the context is the clean picture with nothing hidden: the sequence that gives the targets gives the
    /// context too.
    var seesAll: Bool { damage.isEmpty && hidden.isEmpty }
}

/// When a patch counts as damaged: from this share of visibly changed pixels on; between 0 and it, it counts as
/// neither (a grazed corner tells nothing).
enum DamageLabel {
    static let damaged: Float = 0.06
    /// How much more a damaged patch counts than a whole one, because few are. Those of a wrong part are many: they
    /// are weighed down by it again.
    static let positiveWeight: Float = 4
    /// Mean absolute difference over the channels, in normalised units, from which a pixel is visibly changed.
    static let visible: Float = 0.08
}

/// What each row of a shard's prediction should have been, and how much it counts.
struct LossRows {
    /// The row of the shard's targets, (R).
    private(set) var wanted: [Int] = []
    /// 1 for patches that were hidden, and for those that were seen.
    private(set) var hidden: [Float] = []
    private(set) var visible: [Float] = []
    /// Weights of both together.
    private(set) var weights: [Float] = []
    /// 1 for damaged patches, and 1 for patches that tell something about damage.
    private(set) var damage: [Float] = []
    private(set) var damageWeights: [Float] = []

    init(_ samples: [Sample], patchCount: Int, visibleWeight: Float) {
        for (index, sample) in samples.enumerated() {
            if sample.isWrongPart {
                addWrongPart(sample, first: index * patchCount)
                continue
            }
            for patch in sample.visible {
                let fraction = sample.damage.isEmpty ? 0 : sample.damage[patch]
                add(
                    patch + index * patchCount, hidden: 0, visible: 1, weight: visibleWeight,
                    damage: fraction > DamageLabel.damaged ? 1 : 0,
                    damageWeight: fraction == 0 || fraction > DamageLabel.damaged ? 1 : 0)
            }
            for patch in sample.hidden {
                add(patch + index * patchCount, hidden: 1, visible: 0, weight: 1, damage: 0, damageWeight: 0)
            }
        }
    }

    /// All of a wrong part is damaged, and none of it is there to be predicted: what a part looks like that should not be
    /// there is not for this query to know.
    private mutating func addWrongPart(_ sample: Sample, first: Int) {
        for patch in sample.visible {
            add(
                patch + first, hidden: 0, visible: 0, weight: 0, damage: 1,
                damageWeight: 1 / DamageLabel.positiveWeight)
        }
        for patch in sample.hidden {
            add(patch + first, hidden: 0, visible: 0, weight: 0, damage: 0, damageWeight: 0)
        }
    }

    private mutating func add(
        _ row: Int, hidden: Float, visible: Float, weight: Float, damage: Float, damageWeight: Float
    ) {
        wanted.append(row)
        self.hidden.append(hidden)
        self.visible.append(visible)
        weights.append(weight)
        self.damage.append(damage)
        damageWeights.append(damageWeight)
    }
}

/// Deals a batch out to shards of a fixed size so that each has about the same work: the step waits for the slowest.
/// Depends on the samples alone, not on the number of workers.
enum ShardPlan {
    /// Indices of the samples of each shard, ascending; every shard but the last holds `size`.
    ///
    /// - Parameter work: how long each sample takes, in any unit. The longest is dealt first, each to the shard with the
    ///   least work that still has a place (longest processing time first, Graham 1969).
    static func deal(work: [Int], size: Int) -> [[Int]] {
        let count = max(1, (work.count + size - 1) / size)
        var shards = [[Int]](repeating: [], count: count)
        var sums = [Int](repeating: 0, count: count)
        let order = work.indices.sorted { (work[$1], $0) < (work[$0], $1) }
        for sample in order {
            let open = shards.indices.filter { shards[$0].count < min(size, work.count - $0 * size) }
            guard let shard = open.min(by: { (sums[$0], $0) < (sums[$1], $1) }) else { break }
            shards[shard].append(sample)
            sums[shard] += work[sample]
        }
        return shards.map { $0.sorted() }
    }
}
