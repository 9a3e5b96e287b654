#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A call of SRS 6: what it is about to do, or has done (`SrsHttpHooks` in its source).
public struct SRSHook: Sendable, Equatable {
    /// The kinds of calls; the label `hook` of metrics.
    public enum Action: String, Sendable, CaseIterable {
        /// An RTMP connection was made.
        case connect = "on_connect"
        /// Somebody wants to publish.
        case publish = "on_publish"
        /// A publisher has left.
        case unpublish = "on_unpublish"
        /// Somebody wants to play.
        case play = "on_play"
        /// A player has left.
        case stop = "on_stop"
        /// A recording is complete.
        case dvr = "on_dvr"
        /// A segment is complete.
        case hls = "on_hls"
    }

    /// What happens.
    public var action: Action
    /// SRS's name for the connection.
    public var clientID: String
    /// The client's address: IPv4 or IPv6, no port.
    public var address: String
    /// `__defaultVhost__`, or the ladder's.
    public var vhost: String
    /// The first part of the URL's path.
    public var app: String
    /// The second, as the client sent it.
    public var stream: String
    /// The query of the URL, with its question mark, or empty.
    public var query: String
    /// The file that is complete; `on_dvr` and `on_hls` alone.
    public var file: String?
    /// Its length in seconds; `on_hls` alone.
    public var duration: Double?

    /// The largest body that is looked at, in bytes. SRS's own are near 600.
    public static let limit = 16 * 1024

    /// Reads a body. Nil for whatever isn't one of SRS's, or whose parts can't be what they should.
    public static func parse(_ body: some Collection<UInt8>) -> SRSHook? {
        guard body.count <= limit, let wire = try? JSONDecoder().decode(Wire.self, from: Data(body)) else { return nil }
        guard let action = Action(rawValue: wire.action), isClientID(wire.client_id), isAddress(wire.ip),
            [wire.vhost, wire.app, wire.stream ?? ""].allSatisfy({ $0.utf8.count <= 512 }),
            [wire.param ?? "", wire.file ?? ""].allSatisfy({ $0.utf8.count <= 4096 })
        else { return nil }
        // An empty name isn't one; only a connection has none.
        guard let stream = wire.stream ?? (action == .connect ? "" : nil) else { return nil }
        if action == .dvr || action == .hls, wire.file == nil { return nil }
        if action == .hls, !(wire.duration.map { (0...3600).contains($0) } ?? false) { return nil }
        return SRSHook(
            action: action, clientID: wire.client_id, address: wire.ip, vhost: wire.vhost, app: wire.app,
            stream: stream, query: wire.param ?? "", file: wire.file, duration: wire.duration)
    }

    private static func isClientID(_ text: String) -> Bool {
        let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
        return (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { StreamName.isNameByte($0) || capitals.contains($0) }
    }

    /// It goes into a line that fail2ban reads, so it has to look like one; whether it is one is for fail2ban to see.
    private static func isAddress(_ text: String) -> Bool {
        (2...45).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
                    UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: "."), UInt8(ascii: ":"):
                    true
                default: false
                }
            }
    }

    /// As SRS writes it.
    private struct Wire: Decodable {
        var action: String
        var client_id: String
        var ip: String
        var vhost: String
        var app: String
        var stream: String?
        var param: String?
        var file: String?
        var duration: Double?
    }
}
