#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What SRS carries, by its API.
enum SRSStreams {
    /// SRS lists ten unless it is asked for more. An answer of this many stays below 1 MiB.
    static let page = 500
    /// SRS refuses to have more connections than these.
    private static let mostPages = 20

    private struct List: Decodable {
        var code: Int
        var streams: [Stream]
    }

    private struct Stream: Decodable {
        struct Publish: Decodable { var active: Bool }
        /// `/live/<name>` in the default vhost, else with the vhost in front: the ladder's.
        var url: String
        var publish: Publish
    }

    static func look(_ system: any System, port: Int) -> Broadcasts.Carried {
        var live = 0
        for number in 0..<mostPages {
            // Without the slash SRS answers with a redirect.
            let path = "/api/v1/streams/?start=\(number * page)&count=\(page)"
            guard let answer = system.get(port: port, path: path, limit: .seconds(2)) else {
                return .unknown("SRS doesn't answer at 127.0.0.1:\(port)")
            }
            guard answer.status == 200, let list = try? JSONDecoder().decode(List.self, from: Data(answer.body.utf8)),
                list.code == 0
            else { return .unknown("SRS's answer at 127.0.0.1:\(port)/api/v1/streams/ can't be read") }
            live += list.streams.count { $0.publish.active && $0.url.hasPrefix("/") }
            if list.streams.count < page { break }
        }
        return live > 0 ? .live(live) : .nothing
    }
}
