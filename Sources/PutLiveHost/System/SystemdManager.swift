#if canImport(Glibc)
    import Glibc
#endif

/// Asks systemd itself of its units, over the socket that systemctl uses as root. `systemctl show` has systemd collect some
/// hundred properties of each unit, which for a host's units takes longer than all the rest of a check; here it is asked
/// for the few that count.
struct SystemdManager {
    /// Of systemd's private bus.
    static let socketPath = "/run/systemd/private"

    private let socket: Descriptor
    private let deadline: ContinuousClock.Instant
    private var received: [UInt8] = []
    private var serial: UInt32 = 0

    /// - Throws: `SystemError` where there is no systemd, or not for this user.
    init(path: String, limit: Duration) throws(SystemError) {
        deadline = ContinuousClock.now + limit
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8) + [0]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        guard bytes.count <= MemoryLayout.size(ofValue: address.sun_path),
            let socket = Descriptor(Glibc.socket(AF_UNIX, kind, 0))
        else { throw SystemError("\(path) can't be connected to") }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket.number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw SystemError("\(path) can't be connected to", errno: errno) }
        self.socket = socket
        try authenticate()
    }

    /// The states of units, by the names they were asked by.
    mutating func units(_ names: [String]) throws(SystemError) -> [String: UnitState] {
        var body = DBusWriter()
        body.put(names)
        let call = request("ListUnitsByNames", of: "Manager", at: "/org/freedesktop/systemd1", "as", body)
        try send(call.bytes)
        guard let list = try answers(to: [call.serial])[call.serial] else {
            throw SystemError("systemd doesn't list its units")
        }
        var units = try Self.list(list)
        // In the order of the question, under systemd's own names; names that can't be a unit's are left out.
        guard units.count == names.count else { throw SystemError("systemd lists other units than asked for") }
        try addProperties(to: &units)
        return Dictionary(zip(names, units.map(\.state))) { first, _ in first }
    }

    // MARK: What is asked

    /// A unit in systemd's list.
    private struct Listed {
        var state: UnitState
        /// Where its properties are.
        var path: String
        /// `Service`, `Mount`: the name of the interface of its kind.
        var kind: String
    }

    /// Name, description, load state, active state, sub state, what it follows, path, job, its type, its path.
    private static func list(_ answer: DBusReader) throws(SystemError) -> [Listed] {
        var answer = answer
        var units: [Listed] = []
        _ = answer.number()
        while answer.align(to: 8), !answer.isAtEnd {
            guard let name = answer.text(), answer.text() != nil, let load = answer.text(), let active = answer.text(),
                let sub = answer.text(), answer.text() != nil, let path = answer.text(), let job = answer.number(),
                answer.text() != nil, answer.text() != nil
            else { throw SystemError("systemd's list of units can't be read") }
            let suffix = name.split(separator: ".").last ?? ""
            units.append(
                Listed(
                    state: UnitState(
                        isLoaded: load != "not-found", isMasked: load == "masked", active: active, sub: sub,
                        isQueued: job != 0),
                    path: path,
                    kind: suffix.prefix(1).uppercased() + suffix.dropFirst()))
        }
        return units
    }

    /// All questions are sent before the first answer is read.
    private mutating func addProperties(to units: inout [Listed]) throws(SystemError) {
        var asked: [UInt32: (unit: Int, property: String)] = [:]
        var questions: [UInt8] = []
        for (index, unit) in units.enumerated() where unit.state.isLoaded {
            var properties = [("Unit", "NeedDaemonReload"), (unit.kind, "Result")]
            if unit.kind == "Service" { properties.append((unit.kind, "NRestarts")) }
            for (interface, property) in properties {
                var body = DBusWriter()
                body.put("org.freedesktop.systemd1." + interface)
                body.put(property)
                let call = request("Get", of: nil, at: unit.path, "ss", body)
                asked[call.serial] = (index, property)
                questions += call.bytes
            }
        }
        guard !asked.isEmpty else { return }
        try send(questions)
        // A kind of unit without a property answers with an error, which is none.
        for (serial, var answer) in try answers(to: Set(asked.keys)) {
            guard let (index, property) = asked[serial] else { continue }
            switch (property, answer.variant()) {
            case ("NeedDaemonReload", .number(let flag)): units[index].state.needsDaemonReload = flag != 0
            case ("NRestarts", .number(let count)): units[index].state.restarts = Int(count)
            case ("Result", .text(let result)): units[index].state.result = result
            default: break
            }
        }
    }

    /// A call of a method of systemd's, or of its properties.
    private mutating func request(
        _ member: String, of interface: String?, at path: String, _ signature: String, _ body: DBusWriter
    ) -> (serial: UInt32, bytes: [UInt8]) {
        serial += 1
        let interface = interface.map { "org.freedesktop.systemd1." + $0 } ?? "org.freedesktop.DBus.Properties"
        let bytes = DBusMessage.call(
            member, of: interface, at: path, serial: serial, signature: signature, body: body)
        return (serial, bytes)
    }

    // MARK: The socket

    /// The kernel tells systemd who is at this end; the name must be the same.
    private mutating func authenticate() throws(SystemError) {
        let user = String(geteuid()).utf8.map { String($0, radix: 16) }.joined()
        // systemd must have seen BEGIN before the first call comes: a call that it reads together with BEGIN lies until
        // something else comes.
        try send([0] + Array("AUTH EXTERNAL \(user)\r\nBEGIN\r\n".utf8))
        while received.last != UInt8(ascii: "\n") { try receive() }
        guard received.starts(with: Array("OK ".utf8)) else { throw SystemError("systemd lets this user ask nothing") }
        received = []
    }

    private func send(_ bytes: [UInt8]) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(socket.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                try wait(for: POLLOUT)
            } else if errno != EINTR {
                throw SystemError("systemd can't be asked", errno: errno)
            }
        }
    }

    private mutating func receive() throws(SystemError) {
        try wait(for: POLLIN)
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        guard let count = buffer.withUnsafeMutableBytes({ socket.read(into: $0) }), count > 0 else {
            throw SystemError("systemd hung up")
        }
        received += buffer[..<count]
    }

    private func wait(for events: Int32) throws(SystemError) {
        guard socket.wait(for: events, limit: deadline - ContinuousClock.now) else {
            throw SystemError("systemd didn't answer in time")
        }
    }

    /// The bodies of the answers to all calls; those that are errors are left out.
    private mutating func answers(to serials: Set<UInt32>) throws(SystemError) -> [UInt32: DBusReader] {
        var missing = serials
        var answers: [UInt32: DBusReader] = [:]
        while !missing.isEmpty {
            guard let message = try DBusMessage.take(from: &received) else {
                try receive()
                continue
            }
            guard let serial = message.replySerial, missing.remove(serial) != nil else { continue }
            if !message.isError { answers[serial] = message.body }
        }
        return answers
    }
}
