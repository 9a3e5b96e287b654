#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Finds out what came of a reload of SRS, which `systemctl reload` doesn't tell: it only sends a signal.
///
/// Made before the reload, for SRS's result bears nothing but a random name. SRS looks for the signal once a second. A text
/// that it refuses changes nothing; one that it can't apply ends it (SrsServer::do_cycle, SrsConfig::reload of SRS 6).
struct SRSReload {
    /// `state` of a reload that was made wholly.
    private static let finished = 90

    private struct Envelope<Content: Decodable>: Decodable {
        var code: Int
        var data: Content
    }

    private struct Report: Decodable {
        var err: Int
        var msg: String
        var state: Int
        /// The reload's name, drawn anew by each reload and by the start.
        var rid: String
    }

    private struct Versions: Decodable {
        var pid: String
    }

    private let system: any System
    private let port: Int
    /// The name of the reload before; nil when SRS doesn't tell.
    private let before: String?
    private let pid: String?

    init(_ system: any System, port: Int) {
        self.system = system
        self.port = port
        let isAsked = system.isLive && system.isWritable
        before = isAsked ? Self.report(system, port)?.rid : nil
        pid = isAsked ? Self.pid(system, port) : nil
    }

    /// Waits for the result, after the reload.
    ///
    /// - Returns: What a person should know of a reload that is as good as made; nil for an ordinary one.
    /// - Throws: When SRS refused the new configuration, with its words, or ended. They may quote the configuration, so
    ///   they have to be masked before they are shown.
    func confirm(limit: Duration = .seconds(10)) throws(SystemError) -> String? {
        guard system.isLive, system.isWritable else { return nil }
        guard let before else {
            return "whether SRS took its new configuration isn't known: "
                + "its raw_api doesn't answer at 127.0.0.1:\(port); see journalctl -u srs.service"
        }
        var polling = Polling(system, limit: limit)
        var answered = true
        repeat {
            let report = Self.report(system, port)
            answered = report != nil
            guard let report, report.rid != before else { continue }
            if report.err != 0 { throw SystemError("SRS refuses its new configuration: \(Self.words(report.msg))") }
            if report.state == Self.finished { return nil }
            // The state is told at the reload's end, so this one still runs, or belongs to a new process.
            if let pid, let now = Self.pid(system, port), now != pid {
                return "SRS ended when it was reloaded, and was started anew with its new configuration; "
                    + "see journalctl -u srs.service"
            }
        } while polling.next()
        throw SystemError(
            answered
                ? "SRS didn't take its new configuration within \(limit.components.seconds) s; "
                    + "see journalctl -u srs.service"
                : "SRS doesn't answer at 127.0.0.1:\(port) any more since it was reloaded; "
                    + "see journalctl -u srs.service")
    }

    private static func report(_ system: any System, _ port: Int) -> Report? {
        let body = get(system, port, "/api/v1/raw?rpc=reload-fetch")
        return decode(Envelope<Report>.self, body).flatMap { $0.code == 0 ? $0.data : nil }
    }

    private static func pid(_ system: any System, _ port: Int) -> String? {
        decode(Versions.self, get(system, port, "/api/v1/versions"))?.pid
    }

    private static func get(_ system: any System, _ port: Int, _ path: String) -> String? {
        guard let answer = system.get(port: port, path: path, limit: .seconds(1)), answer.status == 200 else {
            return nil
        }
        return answer.body
    }

    private static func decode<Value: Decodable>(_ type: Value.Type, _ body: String?) -> Value? {
        body.flatMap { try? JSONDecoder().decode(type, from: Data($0.utf8)) }
    }

    /// One line of what SRS says.
    private static func words(_ message: String) -> String {
        String(message.prefix(500).map { $0.isNewline ? " " : $0 })
    }
}
