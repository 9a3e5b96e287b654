import Foundation
import Testing

@testable import PutLiveHost

@Suite struct SystemdManagerTests {
    let scratch = RealSystemScratch()
    var path: String { scratch.path + "/socket" }

    /// A systemd that greets with `greeting`, and then answers whatever is asked with `answers`, in two pieces.
    private final class FakeSystemd: @unchecked Sendable {
        private let listener: Int32
        /// Written by the server's thread before the client sees the last answer.
        private(set) var received: [UInt8] = []

        init(at path: String, greeting: String = "OK 0123\r\n", _ answers: [UInt8]) {
            let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            self.listener = listener
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
            withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            listen(listener, 4)
            Thread.detachNewThread { [self] in
                let client = accept(self.listener, nil, nil)
                take(client)
                send(client, greeting, greeting.utf8.count, Int32(MSG_NOSIGNAL))
                take(client)
                for piece in [answers.prefix(answers.count / 2), answers.suffix(from: answers.count / 2)] {
                    _ = piece.withUnsafeBytes { send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                }
                shutdown(client, Int32(SHUT_WR))
                // The questions for properties.
                take(client)
                close(client)
            }
        }

        deinit { close(listener) }

        private func take(_ client: Int32) {
            var buffer = [UInt8](repeating: 0, count: 65536)
            let count = recv(client, &buffer, buffer.count, 0)
            if count > 0 { received += buffer[..<count] }
        }
    }

    private typealias Unit = (name: String, load: String, active: String, sub: String)

    /// The job of a unit of this name.
    private static let queued = "queued.service"

    /// An answer as systemd sends it.
    private static func answer(to serial: UInt32, isError: Bool = false, signature: String, _ body: DBusWriter)
        -> [UInt8]
    {
        var fields = DBusWriter()
        fields.bytes.append(8)
        fields.put(signature: "g")
        fields.put(signature: signature)
        fields.align(to: 8)
        fields.bytes.append(5)
        fields.put(signature: "u")
        fields.put(serial)
        var message = DBusWriter()
        message.bytes = [UInt8(ascii: "l"), isError ? 3 : 2, 1, 1]
        message.put(UInt32(body.bytes.count))
        message.put(UInt32(99))
        message.put(UInt32(fields.bytes.count))
        message.bytes += fields.bytes
        message.align(to: 8)
        return message.bytes + body.bytes
    }

    private static func list(_ units: [Unit]) -> [UInt8] {
        var list = DBusWriter()
        for (index, unit) in units.enumerated() {
            list.align(to: 8)
            for text in [unit.name, "what it is", unit.load, unit.active, unit.sub, "", "/unit/\(index)"] {
                list.put(text)
            }
            list.put(UInt32(unit.name == queued ? 77 : 0))
            list.put(unit.name == queued ? "start" : "")
            list.put("/")
        }
        var body = DBusWriter()
        body.put(UInt32(list.bytes.count))
        body.align(to: 8)
        body.bytes += list.bytes
        return answer(to: 1, signature: "a(ssssssouso)", body)
    }

    private static func property(_ serial: UInt32, number: UInt32) -> [UInt8] {
        var body = DBusWriter()
        body.put(signature: "u")
        body.put(number)
        return answer(to: serial, signature: "v", body)
    }

    private static func property(_ serial: UInt32, text: String) -> [UInt8] {
        var body = DBusWriter()
        body.put(signature: "s")
        body.put(text)
        return answer(to: serial, signature: "v", body)
    }

    private func units(_ names: [String], limit: Duration = .seconds(20)) throws -> [String: UnitState] {
        var manager = try SystemdManager(path: path, limit: limit)
        return try manager.units(names)
    }

    @Test func unitsAreAskedForInOneConversation() throws {
        let signal = Self.answer(to: 77, signature: "", DBusWriter())
        let answers =
            Self.list([
                ("b.service", "loaded", "failed", "failed"), ("c.service", "not-found", "inactive", "dead"),
                ("d\\x2d.mount", "loaded", "active", "mounted"),
            ]) + signal + Self.property(3, text: "exit-code") + Self.property(2, number: 1)
            + Self.property(4, number: 7) + Self.property(5, number: 0)
            + Self.answer(to: 6, isError: true, signature: "s", DBusWriter())
        let systemd = FakeSystemd(at: path, answers)
        let states = try units(["alias.service", "c.service", "d\\x2d.mount"])
        #expect(
            states == [
                "alias.service": UnitState(
                    active: "failed", sub: "failed", result: "exit-code", needsDaemonReload: true, restarts: 7),
                "c.service": UnitState(isLoaded: false, active: "inactive", sub: "dead"),
                "d\\x2d.mount": UnitState(sub: "mounted"),
            ])
        let asked = String(decoding: systemd.received, as: UTF8.self)
        let user = String(geteuid()).utf8.map { String($0, radix: 16) }.joined()
        #expect(asked.hasPrefix("\0AUTH EXTERNAL \(user)\r\nBEGIN\r\nl\u{1}\0\u{1}"))
        for word in ["ListUnitsByNames", "org.freedesktop.systemd1.Manager", "alias.service", "d\\x2d.mount"] {
            #expect(asked.contains(word), "\(word)")
        }
    }

