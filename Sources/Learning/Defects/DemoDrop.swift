import Foundation
import Imaging
import Numerics

/// A camera drop for demonstrations and tests: rendered parts of both kinds as two cameras would have left them in a
/// night, and the bad files that a real drop contains. What is true of each file is written beside the drop, never in
/// it.
package struct DemoDrop: Sendable {
    /// The drop's folder.
    package let folder: String
    /// The table path,label,defect,caption,file,mask beside the drop. `path` is relative to the drop; `label` is
    /// good, defective, or none for files without a part; `file` is plain or a `DropOddity`; `mask` is relative to the
    /// table's folder.
    package let truthTable: String
    /// Files of the drop with a plain or oddly stored good part.
    package let good: Int
    /// Files of the drop with a plain or oddly stored defective part.
    package let defective: Int
    /// Files of the drop that must get no verdict.
    package let bad: Int

    /// The camera folder of a kind of part: `cam-plate`, `cam-fabric`.
    package static func camera(_ kind: PartKind) -> String { "cam-\(kind.rawValue)" }

    /// Writes a drop into a new or empty folder.
    ///
    /// Beside `drop` come `drop-truth/truth.csv` and `drop-truth/masks/…`. The same seed gives the same bytes.
    /// - Parameters:
    ///   - parts: plain parts, half of each kind, at least 2; the odd files come on top.
    ///   - defectiveShare: 0…1 of the plain parts, every kind of defect in turn.
    ///   - oddities: the odd files to add.
    ///   - side: width and height of the pictures in pixels.
    /// - Throws: `notEmpty`, `notWritable`, `invalidRequest`.
    package static func write(
        to folder: String, parts: Int, seed: UInt64, defectiveShare: Double = 0.3,
        oddities: [DropOddity] = DropOddity.allCases, side: Int = 320, kinds: [PartKind] = PartKind.allCases
    ) throws(DefectError) -> DemoDrop {
        guard parts >= 2 else {
            throw .invalidRequest(what: "demo drop: expected at least 2 parts, got \(parts)")
        }
        guard (0...1).contains(defectiveShare), (64...4096).contains(side), !kinds.isEmpty else {
            throw .invalidRequest(
                what:
                    "demo drop: expected a share of defects in 0...1, a side in 64...4096 and a kind of part, got \(defectiveShare), \(side) and \(kinds.count) kinds"
            )
        }
        let drop = try FolderWriter(folder)
        let name = drop.root.lastPathComponent
        let truth = try FolderWriter(
            drop.root.deletingLastPathComponent().appendingPathComponent("\(name)-truth").path)
        var session = DropSession(drop: drop, truth: truth, seed: seed, side: side)
        for kind in kinds { session.openCamera(kind) }

        // Which parts are defective is drawn; how many, and that every kind of defect comes, is not.
        let defectCount = Int((Double(parts) * defectiveShare).rounded())
        var random = RandomSource(seed: seed, stream: 0)
        let order = random.permutation(parts)
        var defects = [DefectKind?](repeating: nil, count: parts)
        for (position, part) in order.prefix(defectCount).enumerated() {
            defects[part] = DefectKind.allCases[position % DefectKind.allCases.count]
        }
        // Odd files come in between the parts, not at the end.
        var queue = oddities
        let gap = max(1, parts / (oddities.count + 1))
        for part in 0..<parts {
            try session.plain(kinds[part % kinds.count], defect: defects[part])
            if part % gap == gap - 1, !queue.isEmpty {
                try session.odd(queue.removeFirst(), kinds[(part / gap) % kinds.count])
            }
        }
        for oddity in queue { try session.odd(oddity, kinds[0]) }
        try truth.write(session.table.data, to: "truth.csv")
        return DemoDrop(
            folder: drop.root.path, truthTable: truth.root.appendingPathComponent("truth.csv").path,
            good: session.good, defective: session.defective, bad: session.bad)
    }
}

/// The state of a drop being written.
private struct DropSession {
    let drop: FolderWriter
    let truth: FolderWriter
    let seed: UInt64
    let side: Int
    var table = CommaTable(columns: ["path", "label", "defect", "caption", "file", "mask"])
    var good = 0
    var defective = 0
    var bad = 0
    private var clocks: [PartKind: CameraClock] = [:]
    private var random: RandomSource
    private var serial: UInt64 = 0
    /// The last plain file, which a duplicate repeats: its bytes and its truth.
    private var last: (data: Data, part: RenderedPart, extension: String)?

    init(drop: FolderWriter, truth: FolderWriter, seed: UInt64, side: Int) {
        self.drop = drop
        self.truth = truth
        self.seed = seed
        self.side = side
        random = RandomSource(seed: seed, stream: 1)
    }

