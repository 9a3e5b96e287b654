/// A rendered unit file or drop-in, as far as reconciling has to understand it.
struct UnitText {
    struct Setting {
        /// `Service`.
        var section: Substring
        var key: Substring
        var value: Substring
    }

    let path: String
    /// Without comments and blank lines, in their order.
    let settings: [Setting]

    init(path: String, text: String) throws(DesiredHostError) {
        self.path = path
        var section: Substring = ""
        var settings: [Setting] = []
        // By bytes: to Swift an equals sign with a combining mark behind it is no equals sign.
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            switch (line.first, line.last) {
            case (nil, _), (UInt8(ascii: "#"), _), (UInt8(ascii: ";"), _): continue
            case (UInt8(ascii: "["), UInt8(ascii: "]")):
                section = Substring(line.dropFirst().dropLast())
                continue
            default: break
            }
            let parts = line.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !section.isEmpty, !parts[0].isEmpty, line.last != UInt8(ascii: "\\") else {
                throw DesiredHostError(path: path, line: index + 1, "is no key=value of a section")
            }
            settings.append(Setting(section: section, key: Substring(parts[0]), value: Substring(parts[1])))
        }
        self.settings = settings
    }

    /// Started, done, ended: nothing that stays active.
    var isOneshot: Bool { settings.contains { $0.section == "Service" && $0.key == "Type" && $0.value == "oneshot" } }

    /// What a running unit has taken from the file and keeps until it is started anew. The rest is systemd's own, which
    /// takes it over by daemon-reload: a changed limit of restarts is no reason to end a broadcast.
    var keptWhileRunning: String {
        settings.filter { $0.section != "Unit" && $0.section != "Install" && !Self.managersOwn.contains($0.key) }
            .map { "[\($0.section)]\($0.key)=\($0.value)\n" }.joined()
    }

    /// systemd.service(5) and systemd.kill(5): when to restart, how long to wait, and how to stop and reload.
    private static let managersOwn: Set<Substring> = [
        "ExecReload", "KillMode", "Restart", "RestartSec", "TimeoutStartSec", "TimeoutStopSec",
    ]

    /// The links that `systemctl enable` would make, by systemd.unit(5), "[Install] Section Options".
    func enablementLinks() throws(DesiredHostError) -> [DesiredLink] {
        let name = String(path.split(separator: "/").last ?? "")
        var links: [DesiredLink] = []
        for setting in settings where setting.section == "Install" {
            for word in setting.value.split(separator: " ") {
                let place: String
                switch setting.key {
                case "WantedBy": place = "\(word).wants/\(name)"
                case "RequiredBy": place = "\(word).requires/\(name)"
                case "Alias": place = String(word)
                default: throw DesiredHostError("\(path) has \(setting.key)= in [Install], which nobody reads")
                }
                links.append(DesiredLink(path: "\(SystemUnits.folder)/\(place)", target: path, enables: name))
            }
        }
        return links
    }
}
