/// What a rendered sysusers.d file makes: its users, groups and memberships, in its order.
enum SysusersFile {
    static func accounts(path: String, text: String) throws(DesiredHostError) -> [DesiredAccount] {
        let file = ConfigLines(path: path, text: text)
        var accounts: [DesiredAccount] = []
        func add(_ account: DesiredAccount) {
            if !accounts.contains(account) { accounts.append(account) }
        }
        for line in file.lines {
            let words = try file.words(of: line)
            switch words.first {
            case "g" where words.count == 3:
                add(DesiredAccount(.group, words[1]))
            case "u" where words.count == 5:
                // `-:group` names one that there is; otherwise the user gets a group of its own name.
                if words[2] == "-" {
                    add(DesiredAccount(.group, words[1]))
                } else if !words[2].hasPrefix("-:") {
                    throw file.error(line, "asks for a number")
                }
                add(DesiredAccount(.user, words[1]))
            case "m" where words.count == 3:
                add(DesiredAccount(.membership, words[1], of: words[2]))
            default:
                throw file.error(line, "is no user, group or membership")
            }
        }
        return accounts
    }
}
