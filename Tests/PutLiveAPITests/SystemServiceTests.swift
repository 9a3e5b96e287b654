import Foundation
import Synchronization
import Testing

@testable import PutLiveAPI

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A datagram socket that stands for systemd's.
private final class Receiver: Sendable {
    let descriptor: Int32
    private let path: String?

    /// At `name`: an absolute path, or `@` and an abstract name.
    init(_ name: String) throws {
        descriptor = UnixAddress.datagramSocket()
        path = name.hasPrefix("/") ? name : nil
        let address = try #require(UnixAddress(notifySocket: name))
        let descriptor = descriptor
        try #require(address.withPointer { bind(descriptor, $0, $1) } == 0)
    }

    deinit {
        close(descriptor)
        if let path { unlink(path) }
    }

    /// The datagrams that came.
    var messages: [String] {
        var messages: [String] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, UnixAddress.dontWait)
            guard count >= 0 else { return messages }
            messages.append(String(decoding: buffer[..<count], as: UTF8.self))
        }
    }
}

@Suite struct SystemServiceTests {
    private static func uniqueName() -> String { "putlive-\(getpid())-\(UInt64.random(in: 0 ... .max))" }

    // MARK: sd_notify

    @Test(arguments: ["\(NSTemporaryDirectory())/\(uniqueName())", "@\(uniqueName())"])
    func tellsSystemd(_ name: String) throws {
        let receiver = try Receiver(name)
        let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": name])
        #expect(notifier.isEnabled)
        #expect(notifier.ready())
        #expect(notifier.ready(status: "Serving"))
        #expect(notifier.watchdog())
        #expect(notifier.reloading(monotonicMicroseconds: 123))
        #expect(notifier.status("two\nlines\u{7f} ü"))
        #expect(notifier.stopping(status: "Draining"))
        #expect(notifier.stopping())
        #expect(
            receiver.messages == [
                "READY=1", "READY=1\nSTATUS=Serving", "WATCHDOG=1", "RELOADING=1\nMONOTONIC_USEC=123",
                "STATUS=two lines\u{7f} ü", "STOPPING=1\nSTATUS=Draining", "STOPPING=1",
            ])
    }

    @Test func statusIsBounded() throws {
        let name = "@\(Self.uniqueName())"
        let receiver = try Receiver(name)
        ServiceNotifier(environment: ["NOTIFY_SOCKET": name]).status(String(repeating: "ü", count: 100_000))
        #expect(receiver.messages == ["STATUS=" + String(repeating: "ü", count: 512)])
    }

    @Test(arguments: [
        nil, "", "/", "@", "relative", "vsock:2:1234", "/a\0b", "/" + String(repeating: "x", count: 200),
        "@" + String(repeating: "x", count: 200),
    ])
    func withoutSystemdNothingIsTold(_ name: String?) {
        var environment: [String: String] = [:]
        environment["NOTIFY_SOCKET"] = name
        let notifier = ServiceNotifier(environment: environment)
        #expect(!notifier.isEnabled)
        #expect(!notifier.ready())
    }

    @Test func nobodyWhoListensIsNoError() {
        let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": "@\(Self.uniqueName())"])
        #expect(notifier.isEnabled)
        #expect(!notifier.ready())
    }

    @Test func longestNamesFit() throws {
        let capacity = MemoryLayout.size(ofValue: sockaddr_un().sun_path)
        #expect(UnixAddress(notifySocket: "/" + String(repeating: "x", count: capacity - 2)) != nil)
        #expect(UnixAddress(notifySocket: "/" + String(repeating: "x", count: capacity - 1)) == nil)
        let name = "@" + String((Self.uniqueName() + String(repeating: "x", count: capacity)).prefix(capacity - 1))
        let receiver = try Receiver(name)
        #expect(ServiceNotifier(environment: ["NOTIFY_SOCKET": name]).watchdog())
        #expect(receiver.messages == ["WATCHDOG=1"])
    }

    @Test(
        arguments: [
            ([:], nil), (["WATCHDOG_USEC": "10000000"], Duration.seconds(5)),
            (["WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "7"], .seconds(5)),
            (["WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "8"], nil),
            (["WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "x"], nil), (["WATCHDOG_USEC": "0"], nil),
            (["WATCHDOG_USEC": "-5"], nil), (["WATCHDOG_USEC": "x"], nil), (["WATCHDOG_PID": "7"], nil),
        ] as [([String: String], Duration?)])
    func watchdogIsFedAtHalfItsTime(_ environment: [String: String], _ interval: Duration?) {
        #expect(ServiceNotifier(environment: environment, processID: 7).watchdogInterval == interval)
    }

    // MARK: Sockets of systemd

    /// Descriptors that follow each other, as systemd passes them.
    private static func sockets(_ count: Int32, _ body: (Int32) throws -> Void) throws {
        let source = UnixAddress.datagramSocket()
        try #require(source >= 0)
        // Far from what other tests open at the same time.
        let first: Int32 = 700
        var made: [Int32] = []
        defer { for descriptor in made + [source] { close(descriptor) } }
        for index in 0..<count {
            try #require(dup2(source, first + index) >= 0)
            made.append(first + index)
        }
        try body(first)
    }

    private static func take(
        _ environment: [String: String], from first: Int32, unset: (String) -> Void = { _ in }
    ) -> [String: Int32] {
        SocketActivation.take(environment: environment, processID: 7, from: first, unset: unset)
    }

    /// One after the other, for they use the same descriptors.
    @Test func socketsOfSystemdAreTaken() throws {
        var unset: [String] = []
        try Self.sockets(4) { first in
            #expect(fcntl(first, F_GETFD) == 0)
            let sockets = Self.take(
                ["LISTEN_PID": "7", "LISTEN_FDS": "4", "LISTEN_FDNAMES": "access:web:access:"], from: first
            ) { unset.append($0) }
            #expect(sockets == ["access": first, "web": first + 1, "unknown": first + 3])
            for index in 0..<4 as Range<Int32> { #expect(fcntl(first + index, F_GETFD) == FD_CLOEXEC) }

            #expect(Self.take(["LISTEN_PID": "7", "LISTEN_FDS": "1"], from: first) == ["unknown": first])
            // One that isn't open is left out.
            #expect(
                Self.take(["LISTEN_PID": "7", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "a:b"], from: first + 3)
                    == ["a": first + 3])
        }
        #expect(unset == ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"])
    }

    @Test(arguments: [
        [:], ["LISTEN_FDS": "1"], ["LISTEN_PID": "8", "LISTEN_FDS": "1"], ["LISTEN_PID": "7"],
        ["LISTEN_PID": "7", "LISTEN_FDS": "0"], ["LISTEN_PID": "7", "LISTEN_FDS": "-1"],
        ["LISTEN_PID": "7", "LISTEN_FDS": "65"], ["LISTEN_PID": "7", "LISTEN_FDS": "x"],
    ])
    func whatIsNotForThisProcessIsNotTaken(_ environment: [String: String]) {
        var unset = 0
        #expect(Self.take(environment, from: 0) { _ in unset += 1 }.isEmpty)
        #expect(unset == 3)
    }

    @Test func withoutSystemdThereAreNoSockets() {
        #expect(SocketActivation.take(environment: [:]).isEmpty)
    }
}
