import PutLiveConfig

/// The CloudFormation stacks.
public enum Stack: String, Sendable, CaseIterable {
    case singleServer = "single-server"
    case scaleOut = "scale-out"

    /// What it makes, in a phrase.
    public var purpose: String {
        switch self {
        case .singleServer: "one EC2 instance with everything around it"
        case .scaleOut: "an origin, edges in an auto-scaling group, a load balancer and CloudFront"
        }
    }

    /// The stack that a role is deployed with, nil for those that a stack makes by the way or not at all.
    public static func of(_ role: Deployment.Role) -> Stack? {
        switch role {
        case .single: .singleServer
        case .origin: .scaleOut
        case .edge, .local: nil
        }
    }

    /// Whether an instance type has AWS's own ARM processors: its family's generation is followed by a g, as in t4g, m7gd
    /// and c6gn.
    public static func isARM(_ instanceType: String) -> Bool {
        let family = instanceType.prefix { $0 != "." }
        let options = family.drop { !$0.isNumber }.drop(while: \.isNumber)
        return family.hasPrefix("a1") || options.hasPrefix("g")
    }

    /// The template for `config`, in YAML.
    public func render(_ config: Config, share: ShareFolder) throws -> String {
        try TemplateRenderer(share: share).render(
            "stacks/\(rawValue).yaml.mustache", format: .yaml, view: Views.stack(HostContext(config: config)))
    }
}
