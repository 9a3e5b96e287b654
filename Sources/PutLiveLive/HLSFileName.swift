/// The name of a file in the folder of HLS, in both engines. Whatever has another name isn't ours.
public enum HLSFileName: Hashable, Sendable {
    /// `<stream>.m3u8`
    case master(StreamName)
    /// `<stream>_<quality>.m3u8`
    case playlist(Rendition)
    /// `<stream>_<quality>-<number>-<number>.ts`, or with one number
    case segment(Rendition)
    /// Any of those followed by `.tmp`: being written, or left behind
    case temporary

    /// Nil for what isn't a name of ours.
    public init?(_ name: some StringProtocol) {
        guard name.utf8.count <= 200 else { return nil }
        if name.hasSuffix(".tmp") {
            let whole = name.dropLast(4)
            guard !whole.hasSuffix(".tmp"), HLSFileName(whole) != nil else { return nil }
            self = .temporary
        } else if name.hasSuffix(".m3u8") {
            let stem = name.dropLast(5)
            if let stream = StreamName(stem) {
                self = .master(stream)
            } else if let rendition = Rendition(stem) {
                self = .playlist(rendition)
            } else {
                return nil
            }
        } else if name.hasSuffix(".ts") {
            guard let rendition = Self.rendition(ofSegment: name.dropLast(3)) else { return nil }
            self = .segment(rendition)
        } else {
            return nil
        }
    }

    /// The stream that it belongs to.
    public var stream: StreamName? {
        switch self {
        case .master(let stream): stream
        case .playlist(let rendition), .segment(let rendition): rendition.stream
        case .temporary: nil
        }
    }

    /// Without one number at the end, or two: a quality may hold dashes and digits too, so no more than that.
    private static func rendition(ofSegment stem: some StringProtocol) -> Rendition? {
        guard var rest = droppingNumber(Substring(stem)) else { return nil }
        if let shorter = droppingNumber(rest), Rendition(shorter) != nil { rest = shorter }
        return Rendition(rest)
    }

    private static func droppingNumber(_ text: Substring) -> Substring? {
        guard let dash = text.lastIndex(of: "-") else { return nil }
        let number = text[dash...].utf8.dropFirst()
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard (1...20).contains(number.count), number.allSatisfy(digits.contains) else { return nil }
        return text[..<dash]
    }
}

/// One rendition of a stream.
public struct Rendition: Hashable, Sendable {
    /// The quality of the source as it came.
    public static let source = "src"

    /// The stream.
    public let stream: StreamName
    /// `src`, or a rung of the ladder.
    public let quality: String

    /// Of its parts. The quality is trusted.
    public init(stream: StreamName, quality: String) {
        self.stream = stream
        self.quality = quality
    }

    /// Of `<stream>_<quality>`.
    public init?(_ text: some StringProtocol) {
        guard let bar = text.lastIndex(of: "_"), let stream = StreamName(text[..<bar]) else { return nil }
        let quality = text[bar...].dropFirst()
        guard (1...32).contains(quality.utf8.count), quality.utf8.allSatisfy(StreamName.isNameByte) else { return nil }
        self.stream = stream
        self.quality = String(quality)
    }

    /// Of its playlist.
    public var playlistName: String { "\(stream)_\(quality).m3u8" }
    /// It is the source as it came.
    public var isSource: Bool { quality == Self.source }
}
