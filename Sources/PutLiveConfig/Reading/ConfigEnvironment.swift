#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What loading a config may ask of the machine, passed in so that tests are exact.
public struct ConfigEnvironment: Sendable {
    /// The value of an environment variable.
    public var variable: @Sendable (String) -> String?
    /// A regular file's content, at most `limit` bytes.
    public var readFile: @Sendable (_ path: String, _ limit: Int) throws(FileProblem) -> [UInt8]

    /// Why a file can't be read, in words.
    public struct FileProblem: Error, Sendable {
        /// To be read after "can't be read:".
        public var reason: String

        /// A problem with its reason in words.
        public init(_ reason: String) {
            self.reason = reason
        }
    }

    /// An environment of one's own.
    public init(
        variable: @escaping @Sendable (String) -> String?,
        readFile: @escaping @Sendable (_ path: String, _ limit: Int) throws(FileProblem) -> [UInt8]
    ) {
        self.variable = variable
        self.readFile = readFile
    }

    /// An environment without variables and files.
    public static let empty = ConfigEnvironment(
        variable: { _ in nil }, readFile: { (_, _) throws(FileProblem) in throw FileProblem("no such file") })

    /// This process's variables and files.
    public static let process = ConfigEnvironment(
        variable: { ProcessInfo.processInfo.environment[$0] },
        readFile: { (path, limit) throws(FileProblem) in try readRegularFile(path, limit: limit) })
}

private func readRegularFile(_ path: String, limit: Int) throws(ConfigEnvironment.FileProblem) -> [UInt8] {
    let attributes: [FileAttributeKey: Any]
    do {
        // Not a device or a pipe, which could block or never end.
        let target = URL(filePath: path).resolvingSymlinksInPath().path
        attributes = try FileManager.default.attributesOfItem(atPath: target)
    } catch {
        throw ConfigEnvironment.FileProblem("there is no such file, or it can't be reached")
    }
    guard attributes[.type] as? FileAttributeType == .typeRegular else {
        throw ConfigEnvironment.FileProblem("it is not a regular file")
    }
    // A file of /proc says 0 and holds more: what is read counts too.
    guard (attributes[.size] as? UInt64).map({ $0 <= UInt64(limit) }) ?? false else {
        throw ConfigEnvironment.FileProblem("it is larger than \(ByteSize(bytes: limit))")
    }
    guard let handle = FileManager.default.contents(atPath: path) else {
        throw ConfigEnvironment.FileProblem("it can't be read by this user")
    }
    guard handle.count <= limit else {
        throw ConfigEnvironment.FileProblem("it is larger than \(ByteSize(bytes: limit))")
    }
    return [UInt8](handle)
}
