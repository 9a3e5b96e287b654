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

    /// The template for `config`, in YAML.
    public func render(_ config: Config, share: ShareFolder) throws -> String {
        try TemplateRenderer(share: share).render(
            "stacks/\(rawValue).yaml.mustache", format: .yaml, view: Views.stack(HostContext(config: config)))
    }
}
