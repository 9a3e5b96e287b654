/// Where alarms are sent.
public struct Alerts: ConfigSection {
    /// Empty for none.
    public var email: String
    /// Empty for none.
    public var sms: String

    /// Reads the section, and thereby declares its keys.
    public init(from section: Section) {
        email = section.value(
            "email", .email, default: "", "Mail address for the alarms of the AWS stack.")
        sms = section.value(
            "sms", .phoneNumber, default: "", "Telephone number for the alarms of the AWS stack by SMS, E.164.")
    }
}
