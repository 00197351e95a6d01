import Foundation
import Numerics
import Testing

@testable import Network

@Suite("Low-level targets")
struct LowLevelTargetsTests {
    static func picture(_ height: Int, _ width: Int, _ value: (Int, Int) -> Float) -> [Float] {
        var plane: [Float] = []
        for y in 0..<height { for x in 0..<width { plane.append(value(y, x)) } }
        return plane + plane + plane
    }

    static func random(_ height: Int, _ width: Int, seed: UInt64) -> [Float] {
        var source = RandomSource(seed: seed)
        return (0..<3 * height * width).map { _ in Float(source.normal()) }
    }

    /// Targets fitted on the 640 patches of 40 random pictures, 32 x 32, seeds 0…39.
    static func fitted(width: Int, colour: Bool) -> LowLevelTargets {
        var all = Matrix<Float>(
            rows: 0, columns: colour ? LowLevelTargets.colourWidth : LowLevelTargets.textureWidth)
        for seed in 0..<40 as Range<UInt64> {
            let part = LowLevelTargets.descriptors(
                pixels: random(32, 32, seed: seed), height: 32, width: 32, patchSize: 8, colour: colour)
            all.storage.append(contentsOf: part.storage)
            all.rows += part.rows
        }
        return LowLevelTargets(fitting: all, patchSize: 8, width: width)
    }

    /// The definition, pixel by pixel, in Double.
    static func naive(_ pixels: [Float], height: Int, width: Int, patchSize: Int) -> [[Double]] {
        func mirrored(_ index: Int, _ count: Int) -> Int {
            index < 0 ? min(-index, count - 1) : index < count ? index : max(0, 2 * count - 2 - index)
        }
        let plane = height * width
        var grey = (0..<plane).map { i in (0..<3).reduce(0.0) { $0 + Double(pixels[$1 * plane + i]) } / 3 }
        func at(_ picture: [Double], _ y: Int, _ x: Int) -> Double {
            picture[mirrored(y, height) * width + mirrored(x, width)]
        }
        let columns = width / patchSize
        var result = [[Double]](
            repeating: [Double](repeating: 0, count: LowLevelTargets.textureWidth),
            count: height / patchSize * columns)
        var counts = result
        for scale in 0..<3 {
            if scale > 0 {
                let old = grey
                for y in 0..<height {
                    for x in 0..<width {
                        var sum = 0.0
                        for dy in -1...1 { for dx in -1...1 { sum += at(old, y + dy, x + dx) / 9 } }
                        grey[y * width + x] = sum
                    }
                }
            }
            let step = 1 << scale
            for y in 0..<height {
                for x in 0..<width {
                    let gx = (at(grey, y, x + step) - at(grey, y, x - step)) / 2
                    let gy = (at(grey, y + step, x) - at(grey, y - step, x)) / 2
                    let cellY = y % patchSize * 2 / patchSize
                    let cellX = x % patchSize * 2 / patchSize
                    for o in 0..<8 {
                        let angle = Double.pi * Double(o) / 8
                        let place = scale * 32 + (cellY * 2 + cellX) * 8 + o
                        let patch = y / patchSize * columns + x / patchSize
                        result[patch][place] += abs(gx * cos(angle) + gy * sin(angle))
                        counts[patch][place] += 1
                    }
                }
            }
        }
        for patch in result.indices {
            for i in result[patch].indices { result[patch][i] = log(result[patch][i] / counts[patch][i] + 0.02) }
        }
        return result
    }

