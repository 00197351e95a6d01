import Numerics

/// One region that a search found.
package struct RegionMatch: Sendable, Equatable {
    /// Number of the batch in its file, and of the region in its batch.
    package let batch: Int
    package let row: Int
    /// Cosine between the words and the region, −1…1.
    package let similarity: Float

    package init(batch: Int, row: Int, similarity: Float) {
        self.batch = batch
        self.row = row
        self.similarity = similarity
    }

    /// Nearer first; of equally near ones the later run, then the earlier region. So the order does not depend on
    /// which worker came first.
    static func comesBefore(_ a: RegionMatch, _ b: RegionMatch) -> Bool {
        if a.similarity != b.similarity { return a.similarity > b.similarity }
        return a.batch != b.batch ? a.batch > b.batch : a.row < b.row
    }
}

/// The best so many of the matches that came by: a heap with the worst on top.
struct BestMatches {
    private let limit: Int
    private var heap: [RegionMatch] = []

    init(limit: Int) { self.limit = limit }

    /// What a match must reach to be kept.
    var bar: Float { heap.count < limit ? -.infinity : heap[0].similarity }

    /// Takes the match in if it is among the best so far.
    mutating func offer(_ match: RegionMatch) {
        if heap.count < limit {
            heap.append(match)
            var child = heap.count - 1
            while child > 0, RegionMatch.comesBefore(heap[(child - 1) / 2], heap[child]) {
                heap.swapAt(child, (child - 1) / 2)
                child = (child - 1) / 2
            }
        } else if limit > 0, RegionMatch.comesBefore(match, heap[0]) {
            heap[0] = match
            var parent = 0
            while true {
                var worst = parent
                for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                    if RegionMatch.comesBefore(heap[worst], heap[child]) { worst = child }
                }
                if worst == parent { break }
                heap.swapAt(parent, worst)
                parent = worst
            }
        }
    }

    /// Best first.
    var sorted: [RegionMatch] { heap.sorted(by: RegionMatch.comesBefore) }
}

extension RegionIndexFile {
    /// The regions nearest to an embedding by cosine: exactly, every region is compared.
    ///
    /// - Parameters:
    ///   - embedding: of unit length, (width); traps on another width.
    ///   - limit: how many at most.
    ///   - minimum: least similarity.
    ///   - batches: the batches to search, by number.
    ///   - camera: only of this camera; nil for all.
    ///   - workers: threads; the result does not depend on them.
    /// - Returns: nearest first. Throws `RegionIndexError`, `damaged` as soon as anything that is read is not as it was
    ///   written: an incomplete answer would look like a complete one.
    package func nearest(
        to embedding: [Float], limit: Int, minimum: Float, batches numbers: [Int], camera: String? = nil, workers: Int
    ) throws(RegionIndexError) -> [RegionMatch] {
        precondition(
            embedding.count == space.width, "nearest: expected \(space.width) numbers, got \(embedding.count)")
        let blocks = numbers.flatMap { number -> [(batch: Int, block: Int, camera: UInt32?)] in
            var wanted: UInt32?
            if let camera {
                guard let place = batches[number].cameras.firstIndex(of: camera) else { return [] }
                wanted = UInt32(place)
            }
            return (0..<batches[number].header.blocks).map { (number, $0, wanted) }
        }
        // A few tasks for each worker: the rest of an uneven share is short, and every task needs its room but once.
        let tasks = max(1, min(blocks.count, 4 * workers))
        let results = parallelMap(count: tasks, workers: workers) { task -> Result<[RegionMatch], RegionIndexError> in
            let share = blocks[(blocks.count * task / tasks)..<(blocks.count * (task + 1) / tasks)]
            var best = BestMatches(limit: limit)
            var room = [UInt8](
                repeating: 0, count: IndexLayout.rowsPerBlock(width: self.space.width) * self.space.width * 2)
            var products: [Float] = []
            do throws(RegionIndexError) {
                for (batch, block, camera) in share {
                    let rows = try self.read(block: block, of: batch, into: &room)
                    halfRowProducts(&products, rows: room, count: rows, vector: embedding)
                    let first = block * IndexLayout.rowsPerBlock(width: self.space.width)
                    for row in 0..<rows {
                        // Rounding may carry a cosine past 1.
                        let similarity = min(1, max(-1, products[row]))
                        guard similarity >= minimum, similarity >= best.bar else { continue }
                        if let camera, self.cameraNumber(first + row, of: batch) != camera { continue }
                        best.offer(RegionMatch(batch: batch, row: first + row, similarity: similarity))
                    }
                }
                return .success(best.sorted)
            } catch {
                return .failure(error)
            }
        }
        var best = BestMatches(limit: limit)
        for result in results {
            for match in try result.get() { best.offer(match) }
        }
        return best.sorted
    }

    private func cameraNumber(_ row: Int, of batch: Int) -> UInt32 {
        batches[batch].records.half(at: row * IndexLayout.recordBytes + 12)
    }
}
