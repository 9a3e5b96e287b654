import Testing

@testable import PutLiveWebRTC

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

@Suite struct DTLSCertificateTests {
    private let now: Int64 = 1_800_000_000

    @Test func itsFingerprintIsASHA256() throws {
        let certificate = try Certificate.make(now: now)
        let pairs = certificate.fingerprint.split(separator: ":")
        #expect(pairs.count == 32)
        #expect(pairs.allSatisfy { $0.count == 2 && UInt8($0, radix: 16) != nil && $0 == $0.uppercased() })
        #expect(try Certificate.make(now: now).fingerprint != certificate.fingerprint)
        #expect(DTLSFingerprint("sha-256 \(certificate.fingerprint)") != nil)
    }

    @Test func itIsTheSameAfterPEM() throws {
        let certificate = try Certificate.make(now: now)
        let pem = try certificate.pem()
        #expect(pem.contains("BEGIN PRIVATE KEY") && pem.contains("BEGIN CERTIFICATE"))
        #expect(try Certificate(pem: pem).fingerprint == certificate.fingerprint)
    }

    @Test func whatIsNoneIsRefused() throws {
        let one = try Certificate.make(now: now).pem()
        let other = try Certificate.make(now: now).pem()
        let split = "-----BEGIN CERTIFICATE-----"
        let key = try one[..<#require(one.firstRange(of: split)).lowerBound]
        let stranger = try other[#require(other.firstRange(of: split)).lowerBound...]
        // Each lacks something, and the last has a key of another certificate.
        let half = String(one.prefix(one.count / 2))
        for pem in ["", "PEM", String(key), String(stranger), half, String(key + stranger)] {
            #expect(throws: CertificateError.malformed) { try Certificate(pem: pem) }
        }
        let long = one + String(repeating: "\n", count: 70_000)
        #expect(throws: CertificateError.malformed) { try Certificate(pem: long) }
    }

    @Test func itIsRenewedInTime() throws {
        let certificate = try Certificate.make(now: now)
        let day: Int64 = 86_400
        #expect(!certificate.needsRenewal(now: now))
        #expect(!certificate.needsRenewal(now: now + 27 * day))
        #expect(certificate.needsRenewal(now: now + 27 * day + 1))
        #expect(certificate.needsRenewal(now: now + 31 * day))
        // A clock that was set back makes it too young.
        #expect(certificate.needsRenewal(now: now - 1))
        #expect(certificate.needsRenewal(now: now - 2 * day))
    }
}

@Suite struct DTLSCertificateFileTests {
    private let now: Int64 = 1_800_000_000

    /// A folder of its own for each test.
    private func withFolder(_ body: (String) throws -> Void) rethrows {
        var template = Array("/tmp/certificate-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { text in
            text.baseAddress.flatMap(mkdtemp).map { String(cString: $0) }
        }
        guard let folder = made else {
            Issue.record("no folder")
            return
        }
        defer {
            for name in ["cert.pem", "cert.pem.tmp", "other"] { unlink("\(folder)/\(name)") }
            rmdir("\(folder)/cert.pem")
            rmdir(folder)
        }
        try body(folder)
    }

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }

    private func write(_ text: String, to path: String) {
        let file = fopen(path, "w")
        fputs(text, file)
        fclose(file)
        chmod(path, 0o600)
    }

    @Test func itIsKept() throws {
        try withFolder { folder in
            let path = folder + "/cert.pem"
            let first = try CertificateFile(path: path).loadOrMake(now: now)
            #expect(mode(path) == 0o600)
            #expect(try CertificateFile(path: path).loadOrMake(now: now + 86_400).fingerprint == first.fingerprint)
            #expect(access(path + ".tmp", F_OK) != 0)
        }
    }

    @Test func anOldOneIsReplaced() throws {
        try withFolder { folder in
            let file = CertificateFile(path: folder + "/cert.pem")
            let first = try file.loadOrMake(now: now)
            let second = try file.loadOrMake(now: now + 28 * 86_400)
            #expect(second.fingerprint != first.fingerprint)
            #expect(try file.loadOrMake(now: now + 28 * 86_400).fingerprint == second.fingerprint)
        }
    }

    @Test(arguments: ["", "damaged", String(repeating: "x", count: 100_000)])
    func aDamagedOneIsReplaced(_ text: String) throws {
        try withFolder { folder in
            let path = folder + "/cert.pem"
            write(text, to: path)
            let made = try CertificateFile(path: path).loadOrMake(now: now)
            #expect(try CertificateFile(path: path).loadOrMake(now: now).fingerprint == made.fingerprint)
        }
    }

    @Test func oneThatOthersCouldReadIsReplaced() throws {
        try withFolder { folder in
            let file = CertificateFile(path: folder + "/cert.pem")
            let first = try file.loadOrMake(now: now)
            chmod(file.path, 0o640)
            #expect(try file.loadOrMake(now: now).fingerprint != first.fingerprint)
            #expect(mode(file.path) == 0o600)
        }
    }

    @Test func aLinkIsReplacedAndNotFollowed() throws {
        try withFolder { folder in
            let file = CertificateFile(path: folder + "/cert.pem")
            write("other", to: folder + "/other")
            symlink(folder + "/other", file.path)
            let made = try file.loadOrMake(now: now)
            #expect(try file.loadOrMake(now: now).fingerprint == made.fingerprint)
            var status = stat()
            #expect(lstat(file.path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG)
            #expect(stat(folder + "/other", &status) == 0 && status.st_size == 5)
        }
    }

    @Test func whatIsLeftOfACrashIsNoObstacle() throws {
        try withFolder { folder in
            write("half", to: folder + "/cert.pem.tmp")
            _ = try CertificateFile(path: folder + "/cert.pem").loadOrMake(now: now)
            #expect(access(folder + "/cert.pem.tmp", F_OK) != 0)
        }
    }

    @Test func aFolderThatIsNotThereIsNamed() {
        let path = "/nonexistent/cert.pem"
        #expect(throws: CertificateError.file(call: "open", path: path + ".tmp", errno: ENOENT)) {
            try CertificateFile(path: path).loadOrMake(now: now)
        }
    }

    @Test func aFolderInItsPlaceIsNamed() {
        withFolder { folder in
            let path = folder + "/cert.pem"
            mkdir(path, 0o700)
            #expect(throws: CertificateError.file(call: "rename", path: path, errno: EISDIR)) {
                try CertificateFile(path: path).loadOrMake(now: now)
            }
            #expect(access(path + ".tmp", F_OK) != 0)
        }
    }

    @Test func oneThatCantBeKeptIsUsedAllTheSame() throws {
        try withFolder { folder in
            let path = folder + "/cert.pem"
            mkdir(path, 0o700)
            var told: [CertificateError] = []
            let made = try CertificateFile(path: path).loadOrMake(now: now) { told.append($0) }
            #expect(!made.needsRenewal(now: now))
            #expect(told == [.file(call: "rename", path: path, errno: EISDIR)])
            rmdir(path)
            let kept = try CertificateFile(path: path).loadOrMake(now: now) { told.append($0) }
            #expect(kept.fingerprint != made.fingerprint && told.count == 1)
            #expect(try CertificateFile(path: path).loadOrMake(now: now).fingerprint == kept.fingerprint)
        }
    }

    @Test func aPathThroughAFileIsNamed() {
        withFolder { folder in
            write("file", to: folder + "/other")
            let path = folder + "/other/cert.pem"
            #expect(throws: CertificateError.file(call: "open", path: path, errno: ENOTDIR)) {
                try CertificateFile(path: path).loadOrMake(now: now)
            }
        }
    }
}
