/// Whether a service does its work.
enum ServiceHealth {
    /// What came of a probe.
    enum Answer: Sendable, Hashable {
        case good
        /// A status that the probe doesn't take.
        case status(Int)
        case none
    }

    /// One question to a service, on 127.0.0.1.
    static func ask(_ probe: ServiceProbe, on system: any System, limit: Duration = .seconds(2)) -> Answer {
        guard let answer = system.get(port: probe.port, path: probe.path, limit: limit) else { return .none }
        return probe.acceptsAnyStatus || answer.status < 400 ? .good : .status(answer.status)
    }

    /// Waits until a unit that was started, restarted or reloaded is active and answers.
    ///
    /// - Throws: What is wrong with it, and where more is said of it, when it isn't so within `limit`.
    static func awaitHealthy(
        _ unit: String, probe: ServiceProbe?, on system: any System, limit: Duration = .seconds(30)
    ) throws(SystemError) {
        // Nothing was done to a unit by a check, nor to one of an image.
        guard system.isLive, system.isWritable else { return }
        var polling = Polling(system, limit: limit)
        var problem: String
        repeat {
            let state = try system.units([unit])[unit]
            if state?.active == "failed" { throw failure(unit, "has failed (\(state?.result ?? "unknown"))") }
            guard let state, state.isActive else {
                problem = "is \(state?.active ?? "unknown to systemd")"
                continue
            }
            guard let probe else { return }
            switch ask(probe, on: system) {
            case .good: return
            case .none: problem = "doesn't answer at 127.0.0.1:\(probe.port)"
            case .status(let status): problem = "answers \(status) at http://127.0.0.1:\(probe.port)\(probe.path)"
            }
        } while polling.next()
        throw failure(unit, "\(problem) after \(limit.components.seconds) s")
    }

    private static func failure(_ unit: String, _ problem: String) -> SystemError {
        SystemError("\(unit) \(problem); see journalctl -u \(unit)")
    }
}
