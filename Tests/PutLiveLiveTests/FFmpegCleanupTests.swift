import Foundation
import Synchronization
import Testing

@testable import PutLiveLive

/// As SRS 6 starts a transcoder.
private func transcoder(
    _ pid: Int32, parent: Int32 = 100, user: UInt32 = 990, start: UInt64 = 1000, stream: String = "stream",
    output: String? = nil, defunct: Bool = false, command: String = "ffmpeg"
) -> ProcessEntry {
    let arguments = [
        "/usr/bin/ffmpeg", "-nostdin", "-nostats", "-loglevel", "warning", "-f", "flv", "-i",
        "rtmp://127.0.0.1:1935/live?vhost=__defaultVhost__/\(stream)", "-vcodec", "libx264", "-f", "flv", "-y",
        output ?? "rtmp://127.0.0.1:1935/live/\(stream)_480p?vhost=ladder.local",
    ]
    return ProcessEntry(
        pid: pid, parent: parent, user: user, startTicks: start, isDefunct: defunct, command: command,
        arguments: arguments)
}

private let server = ProcessEntry(pid: 100, parent: 1, user: 990, startTicks: 1, command: "srs", arguments: ["srs"])

@Suite struct FFmpegCleanupTests {
    private let place = Transcoder.Place(rtmpPort: 1935)

    private func findings(
        _ processes: [ProcessEntry], active: Set<StreamName>?, now: UInt64 = 100_000
    ) -> [FFmpegCleanup.Finding] {
        FFmpegCleanup.findings(processes, user: 990, active: active, at: place, nowTicks: now)
    }

    @Test func whatIsATranscoder() throws {
        let found = try #require(Transcoder(transcoder(7), at: place))
        #expect(found.rendition == Rendition("stream_480p"))
        for other in [
            transcoder(7, command: "ffprobe"), transcoder(7, defunct: true),
            transcoder(7, output: "rtmp://127.0.0.1:1935/live/other_480p?vhost=ladder.local"),
            transcoder(7, output: "rtmp://127.0.0.1:1935/live/stream_480p"),
            transcoder(7, output: "rtmp://example.org/live/stream_480p?vhost=ladder.local"),
            transcoder(7, output: "/tmp/out.flv"), transcoder(7, stream: "Bad"),
            ProcessEntry(pid: 7, parent: 1, user: 990, startTicks: 1, command: "ffmpeg", arguments: ["ffmpeg", "-i"]),
            ProcessEntry(pid: 7, parent: 1, user: 990, startTicks: 1, command: "ffmpeg", arguments: []),
        ] {
            #expect(Transcoder(other, at: place) == nil)
        }
        #expect(Transcoder(transcoder(7), at: .init(rtmpPort: 1936)) == nil)
        #expect(Transcoder(transcoder(7), at: .init(rtmpPort: 1935, ladderVhost: "x")) == nil)
    }

    @Test func orphans() {
        let init1 = ProcessEntry(pid: 1, parent: 0, user: 0, startTicks: 0, command: "systemd", arguments: [])
        let processes = [init1, server, transcoder(7), transcoder(8, parent: 1), transcoder(9, parent: 555)]
        let found = findings(processes, active: nil)
        #expect(found.map(\.transcoder.process.pid) == [8, 9] && found.allSatisfy { $0.reason == .orphaned })
        // A shell of somebody who tries the command by hand.
        let shell = ProcessEntry(pid: 50, parent: 1, user: 990, startTicks: 1, command: "bash", arguments: [])
        #expect(findings([init1, shell, transcoder(7, parent: 50)], active: nil).isEmpty)
        // SRS as the first process of a container.
        let first = ProcessEntry(pid: 1, parent: 0, user: 990, startTicks: 0, command: "srs", arguments: [])
        #expect(findings([first, transcoder(7, parent: 1)], active: nil).isEmpty)
    }

    @Test func streamsThatAreGone() {
        let processes = [
            server, transcoder(7), transcoder(8, stream: "gone"), transcoder(9, start: 99_000, stream: "new"),
        ]
        let found = findings(processes, active: [name("stream")])
        #expect(found.map(\.transcoder.process.pid) == [8] && found[0].reason == .streamGone)
        #expect(findings(processes, active: nil).isEmpty)
    }

    @Test func neverOthers() {
        #expect(findings([transcoder(8, parent: 1, user: 0)], active: []).isEmpty)
        #expect(findings([transcoder(8, parent: 1, defunct: true)], active: []).isEmpty)
    }

    /// A host on which signals have the effect that is set.
    private final class Host: Sendable {
        struct State {
            var alive: [Int32: ProcessEntry] = [:]
            var ignoresTerm = false
            var failure: Int32 = 0
            var sent: [String] = []
        }
        let state = Mutex(State())

