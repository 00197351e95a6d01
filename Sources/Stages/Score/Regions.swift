import Handover

/// Connected places of the patch grid.
package enum Regions {
    /// The part's worst place: its first region, and below the threshold what stands out by half of its greatest heat.
    package static func worst(of part: ScoredPart) -> Region {
        if let first = part.regions.first { return first }
        let greatest = part.anomalyMap.max() ?? 1
        let level = greatest > 0 ? min(1, greatest * 0.5) : greatest
        return above(level, map: part.anomalyMap, geometry: part.image.geometry)[0]
    }

    /// The 8-connected places where the map is at least `level`, greatest peak first, in original pixels.
    ///
    /// The mean of the top patches may reach a level only if the greatest of them does, so a part whose score is at or
    /// above `level` has at least one region.
    package static func above(_ level: Float, map: [Float], geometry: Geometry) -> [Region] {
        let rows = geometry.gridRows
        let columns = geometry.gridColumns
        precondition(map.count == rows * columns, "Regions: expected \(rows) x \(columns) values, got \(map.count)")
        var seen = [Bool](repeating: false, count: map.count)
        var regions: [Region] = []
        for start in map.indices where map[start] >= level && !seen[start] {
            var members: [Int] = []
            var stack = [start]
            seen[start] = true
            while let index = stack.popLast() {
                members.append(index)
                let row = index / columns
                let column = index % columns
                for y in max(0, row - 1)...min(rows - 1, row + 1) {
                    for x in max(0, column - 1)...min(columns - 1, column + 1) {
                        let next = y * columns + x
                        if map[next] >= level, !seen[next] {
                            seen[next] = true
                            stack.append(next)
                        }
                    }
                }
            }
            regions.append(region(members, map: map, geometry: geometry))
        }
        return regions.sorted { ($0.peak, -$0.y, -$0.x) > ($1.peak, -$1.y, -$1.x) }
    }

    private static func region(_ members: [Int], map: [Float], geometry: Geometry) -> Region {
        let columns = geometry.gridColumns
        let memberRows = members.map { $0 / columns }
        let memberColumns = members.map { $0 % columns }
        // In whole numbers, outwards: a rounded quotient could be a pixel off at borders that patches share.
        let rows = geometry.gridRows
        let left = (memberColumns.min() ?? 0) * geometry.originalWidth / columns
        let top = (memberRows.min() ?? 0) * geometry.originalHeight / rows
        let right = (((memberColumns.max() ?? 0) + 1) * geometry.originalWidth + columns - 1) / columns
        let bottom = (((memberRows.max() ?? 0) + 1) * geometry.originalHeight + rows - 1) / rows
        let peak = members.max { (map[$0], -$0) < (map[$1], -$1) } ?? members[0]
        let place = geometry.originalRectangle(row: peak / columns, column: peak % columns)
        let share = Double(members.count) / Double(map.count)
        return Region(
            x: left, y: top, width: max(1, right - left), height: max(1, bottom - top),
            areaPx: Int((share * Double(geometry.originalWidth * geometry.originalHeight)).rounded()),
            areaFraction: share, peak: Double(map[peak]),
            peakX: min(geometry.originalWidth - 1, Int(place.x + place.width / 2)),
            peakY: min(geometry.originalHeight - 1, Int(place.y + place.height / 2)), cells: members.sorted())
    }
}
