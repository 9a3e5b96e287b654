import PutLiveConfig
import PutLiveArtifacts
import Testing

@testable import PutLiveHost

/// What is done about the program of SRS.
@Suite struct SRSPlanTests {
    private static let sha256 = String(repeating: "c", count: 64)
    private static let download = SRSDownload(url: "https://example.com/srs.tar", sha256: sha256)
    private let system = FakeSystem()

    private func config(package: Bool = false) -> Config {
        var config = ConfigSchema.defaults
        if package {
            config.streaming.srs.url = Self.download.url
            config.streaming.srs.sha256 = Self.sha256
        }
        return config
    }

    private func generation(package: String?, program: [UInt8]? = nil, stamp: String = "") -> Generation {
        var generation = Generation(number: 1, transaction: 1, appliedAt: 0, toolVersion: "1", configDigest: "")
        generation.srsPackage = package
        generation.files[SRSPlan.path] = program.map {
            Generation.File(
                name: "srs", sha256: PutLiveArtifacts.sha256(of: $0), mode: 0o755, owner: .root,
                restarts: ["srs.service"], reloads: [], needsDaemonReload: false, stamp: stamp)
        }
        return generation
    }

    private func put(_ text: String = "srs", kind: FileEntry.Kind = .file, mode: UInt16 = 0o755) {
        system.nodes[SRSPlan.path] = FakeSystem.Node(kind: kind, content: Array(text.utf8), mode: mode, version: 7)
    }

    private func plan(_ config: Config, _ generation: Generation? = nil) throws -> SRSPlan {
        try SRSPlan.decide(config, on: system, generation: generation)
    }

    @Test func onlyHostsWithTheEngineNeedIt() throws {
        var embedded = config(package: true)
        embedded.streaming.engine = .embedded
        #expect(try plan(embedded) == .notNeeded)
        for role in [Deployment.Role.edge, .local] {
            var other = config(package: true)
            other.deployment.role = role
            #expect(try plan(other) == .notNeeded)
        }
        var origin = config(package: true)
        origin.deployment.role = .origin
        #expect(try plan(origin) == .install(Self.download, because: .absent))
    }

    @Test func withoutPackageItIsTheUsersOwn() throws {
        put()
        #expect(try plan(config()) == .present(isOurs: false))
        #expect(try plan(config(), generation(package: Self.sha256)) == .present(isOurs: true))
        put(kind: .link)
        #expect(try plan(config()) == .present(isOurs: false))
    }

    @Test(arguments: [
        (nil, 0o755, "there is no /usr/local/srs/objs/srs"), (FileEntry.Kind.folder, 0o755, "srs is no file"),
        (.other, 0o755, "srs is no file"), (.file, 0o644, "srs isn't executable"),
    ])
    func withoutEitherBothRemediesAreNamed(kind: FileEntry.Kind?, mode: Int, problem: String) throws {
        if let kind { put(kind: kind, mode: UInt16(mode)) }
        guard case .missing(let message) = try plan(config()) else {
            Issue.record("it isn't missing")
            return
        }
        #expect(message.contains(problem), "\(message)")
        for remedy in [
            "streaming.srs.package_url", "streaming.srs.package_sha256", "/usr/local/srs", "streaming.engine: embedded",
        ] {
            #expect(message.contains(remedy))
        }
    }

