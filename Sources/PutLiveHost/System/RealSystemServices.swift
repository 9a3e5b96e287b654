#if canImport(Glibc)
    import Glibc
#endif

/// How programs and services are used. An image has none.
extension RealSystem {
    func hasProgram(_ name: String) -> Bool {
        if isLive { return programs.find(name) != nil }
        return programs.candidates(name).contains { path in
            guard let place = try? walk.following(path), let status = try? place.status() else { return false }
            return status.st_mode & S_IFMT == S_IFREG && status.st_mode & 0o111 != 0
        }
    }

    func run(_ program: String, _ arguments: [String], limit: Duration) throws(SystemError) -> ProgramResult {
        guard isLive else { throw SystemError("\(program) can't be run: an image doesn't run") }
        forgetAccounts()
        return try programs.run(program, arguments, limit: limit)
    }

    func units(_ names: [String]) throws(SystemError) -> [String: UnitState] {
        guard !names.isEmpty else { return [:] }
        guard isLive else { return UnitStates.parse("", asked: names) }
        if var manager = try? SystemdManager(path: manager, limit: .seconds(10)),
            let states = try? manager.units(names)
        {
            return states
        }
        // As another user than root, or where systemd is of another kind.
        let result = try programs.run(
            "systemctl", ["show", "--no-pager", "-p", UnitStates.properties.joined(separator: ","), "--"] + names,
            limit: .seconds(30))
        guard result.succeeded else {
            throw SystemError("systemd doesn't tell its units: \(Self.lines(result.output, 3))")
        }
        return UnitStates.parse(result.output, asked: names)
    }

    func act(_ action: UnitAction, on unit: String) throws(SystemError) {
        let result: ProgramResult
        do {
            result = try run("systemctl", [action.rawValue, "--", unit], limit: .seconds(90))
        } catch {
            throw SystemError("\(unit): \(error)\(lastWords(of: unit))")
        }
        guard result.succeeded else {
            throw SystemError(
                "systemctl \(action.rawValue) \(unit) failed: \(Self.lines(result.output, 3))\(lastWords(of: unit))")
        }
    }

    func reloadUnits() throws(SystemError) {
        let result = try run("systemctl", ["daemon-reload"], limit: .seconds(90))
        guard result.succeeded else {
            throw SystemError("systemctl daemon-reload failed: \(Self.lines(result.output, 3))")
        }
    }

    func get(port: Int, path: String, limit: Duration) -> HTTPAnswer? {
        isLive ? LocalHTTP.get(port: port, path: path, limit: limit) : nil
    }

    /// What a unit logged last: it names the cause more often than systemctl does.
    private func lastWords(of unit: String) -> String {
        let journal = ["--unit=\(unit)", "-n", "5", "-o", "cat", "--no-pager", "-q"]
        guard isLive, let result = try? programs.run("journalctl", journal, limit: .seconds(10)), result.succeeded,
            !result.output.isEmpty
        else { return "" }
        return "; its log ends with: \(Self.lines(result.output, 5))"
    }

    /// The last lines of an output, each within bounds, in one.
    private static func lines(_ output: String, _ count: Int) -> String {
        output.split(whereSeparator: \.isNewline).suffix(count).map { $0.prefix(300) }.joined(separator: " | ")
    }
}
