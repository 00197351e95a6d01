import Numerics
import Score

/// Fits the mixture of good embeddings.
package enum MixtureFit {
    /// How the good patches of one kind of numbers are told apart.
    package struct Style: Sendable {
        /// Most kinds; fewer where there are not 64 patches for each.
        let mostKinds: Int
        /// How much more a disturbance counts than at places: kinds are narrower than places, and what moves a patch moves it
        /// out of its kind.
        let disturbanceGain: Double

        package static let embeddings = Style(mostKinds: 256, disturbanceGain: 10)
        /// What turns is another kind of gradients, while a learned embedding knows it again: on grey parts in free rotation 1,024
        /// kinds instead of 256 lift the low-level arm's image AUROC from 0.800 to 0.838, an embedding's mixture stays at
        /// 0.937 and 0.935. And a softer lens moves gradients further than a published encoder's tokens; a gain of 100 would
        /// cost macaroni1 0.010 where the encoder is trained here (Tests/Benchmarks/RESULTS.md).
        package static let lowLevel = Style(mostKinds: 1024, disturbanceGain: 30)
    }

    /// Patches there should be of each kind.
    static let patchesPerKind = 64
    /// Patches that kinds are found with, and rounds of Lloyd's algorithm on them.
    private static let sampled = 32_768
    private static let rounds = 12

    /// Kinds by k-means, and the mean and covariance of each, the covariances shrunk by k / (k + n) towards the pooled one, as
    /// those of `PlaceFit` are.
    ///
    /// - Parameters:
    ///   - components: components (N, k) of good parts, as `PlaceFit.components` makes them.
    ///   - disturbed: how components move when pictures change and the parts do not, as of `PlaceFit.fit`; every kind of
    ///     disturbance's second moments over all patches are added to the covariances.
    package static func fit(
        _ components: [Matrix<Float>], projection: Matrix<Float>, offset: [Float], disturbed: [[Matrix<Float>]] = [],
        style: Style = .embeddings, using random: inout RandomSource
    ) -> PatchGaussians? {
        let width = projection.rows
        let total = components.reduce(0) { $0 + $1.rows }
        guard total >= 2, width > 0 else { return nil }
        let centres = centres(
            sample(components, width: width, total: total), count: min(style.mostKinds, max(1, total / patchesPerKind)),
            using: &random)
        let kinds = NearestRows(centres)

        // Where each kind's patches stand, not the patches: all good ones are held once.
        var members = [[(part: Int, row: Int)]](repeating: [], count: centres.rows)
        for (part, patches) in components.enumerated() {
            for (row, kind) in kinds.nearest(patches).indices.enumerated() { members[kind].append((part, row)) }
        }
        var means = Matrix<Float>(rows: 0, columns: width)
        var moments: [(count: Int, square: Matrix<Double>)] = []
        var pooled = Matrix<Double>(rows: width, columns: width)
        for members in members where !members.isEmpty {
            var rows = Matrix<Float>(rows: members.count, columns: width)
            for (index, member) in members.enumerated() {
                rows.storage.replaceSubrange(
                    index * width..<(index + 1) * width, with: components[member.part].row(member.row))
            }
            let mean = columnMeans(rows)
            for index in rows.storage.indices { rows.storage[index] -= mean[index % width] }
            let square = Matrix<Double>(
                rows: width, columns: width,
                storage: product(rows, transposeA: true, rows).storage.map { Double($0) })
            addScaled(&pooled, 1 / Double(total), square)
            moments.append((members.count, square))
            means = Matrix(rows: means.rows + 1, columns: width, storage: means.storage + mean)
        }
        var shared = Matrix<Double>(rows: width, columns: width)
        for kind in disturbed where !kind.isEmpty {
            let rows = kind.reduce(0) { $0 + $1.rows }
            for part in kind {
                let square = product(part, transposeA: true, part)
                for index in shared.storage.indices {
                    shared.storage[index] += style.disturbanceGain * Double(square.storage[index]) / Double(rows)
                }
            }
        }
        let covariances = moments.map { count, square in
            let share = Double(width) / Double(width + count)
            var covariance = shared
            addScaled(&covariance, (1 - share) / Double(count), square)
            addScaled(&covariance, share, pooled)
            return covariance
        }
        return PatchGaussians(projection: projection, offset: offset, mean: means, covariances: covariances)
    }

    /// At most `sampled` patches, evenly from all parts.
    private static func sample(_ components: [Matrix<Float>], width: Int, total: Int) -> Matrix<Float> {
        let step = max(1, (total + sampled - 1) / sampled)
        var chosen: [Float] = []
        var index = 0
        for part in components {
            for row in 0..<part.rows {
                if index % step == 0 { chosen.append(contentsOf: part.row(row)) }
                index += 1
            }
        }
        return Matrix(rows: chosen.count / width, columns: width, storage: chosen)
    }

    /// Lloyd's algorithm from `count` random rows; centres that lose all their rows stay where they are.
    private static func centres(
        _ rows: Matrix<Float>, count: Int, using random: inout RandomSource
    ) -> Matrix<Float> {
        let width = rows.columns
        let first = random.permutation(rows.rows).prefix(count).sorted()
        var centres = Matrix(
            rows: first.count, columns: width, storage: first.flatMap { Array(rows.row($0)) })
        for _ in 0..<rounds {
            var sums = [Double](repeating: 0, count: centres.storage.count)
            var counts = [Int](repeating: 0, count: centres.rows)
            for (row, kind) in NearestRows(centres).nearest(rows).indices.enumerated() {
                counts[kind] += 1
                for (column, value) in rows.row(row).enumerated() { sums[kind * width + column] += Double(value) }
            }
            for kind in counts.indices where counts[kind] > 0 {
                for column in 0..<width {
                    centres[kind, column] = Float(sums[kind * width + column] / Double(counts[kind]))
                }
            }
        }
        return centres
    }

    private static func columnMeans(_ rows: Matrix<Float>) -> [Float] {
        var sums = [Double](repeating: 0, count: rows.columns)
        for (index, value) in rows.storage.enumerated() { sums[index % rows.columns] += Double(value) }
        return sums.map { Float($0 / Double(rows.rows)) }
    }
}
