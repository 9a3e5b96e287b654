/// Reads what `systemctl show` says of several units.
enum UnitStates {
    static let properties = [
        "Id", "Names", "LoadState", "ActiveState", "SubState", "Result", "NeedDaemonReload", "NRestarts", "Job",
    ]

    /// The states of the units asked for, under the names they were asked by: systemd answers with a block for each, under
    /// its own name where the other is an alias. One that isn't in the answer isn't loaded.
    static func parse(_ text: String, asked names: [String]) -> [String: UnitState] {
        var blocks: [[String: String]] = [[:]]
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty {
                blocks.append([:])
            } else if let sign = line.firstIndex(of: "=") {
                blocks[blocks.count - 1][String(line[..<sign])] = String(line[line.index(after: sign)...])
            }
        }
        var states: [String: UnitState] = [:]
        for block in blocks {
            let state = state(of: block)
            for name in (block["Names"] ?? "").split(separator: " ") { states[unquoted(name)] = state }
            if let name = block["Id"] { states[name] = state }
        }
        var answer: [String: UnitState] = [:]
        for name in names {
            answer[name] = states[name] ?? UnitState(isLoaded: false, active: "inactive", sub: "dead")
        }
        return answer
    }

    private static func state(of block: [String: String]) -> UnitState {
        UnitState(
            isLoaded: !["not-found", nil].contains(block["LoadState"]), isMasked: block["LoadState"] == "masked",
            active: block["ActiveState"] ?? "inactive",
            sub: block["SubState"] ?? "dead", result: block["Result"] ?? "success",
            needsDaemonReload: block["NeedDaemonReload"] == "yes", restarts: Int(block["NRestarts"] ?? "") ?? 0,
            isQueued: !["", "0"].contains(block["Job"] ?? ""))
    }

    /// In a list, systemctl quotes names for a shell: `"run-putlive\\x2dhls.mount"`.
    private static func unquoted(_ name: Substring) -> String {
        guard name.count > 1, name.first == "\"", name.last == "\"" else { return String(name) }
        return String(name.dropFirst().dropLast().replacing("\\\\", with: "\\"))
    }
}
