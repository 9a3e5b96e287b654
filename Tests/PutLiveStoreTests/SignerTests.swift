import Crypto
import Testing

@testable import PutLiveStore

@Suite struct SignerTests {
    let signer = StreamKeySigner(key: Array(0..<32))
    let key = StreamKey(id: "key_abcdefghij234567", userID: "usr_ann", stream: "stream", createdAt: start)

    @Test func signsWithSafeCharacters() throws {
        let text = signer.sign(key)
        #expect(text.hasPrefix("abcdefghij234567-"))
        #expect(text.utf8.count == 49)
        #expect(text.allSatisfy { "abcdefghijklmnopqrstuvwxyz234567-".contains($0) })
        let signed = try #require(StreamKeySigner.Signed(text))
        #expect(signed.id == key.id)
        #expect(signer.verify(signed, key))
    }

    /// Computed here by another way, so that keys in use don't become void by a change.
    @Test func isWhatItSays() throws {
        var message: [UInt8] = []
        for (length, field) in [(21, "putlive stream key v1"), (20, key.id), (7, "usr_ann"), (6, "stream")] {
            message += [0, 0, 0, UInt8(length)] + Array(field.utf8)
        }
        let mac = HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: Array(0..<32)))
        #expect(signer.sign(key) == "abcdefghij234567-" + Base32.encode(Array(mac).prefix(20)))
        #expect(StreamKeySigner(secret: "a secret").sign(key) == "abcdefghij234567-z5jsv65zpl53eyyendnsio6npdyyiteq")
    }

    @Test func refusesEveryAlteration() throws {
        let text = signer.sign(key)
        let good = Array(text.utf8)
        for index in good.indices {
            for byte in [
                UInt8(ascii: "a"), UInt8(ascii: "b"), UInt8(ascii: "7"), UInt8(ascii: "-"), UInt8(ascii: "A"), 0,
            ]
            where byte != good[index] {
                var bytes = good
                bytes[index] = byte
                guard let signed = StreamKeySigner.Signed(String(decoding: bytes, as: UTF8.self)) else { continue }
                #expect(!signer.verify(signed, key))
            }
        }
    }

    @Test func isGoodForOneKeyAlone() throws {
        let signed = try #require(StreamKeySigner.Signed(signer.sign(key)))
        var other = key
        other.stream = "stream2"
        #expect(!signer.verify(signed, other))
        other = key
        other.userID = "usr_bob"
        #expect(!signer.verify(signed, other))
        other = key
        other.id = "key_abcdefghij234566"
        #expect(!signer.verify(signed, other))
        // Where one field ends and the next begins counts.
        other = key
        other.userID = "usr_an"
        other.stream = "nstream"
        #expect(!signer.verify(signed, other))
        #expect(!StreamKeySigner(key: Array(1..<33)).verify(signed, key))
        #expect(
            !StreamKeySigner(secret: "one").verify(try #require(.init(StreamKeySigner(secret: "two").sign(key))), key))
        // Label and times may change.
        other = key
        other.label = "renamed"
        #expect(signer.verify(signed, other))
    }

    @Test(arguments: [
        "", "-", "abcdefghij234567", "abcdefghij234567-", String(repeating: "a", count: 49),
        "abcdefghij234567-" + String(repeating: "a", count: 31),
        "abcdefghij234567-" + String(repeating: "a", count: 33),
        "abcdefghij23456-" + String(repeating: "a", count: 33), "abcdefghij234567_" + String(repeating: "a", count: 32),
        "abcdefghij234561-" + String(repeating: "a", count: 32),
        "ABCDEFGHIJ234567-" + String(repeating: "a", count: 32),
        "abcdefghij2345\u{e9}-" + String(repeating: "a", count: 32), String(repeating: "-", count: 49),
        // Far too long.
        String(repeating: "a", count: 300),
    ])
    func refusesWhatIsMalformed(text: String) {
        #expect(StreamKeySigner.Signed(text) == nil)
    }
}
