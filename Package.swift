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
        .executable(name: "putlive-agent", targets: ["putlive-agent"]),
        .executable(name: "putlive-gen", targets: ["putlive-gen"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        .systemLibrary(name: "CLinker"),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CProcessors"),
        .systemLibrary(
            name: "CFFmpeg", pkgConfig: "libavformat libavcodec libswresample libswscale libavutil",
            providers: [
                .apt(["libavformat-dev", "libavcodec-dev", "libswresample-dev", "libswscale-dev", "libavutil-dev"])
            ]
        ),
        .systemLibrary(name: "CLibSRTP", pkgConfig: "libsrtp2", providers: [.apt(["libsrtp2-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "COpus", pkgConfig: "opus", providers: [.apt(["libopus-dev"])]),
        .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .target(name: "YAML", dependencies: ["CLibYAML"], swiftSettings: coverageForFuzzing),
        .target(name: "PutLiveConfig", dependencies: ["YAML"], swiftSettings: coverageForFuzzing),
        .target(
            name: "PutLiveArtifacts",
            dependencies: [
                "CProcessors",
                "PutLiveConfig",
                "YAML",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]
        ),
        .target(
            name: "PutLiveHost",
            dependencies: [
                "COpenSSL",
                "PutLiveArtifacts",
                "PutLiveConfig",
                .product(name: "Crypto", package: "swift-crypto"),
            ]
        ),
        .target(
            name: "PutLiveCommands",
            dependencies: [
                "PutLiveArtifacts",
                "PutLiveConfig",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        .target(
            name: "PutLiveStore",
            dependencies: [
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        .target(name: "PutLiveMedia", dependencies: ["CFFmpeg", "COpus"], swiftSettings: coverageForFuzzing),
        .target(
            name: "PutLiveWebRTC",
            dependencies: [
                "CLibSRTP",
                "COpenSSL",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: coverageForFuzzing
        ),
        .target(
            name: "PutLiveLive",
            dependencies: [
                "PutLiveMedia",
                "PutLiveStore",
                "PutLiveWebRTC",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .target(
            name: "PutLiveAPI",
            dependencies: [
                "PutLiveLive",
                "PutLiveStore",
                "PutLiveWebRTC",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOFoundationEssentialsCompat", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .executableTarget(
            name: "putlive-agent",
            dependencies: [
                "CMalloc",
                "PutLiveAPI",
                "PutLiveArtifacts",
                "PutLiveCommands",
                "PutLiveConfig",
                "PutLiveHost",
                "PutLiveLive",
                "PutLiveStore",
                "PutLiveWebRTC",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]
        ),
        .executableTarget(
            name: "putlive-gen",
            dependencies: [
                "CLinker",
                "PutLiveArtifacts",
                "PutLiveCommands",
                "PutLiveConfig",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            // Nothing is loaded that would look for symbols here, and at each start Swift reads all that there are.
            linkerSettings: [.unsafeFlags(["-Xlinker", "--no-export-dynamic"], .when(platforms: [.linux]))]
        ),
        .testTarget(name: "YAMLTests", dependencies: ["YAML"]),
        .testTarget(name: "PutLiveConfigTests", dependencies: ["PutLiveConfig", "YAML"]),
        .testTarget(
            name: "PutLiveArtifactsTests", dependencies: ["CProcessors", "PutLiveArtifacts", "PutLiveConfig", "YAML"]),
        .testTarget(
            name: "PutLiveHostTests", dependencies: ["COpenSSL", "PutLiveArtifacts", "PutLiveConfig", "PutLiveHost"]),
        .testTarget(
            name: "PutLiveStoreTests",
            dependencies: [
                "PutLiveStore",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        .testTarget(name: "PutLiveMediaTests", dependencies: ["CFFmpeg", "COpus", "PutLiveMedia"]),
        .testTarget(
            name: "PutLiveWebRTCTests",
            dependencies: [
                "COpenSSL",
                "PutLiveWebRTC",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "PutLiveLiveTests",
            dependencies: [
                "PutLiveLive",
                "PutLiveMedia",
                "PutLiveStore",
                "PutLiveWebRTC",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            exclude: ["Fixtures"]
        ),
        .testTarget(
            name: "PutLiveAPITests",
            dependencies: [
                "PutLiveAPI",
                "PutLiveLive",
                "PutLiveMedia",
                "PutLiveStore",
                "PutLiveWebRTC",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)

if fuzzing {
    // Nothing else is needed, so nothing else is fetched and built. Sockets aren't fuzzed, so NIO isn't either.
    package.products = []
    package.dependencies = []
    let parsers = ["YAML", "PutLiveConfig", "PutLiveMedia", "PutLiveWebRTC"]
    let unneeded = ["CLinker", "CMalloc", "CProcessors"]
    package.targets.removeAll { ($0.type != .system || unneeded.contains($0.name)) && !parsers.contains($0.name) }
    for target in package.targets where target.name == "PutLiveWebRTC" {
        target.dependencies = ["CLibSRTP", "COpenSSL"]
        target.exclude = ["Server"]
    }
    // By the folders below Tests/Fuzz.
    let fuzzed: [(folder: String, dependencies: [Target.Dependency])] = [
        ("Config", ["PutLiveConfig", "YAML"]),
        ("Depacketizers", ["PutLiveWebRTC"]),
        ("RTCP", ["PutLiveWebRTC"]),
        ("RTP", ["PutLiveWebRTC"]),
        ("SDP", ["PutLiveWebRTC"]),
        ("SPS", ["PutLiveMedia"]),
        ("STUN", ["PutLiveWebRTC"]),
    ]
    package.targets.append(
        .target(name: "FuzzSupport", path: "Tests/Fuzz/Support", swiftSettings: coverageForFuzzing))
    package.targets += fuzzed.map { folder, dependencies in
        .executableTarget(
            name: "fuzz-\(folder.lowercased())",
            dependencies: dependencies + ["FuzzSupport"],
            path: "Tests/Fuzz/\(folder)",
            swiftSettings: coverageForFuzzing,
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address"])]
        )
    }
}
