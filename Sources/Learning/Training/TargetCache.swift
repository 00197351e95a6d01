import Numerics

/// Targets of clean pictures under a frozen encoder, at half precision: they never change, so each is computed once.
final class TargetCache: Sendable {
    private let targets = LockedValue<[Int: [Float16]]>([:])

    /// Room that the cache may take; larger galleries compute their targets again and again.
    static let largest = 1_000_000_000

    /// nil when all the targets of `pictures` pictures of `patches` × `width` numbers would take too much room.
    init?(pictures: Int, patches: Int, width: Int) {
        guard pictures * patches * width * 2 <= Self.largest else { return nil }
    }

    /// Fills `target` with the targets of these pictures, one below the other; false when one is not known yet.
    func fill(_ target: inout Matrix<Float>, pictures: [Int]) -> Bool {
        let known = targets.withLock { targets in pictures.map { targets[$0] } }
        guard known.allSatisfy({ $0 != nil }) else { return false }
        target.storage.removeAll(keepingCapacity: true)
        for values in known { target.storage.append(contentsOf: (values ?? []).lazy.map { Float($0) }) }
        target.rows = target.storage.count / target.columns
        return true
    }

    /// Keeps what a pass over these pictures gave.
    func keep(_ target: Matrix<Float>, pictures: [Int]) {
        let size = target.storage.count / max(1, pictures.count)
        for (place, picture) in pictures.enumerated() {
            let values = target.storage[place * size..<(place + 1) * size].map { Float16($0) }
            targets.withLock { $0[picture] = values }
        }
    }
}
