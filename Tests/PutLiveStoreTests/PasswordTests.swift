import Testing

@testable import PutLiveStore

@Suite struct PasswordTests {
    /// RFC 7914, section 12: the second and the third vector, whose costs are in bounds.
    @Test func knownAnswers() throws {
        let second = try PasswordHash.derive(
            "password", salt: Array("NaCl".utf8), cost: .init(logN: 10, blockSize: 8, parallelism: 16), count: 64)
        #expect(
            hex(second)
                == "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640")
        let third = try PasswordHash.derive(
            "pleaseletmein", salt: Array("SodiumChloride".utf8), cost: .init(logN: 14, blockSize: 8, parallelism: 1),
            count: 64)
        #expect(
            hex(third)
                == "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
                + "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887")
    }

    /// Without its optimizer the compiler makes this slow: one hash and one check at full cost.
    @Test func hashesAndVerifies() throws {
        var random = SplitMix(state: 1)
        let hash = try PasswordHash(password: "correct horse", random: { random.next() })
        #expect(hash.text.hasPrefix("$scrypt$ln=14,r=8,p=5$wVwCiewtCpFn7I5loY3rvg$"))
        #expect(hash.isCurrent)
        #expect(hash.salt.count == 16 && hash.key.count == 32)
        let read = try #require(PasswordHash(hash.text))
        #expect(read == hash)
        #expect(try read.verify("correct horse"))
    }

    private func cheap(_ password: String) throws -> PasswordHash {
        let cost = PasswordHash.Cost(logN: 10, blockSize: 1, parallelism: 1)
        let salt = Array(UInt8(0)..<16)
        return PasswordHash(
            cost: cost, salt: salt, key: try PasswordHash.derive(password, salt: salt, cost: cost, count: 32))
    }

    @Test func otherPasswordsAreWrong() throws {
        let hash = try cheap("correct horse")
        #expect(!hash.isCurrent)
        #expect(try hash.verify("correct horse"))
        for wrong in ["correct horsf", "Correct horse", "correct horse ", "", String(repeating: "a", count: 513)] {
            #expect(try !hash.verify(wrong))
        }
    }

    @Test func spellingsOfOneLetterAreOne() throws {
        let hash = try cheap("caf\u{E9} au lait")
        #expect(try hash.verify("cafe\u{301} au lait"))
        #expect(try !hash.verify("cafe au lait"))
    }

    /// What stands in for a password that can't be one is itself a good password of nobody else.
    @Test func whatCantBeAPasswordIsNone() throws {
        let hash = try cheap("-")
        #expect(try hash.verify("-"))
        #expect(try !hash.verify(""))
        #expect(try !hash.verify(String(repeating: "a", count: 513)))
    }

    @Test func theDecoyTakesNothing() throws {
        #expect(PasswordHash.decoy.isCurrent)
        #expect(PasswordHash(PasswordHash.decoy.text) == .decoy)
        #expect(try !PasswordHash.decoy.verify("correct horse"))
    }

    @Test(arguments: [
        "", "$", "$scrypt$", "hash", "$argon2id$ln=14,r=8,p=5$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=14,r=8$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$r=8,ln=14,p=5$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
        // Work and memory that a hostile database might ask for.
        "$scrypt$ln=31,r=8,p=5$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=17,r=16,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=15,r=8,p=17$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=9,r=8,p=5$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=014,r=8,p=5$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=+14,r=8,p=5$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=14,r=0,p=5$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=14,r=8,p=-5$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=14,r=8,p=99999999999999999999$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=14,r=8,p=5$AA$AAAAAAAAAAAAAAAAAAAAAA", "$scrypt$ln=14,r=8,p=5$AAAAAAAAAAAAAAAAAAAAAA$AA",
        "$scrypt$ln=14,r=8,p=5$AAAAAAAAAAAAAAAAAAAAAB$AAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=14,r=8,p=5$AAAAAAAAAAAAAAAAAAAAA=$AAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=14,r=8,p=5$AAAAAAAAAAAAAAAAAAAA*A$AAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=14,r=8,p=5$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA$",
        "$scrypt$ln=14,r=8,p=5$" + String(repeating: "A", count: 88) + "$" + String(repeating: "A", count: 300),
    ])
    func refusesWhatIsNoHash(text: String) {
        #expect(PasswordHash(text) == nil)
    }

    @Test(arguments: [
        ("1234567", "must be at least 8 characters long"), ("", "must be at least 8 characters long"),
        (String(repeating: "a", count: 129), "must not be longer than 128 characters"),
        (String(repeating: "a", count: 513), "must not be longer than 512 bytes"),
        ("tab\tsecret", "must not hold control characters"), ("null\0secret", "must not hold control characters"),
        // Seven letters, however they are spelled.
        ("e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}", "must be at least 8 characters long"),
    ])
    func refusesBadPasswords(password: String, problem: String) {
        #expect(AccountRules.problem(password: password) == problem)
    }

    @Test(arguments: [
        "12345678", String(repeating: "a", count: 128), String(repeating: "😀", count: 128), "pass word\u{E9}",
    ])
    func takesGoodPasswords(password: String) {
        #expect(AccountRules.problem(password: password) == nil)
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

@Suite struct RandomTextTests {
    @Test func lengthsAndLetters() {
        var random = SplitMix(state: 7)
        for count in [0, 1, 12, 13, 16, 40] {
            let text = RandomText.base32(count, random: { random.next() })
            #expect(text.utf8.count == count)
            #expect(Base32.isText(text.utf8))
        }
        #expect(RandomText.base32(16) != RandomText.base32(16))
        #expect(RandomText.base32(3, random: { 0 }) == "aaa")
        #expect(RandomText.base32(3, random: { .max }) == "777")
    }

    /// RFC 4648, section 10, without padding.
    @Test(arguments: [
        ("", ""), ("f", "my"), ("fo", "mzxq"), ("foo", "mzxw6"), ("foob", "mzxw6yq"), ("fooba", "mzxw6ytb"),
        ("foobar", "mzxw6ytboi"),
    ])
    func base32(text: String, encoded: String) {
        #expect(Base32.encode(text.utf8) == encoded)
    }

    @Test func idsComeFromTheGivenGenerator() async throws {
        let folder = try TemporaryFolder()
        let store = try Store.open(path: folder.database, now: start, random: { 0 })
        #expect(try await store.user("ann").id == "usr_aaaaaaaaaaaaaaaa")
        // The second would be the same one: refused, not overwritten.
        await expect(.conflict("an entry with this name or id")) { _ = try await store.user("bob") }
    }
}
