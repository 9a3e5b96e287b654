/// Who is live, and thereby which restarts would cut a broadcast.
struct Broadcasts: Sendable, Hashable {
    /// What one server carries.
    enum Carried: Sendable, Hashable {
        case nothing
        /// So many broadcasts.
        case live(Int)
        /// It doesn't tell; why.
        case unknown(String)

        var isUnknown: Bool {
            if case .unknown = self { true } else { false }
        }

        /// Whether a restart has to wait. A server that runs and doesn't tell may carry any broadcast.
        var blocksRestart: Bool { self != .nothing }

        /// Behind a reason to restart: why that waits, where it isn't for somebody who is known to be live.
        var words: String {
            if case .unknown(let why) = self { "; whether somebody is live isn't known: \(why)" } else { "" }
        }
    }

    /// Broadcasts from browsers and played videos; without SRS all.
    var agent: Carried
    /// Everything that is published to SRS by people or by the agent, without the qualities made of it.
    var srs: Carried

    /// Asks the servers that run, whether or not the config asks for them: one that is down carries nothing.
    ///
    /// - Parameters:
    ///   - agentPort: Of the agent's API; nil where it isn't known.
    ///   - formerAgentPort: What it was before the config changed: an agent that waits for its restart still listens there.
    ///   - srsPort: Of SRS's API; nil where it isn't known.
    static func look(
        _ system: any System, agentPort: Int?, formerAgentPort: Int? = nil, srsPort: Int?
    ) -> Broadcasts {
        guard system.isLive else { return Broadcasts(agent: .nothing, srs: .nothing) }
        let states = try? system.units([SystemUnits.agent, SystemUnits.srs])
        func runs(_ unit: String) -> Bool {
            // What systemd doesn't tell may well run.
            guard let state = states.map({ $0[unit] }) else { return true }
            return state.map { $0.isLoaded && !["inactive", "failed"].contains($0.active) } ?? false
        }
        let unknown = Carried.unknown("it runs, and its port isn't known")
        let usesSRS = runs(SystemUnits.srs)
        var seen = Broadcasts(agent: .nothing, srs: .nothing)
        if runs(SystemUnits.agent) {
            let ports = [agentPort, formerAgentPort == agentPort ? nil : formerAgentPort].compactMap(\.self)
            let answers = ports.map { AgentStreams.look(system, port: $0, usesSRS: usesSRS) }
            seen.agent = answers.first { !$0.isUnknown } ?? answers.first ?? unknown
        }
        if usesSRS { seen.srs = srsPort.map { SRSStreams.look(system, port: $0) } ?? unknown }
        return seen
    }

    /// What a restart of `unit` would end.
    func carried(by unit: String) -> Carried {
        switch unit {
        case SystemUnits.srs: srs
        // The agent is restarted with its socket.
        case SystemUnits.agent, SystemUnits.accessSocket: agent
        default: .nothing
        }
    }
}

/// What the agent carries, by its metrics.
enum AgentStreams {
    static func look(_ system: any System, port: Int, usesSRS: Bool) -> Broadcasts.Carried {
        guard let answer = system.get(port: port, path: "/metrics", limit: .seconds(2)) else {
            return .unknown("the agent doesn't answer at 127.0.0.1:\(port)")
        }
        guard answer.status == 200 else { return .unknown("the agent answers \(answer.status) to /metrics") }
        let samples = MetricSamples(answer.body)
        guard let all = samples.sum("putlive_streams_active") else {
            return .unknown("the agent's metrics don't count streams")
        }
        let rtmp = samples.sum("putlive_streams_active", "source=\"rtmp\"") ?? 0
        let browsers = samples.sum("putlive_streams_active", "source=\"webrtc\"") ?? 0
        // A browser that is connected will be on air within a second.
        let connected = samples.sum("putlive_webrtc_sessions_active", "state=\"connected\"") ?? 0
        let carried = all - (usesSRS ? rtmp : 0) + max(0, connected - browsers)
        return carried > 0 ? .live(carried) : .nothing
    }
}

/// Gauges in the text format of Prometheus that are whole numbers.
struct MetricSamples {
    private let lines: [Substring.UTF8View]

    init(_ text: String) {
        lines = text[...].utf8.split(separator: UInt8(ascii: "\n"))
    }

    /// The sum over a family's samples whose labels hold `label`; nil without any.
    func sum(_ family: String, _ label: String = "") -> Int? {
        var sum: Int?
        for line in lines where line.starts(with: family.utf8) {
            let rest = Substring(line.dropFirst(family.utf8.count))
            guard let end = rest.lastIndex(of: " "), let value = Double(rest[rest.index(after: end)...]),
                (0...1_000_000).contains(value)
            else { continue }
            let labels = rest[..<end]
            // Not a longer name.
            guard labels.isEmpty || labels.first == "{", label.isEmpty || labels.contains(label) else { continue }
            sum = (sum ?? 0) + Int(value)
        }
        return sum
    }
}
