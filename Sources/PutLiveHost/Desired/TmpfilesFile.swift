/// What a rendered tmpfiles.d file keeps, in its order.
enum TmpfilesFile {
    static func folders(path: String, text: String) throws(DesiredHostError) -> [DesiredFolder] {
        let file = ConfigLines(path: path, text: text)
        var folders: [DesiredFolder] = []
        for line in file.lines {
            // The age, the sixth, is systemd-tmpfiles-clean's.
            let words = try file.words(of: line, limit: 7)
            let kind: DesiredFolder.Kind
            switch words.first {
            case "d": kind = .folder
            case "f": kind = .file
            case "z": kind = .adjusted
            case "L": kind = .link
            default: throw file.error(line, "is no folder, file, link or mode")
            }
            guard words.count == (kind == .link ? 7 : 5) || (kind == .folder && words.count == 6),
                words[1].utf8.first == UInt8(ascii: "/")
            else { throw file.error(line, "has another number of fields") }
            if kind == .link {
                guard words[2...5].allSatisfy({ $0 == "-" }) else { throw file.error(line, "gives a link a mode") }
                folders.append(DesiredFolder(.link, path: words[1], target: words[6]))
            } else {
                folders.append(
                    DesiredFolder(
                        kind, path: words[1], mode: try mode(words[2], file, line),
                        owner: try owner(words[3], words[4], file, line)))
            }
        }
        return folders
    }

    /// Behind a colon it is for something new alone, so nothing to compare with.
    private static func mode(
        _ word: String, _ file: ConfigLines, _ line: ConfigLines.Line
    ) throws(DesiredHostError) -> UInt16? {
        let isForNew = word.hasPrefix(":")
        guard let mode = UInt16(isForNew ? String(word.dropFirst()) : word, radix: 8), mode <= 0o7777 else {
            throw file.error(line, "has no octal mode")
        }
        return isForNew ? nil : mode
    }

    private static func owner(
        _ user: String, _ group: String, _ file: ConfigLines, _ line: ConfigLines.Line
    ) throws(DesiredHostError) -> Owner? {
        guard user.hasPrefix(":") == group.hasPrefix(":"), user != "-", group != "-" else {
            throw file.error(line, "has half an owner")
        }
        return user.hasPrefix(":") ? nil : Owner(user, group)
    }
}
