// swift-tools-version: 6.2
import PackageDescription

// Every target gets the same strictness. In CI a warning is an error; on a user's newer compiler it is not.
let warnings: [SwiftSetting] = Context.environment["CI"] == nil ? [] : [.treatAllWarnings(as: .error)]
let strict: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ] + warnings

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

func target(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

let package = Package(
    name: "parceld",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(name: "CLinux"),

        // Pure: no clock, randomness, file, network, environment or log.
        target("ParcelCore", []),
        // What carriers' codes mean is compiled in: the programs need no file for it.
        .target(
            name: "ParcelProviders", dependencies: ["ParcelCore", crypto], resources: [.embedInCode("Milestones")],
            swiftSettings: strict),
        // The built-in templates too; config/templates/ holds the same files, for users to copy.
        .target(
            name: "ParcelChannels", dependencies: ["ParcelCore", crypto, mustache],
            resources: [.embedInCode("Templates")], swiftSettings: strict),
        target("ParcelConfig", ["ParcelCore", yams]),

        // I/O.
        target("ParcelStore", ["ParcelCore", grdb]),
        target("ParcelHTTP", ["ParcelCore", "CCurl"]),
        target(
            "ParcelService",
            [
                "CLinux", "ParcelCore", "ParcelProviders", "ParcelChannels", "ParcelConfig", "ParcelStore",
                "ParcelHTTP",
                logging, lifecycle,
            ]),
        target("ParcelSim", [yams]),

        program(
            "parceld",
            [
                "CLinux", "ParcelCommands", "ParcelCore", "ParcelChannels", "ParcelConfig", "ParcelProviders",
                "ParcelService", "ParcelStore", argumentParser, lifecycle, logging, signals,
            ]),
        // What parcelctl does, as a library: parceld has it inside, and is both programs in the package.
        .target(
            name: "ParcelCommands",
            dependencies: [
                "ParcelCore", "ParcelChannels", "ParcelConfig", "ParcelHTTP", "ParcelProviders", "ParcelStore",
                argumentParser,
            ], path: "Sources/parcelctl", exclude: ["main"], swiftSettings: strict),
        .executableTarget(
            name: "parcelctl", dependencies: ["ParcelCommands"], path: "Sources/parcelctl/main", swiftSettings: strict),
        program("parcelsim", ["ParcelSim", argumentParser]),
        .executableTarget(
            name: "parcelbench", dependencies: ["ParcelCore", "ParcelProviders", "ParcelStore"],
            path: "Tests/Benchmarks", exclude: ["bench.py"], swiftSettings: strict),

        tests("ParcelCoreTests", ["ParcelCore"], resources: [.copy("Fixtures")]),
        tests("ParcelProvidersTests", ["ParcelProviders", "ParcelCore"], resources: [.copy("Fixtures")]),
        tests("ParcelChannelsTests", ["ParcelChannels", "ParcelCore"]),
        tests("ParcelConfigTests", ["ParcelConfig", "ParcelChannels", "ParcelProviders", "ParcelCore", yams]),
        tests("ParcelStoreTests", ["ParcelStore", "ParcelCore", grdb], resources: [.copy("Fixtures")]),
        tests(
            "ParcelHTTPTests", ["ParcelHTTP", "ParcelChannels", "ParcelCore"], resources: [.copy("Fixtures")]),
        tests(
            "ParcelServiceTests",
            [
                "ParcelService", "ParcelStore", "ParcelChannels", "ParcelConfig", "ParcelProviders", "ParcelCore", grdb,
                logging,
            ]),
        tests("ParcelSimTests", ["ParcelSim"]),
        tests("EndToEndTests", ["ParcelSim"]),
    ]
)