    @Test("Descriptors are what their definition says", arguments: [(16, 24, 8), (12, 12, 4), (15, 20, 5), (21, 7, 7)])
    func againstTheDefinition(height: Int, width: Int, patchSize: Int) {
        let pixels = Self.random(height, width, seed: 1)
        let found = LowLevelTargets.descriptors(
            pixels: pixels, height: height, width: width, patchSize: patchSize, colour: false)
        let wanted = Self.naive(pixels, height: height, width: width, patchSize: patchSize)
        #expect(found.rows == wanted.count && found.columns == 96)
        for (patch, values) in wanted.enumerated() {
            for (index, value) in values.enumerated() { #expect(abs(Double(found[patch, index]) - value) < 1e-3) }
        }
    }

    @Test("Hues are each cell's mean opponent channels, twice", arguments: [(16, 24, 8), (15, 20, 5), (21, 7, 7)])
    func hues(height: Int, width: Int, patchSize: Int) {
        let pixels = Self.random(height, width, seed: 4)
        func describe(_ pixels: [Float], colour: Bool) -> Matrix<Float> {
            LowLevelTargets.descriptors(
                pixels: pixels, height: height, width: width, patchSize: patchSize, colour: colour)
        }
        let found = describe(pixels, colour: true)
        let grey = describe(pixels, colour: false)
        #expect(found.columns == 104 && grey.columns == 96 && found.rows == grey.rows)
        let plane = height * width
        let columns = width / patchSize
        var square = 0.0
        for patch in 0..<found.rows {
            #expect(Array(found.row(patch).prefix(96)) == Array(grey.row(patch)))
            var sums = [Double](repeating: 0, count: 8)
            var counts = sums
            for y in 0..<patchSize {
                for x in 0..<patchSize {
                    let pixel = (patch / columns * patchSize + y) * width + patch % columns * patchSize + x
                    let rgb = (0..<3).map { Double(pixels[$0 * plane + pixel]) }
                    let cell = y * 2 / patchSize * 2 + x * 2 / patchSize
                    for (hue, value) in [rgb[0] - rgb[1], (rgb[0] + rgb[1]) / 2 - rgb[2]].enumerated() {
                        sums[cell * 2 + hue] += value
                        counts[cell * 2 + hue] += 1
                        square += value * value
                    }
                }
            }
            for index in 0..<8 {
                #expect(abs(Double(found[patch, 96 + index]) - 2 * sums[index] / counts[index]) < 1e-4)
            }
        }
        let strength = Double(LowLevelTargets.hueStrength(pixels))
        #expect(abs(strength - (square / Double(2 * plane)).squareRoot()) < 1e-5)
        // What is added to all channels alike is no hue.
        let brighter = describe(pixels.map { $0 + 3 }, colour: true)
        for patch in 0..<found.rows {
            for index in 96..<104 { #expect(abs(brighter[patch, index] - found[patch, index]) < 1e-4) }
        }
    }

    @Test("A grey picture has no hue; a hue that no gradient shows is a target's difference")
    func colourCounts() {
        let grey = Self.picture(32, 32) { y, x in Float((y * 7 + x * 3) % 11) / 5 }
        #expect(LowLevelTargets.hueStrength(grey) == 0)
        let low = Self.fitted(width: 104, colour: true)
        #expect(low.hasColour && low.width == 104)
        // Red up, blue down by as much in one patch: the mean of the channels stays what it was.
        var stained = grey
        for y in 8..<16 {
            for x in 8..<16 {
                stained[y * 32 + x] += 0.5
                stained[2 * 32 * 32 + y * 32 + x] -= 0.5
            }
        }
        let before = low.targets(pixels: grey, height: 32, width: 32)
        let after = low.targets(pixels: stained, height: 32, width: 32)
        for patch in 0..<16 {
            let change = (0..<104).reduce(Float(0)) { max($0, abs(after[patch, $1] - before[patch, $1])) }
            #expect(patch == 5 ? change > 1 : change < 1e-3, "patch \(patch): \(change)")
        }
    }

    @Test("Brightness and inversion change nothing, contrast shifts all alike")
    func invariances() {
        let pixels = Self.random(16, 16, seed: 2)
        func descriptors(_ change: (Float) -> Float) -> Matrix<Float> {
            LowLevelTargets.descriptors(pixels: pixels.map(change), height: 16, width: 16, patchSize: 8, colour: false)
        }
        let plain = descriptors { $0 }
        let brighter = descriptors { $0 + 3 }
        let inverted = descriptors { -$0 }
        let stronger = descriptors { 100 * $0 }
        let strongest = descriptors { 1000 * $0 }
        for index in plain.storage.indices {
            #expect(abs(brighter.storage[index] - plain.storage[index]) < 1e-3)
            #expect(abs(inverted.storage[index] - plain.storage[index]) < 1e-5)
            #expect(abs(strongest.storage[index] - stronger.storage[index] - 2.302585) < 0.03)
        }
    }

    @Test("An even picture is finite: the floor's logarithm everywhere")
    func constant() {
        let found = LowLevelTargets.descriptors(
            pixels: Self.picture(16, 8) { _, _ in 0.7 }, height: 16, width: 8, patchSize: 8, colour: false)
        #expect(found.storage.allSatisfy { abs($0 - Float(log(0.02))) < 1e-4 })
        // Fitted on nothing but even pictures, the targets of another one are finite too.
        let targets = LowLevelTargets(fitting: found, patchSize: 8, width: 24)
        let other = targets.targets(pixels: Self.random(16, 8, seed: 3), height: 16, width: 8)
        #expect(other.columns == 24 && other.storage.allSatisfy { $0.isFinite })
    }

    @Test("A ramp's direction picks its bin", arguments: 0..<8)
    func orientation(bin: Int) {
        let angle = Double.pi * Double(bin) / 8
        let pixels = Self.picture(24, 24) { y, x in Float(Double(x) * cos(angle) + Double(y) * sin(angle)) }
        let found = LowLevelTargets.descriptors(pixels: pixels, height: 24, width: 24, patchSize: 8, colour: false)
        for scale in 0..<3 {
            for cell in 0..<4 {
                let energies = (0..<8).map { found[4, scale * 32 + cell * 8 + $0] }  // the middle patch: no border
                #expect(energies.indices.max { energies[$0] < energies[$1] } == bin)
                // The bin at right angles sees nothing.
                #expect(abs(energies[(bin + 4) % 8] - Float(log(0.02))) < 1e-2)
            }
        }
    }

    @Test("Fitted targets have no mean, no correlation and at most unit size")
    func fitting() {
        let low = Self.fitted(width: 24, colour: false)
        #expect(low.width == 24)
        var sums = [Double](repeating: 0, count: 24)
        var products = Matrix<Double>(rows: 24, columns: 24)
        for seed in 0..<40 as Range<UInt64> {
            let t = low.targets(pixels: Self.random(32, 32, seed: seed), height: 32, width: 32)
            for n in 0..<16 {
                for i in 0..<24 {
                    sums[i] += Double(t[n, i]) / 640
                    for j in 0..<24 { products[i, j] += Double(t[n, i]) * Double(t[n, j]) / 640 }
                }
            }
        }
        for i in 0..<24 {
            #expect(abs(sums[i]) < 1e-3)
            #expect(products[i, i] < 1.01 && products[i, i] > 0.3)
            for j in 0..<i { #expect(abs(products[i, j]) < 1e-2) }
        }
    }
}
