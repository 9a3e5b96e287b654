import JWTKit
import PutLiveStore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a token says (RFC 7519). Who the user is and may do is looked up at each request, so a token outlives no change.
struct TokenClaims: JWTPayload, Sendable {
    static let issuer = "putlive"

    var iss: IssuerClaim
    var sub: SubjectClaim
    var jti: IDClaim
    var iat: IssuedAtClaim
    var exp: ExpirationClaim

    func verify(using algorithm: some JWTAlgorithm) throws {
        guard iss.value == Self.issuer else {
            throw JWTError.claimVerificationFailure(failedClaim: iss, reason: "another issuer")
        }
    }
}

extension TokenClaims {
    /// The session that the token is of.
    var session: Session {
        Session(
            id: jti.value, userID: sub.value, issuedAt: iat.value.unixTime, expiresAt: exp.value.unixTime)
    }
}

extension Date {
    init(unixTime: UnixTime) {
        self.init(timeIntervalSince1970: Double(unixTime))
    }

    /// Whole seconds; a token's claim of a time beyond all bounds is as good as none.
    var unixTime: UnixTime {
        UnixTime(min(max(timeIntervalSince1970, 0), 1e11))
    }
}

/// Issues and checks tokens: HS256 by one key (RFC 7515, RFC 7518 section 3.2).
struct Tokens: Sendable {
    /// The longest token that is looked at; ours have about 250 bytes.
    static let lengthLimit = 2048

    private let keys: JWTKeyCollection

    init(key: [UInt8]) async {
        keys = JWTKeyCollection()
        await keys.add(hmac: HMACKey(from: key), digestAlgorithm: .sha256)
    }

    /// A token for `session`.
    func sign(_ session: Session) async throws -> String {
        try await keys.sign(
            TokenClaims(
                iss: IssuerClaim(value: TokenClaims.issuer), sub: SubjectClaim(value: session.userID),
                jti: IDClaim(value: session.id), iat: IssuedAtClaim(value: .init(unixTime: session.issuedAt)),
                exp: ExpirationClaim(value: .init(unixTime: session.expiresAt))))
    }

    /// What `token` says, if it is one of ours; whether it expired or was revoked is for the caller to see.
    func claims(of token: String) async -> TokenClaims? {
        guard token.utf8.count <= Self.lengthLimit else { return nil }
        return try? await keys.verify(token, as: TokenClaims.self)
    }
}
