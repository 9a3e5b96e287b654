import PutLiveArtifacts

/// What a run does first: it puts back what an earlier one that was cut off, or failed, has left half done.
extension Reconciler {
    static func owed(_ unit: String) -> Difference {
        Difference(
            kind: .unit, subject: unit, detail: "has to be put back: a change that it runs with has failed",
            cause: .neverApplied, outcome: .wait)
    }

    /// Files are put back at once; the units that wait for the end of a broadcast are told. Until that nothing else may be
    /// changed, for the journal that names them is needed.
    ///
    /// - Parameter plan: Knows whom to ask who is live; nil where neither the config nor the one before can be read.
    func recover(_ plan: HostPlan?) throws(Refusal) -> [(unit: String, reason: String)] {
        do throws(SystemError) {
            guard let journal = try Journal.interrupted(on: system) else { return [] }
            let generation = try? StateFolder.read(Generation.self, at: StateFolder.generation, from: system)
            if (generation?.transaction ?? 0) < journal.transaction {
                if !journal.isWaiting { say("the last run was cut off: putting back what it had changed") }
                let restored = journal.restore(on: system, carried: carried(plan, generation))
                if let first = restored.failures.first { throw first }
                if !restored.waiting.isEmpty { return restored.waiting }
            }
            try Journal.clear(on: system)
            return []
        } catch {
            throw Refusal("rollback", "what the last run left half done can't be put back: \(error)")
        }
    }

    /// Asks once, and only where a restart is due.
    private func carried(_ plan: HostPlan?, _ generation: Generation?) -> (_ unit: String) -> Broadcasts.Carried {
        var known: ((String) -> Broadcasts.Carried)?
        return { unit in
            if doesNotWait { return .nothing }
            let answer = known ?? (plan?.broadcasts ?? Self.broadcasts)(system, generation)
            known = answer
            return answer(unit)
        }
    }

    /// Without any config: by the ports that are known all the same.
    private static func broadcasts(
        _ system: any System, _ generation: Generation?
    ) -> (_ unit: String) -> Broadcasts.Carried {
        Broadcasts.look(system, agentPort: generation?.agentPort, srsPort: HostPaths().srsAPIPort).carried
    }
}