        var means: FFmpegCleanup.Means {
            .init(
                look: { pid in self.state.withLock { $0.alive[pid] } },
                send: { pid, signal in
                    self.state.withLock { state in
                        state.sent.append("\(signal) \(pid)")
                        if state.failure != 0 { return state.failure }
                        if signal == SIGKILL || !state.ignoresTerm { state.alive[pid] = nil }
                        return 0
                    }
                }, wait: { _ in })
        }
        var sent: [String] { state.withLock { $0.sent } }
    }

    private func end(_ host: Host) async -> [FFmpegCleanup.Outcome] {
        let found = findings([transcoder(7, parent: 1)], active: nil)
        return await FFmpegCleanup.end(found, grace: .seconds(5), by: host.means)
    }

    @Test func endsGently() async {
        let host = Host()
        host.state.withLock { $0.alive[7] = transcoder(7) }
        #expect(await end(host) == [.ended])
        #expect(host.sent == ["15 7"])
    }

    @Test func endsByForce() async {
        let host = Host()
        host.state.withLock {
            $0.alive[7] = transcoder(7)
            $0.ignoresTerm = true
        }
        #expect(await end(host) == [.killed])
        #expect(host.sent == ["15 7", "9 7"])
    }

    @Test func anotherProcessOfTheSameNumberIsLeftAlone() async {
        let host = Host()
        host.state.withLock { $0.alive[7] = transcoder(7, start: 2000) }
        #expect(await end(host) == [.ended])
        #expect(host.sent.isEmpty)
    }

    @Test func failures() async {
        let host = Host()
        host.state.withLock {
            $0.alive[7] = transcoder(7)
            $0.failure = EPERM
        }
        #expect(await end(host) == [.failed(EPERM)])
        host.state.withLock { $0.failure = ESRCH }
        // It is still listed, so it is tried once more; whatever comes of that, nothing else is touched.
        _ = await end(host)
        #expect(host.sent.allSatisfy { $0.hasSuffix(" 7") })
    }

    @Test func theReport() throws {
        let folder = try TemporaryFolder()
        let report = CleanupReport(path: folder.path + "/reaped")
        #expect(report.total() == nil)
        try report.add(2)
        try report.add(3)
        #expect(report.total() == 5)
        try Data("nonsense".utf8).write(to: URL(filePath: folder.path + "/reaped"))
        #expect(report.total() == nil)
        #expect(throws: (any Error).self) { try CleanupReport(path: folder.path + "/none/reaped").add(1) }
    }

    @Test func theWatch() throws {
        let folder = try TemporaryFolder()
        let house = TestHouse(testSettings { $0.cleanupReport = folder.path + "/reaped" })
        let watch = TranscoderWatch(
            settings: house.settings, rtmpPort: 1935, metrics: house.liveMetrics,
            processes: { [server, transcoder(7), transcoder(8)] })
        watch.count()
        #expect(house.metrics["putlive_ffmpeg_processes"] == 2)
        try CleanupReport(path: folder.path + "/reaped").add(4)
        watch.count()
        #expect(house.metrics["putlive_ffmpeg_reaped_total"] == 0)
        try CleanupReport(path: folder.path + "/reaped").add(1)
        watch.count()
        #expect(house.metrics["putlive_ffmpeg_reaped_total"] == 1)
    }
}

@Suite struct ProcessTableTests {
    @Test func namesMayHoldAnything() throws {
        let rest = "S 1 2 3 4 5 6 7 8 9 10 150 50 13 14 15 16 17 18 4711 20"
        let process = try #require(ProcessTable.parse(stat: "42 (a) b (c)) \(rest)\n"))
        #expect(process.pid == 42 && process.command == "a) b (c)" && process.parent == 1)
        #expect(process.startTicks == 4711 && !process.isDefunct)
        #expect(try #require(ProcessTable.parse(stat: "42 (x) Z" + rest.dropFirst())).isDefunct)
        for bad in ["", "42", "42 (x", "x (y) \(rest)", "42 (x) S 1", ") 42 ("] {
            #expect(ProcessTable.parse(stat: bad) == nil)
        }
    }

    @Test func thisProcess() throws {
        let own = try #require(ProcessTable.entry(getpid()))
        #expect(own.parent == getppid() && own.user == geteuid() && !own.arguments.isEmpty)
        #expect(ProcessTable.read().contains { $0.pid == getpid() && $0.startTicks == own.startTicks })
        #expect(try #require(ProcessTable.cpuSeconds(Int(getpid()))) > 0)
        #expect(try #require(ProcessTable.uptimeTicks()) >= own.startTicks)
        #expect(ProcessTable.entry(-1) == nil && ProcessTable.cpuSeconds(-1) == nil)
    }
}
