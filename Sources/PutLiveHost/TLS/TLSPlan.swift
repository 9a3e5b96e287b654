import PutLiveArtifacts

/// Which certificate nginx shows, decided on the host: the configured one once it is there and good, until then a
/// self-signed one, so that nginx starts before certbot has run.
struct TLSPlan: Sendable, Hashable {
    /// Where the links in the folder of TLS lead.
    var chainTarget: String
    var keyTarget: String
    /// The self-signed one is used and has to be made first.
    var needsSelfSigned: Bool
    /// For the status. Of one that has to be made: as it will be.
    var certificate: StatusReport.Certificate
    /// SHA-256 of the chain in use, in lower-case hexadecimal: nginx is reloaded when it changes. Empty for one that has to
    /// be made.
    var digest: String
    /// What a person should know of the certificate.
    var notes: [String] = []

    /// - Parameter now: Seconds since 1970.
    static func decide(_ settings: TLSSettings, on system: any System, at now: Double) throws(SystemError) -> TLSPlan {
        let known = CertificateMemory.recall(from: system)
        var memory = known
        let plan = try decide(settings, on: system, at: now, &memory)
        if memory != known { memory.keep(on: system) }
        return plan
    }

    private static func decide(
        _ settings: TLSSettings, on system: any System, at now: Double, _ memory: inout CertificateMemory
    ) throws(SystemError) -> TLSPlan {
        let configured = try Configured(settings, system, now, &memory)
        if let used = configured.used {
            return TLSPlan(
                chainTarget: settings.certificate, keyTarget: settings.key, needsSelfSigned: false,
                certificate: StatusReport.Certificate(
                    isSelfSigned: used.facts.isSelfSigned, notAfter: used.facts.notAfter, names: used.facts.names),
                digest: used.digest, notes: configured.notes)
        }
        return try selfSigned(settings, on: system, at: now, instead: configured.notes, &memory)
    }

    /// The links of the folder of TLS.
    func links(_ settings: TLSSettings) -> [DesiredLink] {
        [
            DesiredLink(path: settings.chainLink, target: chainTarget, reloads: [SystemUnits.nginx]),
            DesiredLink(path: settings.keyLink, target: keyTarget, reloads: [SystemUnits.nginx]),
        ]
    }

    /// Makes the certificate that is needed: this plan with it in use, and the two files' contents, of which the key is
    /// root's alone (0600).
    func made(_ settings: TLSSettings, at now: Double) throws(SystemError) -> (plan: TLSPlan, pair: SelfSigned) {
        let pair = try SelfSigned.make(names: Self.names(settings), at: now)
        var plan = self
        plan.needsSelfSigned = false
        plan.certificate.notAfter = now + SelfSigned.validity
        plan.digest = sha256(of: pair.chain)
        return (plan, pair)
    }

    // MARK: The self-signed one

    private static func names(_ settings: TLSSettings) -> [String] {
        settings.domain == "localhost" ? ["localhost"] : [settings.domain, "localhost"]
    }

    private static func selfSigned(
        _ settings: TLSSettings, on system: any System, at now: Double, instead notes: [String],
        _ memory: inout CertificateMemory
    ) throws(SystemError) -> TLSPlan {
        var plan = TLSPlan(
            chainTarget: settings.selfSignedChain, keyTarget: settings.selfSignedKey, needsSelfSigned: true,
            certificate: StatusReport.Certificate(
                isSelfSigned: true, notAfter: now + SelfSigned.validity, names: names(settings),
                problem: notes.joined(separator: "; ")),
            digest: "", notes: notes)
        if let kept = try? CertificatePair(settings.selfSignedChain, settings.selfSignedKey, on: system),
            kept.isPrivate, let look = try? kept.look(for: settings.domain, &memory), let facts = look.facts,
            facts.isSelfSigned, facts.coversDomain, facts.notBefore <= now, facts.notAfter - now >= SelfSigned.renewal
        {
            plan.needsSelfSigned = false
            plan.digest = look.digest
            (plan.certificate.notAfter, plan.certificate.names) = (facts.notAfter, facts.names)
        } else if !system.isLive {
            // All hosts that are made of an image would have the same key.
            plan.needsSelfSigned = false
            plan.notes.append("the self-signed certificate is made when the host starts")
        }
        return plan
    }
}
