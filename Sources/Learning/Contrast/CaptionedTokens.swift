import Defects
import Numerics

/// `CaptionedPictures` as an encoder sees them: a fixed number of pairs is embedded once, and every step of training sees
/// some of them whole and through windows, in new words each time.
package struct CaptionedTokens: Sendable {
    /// One picture and what is seen of it.
    struct Draw: Sendable {
        /// The encoder's tokens, (N, C).
        let tokens: Matrix<Float>
        /// The whole picture first, then windows; as many in every draw.
        let views: [View]
    }

    /// A part of a picture with its caption.
    struct View: Sendable {
        /// The patches that are seen, row-major.
        let subset: [Int]
        let caption: String
        /// Views of the same group are no negatives of each other: their captions may mean the same.
        let group: Int
    }

    /// An embedded pair, without its pictures.
    private struct Sight: Sendable {
        let good: Matrix<Float>
        let bad: Matrix<Float>
        let damage: [Float]
        let defect: PaintedKind
        let names: [String]
        let source: Int
        let sentences: (good: String?, bad: String?)
    }

    package let gridRows: Int
    package let gridColumns: Int
    /// C.
    package let tokenWidth: Int
    /// Captions to learn words from.
    package let captions: [String]
    private let sights: [Sight]
    private let seed: UInt64

    /// Pairs that are embedded: 400 tokens of width 576 for each of their pictures take 240 MB in all.
    package static let usualCount = 128
    /// Groups of each kind of object: whole, then the kinds of damage.
    static let groupsPerSource = PaintedKind.allCases.count + 1
    /// Windows of each draw.
    static let windows = 3
    /// A window with a patch damaged by this share shows the damage; one with less than a fifth of it shows none.
    private static let visibleShare: Float = 0.15

    /// Embeds pairs of pictures.
    ///
    /// - Parameters:
    ///   - embedder: makes what embeds planes (3, H, W) in 0…1 as tokens (N, C); called once for every task.
    ///   - progress: called with the number of pairs that are done.
    ///     It gives nil where a picture cannot be embedded.
    /// - Throws: `stopped`; `notEmbedded`, also where it gives numbers that are none.
    package init(
        _ pictures: CaptionedPictures, count: Int = CaptionedTokens.usualCount, seed: UInt64, workers: Int,
        progress: @escaping @Sendable (Int) -> Void = { _ in },
        shouldStop: @escaping @Sendable () -> Bool = { false },
        embedder: @escaping @Sendable () -> (([Float]) -> Matrix<Float>?)
    ) throws(CLIPTrainingError) {
        precondition(count > 0, "CaptionedTokens: expected pairs, got \(count)")
        let chunk = 8
        let done = LockedValue(0)
        let parts = parallelMap(count: (count + chunk - 1) / chunk, workers: workers) { task -> [Sight?] in
            let embed = embedder()
            return (task * chunk..<min(count, (task + 1) * chunk)).map { index in
                guard !shouldStop() else { return nil }
                let pair = pictures.pair(index)
                guard let good = embed(pair.good), let bad = embed(pair.bad),
                    good.storage.allSatisfy(\.isFinite), bad.storage.allSatisfy(\.isFinite)
                else { return nil }
                progress(
                    done.withLock {
                        $0 += 1
                        return $0
                    })
                return Sight(
                    good: good, bad: bad, damage: pair.damage, defect: pair.defect, names: pair.names,
                    source: pair.source, sentences: pair.sentences)
            }
        }.flatMap { $0 }
        if shouldStop() { throw .stopped }
        sights = parts.compactMap(\.self)
        guard sights.count == count else { throw .notEmbedded }
        gridRows = pictures.gridRows
        gridColumns = pictures.gridColumns
        tokenWidth = sights[0].good.columns
        captions = pictures.captions + sights.flatMap { [$0.sentences.good, $0.sentences.bad].compactMap(\.self) }
        self.seed = seed
    }

    /// Draw `number` of a step: even numbers are good ones, and the odd one after is the same picture with damage, seen
    /// through the same windows. Depends on the seed, the step and the number alone.
    func draw(step: Int, number: Int) -> Draw {
        var random = RandomSource(seed: seed ^ 0xD2A3, stream: UInt64(step) << 20 | UInt64(number / 2))
        let sight = sights[random.integer(below: sights.count)]
        let whole = (patches: Array(sight.damage.indices), isDamaged: sight.damage.contains { $0 > 0 })
        var seen = [whole]
        for _ in 0..<Self.windows { seen.append(window(sight.damage, using: &random) ?? whole) }
        // The words of the two are drawn apart.
        var words = RandomSource(seed: seed ^ 0x70BD, stream: UInt64(step) << 20 | UInt64(number))
        let isBad = number % 2 == 1
        let views = seen.map { patches, isDamaged in
            view(
                patches, of: sight, shows: isBad && isDamaged, tellsKinds: step % 2 == 1, using: &words)
        }
        return Draw(tokens: isBad ? sight.bad : sight.good, views: views)
    }

    private func view(
        _ patches: [Int], of sight: Sight, shows isDamaged: Bool, tellsKinds: Bool, using words: inout RandomSource
    ) -> View {
        let defect = isDamaged ? sight.defect : nil
        let isWhole = patches.count == sight.damage.count
        let caption = DamageWords.caption(
            .init(
                names: sight.names, defect: defect,
                sentence: isWhole ? (isDamaged ? sight.sentences.bad : sight.sentences.good) : nil),
            tellsKinds: tellsKinds, using: &words)
        let kind = defect.flatMap { PaintedKind.allCases.firstIndex(of: $0) }.map { tellsKinds ? $0 + 1 : 1 } ?? 0
        return View(subset: patches, caption: caption, group: sight.source * Self.groupsPerSource + kind)
    }

    /// A square window of 2 to 5 patches a side, over damage most of the time; nil where it would show too little to be
    /// called either, or the grid is too small.
    private func window(
        _ damage: [Float], using random: inout RandomSource
    ) -> (patches: [Int], isDamaged: Bool)? {
        let least = min(gridRows, gridColumns)
        guard least > 2 else { return nil }
        let size = 2 + random.integer(below: min(4, least - 2))
        var row = random.integer(below: gridRows - size + 1)
        var column = random.integer(below: gridColumns - size + 1)
        let spots = damage.indices.filter { damage[$0] >= Self.visibleShare }
        if !spots.isEmpty, random.uniform() < 0.7 {
            let spot = spots[random.integer(below: spots.count)]
            row = min(gridRows - size, max(0, spot / gridColumns - random.integer(below: size)))
            column = min(gridColumns - size, max(0, spot % gridColumns - random.integer(below: size)))
        }
        let patches = (row..<row + size).flatMap { y in (column..<column + size).map { y * gridColumns + $0 } }
        let worst = patches.map { damage[$0] }.max() ?? 0
        if worst >= Self.visibleShare { return (patches, true) }
        return worst < Self.visibleShare / 5 ? (patches, false) : nil
    }
}
