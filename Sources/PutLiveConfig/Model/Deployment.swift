/// What this host is, and where it runs.
public struct Deployment: ConfigSection {
    /// What a host is for.
    public enum Role: String, Sendable, CaseIterable {
        /// Everything on one host.
        case single
        /// Everything, with edges in front that carry the viewers.
        case origin
        /// A cache of an origin's HLS.
        case edge
        /// A laptop: no root, no TLS, the embedded engine.
        case local
    }

    /// What the host is: everything on one, an origin with edges, an edge cache, or a laptop.
    public var role: Role
    /// The origin that an edge fetches from, empty otherwise.
    public var originHost: String
    /// EC2 instance type, which capacity is checked against.
    public var instanceType: String
    /// AWS region of the stack.
    public var region: String

    /// Reads the section, and thereby declares its keys.
    public init(from section: Section) {
        role = section.value(
            "role", .oneOf, default: .single,
            "What the host is: everything on one, an origin with edges, an edge cache, or a laptop.")
        originHost = section.value(
            "origin_host", .optional(.host), default: "", "Host name or address of the origin; needed by an edge.")
        instanceType = section.value(
            "instance_type", .instanceType, default: "t3.micro", "EC2 instance type, which capacity is checked against."
        )
        region = section.value("region", .region, default: "us-east-1", "AWS region of the stack.")
    }
}
