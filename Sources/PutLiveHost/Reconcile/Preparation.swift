import PutLiveArtifacts
import PutLiveConfig

/// Completes a blueprint by what is decided on the host: which certificate nginx shows, and where SRS comes from.
struct Preparation: Sendable {
    let config: Config

    func prepare(
        _ blueprint: Blueprint, _ generation: Generation?, on system: any System
    ) throws(Reconciler.Refusal) -> Prepared {
        var prepared = Prepared(blueprint: blueprint)
        do throws(SystemError) {
            try addCertificate(to: &prepared, system)
        } catch {
            throw Reconciler.Refusal("tls", "no certificate for nginx: \(error)")
        }
        do throws(SystemError) {
            if let missing = try addSRS(to: &prepared, generation, system) {
                guard !system.isLive else { throw SystemError(missing) }
                prepared.notes.append(missing)
            }
        } catch {
            throw Reconciler.Refusal("srs", "\(error)")
        }
        return prepared
    }

    // MARK: The certificate

    private func addCertificate(to prepared: inout Prepared, _ system: any System) throws(SystemError) {
        guard let settings = TLSSettings(config) else { return }
        var plan = try TLSPlan.decide(settings, on: system, at: system.now)
        if plan.needsSelfSigned {
            if system.isWritable {
                let made = try plan.made(settings, at: system.now)
                plan = made.plan
                prepared.extraFiles = [
                    file("self-signed certificate", settings.selfSignedChain, made.pair.chain, mode: 0o644),
                    file("key of the self-signed certificate", settings.selfSignedKey, made.pair.key, mode: 0o600),
                ]
            } else {
                prepared.unmade.append(
                    Difference(
                        kind: .missing, subject: settings.selfSignedChain,
                        detail: "has to be made, for no other certificate can be used", cause: .neverApplied))
            }
        }
        prepared.certificate = plan.certificate
        prepared.notes += plan.notes
        prepared.blueprint.desired.links += plan.links(settings)
        for index in prepared.blueprint.desired.units.indices
        where prepared.blueprint.desired.units[index].name == SystemUnits.nginx {
            prepared.blueprint.desired.units[index].reloadDigest += " \(plan.digest)"
        }
    }

    private func file(_ name: String, _ path: String, _ content: [UInt8], mode: UInt16) -> DesiredFile {
        DesiredFile(
            name: name, path: path, content: content, sha256: sha256(of: content), mode: mode)
    }

    // MARK: SRS

    /// What is wrong, where there is no SRS and no way to it.
    private func addSRS(
        to prepared: inout Prepared, _ generation: Generation?, _ system: any System
    ) throws(SystemError) -> String? {
        switch try SRSPlan.decide(config, on: system, generation: generation) {
        case .notNeeded, .present(isOurs: false):
            return nil
        case .present(isOurs: true):
            guard let recorded = generation?.files[SRSPlan.path] else { return nil }
            var program = try self.program([], sha256: recorded.sha256)
            // Read only where it may have changed: it is large, and while its stamp is the same, its content is.
            if try system.entry(at: SRSPlan.path)?.stamp != recorded.stamp || recorded.stamp.isEmpty {
                program.content = try system.read(SRSPlan.path, limit: SRSDownload.limit)
            }
            prepared.srsPackage = generation?.srsPackage
            prepared.blueprint.desired.files.append(program)
            return nil
        case .install(let download, let reason):
            guard let content = try download.program(on: system) else {
                prepared.unmade.append(
                    Difference(
                        kind: reason == .absent ? .missing : .content, subject: SRSPlan.path,
                        detail: "has to be installed from streaming.srs.package_url",
                        cause: reason == .edited ? .edited : .configChanged))
                return nil
            }
            prepared.srsPackage = download.sha256
            prepared.blueprint.desired.files.append(
                try program(content, sha256: sha256(of: content)))
            return nil
        case .missing(let message):
            return message
        }
    }

    private func program(_ content: [UInt8], sha256: String) throws(SystemError) -> DesiredFile {
        DesiredFile(
            name: "srs", path: SRSPlan.path, content: content, sha256: sha256, mode: 0o755,
            // A user's own may have been there, who gets it back.
            isOursAlone: false, restarts: [SystemUnits.srs])
    }
}
