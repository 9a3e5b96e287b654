#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
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
        variable: { getenv($0).map { String(cString: $0) } },
        readFile: { (path, limit) throws(FileProblem) in try readRegularFile(path, limit: limit) })
}

private func readRegularFile(_ path: String, limit: Int) throws(ConfigEnvironment.FileProblem) -> [UInt8] {
    // Without blocking: a pipe or a device could wait for ever.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
        let isDenied = errno == EACCES || errno == EPERM
        throw ConfigEnvironment.FileProblem(
            isDenied ? "it can't be read by this user" : "there is no such file, or it can't be reached")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        throw ConfigEnvironment.FileProblem("it is not a regular file")
    }
    // A file of /proc says 0 and holds more, so what is read is counted.
    var content: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count == 0 { return content }
        if count < 0 {
            if errno == EINTR { continue }
            throw ConfigEnvironment.FileProblem("it can't be read")
        }
        content.append(contentsOf: buffer[..<count])
        guard content.count <= limit else {
            throw ConfigEnvironment.FileProblem("it is larger than \(ByteSize(bytes: limit))")
        }
    }
}
