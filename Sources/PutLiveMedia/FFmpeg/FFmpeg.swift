import CFFmpeg

/// What Swift can't see of libav's macros, and what each use of it would else repeat.
enum FFmpeg {
    /// AV_NOPTS_VALUE
    static let noTime = Int64.min
    /// AV_TIME_BASE_Q: all our times are microseconds.
    static let microseconds = AVRational(num: 1, den: 1_000_000)
    /// AVERROR(EAGAIN)
    static let again = -EAGAIN
    /// AVERROR_EOF
    static let endOfFile = tag("E", "O", "F", " ")
    /// AVERROR_UNKNOWN
    static let unknown = tag("U", "N", "K", "N")
    /// AVERROR_EXIT: an interrupt callback said so.
    static let exit = tag("E", "X", "I", "T")

    /// What a code means, in libav's words.
    static func words(of code: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(AV_ERROR_MAX_STRING_SIZE)) { text in
            av_strerror(code, text.baseAddress, text.count)
            return text.baseAddress.map { String(cString: $0) } ?? "error \(code)"
        }
    }

    /// Throws what a negative code means: "can't open the encoder: Invalid argument".
    @discardableResult
    static func check(
        _ code: Int32, _ action: @autoclosure () -> String, as kind: MediaError.Kind = .codec
    ) throws(MediaError) -> Int32 {
        if code < 0 { throw MediaError(kind, "can't \(action()): \(words(of: code))") }
        return code
    }

    /// FFERRTAG
    private static func tag(_ a: Unicode.Scalar, _ b: Unicode.Scalar, _ c: Unicode.Scalar, _ d: Unicode.Scalar) -> Int32
    {
        -Int32(bitPattern: a.value | b.value << 8 | c.value << 16 | d.value << 24)
    }
}
