import Numerics

/// Numbers that depend on a clean picture's view alone and never change, such as its targets under a frozen encoder:
/// each view's are computed once while there is room, and again and again beyond. The same is given back whether it was
/// kept or not, so a training repeats to the bit whoever computes what first.
final class ViewCache<Number: Sendable>: Sendable {
    private struct Kept {
        var numbers: [PictureView: [Number]] = [:]
        var count = 0
    }

    private let kept = LockedValue(Kept())
    private let largest: Int

    /// - Parameter room: bytes that may be kept.
    init(room: Int) { largest = room / MemoryLayout<Number>.stride }

    /// The numbers of one view; `compute` makes them where they are not known.
    func numbers(of view: PictureView, compute: () -> [Number]) -> [Number] {
        if let known = kept.withLock({ $0.numbers[view] }) { return known }
        let fresh = compute()
        kept.withLock { kept in
            guard kept.count + fresh.count <= largest, kept.numbers[view] == nil else { return }
            kept.numbers[view] = fresh
            kept.count += fresh.count
        }
        return fresh
    }
}

/// What all shards of a training remember of clean pictures.
struct TargetCaches: Sendable {
    /// A frozen encoder's targets, (N · contextWidth) of each view, at half precision: a 224 px picture takes 75 kB a
    /// target block. Empty where the encoder learns.
    let learned = ViewCache<Float16>(room: 1_000_000_000)
    /// Low-level targets, (N · lowLevelWidth) of each view.
    let lowLevel = ViewCache<Float>(room: 200_000_000)
}
