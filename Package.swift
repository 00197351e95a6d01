// swift-tools-version: 6.2
// nightshift: one package, no dependencies beyond the toolchain and three C libraries.
// The floors, from the ground up; a target may import only from its own floor's list below it.
import PackageDescription

/// A room of the house: one SwiftPM target in `Sources/<floor>/<name>`.
func room(_ name: String, floor: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(floor)/\(name)")
}

/// The tests of a room, mirrored under `Tests/<floor>/<name>Tests`.
/// `golden`: it has a folder `Golden` with fixtures and the script that makes them.
func tests(
    _ name: String, floor: String, _ dependencies: [Target.Dependency] = [], golden: Bool = false
) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies,
        path: "Tests/\(floor)/\(name)Tests", exclude: golden ? ["Golden"] : [])
}

let bridges: [Target] = [
    .target(
        name: "CImageCodecs", path: "Sources/Bridges/CImageCodecs",
        linkerSettings: [.linkedLibrary("png"), .linkedLibrary("jpeg")])
]

let core: [Target] = [
    room("Numerics", floor: "Core"),
    room("Files", floor: "Core"),
    room("Imaging", floor: "Core", ["CImageCodecs"]),
    room("Masking", floor: "Core", ["Numerics"]),
    room("Network", floor: "Core", ["Numerics"]),
    room("Text", floor: "Core", ["Numerics", "Network"]),
    room("CLIP", floor: "Core", ["Numerics", "Network", "Text"]),
    room("Checkpoint", floor: "Core", ["Numerics", "Network", "Text", "CLIP", "Files"]),
]

let stages: [Target] = [
    room("Handover", floor: "Stages", ["Numerics", "Imaging"]),
    room("Ingest", floor: "Stages", ["Handover", "Files"]),
    room("Decode", floor: "Stages", ["Handover", "Imaging"]),
    room("Embed", floor: "Stages", ["Handover", "Numerics", "Network"]),
    room("Predict", floor: "Stages", ["Handover", "Numerics", "Network", "Masking"]),
    room("Score", floor: "Stages", ["Handover", "Numerics", "CLIP"]),
    room("Describe", floor: "Stages", ["Handover", "Numerics", "Network", "Text"]),
    room("Publish", floor: "Stages", ["Handover", "Imaging", "Numerics", "Checkpoint"]),
]

let running: [Target] = [
    room("Recipe", floor: "Running"),
    room("Ledger", floor: "Running", ["Files", "Handover"]),
    room("RegionIndex", floor: "Running", ["Files", "Ledger", "Numerics"]),
    room(
        "Pipeline", floor: "Running",
        [
            "Recipe", "Ledger", "RegionIndex", "Files", "Handover", "Ingest", "Decode", "Embed", "Predict", "Score",
            "Describe", "Publish", "Checkpoint", "Text", "CLIP", "Network", "Numerics", "Masking", "Imaging",
        ]),
]

let learning: [Target] = [
    room("Defects", floor: "Learning", ["Imaging", "Numerics", "Text"]),
    room("Evaluation", floor: "Learning", ["Imaging", "Numerics"]),
    room(
        "Calibration", floor: "Learning",
        ["Handover", "Score", "Numerics", "Recipe", "Imaging"]),
    room(
        "Language", floor: "Learning",
        [
            "Defects", "Evaluation", "Describe", "Embed", "Predict", "Handover", "Text", "Network", "Numerics",
            "Imaging",
        ]),
    room(
        "Contrast", floor: "Learning",
        ["Defects", "Pipeline", "CLIP", "Text", "Network", "Numerics", "Imaging"]),
    room(
        "Training", floor: "Learning",
        [
            "Contrast", "CLIP", "Language", "Describe", "Text", "Recipe", "Pipeline", "Defects", "Calibration",
            "Handover", "Decode",
            "Predict", "Score", "Checkpoint",
            "Network", "Numerics", "Masking", "Imaging", "Files",
        ]),
    room(
        "Baselines", floor: "Learning",
        [
            "Handover", "Score", "Pipeline", "Calibration", "Numerics", "Imaging", "Network", "CLIP",
        ]),
]

let commandLine: [Target] = [
    .executableTarget(
        name: "nightshift",
        dependencies: [
            "Recipe", "Ledger", "RegionIndex", "Files", "Pipeline", "Handover", "Ingest", "Decode", "Publish",
            "Defects", "Evaluation", "Calibration", "Contrast", "Training", "Baselines", "Checkpoint", "Network",
            "Numerics",
            "Imaging", "Score", "Text", "CLIP", "Describe",
        ], path: "Sources/CommandLine/nightshift"),
    .executableTarget(
        name: "bench",
        dependencies: ["Numerics", "Network", "Masking", "Imaging", "Defects", "Training", "RegionIndex"],
        path: "Sources/CommandLine/bench"),
]

