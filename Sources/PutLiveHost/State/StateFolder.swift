#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Where the reconciler keeps what it knows, and how it is read and written.
enum StateFolder {
    /// Root's alone, since root acts on it.
    static let path = "/var/lib/putlive-reconcile"
    static let generation = path + "/generation.json"
    static let transaction = path + "/transaction"
    static let journal = transaction + "/journal.json"
    /// Files of other packages, as they were before PutLive replaced them.
    static let originals = path + "/originals"
    /// Files that were edited by hand, as they were before PutLive put its own back.
    static let replaced = path + "/replaced"

    /// Gone when the host starts anew.
    static let runtime = "/run/putlive-reconcile"
    static let status = runtime + "/status.json"
    static let watch = runtime + "/watch.json"
    static let lock = runtime + "/lock"

    /// A path as the name of a file: `etc%2Fnginx%2Fnginx.conf`.
    static func fileName(of path: String) -> String {
        String(path.drop { $0 == "/" }).replacing("%", with: "%25").replacing("/", with: "%2F")
    }

    /// What is kept at `path`; nil where nothing is.
    static func read<Value: Decodable>(_ type: Value.Type, at path: String, from system: any System) throws(SystemError)
        -> Value?
    {
        guard try system.entry(at: path) != nil else { return nil }
        let bytes = try system.read(path)
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw SystemError(
                "\(path) is damaged or of another version of PutLive; remove it, and the next reconcile makes it anew")
        }
    }

    static func write(
        _ value: some Encodable, to path: String, on system: any System, mode: UInt16 = 0o600, owner: Owner = .root
    ) throws(SystemError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let bytes: [UInt8]
        do {
            bytes = Array(try encoder.encode(value))
        } catch {
            throw SystemError("\(path) can't be written: \(error)")
        }
        try system.write(bytes + [10], to: path, mode: mode, owner: owner)
    }
}