    /// The check of srs.conf runs the program as root: who may write to a folder on the way could put another there.
    @Test(arguments: [
        ("/usr/local/srs", "bob", 0o755), ("/usr/local/srs/objs", "root", 0o775), ("/usr/local", "root", 0o2775),
        ("/", "root", 0o757), ("/opt/srs", "root", 0o777),
    ])
    func aFolderOnTheWayIsRootsAlone(folder: String, owner: String, mode: Int) throws {
        for path in ["/usr", "/usr/local", "/usr/local/srs", "/opt", "/opt/srs"] {
            system.nodes[path] = FakeSystem.Node(kind: .folder, mode: 0o755)
        }
        system.nodes["/usr/local/srs/objs"] =
            folder == "/usr/local/srs/objs"
            ? FakeSystem.Node(kind: .folder, mode: 0o755) : FakeSystem.Node(kind: .link, target: "/opt/srs")
        put()
        #expect(try plan(config()) == .present(isOurs: false))
        system.nodes[folder]?.owner = Owner(owner, "root")
        system.nodes[folder]?.mode = UInt16(mode)
        for config in [config(), config(package: true)] {
            guard case .missing(let message) = try plan(config) else {
                Issue.record("it is run")
                continue
            }
            #expect(
                message == "streaming.engine is srs, but \(folder), on the way to /usr/local/srs/objs/srs, which root "
                    + "runs, can be changed by others than root: chown root \(folder); chmod go-w \(folder)")
        }
        // Whoever makes an image may own its folders.
        system.isLive = false
        #expect(try plan(config()) == .present(isOurs: false))
    }

    @Test func whereALinkLeadsIsRootsAlone() throws {
        system.nodes[SRSPlan.path] = FakeSystem.Node(kind: .link, target: "/opt/srs")
        system.nodes["/opt/srs"] = FakeSystem.Node(kind: .file, mode: 0o755)
        #expect(try plan(config()) == .present(isOurs: false))
        system.nodes["/opt/srs"]?.owner = Owner("bob", "bob")
        guard case .missing(let message) = try plan(config()) else {
            Issue.record("it is run")
            return
        }
        #expect(message.contains("/opt/srs, where /usr/local/srs/objs/srs leads, can be changed by others than root"))
    }

    @Test func aPackageIsInstalledOnce() throws {
        let asked = config(package: true)
        #expect(try plan(asked, generation(package: Self.sha256)) == .install(Self.download, because: .absent))
        put()
        #expect(try plan(asked) == .install(Self.download, because: .foreign))
        #expect(try plan(asked, generation(package: nil)) == .install(Self.download, because: .foreign))
        #expect(try plan(asked, generation(package: "d")) == .install(Self.download, because: .otherPackage))
        #expect(try plan(asked, generation(package: Self.sha256)) == .present(isOurs: true))
    }

    @Test func anEditedProgramIsInstalledAnew() throws {
        let asked = config(package: true)
        let written = Array("srs".utf8)
        put()
        // The stamp alone is enough: the content isn't read.
        let same = generation(package: Self.sha256, program: Array("other".utf8), stamp: "7")
        #expect(try plan(asked, same) == .present(isOurs: true))
        let touched = generation(package: Self.sha256, program: written, stamp: "6")
        #expect(try plan(asked, touched) == .present(isOurs: true))
        put("edited")
        #expect(try plan(asked, touched) == .install(Self.download, because: .edited))
        put(kind: .link)
        #expect(try plan(asked, touched) == .install(Self.download, because: .edited))
    }

    private let program: [UInt8] = {
        (try? RealSystem().read("/usr/bin/true", limit: 1 << 20)) ?? []
    }()

    /// A system with a curl that writes `sent`, or fails without.
    private func system(sending sent: [UInt8]?) -> FakeSystem {
        let system = FakeSystem()
        system.programs = [
            "curl": { _, _ in ProgramResult(status: 0) },
            "prlimit": { system, arguments in
                guard let sent else { return ProgramResult(status: 22, output: "curl: (22) not found: 404\n") }
                let place = arguments.firstIndex(of: "--output").map { arguments[$0 + 1] } ?? ""
                system.nodes[place] = FakeSystem.Node(kind: .file, content: sent)
                return ProgramResult(status: 0)
            },
        ]
        return system
    }

    /// Whichever operation fails, or is the last before the power goes: another run has the program.
    @Test(arguments: [false, true]) func anyOperationMayFail(dies: Bool) throws {
        let download = SRSDownload(url: "https://example.com/srs", sha256: PutLiveArtifacts.sha256(of: program))
        var failures = 0
        for number in 1...50 {
            let system = system(sending: program)
            system.fault = dies ? .dies(number) : .fails([number])
            do {
                #expect(try download.program(on: system) == program)
            } catch {
                failures += 1
            }
            system.restore()
            #expect(try download.program(on: system) == program)
            #expect(try system.names(in: download.folder) == [download.sha256])
        }
        #expect(failures >= 7 && failures < 40, "\(failures)")
    }

    @Test(arguments: [nil, Array("another".utf8)]) func aServerIsNotAskedAgainAtOnce(sent: [UInt8]?) throws {
        let system = system(sending: sent)
        var download = SRSDownload(
            url: "https://example.com/srs?key=hush", sha256: PutLiveArtifacts.sha256(of: program))
        func refusal() -> String {
            do {
                return try download.program(on: system).map { "\($0.count) bytes" } ?? "nothing"
            } catch {
                return error.description
            }
        }
        func asked() -> Int { system.log.count { $0 == "run prlimit" } }
        let first = refusal()
        #expect(first.contains(sent == nil ? "curl: (22) not found: 404; correct" : "its SHA-256 is"))
        #expect(first.contains("https://example.com/srs?…") && !first.contains("hush"))
        system.now += 299
        #expect(refusal() == first + ". It is tried again in 1 s, or as soon as the URL is another")
        #expect(asked() == 1)
        #expect(!system.nodes.values.contains { String(decoding: $0.content, as: UTF8.self).contains("hush") })

        // Another URL is asked at once, and the first one after a while or when the clock was set back.
        download.url = "https://example.com/srs-2"
        #expect(!refusal().contains("tried again"))
        #expect(asked() == 2)
        system.now += 300
        #expect(!refusal().contains("tried again"))
        system.now -= 3600
        #expect(!refusal().contains("tried again"))
        #expect(asked() == 4)
        let note = "\(download.folder)/\(download.sha256).refused"
        system.nodes[note]?.content = Array("half".utf8)
        #expect(!refusal().contains("tried again"))
        // A good one clears the note away.
        system.programs = self.system(sending: program).programs
        system.now += 301
        #expect(refusal() == "\(program.count) bytes")
        #expect(try system.names(in: download.folder) == [download.sha256])
    }
}
