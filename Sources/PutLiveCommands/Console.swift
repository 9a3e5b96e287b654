import PutLiveConfig

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Where things are printed: results on stdout, reports on stderr, colour on a terminal alone.
public enum Console {
    /// Colour for a report.
    public static let reportPaint = Paint(enabled: wantsColour(STDERR_FILENO))
    /// Colour for a result.
    public static let resultPaint = Paint(enabled: wantsColour(STDOUT_FILENO))
    /// Somebody watches the reports.
    public static var isInteractive: Bool { isatty(STDERR_FILENO) == 1 }

    /// What was asked for. When it can't be written, that is an error.
    public static func result(_ text: String) {
        guard let failure = write(text, to: STDOUT_FILENO) else { return }
        error("the result can't be written: \(String(cString: strerror(failure)))")
        exit(1)
    }

    /// A line of a report.
    public static func report(_ line: String) {
        _ = write(line.hasSuffix("\n") ? line : line + "\n", to: STDERR_FILENO)
    }

    /// An error, and what to do.
    public static func error(_ message: String, remedy: String? = nil) {
        report(
            "\(reportPaint.red("error:")) \(message)"
                + (remedy.map { "\n  \(reportPaint.bold("remedy:")) \($0)" } ?? ""))
    }

    /// Ends the program.
    public static func exit(_ code: Int32) -> Never {
        #if canImport(Glibc)
            Glibc.exit(code)
        #else
            Darwin.exit(code)
        #endif
    }

    /// https://no-color.org, and terminals that know no colour.
    private static func wantsColour(_ descriptor: Int32) -> Bool {
        guard isatty(descriptor) == 1, getenv("NO_COLOR").map({ $0.pointee == 0 }) ?? true else { return false }
        return getenv("TERM").map { strcmp($0, "dumb") != 0 } ?? false
    }

    /// The error's number, or nil.
    private static func write(_ text: String, to descriptor: Int32) -> Int32? {
        var text = text
        return text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)[...]
            while !rest.isEmpty {
                let count = systemWrite(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                // A closed pipe: the reader has seen enough.
                if count <= 0 { return errno == EPIPE ? nil : errno }
                rest = rest.dropFirst(count)
            }
            return nil
        }
    }
}

// The name is taken inside of Console.
#if canImport(Glibc)
    private let systemWrite = Glibc.write
#else
    private let systemWrite = Darwin.write
#endif
