/// The rungs of the ladder, and the keys that name one.
extension Rules {
    static func checkLadder(_ config: Config, _ session: ReadingSession) {
        let streaming = config.streaming
        var first: [String: Int] = [:]
        for (index, quality) in streaming.qualities.enumerated() where !quality.name.isEmpty {
            let place = "streaming.qualities[\(index)]"
            if let earlier = first[quality.name] {
                session.report(
                    .error, key: "\(place).name",
                    message: "\(quoted(quality.name)) is the name of qualities[\(earlier)] already",
                    remedy: "give each quality a name of its own")
            } else {
                first[quality.name] = index
            }
            if quality.name == "src" {
                session.report(
                    .error, key: "\(place).name", message: "\"src\" is the name of the source's own rendition",
                    remedy: "name it by its height, such as 480p")
            }
            if quality.enabled && streaming.webrtc.enabled && quality.bitrate > streaming.webrtc.maxBitrate {
                // Beside a ladder that the file doesn't name it is the limit that can be changed.
                let limit = "streaming.webrtc.max_bitrate"
                guard session.isGiven("\(place).bitrate") else {
                    session.report(
                        .error, key: limit, with: "streaming.qualities",
                        message:
                            "\(streaming.webrtc.maxBitrate) is under the \(quality.bitrate) of quality \(quality.name)",
                        remedy: "raise it, or name the qualities and lower their bit rates")
                    continue
                }
                session.report(
                    .error, key: "\(place).bitrate", with: "\(place).enabled", limit,
                    "streaming.webrtc.enabled",
                    message: "\(quality.bitrate) is over streaming.webrtc.max_bitrate, \(streaming.webrtc.maxBitrate)",
                    remedy: "lower it, or raise max_bitrate")
            }
        }
    }

    /// An edge has no ladder of its own, and an absent one can't contradict it.
    static func checkDefaultQualities(_ config: Config, _ session: ReadingSession) {
        let streaming = config.streaming
        // A rung whose name is wrong may be the one that is meant.
        let isNamed = !session.hasError { key in
            KeyPath.isAtOrBelow("streaming.qualities", key)
                || (key.hasPrefix("streaming.qualities[") && (key.hasSuffix("]") || key.hasSuffix("].name")))
        }
        guard config.deployment.role != .edge, isNamed else { return }
        var defaults = [("streaming.default_quality", streaming.defaultQuality)]
        if streaming.webrtc.enabled {
            defaults.append(("streaming.webrtc.default_quality", streaming.webrtc.defaultQuality))
        }
        var names: [String] = []
        for rung in streaming.ladder where !names.contains(rung.name) { names.append(rung.name) }
        let enabled = names.joined(separator: ", ")
        for (key, name) in defaults {
            guard let index = streaming.qualities.firstIndex(where: { $0.name == name }) else {
                session.report(
                    .error, key: key, message: "\(quoted(name)) is none of streaming.qualities",
                    remedy: enabled.isEmpty ? "add it to qualities" : "choose one of \(enabled)")
                continue
            }
            if !streaming.qualities[index].enabled {
                session.report(
                    .error, key: key, with: "streaming.qualities[\(index)].enabled",
                    message: "\(quoted(name)) is disabled",
                    remedy: enabled.isEmpty ? "enable it" : "choose one of \(enabled), or enable it")
            }
        }
    }
}