/// What several rooms' tests need and no program does.
let support: [Target] = [
    .target(name: "TestFolders", path: "Tests/Support/TestFolders"),
    .target(
        name: "DescribedRuns",
        dependencies: ["Pipeline", "Publish", "Handover", "Ledger", "Files", "Imaging", "Numerics"],
        path: "Tests/Support/DescribedRuns"),
]

let testTargets: [Target] = [
    tests("Numerics", floor: "Core", golden: true),
    tests("Files", floor: "Core", ["TestFolders"]),
    tests("Imaging", floor: "Core", ["CImageCodecs"]),
    tests("Masking", floor: "Core", ["Numerics"]),
    tests("Network", floor: "Core", ["Numerics", "Checkpoint"]),
    tests("Text", floor: "Core", ["Numerics", "Network", "Checkpoint"], golden: true),
    tests("CLIP", floor: "Core", ["Numerics", "Network", "Text"]),
    tests(
        "Checkpoint", floor: "Core", ["Numerics", "Network", "CLIP", "Files", "TestFolders"], golden: true),
    tests("Ingest", floor: "Stages", ["Handover", "Files", "TestFolders"]),
    tests("Decode", floor: "Stages", ["Handover", "Imaging"]),
    tests("Embed", floor: "Stages", ["Handover", "Numerics", "Network", "Imaging"]),
    tests("Predict", floor: "Stages", ["Handover", "Numerics", "Network", "Masking", "Imaging"]),
    tests("Score", floor: "Stages", ["Handover", "Numerics", "Imaging", "CLIP"]),
    tests("Handover", floor: "Stages", ["Numerics"]),
    tests("Describe", floor: "Stages", ["Handover", "Imaging", "Network", "Numerics", "Text"]),
    tests("Publish", floor: "Stages", ["Handover", "Imaging", "Checkpoint"]),
    tests("Recipe", floor: "Running"),
    tests("Ledger", floor: "Running", ["Files", "Handover", "TestFolders"]),
    tests("RegionIndex", floor: "Running", ["Files", "Ledger", "Numerics", "TestFolders"]),
    tests(
        "Pipeline", floor: "Running",
        [
            "Handover", "Ledger", "RegionIndex", "Recipe", "Publish", "Files", "Imaging", "Numerics", "Network",
            "Checkpoint", "Predict", "Score", "Decode", "CLIP", "TestFolders", "DescribedRuns",
        ]),
    tests("Defects", floor: "Learning", ["Imaging", "Numerics"]),
    tests(
        "Language", floor: "Learning",
        ["Defects", "Describe", "Handover", "Imaging", "Numerics", "TestFolders", "Text"]),
    tests("Evaluation", floor: "Learning", ["Imaging", "Numerics"], golden: true),
    tests(
        "Baselines", floor: "Learning",
        ["Handover", "Pipeline", "Numerics", "Imaging", "Score", "Calibration"], golden: true),
    tests(
        "Contrast", floor: "Learning",
        ["Baselines", "Handover", "Pipeline", "Numerics", "Imaging", "Network", "Text", "CLIP", "Defects"]),
    tests("Calibration", floor: "Learning", ["Handover", "Score", "Numerics", "Recipe", "Imaging"]),
    tests(
        "Training", floor: "Learning",
        [
            "Describe", "Language", "Recipe", "Network", "Numerics", "Masking", "Checkpoint", "Imaging", "Defects",
            "Decode", "Handover",
            "Pipeline", "Calibration", "Score", "TestFolders", "Predict",
        ]),
    tests(
        "nightshift", floor: "CommandLine",
        ["Imaging", "DescribedRuns", "Evaluation", "Pipeline", "RegionIndex", "Files", "TestFolders"]),
]

let package = Package(
    name: "nightshift",
    products: [.executable(name: "nightshift", targets: ["nightshift"])],
    targets: bridges + core + stages + running + learning + commandLine + support + testTargets,
    swiftLanguageModes: [.v6]
)

// Every Swift target gets the same strict settings. The CPU baseline reaches Swift through the C compiler's options:
// without it `addingProduct` becomes a call of `fmaf` per lane. Optimised even in debug builds: a naive build would be
// a hundred times slower, and traps on overflow and bounds stay on (never -Ounchecked).
for target in package.targets where !bridges.contains(where: { $0.name == target.name }) {
    var settings: [SwiftSetting] = [
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("MemberImportVisibility"),
        .unsafeFlags(["-O"], .when(configuration: .debug)),
    ]
    #if arch(x86_64)
        let baseline = Context.environment["NIGHTSHIFT_MARCH"] ?? "x86-64-v3"
        settings.append(.unsafeFlags(["-Xcc", "-march=\(baseline)"]))
    #endif
    target.swiftSettings = settings
}