    @Test func aUnitThatSystemdIsAboutToStartIsTold() throws {
        let answers = Self.list([(Self.queued, "not-found", "inactive", "dead")])
        let systemd = FakeSystemd(at: path, answers)
        defer { withExtendedLifetime(systemd) {} }
        #expect(try units([Self.queued])[Self.queued]?.isQueued == true)
    }

    @Test func theHostAsksSystemdBeforeSystemctl() throws {
        let systemd = FakeSystemd(at: path, Self.list([("a.service", "not-found", "inactive", "dead")]))
        let absent = UnitState(isLoaded: false, active: "inactive", sub: "dead")
        // There is no systemctl in the folder.
        #expect(try scratch.host.units(["a.service"]) == ["a.service": absent])
        withExtendedLifetime(systemd) {}
    }

    @Test func systemctlIsAskedWhereSystemdDoesNotAnswer() throws {
        let systemd = FakeSystemd(at: path, greeting: "REJECTED EXTERNAL\r\n", [])
        scratch.program("systemctl", #"printf 'Id=a.service\nLoadState=loaded\nActiveState=active\nSubState=exited\n'"#)
        #expect(try scratch.host.units(["a.service"]) == ["a.service": UnitState(sub: "exited")])
        withExtendedLifetime(systemd) {}
    }

    @Test func anotherAnswerThanAskedForIsAnError() {
        let good = Self.list([("a.service", "loaded", "active", "running")])
        // Read only after the answers, so none is needed.
        let answers: [(String, [UInt8])] = [
            ("systemd lists other units than asked for", good),
            ("systemd doesn't list its units", Self.answer(to: 1, isError: true, signature: "s", DBusWriter())),
            ("systemd's answer isn't of D-Bus", Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)),
            ("systemd hung up", Array(good.dropLast(40))),
            ("systemd's list of units can't be read", Self.property(1, text: "longer than a number")),
        ]
        for (words, answer) in answers {
            let systemd = FakeSystemd(at: path, answer)
            #expect(throws: SystemError(words)) { try units(["a.service", "b.service"]) }
            withExtendedLifetime(systemd) {}
            unlink(path)
        }
    }

    @Test func systemdIsNotWaitedForWithoutEnd() {
        let listener = FakeSystemd(at: path, greeting: "OK", [])
        #expect(throws: SystemError("systemd didn't answer in time")) {
            try units(["a.service"], limit: .milliseconds(20))
        }
        withExtendedLifetime(listener) {}
        #expect(throws: SystemError.self) { try SystemdManager(path: "/none/socket", limit: .seconds(1)) }
        let long = String(repeating: "x", count: 200)
        #expect(throws: SystemError("\(long) can't be connected to")) {
            try SystemdManager(path: long, limit: .seconds(1))
        }
    }

    // MARK: Messages

    @Test func aCallIsAsTheSpecificationSays() {
        var body = DBusWriter()
        body.put(["a"])
        let call = DBusMessage.call("M", of: "i.f", at: "/p", serial: 0x102, signature: "as", body: body)
        let expected: [UInt8] =
            [0x6c, 1, 0, 1, 10, 0, 0, 0, 2, 1, 0, 0, 56, 0, 0, 0]
            + [1, 1, 0x6f, 0, 2, 0, 0, 0] + Array("/p".utf8) + [0, 0, 0, 0, 0, 0]
            + [2, 1, 0x73, 0, 3, 0, 0, 0] + Array("i.f".utf8) + [0, 0, 0, 0, 0]
            + [3, 1, 0x73, 0, 1, 0, 0, 0] + Array("M".utf8) + [0, 0, 0, 0, 0, 0, 0]
            + [8, 1, 0x67, 0, 2] + Array("as".utf8) + [0]
            + [6, 0, 0, 0, 1, 0, 0, 0, 0x61, 0]
        #expect(call == expected)
    }

    @Test func aMessageIsTakenWhenItIsWhole() throws {
        let whole = Self.property(7, text: "success")
        for count in 0..<whole.count {
            var bytes = Array(whole[..<count])
            let message = try DBusMessage.take(from: &bytes)
            #expect(message == nil && bytes.count == count)
        }
        var bytes = whole + [1, 2, 3]
        var message = try #require(try DBusMessage.take(from: &bytes))
        #expect(bytes == [1, 2, 3] && message.replySerial == 7 && !message.isError)
        guard case .text("success") = message.body.variant() else {
            Issue.record("not the text")
            return
        }
        #expect(message.body.variant() == nil)
    }

    @Test func noiseIsNoMessage() {
        var random = SystemRandomNumberGenerator()
        let whole = Self.list([("a.service", "loaded", "active", "running")])
        for _ in 0..<5000 {
            var bytes = whole
            for _ in 0..<3 {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            let size = bytes.count
            guard var message = try? DBusMessage.take(from: &bytes) else { continue }
            #expect(bytes.count < size)
            for _ in 0..<20 {
                _ = message.body.variant()
                _ = message.body.text()
            }
        }
        var huge: [UInt8] = [0x6c, 2, 0, 1, 255, 255, 255, 255, 0, 0, 0, 0, 255, 255, 255, 255]
        #expect(throws: SystemError.self) { try DBusMessage.take(from: &huge) }
    }
}
