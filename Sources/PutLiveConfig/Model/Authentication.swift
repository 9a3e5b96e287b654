/// Accounts, tokens and their secrets.
public struct Authentication: ConfigSection {
    /// Signs login tokens; stream keys and the hook secret are derived from it. Nil where none was given: an edge, a laptop.
    public var jwtSecret: Secret?
    /// How long a login lasts.
    public var tokenExpiry: Duration
    /// Ask for a login before anything but watching.
    public var requireAuth: Bool
    /// Name of the first account.
    public var defaultAdminUser: String
    /// Password of the first account, used while there are no accounts; at least 8 characters.
    public var defaultAdminPass: Secret?

    /// Reads the section, and thereby declares its keys.
    public init(from section: Section) {
        jwtSecret = section.secret(
            "jwt_secret", minimumLength: 32, needed: section.role != .edge,
            "Signs login tokens, and stream keys by derivation; at least 32 characters.")
        tokenExpiry = section.value(
            "token_expiry", .duration(.seconds(300) ... .days(30)), default: .days(1), "How long a login lasts.")
        requireAuth = section.value(
            "require_auth", .bool, default: true, "Ask for a login before anything but watching.")
        defaultAdminUser = section.value(
            "default_admin_user", .userName, default: "admin", "Name of the first account.")
        defaultAdminPass = section.secret(
            "default_admin_pass", minimumLength: 8, needed: section.role != .edge,
            "Password of the first account, used while there are no accounts; at least 8 characters.")
    }
}
