// swift-tools-version: 6.1
import Foundation
import PackageDescription

/// `PUTLIVE_FUZZ=1` makes this the package of the fuzz targets and the parsers under them, instrumented: flags that no
/// ordinary build should carry. `scripts/fuzz` sets it, with a build folder of its own.
let fuzzing = ProcessInfo.processInfo.environment["PUTLIVE_FUZZ"] == "1"
let coverageForFuzzing: [SwiftSetting] =
    fuzzing ? [.unsafeFlags(["-sanitize=fuzzer,address", "-parse-as-library"])] : []

let package = Package(
    name: "putlive",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "putlive-gen", targets: ["putlive-gen"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .target(name: "YAML", dependencies: ["CLibYAML"], swiftSettings: coverageForFuzzing),
        .target(name: "PutLiveConfig", dependencies: ["YAML"], swiftSettings: coverageForFuzzing),
        .target(
            name: "PutLiveArtifacts",
            dependencies: [
                "PutLiveConfig",
                "YAML",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]
        ),
        .executableTarget(
            name: "putlive-gen",
            dependencies: [
                "PutLiveArtifacts",
                "PutLiveConfig",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        .testTarget(name: "YAMLTests", dependencies: ["YAML"]),
        .testTarget(name: "PutLiveConfigTests", dependencies: ["PutLiveConfig", "YAML"]),
        .testTarget(name: "PutLiveArtifactsTests", dependencies: ["PutLiveArtifacts", "PutLiveConfig", "YAML"]),
    ],
    swiftLanguageModes: [.v6]
)

if fuzzing {
    // Nothing else is needed, so nothing else is fetched and built.
    package.products = []
    package.dependencies = []
    package.targets.removeAll { !["CLibYAML", "YAML", "PutLiveConfig"].contains($0.name) }
    package.targets.append(
        .executableTarget(
            name: "fuzz-config",
            dependencies: ["PutLiveConfig", "YAML"],
            path: "Tests/Fuzz/Config",
            swiftSettings: coverageForFuzzing,
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address"])]
        )
    )
}
