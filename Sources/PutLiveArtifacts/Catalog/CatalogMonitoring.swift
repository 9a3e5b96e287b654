import PutLiveConfig

/// Prometheus, Grafana and CloudWatch.
extension Catalog {
    static let monitoring: [Artifact] = [
        Artifact(
            "/etc/prometheus/prometheus.yml", .yaml, isOursAlone: false, roles: .everywhere,
            when: \.monitoring.prometheusEnabled, onChange: .reload(["prometheus.service"]), check: .prometheus,
            view: Views.monitoring, "What Prometheus scrapes."),
        Artifact(
            "/etc/prometheus/rules/putlive-alerts.yml", .yaml, roles: .everywhere,
            when: \.monitoring.prometheusEnabled, onChange: .reload(["prometheus.service"]), check: .prometheus,
            view: Views.monitoring, "Alert rules."),
        Artifact(
            "/etc/default/prometheus", name: "prometheus.default", .shell, isOursAlone: false, roles: .hosts,
            when: \.monitoring.prometheusEnabled, onChange: .restart(["prometheus.service"]), check: .shell,
            view: Views.monitoring, "Prometheus' address and retention."),
        Artifact(
            "/etc/default/prometheus-node-exporter", name: "node-exporter.default", .shell, isOursAlone: false,
            roles: .hosts, when: \.monitoring.prometheusEnabled,
            onChange: .restart(["prometheus-node-exporter.service"]),
            check: .shell, view: Views.monitoring, "The node exporter's address."),
        Artifact(
            "/etc/grafana/provisioning/datasources/putlive.yaml", name: "grafana-datasource.yaml", .yaml,
            roles: .everywhere, when: \.monitoring.hasDashboards, onChange: .restart(["grafana-server.service"]),
            check: .yaml, view: Views.monitoring, "Grafana's data source."),
        Artifact(
            "/etc/grafana/provisioning/dashboards/putlive.yaml", name: "grafana-dashboards.yaml", .yaml,
            roles: .everywhere, when: \.monitoring.hasDashboards, onChange: .restart(["grafana-server.service"]),
            check: .yaml, view: Views.monitoring, "Where Grafana finds the dashboard."),
        Artifact(
            "/var/lib/grafana/dashboards/putlive.json", name: "grafana-dashboard.json",
            template: "templates/var/lib/grafana/dashboards/putlive.json", .json, roles: .everywhere,
            when: \.monitoring.hasDashboards, check: .json, view: Views.monitoring, "The Grafana dashboard."),
        Artifact(
            "/opt/aws/amazon-cloudwatch-agent/etc/amazon-cloudwatch-agent.json", .json, roles: .hosts,
            when: \.monitoring.cloudwatch.enabled, onChange: .restart(["amazon-cloudwatch-agent.service"]),
            check: .json,
            view: Views.monitoring, "Metrics and logs for AWS CloudWatch."),
    ]
}

extension Monitoring {
    /// Grafana shows what Prometheus has.
    var hasDashboards: Bool { prometheusEnabled && grafanaEnabled }
}
