/// Where alarms are sent.
public struct Alerts: ConfigSection {
    /// Empty for none.
    public var email: String
    /// Empty for none.
    public var sms: String

    /// Reads the section, and thereby declares its keys.
    public init(from section: Section) {
        email = section.value(
            "email", .email, default: "", "Mail address for alarms and for the certificate authority.")
        sms = section.value("sms", .phoneNumber, default: "", "Telephone number for alarms by SMS, E.164.")
    }
}
