/// How much of a session description is read at all; an ordinary offer has 10 KiB, 200 lines and 3 sections.
enum SDPLimits {
    static let bytes = 64 * 1024
    static let lines = 2000
    static let sections = 32
    /// Of one section; there are 128 payload types.
    static let formats = 128
    /// Bytes of a name that is repeated in answers and errors.
    static let word = 64
    /// Of one session. They are for the log: an ICE-lite agent never sends to them unasked.
    static let candidates = 64
}
