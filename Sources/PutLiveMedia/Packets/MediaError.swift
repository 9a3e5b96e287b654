/// Why media couldn't be read, coded or written. No URL and no path of a secret is ever in it, so it can be logged.
public struct MediaError: Error, Equatable, CustomStringConvertible {
    /// What kind of trouble, for whoever decides what to do next.
    public enum Kind: Sendable, Equatable {
        /// What came in isn't what it should be.
        case malformed
        /// A codec or a muxer said no.
        case codec
        /// The other side said no: the stream is busy, or the key isn't good.
        case refused
        /// It can't be reached, or went away.
        case connection
        /// The file system said no: full, read-only, no such folder.
        case storage
        /// There is no room for it on this machine.
        case capacity
        /// Nobody wants it any more.
        case cancelled
    }

    /// What kind of trouble.
    public var kind: Kind
    /// What was being done, and what came of it, in words: "can't open the encoder: out of memory".
    public var description: String

    /// In words of ours.
    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
