import Crypto
import CryptoExtras

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A password's scrypt hash (RFC 7914) as a PHC string: `$scrypt$ln=14,r=8,p=5$salt$hash`.
///
/// Making and verifying block for about 160 ms and take 16 MiB meanwhile: call them on threads of their own, few at
/// once. glibc keeps that memory after the second hash unless the program fixes `M_MMAP_THRESHOLD` below it.
public struct PasswordHash: Sendable, Equatable {
    /// Costs: N = 2^14, r = 8, p = 5.
    static let current = Cost(logN: 14, blockSize: 8, parallelism: 5)
    /// Of no password, at the cost of a real one. Verified for a user that doesn't exist, it takes the same time.
    public static let decoy = PasswordHash(
        cost: current, salt: Array(repeating: 0x5A, count: 16), key: Array(repeating: 0, count: 32))

    struct Cost: Sendable, Equatable {
        var logN: Int
        var blockSize: Int
        var parallelism: Int

        /// What a stored hash may ask for: 32 MiB, and six times the usual work.
        var isBearable: Bool {
            (10...17).contains(logN) && (1...16).contains(blockSize) && (1...16).contains(parallelism)
                && blockSize << logN <= 1 << 18 && (blockSize * parallelism) << logN <= 1 << 22
        }
    }

    let cost: Cost
    let salt: [UInt8]
    let key: [UInt8]

    init(cost: Cost, salt: [UInt8], key: [UInt8]) {
        self.cost = cost
        self.salt = salt
        self.key = key
    }

    /// Hashes a password that `AccountRules` take. Throws only for want of memory.
    public init(password: String, random: () -> UInt64 = RandomText.system) throws {
        let words = [random(), random()]
        cost = Self.current
        salt = words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) } }
        key = try Self.derive(password, salt: salt, cost: cost, count: 32)
    }

    /// Reads a stored hash; nil for anything but a well-formed one whose costs are bearable.
    public init?(_ text: String) {
        guard text.utf8.count <= 256 else { return nil }
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt", let cost = Self.cost(parts[2]),
            cost.isBearable, let salt = Self.bytes(parts[3]), let key = Self.bytes(parts[4]),
            (8...64).contains(salt.count), (16...64).contains(key.count)
        else { return nil }
        self.init(cost: cost, salt: salt, key: key)
    }

    /// As it is stored.
    public var text: String {
        "$scrypt$ln=\(cost.logN),r=\(cost.blockSize),p=\(cost.parallelism)$\(Self.base64(salt))$\(Self.base64(key))"
    }

    /// Whether its costs are those of a new one; else it may be made anew at the next good login.
    public var isCurrent: Bool { cost == Self.current }

    /// Whether `password` is the one. Takes the same time whatever it is; throws only for want of memory.
    public func verify(_ password: String) throws -> Bool {
        let isSane = (1...512).contains(password.utf8.count)
        let found = try Self.derive(isSane ? password : "-", salt: salt, cost: cost, count: key.count)
        // Keys are compared in constant time.
        return SymmetricKey(data: found) == SymmetricKey(data: key) && isSane && self != Self.decoy
    }

    static func derive(_ password: String, salt: [UInt8], cost: Cost, count: Int) throws -> [UInt8] {
        // `maxMemory` is left alone: this version of the package ignores it and allows what the costs need.
        let key = try KDF.Scrypt.deriveKey(
            from: Array(AccountRules.normalized(password: password).utf8), salt: salt, outputByteCount: count,
            rounds: 1 << cost.logN, blockSize: cost.blockSize, parallelism: cost.parallelism)
        return key.withUnsafeBytes { Array($0) }
    }

    private static func cost(_ text: Substring) -> Cost? {
        let fields = text.split(separator: ",", omittingEmptySubsequences: false)
        guard fields.count == 3, let logN = number(fields[0], "ln="), let blockSize = number(fields[1], "r="),
            let parallelism = number(fields[2], "p=")
        else { return nil }
        return Cost(logN: logN, blockSize: blockSize, parallelism: parallelism)
    }

    private static func number(_ field: Substring, _ prefix: String) -> Int? {
        guard field.hasPrefix(prefix) else { return nil }
        let digits = field.dropFirst(prefix.count)
        guard let number = Int(digits), number > 0, String(number) == digits else { return nil }
        return number
    }

    /// Base64 without padding, as PHC strings have it.
    private static func base64(_ bytes: [UInt8]) -> String {
        String(Data(bytes).base64EncodedString().prefix { $0 != "=" })
    }

    private static func bytes(_ text: Substring) -> [UInt8]? {
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard let bytes = Data(base64Encoded: text + padding).map(Array.init), base64(bytes) == text else { return nil }
        return bytes
    }
}
