import Handover
import Numerics
import Testing

@testable import Score

@Suite("Regions")
struct RegionsTests {
    static func geometry(_ rows: Int, _ columns: Int, width: Int, height: Int) -> Geometry {
        Geometry(
            originalWidth: width, originalHeight: height, inputWidth: columns * 8, inputHeight: rows * 8, patchSize: 8)
    }

    @Test("Patches that touch by a corner are one region, patches apart are two")
    func connectivity() {
        let geometry = Self.geometry(4, 4, width: 32, height: 32)
        let diagonal: [Float] = [2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        let one = Regions.above(1, map: diagonal, geometry: geometry)
        #expect(one.count == 1 && one[0].peak == 3)
        #expect(one[0].x == 0 && one[0].y == 0 && one[0].width == 16 && one[0].height == 16)
        #expect(one[0].areaPx == 128 && one[0].areaFraction == 0.125)
        let apart: [Float] = [2, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]
        let three = Regions.above(1, map: apart, geometry: geometry)
        #expect(three.map(\.peak) == [3, 2, 1])
        // Right and left border are no neighbours.
        let wrapped: [Float] = [0, 0, 0, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        #expect(Regions.above(1, map: wrapped, geometry: geometry).count == 2)
        #expect(Regions.above(4, map: apart, geometry: geometry).isEmpty)
    }

    @Test(
        "A hot patch is found within half a patch, in pixels of the original, whatever its shape",
        arguments: [(14, 14, 900, 900), (10, 20, 1999, 1000), (20, 10, 333, 1001), (1, 9, 90, 17), (7, 3, 20, 61)])
    func planted(rows: Int, columns: Int, width: Int, height: Int) throws {
        let geometry = Self.geometry(rows, columns, width: width, height: height)
        for patch in 0..<rows * columns {
            var map = [Float](repeating: 0, count: rows * columns)
            map[patch] = 1.5
            let region = try #require(Regions.above(1, map: map, geometry: geometry).first)
            let cell = geometry.originalRectangle(row: patch / columns, column: patch % columns)
            #expect(abs(Double(region.peakX) - (cell.x + cell.width / 2)) <= max(1, cell.width / 2))
            #expect(abs(Double(region.peakY) - (cell.y + cell.height / 2)) <= max(1, cell.height / 2))
            // The box holds the patch, goes less than a pixel beyond it and stays inside the picture.
            #expect(Double(region.x) <= cell.x + 1e-9 && Double(region.x) > cell.x - 1)
            #expect(Double(region.y) <= cell.y + 1e-9 && Double(region.y) > cell.y - 1)
            let right = Double(region.x + region.width)
            let bottom = Double(region.y + region.height)
            #expect(right >= cell.x + cell.width - 1e-9 && right < cell.x + cell.width + 1)
            #expect(bottom >= cell.y + cell.height - 1e-9 && bottom < cell.y + cell.height + 1)
            #expect(region.x >= 0 && region.y >= 0 && Int(right) <= width && Int(bottom) <= height)
            #expect(region.peakX < width && region.peakY < height)
        }
    }

    @Test("Every patch at or above the level lies in exactly one region's box, and areas add up")
    func randomMaps() {
        var random = RandomSource(seed: 3)
        let geometry = Self.geometry(9, 13, width: 130, height: 90)
        for _ in 0..<50 {
            let map = Made.normals(117, &random)
            let regions = Regions.above(1, map: map, geometry: geometry)
            let hot = map.count { $0 >= 1 }
            #expect(abs(regions.reduce(0) { $0 + $1.areaFraction } * 117 - Double(hot)) < 1e-9)
            for index in map.indices where map[index] >= 1 {
                let x = index % 13 * 10
                let y = index / 13 * 10
                let holders = regions.filter {
                    $0.x <= x && $0.y <= y && $0.x + $0.width >= x + 10 && $0.y + $0.height >= y + 10
                }
                #expect(!holders.isEmpty)
            }
            #expect(regions.map(\.peak) == regions.map(\.peak).sorted(by: >))
            #expect((regions.first?.peak ?? 0) == Double(map.max()! >= 1 ? map.max()! : 0))
        }
    }
}
