import Logging
import PutLiveMedia

/// The errors of FFmpeg's libraries as lines of the log.
public enum MediaLibraryLog {
    /// For the whole process.
    public static func route(to logger: Logger) {
        FFmpegLog.route { line in
            var metadata: Logger.Metadata = ["text": "\(line.text)"]
            if line.dropped > 0 { metadata["lines_dropped"] = "\(line.dropped)" }
            // Most of their errors are a peer's, and what comes of them is logged by those who use the libraries.
            logger.log(level: line.isFatal ? .error : .warning, "media_library", metadata: metadata)
        }
    }
}
