extension TLSPlan {
    /// The certificate that the config names: whether it is used, and what is to be said of it.
    struct Configured {
        /// How often one that is in use is looked at before it is given up, and how long apart: certbot changes its links
        /// one after the other.
        private static let looks = 3
        private static let pause = Duration.milliseconds(200)

        private(set) var used: (facts: CertificateFacts, digest: String)?
        private(set) var notes: [String] = []

        init(
            _ settings: TLSSettings, _ system: any System, _ now: Double, _ memory: inout CertificateMemory
        ) throws(SystemError) {
            guard !settings.certificate.isEmpty, !settings.key.isEmpty else {
                notes = ["no certificate is configured: set server.ssl_cert and server.ssl_key"]
                return
            }
            let isInUse = try system.entry(at: settings.chainLink)?.target == settings.certificate
            for look in 1...Self.looks {
                if look > 1 { system.sleep(Self.pause) }
                do throws(SystemError) {
                    try examine(settings, system, now, isInUse, &memory)
                } catch {
                    // Whatever it is: nginx runs with the self-signed one meanwhile.
                    notes = [error.description]
                }
                if used != nil || !isInUse { break }
            }
        }

        private mutating func examine(
            _ settings: TLSSettings, _ system: any System, _ now: Double, _ isInUse: Bool,
            _ memory: inout CertificateMemory
        ) throws(SystemError) {
            notes = []
            guard let pair = try CertificatePair(settings.certificate, settings.key, on: system) else {
                let isChainThere = try CertificatePair.exists(settings.certificate, on: system)
                let missing = isChainThere ? settings.key : settings.certificate
                notes = ["\(missing) isn't there: run certbot, or put it there"]
                return
            }
            let look = try pair.look(for: settings.domain, &memory)
            guard let facts = look.facts else {
                notes = ["\(settings.certificate) \(look.problem)"]
                return
            }
            if !facts.coversDomain {
                let names = facts.names.prefix(5).joined(separator: ", ")
                notes.append(
                    "\(settings.certificate) is for \(names.isEmpty ? "no name" : names), not for \(settings.domain)")
            }
            let isTimely = facts.notBefore <= now && now < facts.notAfter
            if !isTimely {
                notes.append(
                    now < facts.notBefore
                        ? "\(settings.certificate) isn't valid yet: look at the clock"
                        : "\(settings.certificate) has expired: see certbot renew")
            }
            // One that expires stays: browsers warn of a self-signed one as well, and of this one they tell the true
            // reason. Nor should a host whose clock is wrong change what it shows.
            if isTimely || isInUse { used = (facts, look.digest) }
        }
    }
}
