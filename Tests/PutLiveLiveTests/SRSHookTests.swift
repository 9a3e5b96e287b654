import Testing

@testable import PutLiveLive

@Suite struct SRSHookTests {
    @Test(arguments: SRSHook.Action.allCases)
    func bodiesOfSRS(_ action: SRSHook.Action) throws {
        let hook = try #require(SRSHook.parse(try fixture(action.rawValue + ".json")))
        #expect(hook.action == action)
        #expect(hook.address == "127.0.0.1" && hook.vhost == "__defaultVhost__" && hook.app == "live")
        #expect(hook.stream == "stream")
        #expect((hook.file != nil) == (action == .hls || action == .dvr))
    }

    @Test func parts() throws {
        let publish = try #require(SRSHook.parse(try fixture("on_publish.json")))
        #expect(publish.clientID == "33e5ff84" && publish.query == "?key=k1abc.1.sig%2Bx")
        #expect(PublishToken(query: publish.query)?.key == "k1abc.1.sig+x")
        let segment = try #require(SRSHook.parse(try fixture("on_hls-ladder.json")))
        #expect(segment.vhost == "ladder.local" && segment.stream == "stream_144p" && segment.duration == 2)
        #expect(segment.file == "/run/putlive-hls/live/stream_144p-1795356343694-0.ts")
    }

    static func body(_ changes: [String: String?] = [:], action: String = "on_publish") -> [UInt8] {
        var fields: [String: String?] = [
            "action": "\"\(action)\"", "client_id": "\"c1\"", "ip": "\"203.0.113.7\"",
            "vhost": "\"__defaultVhost__\"", "app": "\"live\"", "stream": "\"stream\"", "param": "\"?key=good\"",
        ]
        for (name, value) in changes { fields.updateValue(value, forKey: name) }
        let text = fields.compactMap { name, value in value.map { "\"\(name)\":\($0)" } }.joined(separator: ",")
        return Array("{\(text)}".utf8)
    }

    @Test(
        arguments: [
            ["client_id": nil], ["client_id": "\"\""], ["client_id": "\"../x\""], ["client_id": "7"],
            ["ip": nil], ["ip": "\"\""], ["ip": "\"203.0.113.7\\\",\\\"x\\\":\\\"\""], ["ip": "\"evil.example\""],
            ["vhost": nil], ["app": nil], ["stream": nil], ["stream": "null"], ["action": "\"on_nothing\""],
            ["action": nil], ["param": "{}"], ["app": "[]"],
        ] as [[String: String?]])
    func malformed(_ changes: [String: String?]) {
        #expect(SRSHook.parse(Self.body(changes)) == nil)
    }

    @Test func bounds() {
        #expect(SRSHook.parse(Self.body()) != nil)
        #expect(SRSHook.parse(Self.body(["param": nil])) != nil)
        #expect(SRSHook.parse(Self.body(["stream": "\"" + String(repeating: "a", count: 513) + "\""])) == nil)
        #expect(SRSHook.parse(Self.body(["param": "\"" + String(repeating: "a", count: 5000) + "\""])) == nil)
        #expect(SRSHook.parse(Self.body() + Array(repeating: UInt8(ascii: " "), count: 20_000)) == nil)
        #expect(SRSHook.parse([]) == nil)
        #expect(SRSHook.parse(Array("[1]".utf8)) == nil)
        #expect(SRSHook.parse(Array(String(repeating: "[", count: 10_000).utf8)) == nil)
        #expect(SRSHook.parse(Self.body(["file": "\"/a\"", "duration": nil], action: "on_hls")) == nil)
        #expect(SRSHook.parse(Self.body(["file": "\"/a\"", "duration": "-1"], action: "on_hls")) == nil)
        #expect(SRSHook.parse(Self.body(["duration": "2.0"], action: "on_hls")) == nil)
        #expect(SRSHook.parse(Self.body(action: "on_dvr")) == nil)
        #expect(SRSHook.parse(Self.body(["stream": nil], action: "on_connect")) != nil)
    }
}
