import Foundation
import Testing

@testable import PutLiveConfig

/// Addresses that no host has, networks too large to be believed, and passwords in URLs.
@Suite struct AddressRuleTests {
    @Test func addressesAreReadAsBytes() {
        #expect(IPAddress("192.0.2.1")?.bytes == [192, 0, 2, 1])
        #expect(IPAddress("::1")?.bytes == Array(repeating: 0, count: 15) + [1])
        #expect(IPAddress("::")?.bytes == Array(repeating: 0, count: 16))
        #expect(IPAddress("2001:db8::")?.bytes.prefix(5) == [0x20, 0x01, 0x0D, 0xB8, 0])
        #expect(IPAddress("1:2:3:4:5:6:7:8")?.bytes == [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8])
        #expect(IPAddress("64:ff9b::192.0.2.1")?.bytes.suffix(4) == [192, 0, 2, 1])
        #expect(IPAddress("::ffff:192.0.2.1")?.bytes == [192, 0, 2, 1])
        #expect(IPAddress("0:0:0:0:0:FFFF:c000:201")?.bytes == [192, 0, 2, 1])
        #expect(IPAddress("auto") == nil)
    }

    @Test(arguments: [
        ("0.0.0.0", false), ("127.0.0.1", false), ("127.9.9.9", false), ("224.0.0.1", false),
        ("239.255.255.255", false), ("255.255.255.255", false), ("::", false), ("0:0:0:0:0:0:0:0", false),
        ("::1", false), ("0::0:1", false), ("ff02::1", false), ("FF0e::1", false), ("::ffff:127.0.0.1", false),
        ("203.0.113.7", true), ("10.0.0.1", true), ("223.255.255.255", true), ("2001:db8::1", true), ("auto", true),
    ])
    func theHostHasAnAddress(_ address: String, _ isGood: Bool) {
        let yaml = soundSections + "  public_ip: \"\(address)\"\n" + soundSecrets
        #expect(load(yaml).diagnostics.filter { $0.key == "server.public_ip" }.isEmpty == isGood)
        let local = "deployment: {role: local}\nserver: {public_ip: \"\(address)\"}\n"
        #expect(load(local).errorCount == 0)
    }

    @Test func proxiesAreFew() {
        for network in ["10.0.0.0/8", "127.0.0.0/8", "2001:db8::/16", "fc00::/7", "fe80::/10", "::ffff:10.0.0.0/104"] {
            #expect(problem(.proxyNetwork, network) == nil, "\(network)")
        }
        let large = [
            "0.0.0.0/0", "128.0.0.0/1", "10.0.0.0/7", "::/0", "2000::/3", "2600::/15", "fc00::/6", "::ffff:0:0/96",
        ]
        for network in large + ["::ffff:10.0.0.0/103", "10.0.0.0", "::/129"] {
            #expect(problem(.proxyNetwork, network) != nil, "\(network)")
        }
        // Who may use the admin's pages is for the admin to say.
        #expect(errors(adding: "security: {admin_cidrs: [0.0.0.0/0]}\n") == [])
    }

    @Test(arguments: [
        "streaming: {webrtc: {ice_servers: [{urls: \"turn:user:hush-Pw1@h:1\"}]}}",
        "streaming: {webrtc: {ice_servers: [{urls: [\"turn:hush-Pw1@h:1\"]}]}}",
        "streaming: {webrtc: {ice_servers: [{urls: [\"turn:u:hush-Pw1\\n@h:1\", 'turns:u:hush-Pw1@h@x']}]}}",
        "security: {cors: {enabled: true, allowed_origins: [\"https://u:hush-Pw1@a.example\"]}}",
        "deployment: {origin_host: \"u:hush-Pw1@h\"}",
        // The password again where none belongs.
        "streaming: {webrtc: {ice_servers: [{urls: \"turn:u:hush-Pw1@h\"}]}}\nalerts: {email: hush-Pw1}",
        // The same in a file that is no sound YAML.
        "streaming:\n  webrtc:\n    ice_servers:\n    - urls: \"turn:u:hush-Pw1@h",
        "streaming:\n  webrtc:\n    ice_servers:\n    - urls:\n      - \"turn:u:hush-Pw1@h",
        "streaming: {webrtc: {ice_servers: [{urls: [turn:u:hush-Pw1@h}]}}",
        "security:\n  cors:\n    allowed_origins: [https://u:hush-Pw1@a.example\n  x: 1",
    ])
    func noPasswordInAURLIsShown(_ yaml: String) throws {
        let found = load(sound + yaml + "\n").diagnostics
        #expect(found.contains { $0.severity == .error })
        let shown = found.map { $0.text() }.joined() + String(decoding: try JSONEncoder().encode(found), as: UTF8.self)
        #expect(!shown.contains("Pw1"), "\(shown)")
    }

    @Test func aURLWithAUserTellsWhatToUse() {
        let found = load(sound + "streaming: {webrtc: {ice_servers: [{urls: \"turn:u:p@h\"}]}}\n").diagnostics
        let told = found.first { $0.key == "streaming.webrtc.ice_servers[0].urls" }
        #expect(told?.remedy == "use username and credential, and write turn:host:port here")
    }

    @Test(arguments: [
        ("monitoring: {prometheus_port: 1023}", ["monitoring.prometheus_port"]),
        ("monitoring: {grafana_port: 1}", ["monitoring.grafana_port"]),
        ("monitoring: {prometheus_port: 1024, grafana_port: 1025}", []),
        ("monitoring: {prometheus_enabled: false, prometheus_port: 90, grafana_port: 91}", []),
        ("monitoring: {grafana_enabled: false, grafana_port: 91}", []), ("streaming: {rtmp_port: 554}", []),
        ("monitoring: {prometheus_port: 80}", ["monitoring.prometheus_port"]),
    ])
    func onlyRootOpensLowPorts(_ yaml: String, _ keys: [String]) {
        let found = load("deployment: {instance_type: c6i.4xlarge}\n" + sound + yaml + "\n").diagnostics
        #expect(found.map(\.key) == keys)
    }

    @Test func aPartOfAPathIsAFileName() {
        #expect(problem(.path, "/" + String(repeating: "a", count: 255)) == nil)
        #expect(problem(.path, "/" + String(repeating: "ä", count: 128)) != nil)
        #expect(problem(.optionalPath, "/x/" + String(repeating: "a", count: 256) + "/y") != nil)
    }
}
