/// What a rendered sysctl.d file sets, in its order.
enum SysctlFile {
    static func settings(path: String, text: String) throws(DesiredHostError) -> [DesiredSetting] {
        let file = ConfigLines(path: path, text: text)
        var settings: [DesiredSetting] = []
        for line in file.lines {
            let words = try file.words(of: line)
            guard words.count == 3, words[1] == "=", isName(words[0]) else {
                throw file.error(line, "is no name = value")
            }
            settings.append(DesiredSetting(name: words[0], value: words[2]))
        }
        return settings
    }

    /// With a slash, a glob or a leading dash it would mean something else to systemd-sysctl.
    private static func isName(_ word: String) -> Bool {
        word.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
        }
    }
}
