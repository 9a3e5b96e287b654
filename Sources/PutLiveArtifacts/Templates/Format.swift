import Mustache

/// The formats that artifacts are written in. Each says how a text becomes one whole word of it, or why it can't.
public enum Format: String, Sendable, CaseIterable {
    case nginx = "NGINX"
    case srs = "SRS"
    case systemd = "SYSTEMD"
    case shell = "SHELL"
    case yaml = "YAML"
    case json = "JSON"
    /// fail2ban's and systemd's own `.conf` files.
    case ini = "INI"
    case logrotate = "LOGROTATE"
    /// sysusers.d, tmpfiles.d and sysctl.d.
    case tmpfiles = "TMPFILES"

    /// Makes the formats known to Mustache, once.
    static let registered: Void = {
        for format in Format.allCases {
            MustacheContentTypes.register(FormatContentType(format: format), named: format.rawValue)
        }
    }()
}

/// A value that a format has no spelling for.
public struct UnholdableValue: Error, Sendable, Hashable {
    /// What it holds that the format has no spelling for; never the value itself.
    public var reason: String
}

/// Escapes by format inside of Mustache. `escapeText` can't throw, so what can't be held is noted in the render's log.
private struct FormatContentType: MustacheContentType {
    let format: Format

    func escapeText(_ text: String) -> String {
        do {
            return try format.word(text)
        } catch {
            RenderLog.current?.note(.unholdable(format: format, reason: error.reason))
            return ""
        }
    }
}
