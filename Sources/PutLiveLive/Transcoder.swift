/// An ffmpeg process that SRS started for a rung of the ladder, told by its arguments.
public struct Transcoder: Sendable, Equatable {
    /// The process.
    public var process: ProcessEntry
    /// What it makes.
    public var rendition: Rendition

    /// Where transcoders read from and write to.
    public struct Place: Sendable, Equatable {
        /// SRS's RTMP port.
        public var rtmpPort: Int
        /// The vhost that they publish to.
        public var ladderVhost: String

        /// As srs.conf has it.
        public init(rtmpPort: Int, ladderVhost: String = "ladder.local") {
            self.rtmpPort = rtmpPort
            self.ladderVhost = ladderVhost
        }
    }

    /// Nil for every other process. One that reads a stream of this SRS's `live` and writes a rendition of the same
    /// stream into its vhost of the ladder is a transcoder; an ffmpeg of somebody else's is neither.
    public init?(_ process: ProcessEntry, at place: Place) {
        guard process.command == "ffmpeg", !process.isDefunct,
            let mark = process.arguments.firstIndex(of: "-i"), process.arguments.indices.contains(mark + 1),
            let output = process.arguments.last
        else { return nil }
        let server = "rtmp://127.0.0.1:\(place.rtmpPort)/live"
        let input = process.arguments[mark + 1]
        guard input.hasPrefix(server + "?vhost="), let slash = input.lastIndex(of: "/"),
            let source = StreamName(input[slash...].dropFirst()),
            output.hasPrefix(server + "/"), output.hasSuffix("?vhost=" + place.ladderVhost),
            let rendition = Rendition(
                output.dropFirst(server.count + 1).dropLast("?vhost=".count + place.ladderVhost.count)),
            rendition.stream == source
        else { return nil }
        self.process = process
        self.rendition = rendition
    }
}
