import PutLiveArtifacts
import PutLiveConfig
import Testing

@testable import PutLiveHost

/// Which keys restart the agent and which a reload takes over.
@Suite struct DesiredAgentKeyTests {
    private let base: Config

    init() throws {
        var config = try Golden.config("embedded")
        config.streaming.webrtc.iceServers = try Golden.config("single").streaming.webrtc.iceServers
        base = config
    }

    private func effect(from old: Config, _ change: (inout Config) -> Void) -> AgentEffect {
        var new = old
        change(&new)
        let restarts = AgentKeys.needingRestart(old) != AgentKeys.needingRestart(new)
        let reloads = AgentKeys.takenOverByReload(old) != AgentKeys.takenOverByReload(new)
        switch (restarts, reloads) {
        case (false, false): return .none
        case (false, true): return .reload
        case (true, false): return .restart
        case (true, true): return .both
        }
    }

    /// A new key has to be put into the table, and with that the question what the agent makes of it is asked.
    @Test func everyKeyOfTheConfigIsDecidedAbout() {
        // The one has but one value, and a `…_file` is where a secret comes from.
        let keys = ConfigSchema.keys.filter { spec in
            spec.kind != .section && spec.kind != .sections && spec.path != "database.type"
                && !spec.path.hasSuffix("_file")
        }.map(\.path)
        let decided = AgentKeyChange.all.map(\.key)
        #expect(Set(keys).subtracting(decided).isEmpty)
        #expect(Set(decided).subtracting(keys).isEmpty)
        #expect(decided.count == keys.count)
    }

    @Test func everyKeyHasItsEffect() {
        for change in AgentKeyChange.all {
            #expect(effect(from: base, change.change) == change.effect, "\(change.key)")
        }
    }

    @Test func reasonsNameTheKeys() {
        for change in AgentKeyChange.all where change.effect == .restart || change.effect == .both {
            var new = base
            change.change(&new)
            let reasons = AgentKeys.restartReasons(from: base, to: new)
            #expect(reasons.contains { change.key.hasPrefix($0) }, "\(change.key): \(reasons)")
        }
        #expect(AgentKeys.restartReasons(from: base, to: base).isEmpty)
        var new = base
        new.server.httpPort = 3300
        new.database.path = "/srv/b.db"
        #expect(AgentKeys.restartReasons(from: base, to: new) == ["server.http_port", "database.path"])
    }

    /// With SRS it is SRS that writes HLS and records.
    @Test func whatSRSDoesIsNoMatterOfTheAgents() throws {
        let srs = try Golden.config("single")
        #expect(effect(from: srs) { $0.streaming.enableRecording.toggle() } == .none)
        #expect(effect(from: srs) { $0.streaming.hls.playlistWindow = .seconds(40) } == .none)
        #expect(effect(from: srs) { $0.streaming.hls.segmentDuration = .seconds(3) } == .restart)
    }

    @Test func aLaptopsFolderOfHLSIsTheAgents() throws {
        let laptop = try Golden.config("local")
        #expect(effect(from: laptop) { $0.streaming.hls.tmpfsPath = "/tmp/other" } == .restart)
    }

    /// One list must not read as another.
    @Test func listsAreToldApart() {
        #expect(
            effect(from: base) {
                $0.security.cors.allowedOrigins = ["a", "bc"]
            } != .none)
        var first = base
        first.security.cors.allowedOrigins = ["a", "bc"]
        #expect(effect(from: first) { $0.security.cors.allowedOrigins = ["ab", "c"] } == .reload)
        #expect(effect(from: first) { $0.security.cors.allowedOrigins = ["a1:bc"] } == .reload)
    }
}
