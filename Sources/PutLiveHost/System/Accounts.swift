/// The users and groups of /etc/passwd and /etc/group. The files are read here, not asked of the C library: an image has its
/// own, and a host's services have their users there.
struct Accounts {
    private var userNames: [UInt32: String] = [:]
    private var groupNames: [UInt32: String] = [:]
    private var users: [String: UInt32] = [:]
    private var groups: [String: UInt32] = [:]

    init(passwd: [UInt8], group: [UInt8]) {
        (users, userNames) = Self.parse(passwd)
        (groups, groupNames) = Self.parse(group)
    }

    /// The names of a file's owner; numbers where there is no name.
    func owner(user: UInt32, group: UInt32) -> Owner {
        Owner(userNames[user] ?? String(user), groupNames[group] ?? String(group))
    }

    func hasNames(user: UInt32, group: UInt32) -> Bool { userNames[user] != nil && groupNames[group] != nil }

    /// The number of a user's name, or of what is a number already.
    func user(_ name: String) -> UInt32? { users[name] ?? UInt32(name) }

    func group(_ name: String) -> UInt32? { groups[name] ?? UInt32(name) }

    /// `name:password:number:…`, one a line. The first line of a name or number counts, as for the C library; other lines
    /// are skipped. root is number 0 even where the file is missing.
    private static func parse(_ file: [UInt8]) -> (numbers: [String: UInt32], names: [UInt32: String]) {
        var numbers: [String: UInt32] = [:]
        var names: [UInt32: String] = [:]
        for line in file.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: ":"), maxSplits: 3, omittingEmptySubsequences: false)
            guard fields.count >= 3, !fields[0].isEmpty,
                let number = UInt32(String(decoding: fields[2], as: UTF8.self))
            else { continue }
            let name = String(decoding: fields[0], as: UTF8.self)
            if numbers[name] == nil { numbers[name] = number }
            if names[number] == nil { names[number] = name }
        }
        if numbers["root"] == nil { numbers["root"] = 0 }
        if names[0] == nil { names[0] = "root" }
        return (numbers, names)
    }
}
