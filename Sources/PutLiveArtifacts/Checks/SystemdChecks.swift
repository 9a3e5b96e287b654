extension NativeCheck {
    static func systemd(_ items: [RenderedArtifact]) -> NativeCheck { parsed(items, name: "systemd") }
    static func sysusers(_ items: [RenderedArtifact]) -> NativeCheck { parsed(items, name: "sysusers") }
    static func tmpfiles(_ items: [RenderedArtifact]) -> NativeCheck { parsed(items, name: "tmpfiles") }
    static func sysctl(_ items: [RenderedArtifact]) -> NativeCheck { parsed(items, name: "sysctl") }
    static func logrotate(_ items: [RenderedArtifact]) -> NativeCheck { parsed(items, name: "logrotate") }
    static func fail2ban(_ items: [RenderedArtifact]) -> NativeCheck { parsed(items, name: "fail2ban") }
}