    mutating func openCamera(_ kind: PartKind) { clocks[kind] = CameraClock(using: &random) }

    /// The next name of a camera: path without extension, and its time.
    private mutating func nextName(_ kind: PartKind) -> (path: String, moment: Date) {
        var clock = clocks[kind] ?? CameraClock(using: &random)
        let (stem, moment) = clock.next(using: &random)
        clocks[kind] = clock
        return ("\(DemoDrop.camera(kind))/\(kind.rawValue)_\(stem)", moment)
    }

    private mutating func render(_ kind: PartKind, _ defect: DefectKind?) -> RenderedPart {
        serial += 1
        // Not the streams of a data set of the same seed: what is inspected must not have been trained on.
        var stream = RandomSource(seed: seed ^ 0xCA3E_7A00_D20B_0001, stream: serial)
        return PartRenderer(kind: kind, width: side, height: side).render(defect: defect, using: &stream)
    }

    /// A part as a plain PNG or JPEG.
    mutating func plain(_ kind: PartKind, defect: DefectKind?) throws(DefectError) {
        let part = render(kind, defect)
        let (stem, moment) = nextName(kind)
        let isPNG = random.chance(0.6)
        let path = stem + (isPNG ? ".png" : ".jpg")
        let data = try FolderWriter.encode(path) { () throws(ImageError) in
            isPNG ? try part.image.pngData() : try part.image.jpegData(quality: 92)
        }
        try drop.write(data, to: path, modified: moment)
        try record(path, part, "plain")
        last = (data, part, isPNG ? ".png" : ".jpg")
    }

    /// A file that is odd in one way.
    mutating func odd(_ oddity: DropOddity, _ kind: PartKind) throws(DefectError) {
        if oddity == .duplicate {
            guard let last else { return }
            let (stem, moment) = nextName(last.part.kind)
            try drop.write(last.data, to: stem + last.extension, modified: moment)
            return try record(stem + last.extension, last.part, oddity.rawValue)
        }
        let (stem, moment) = nextName(kind)
        let isJPEG = [.truncatedJPEG, .cmyk, .rotated].contains(oddity)
        let path = stem + (isJPEG ? ".jpg" : ".png")
        if oddity == .symbolicLink {
            try truth.write(Data("not a part, and not in the drop\n".utf8), to: "outside.txt")
            // A camera's share has no links; one that leaves the drop must not be followed.
            try drop.link(path, to: "../../\(truth.root.lastPathComponent)/outside.txt")
            return record(path, oddity)
        }
        let part = render(kind, nil)
        let image = part.image
        let data = try FolderWriter.encode(path) { () throws(ImageError) in
            switch oddity {
            case .empty, .duplicate, .symbolicLink: Data()
            case .truncatedPNG, .growing: try image.pngData().half
            case .truncatedJPEG: try image.jpegData(quality: 92).half
            case .textAsPNG: Data("camera 2: trigger lost, no picture was taken\n".utf8)
            case .wrongExtension: try image.jpegData(quality: 92)
            case .sixteenBit: try image.png16Data()
            case .cmyk: try image.jpegData(JPEGOptions(quality: 92, isCMYK: true))
            case .rotated:
                // Stored turned to the right; orientation 6 tells the reader to turn it back.
                try image.turned(upright: .turnedRight).jpegData(JPEGOptions(quality: 92, orientation: .turnedLeft))
            case .bomb: BadBytes.bomb(side: 50_000)
            }
        }
        try drop.write(data, to: path, modified: oddity == .growing ? nil : moment)
        if oddity.isSound { try record(path, part, oddity.rawValue) } else { record(path, oddity) }
    }

    /// A row for a file with a part, and its mask.
    private mutating func record(_ path: String, _ part: RenderedPart, _ file: String) throws(DefectError) {
        var maskPath = ""
        if let mask = part.mask {
            maskPath = "masks/\(path.dropLast(4))_mask.png"
            let data = try FolderWriter.encode(maskPath) { () throws(ImageError) in try mask.pngData() }
            try truth.write(data, to: maskPath)
        }
        if part.defect == nil { good += 1 } else { defective += 1 }
        table.add([
            path, part.defect == nil ? "good" : "defective", part.defect?.rawValue ?? "", part.caption, file, maskPath,
        ])
    }

    /// A row for a file without a part.
    private mutating func record(_ path: String, _ oddity: DropOddity) {
        bad += 1
        table.add([path, "none", "", "", oddity.rawValue, ""])
    }
}

extension Data {
    /// The first half: a transfer that broke off.
    fileprivate var half: Data { Data(prefix(count / 2)) }
}
