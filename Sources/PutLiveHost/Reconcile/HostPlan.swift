/// What a run works towards, and what it asks the host on the way.
struct HostPlan {
    var blueprint: Blueprint
    /// Completes the blueprint by what only the host can tell: which certificate there is, whether SRS is there.
    var prepare: (any System, Blueprint, Generation?) throws(Reconciler.Refusal) -> Prepared = {
        _, blueprint, _ throws(Reconciler.Refusal) in Prepared(blueprint: blueprint)
    }
    /// Looks once who is live, and tells of each unit what its restart would end.
    var broadcasts: (any System, Generation?) -> (_ unit: String) -> Broadcasts.Carried = { _, _ in { _ in .nothing } }
    /// Waits until a unit does its work.
    var awaitHealthy: (DesiredUnit, any System) throws(SystemError) -> Void = { _, _ throws(SystemError) in }
    /// Reloads a unit and makes sure that it took its configuration over.
    var reload: (_ unit: String, any System) throws(SystemError) -> Void = { unit, system throws(SystemError) in
        try system.act(.reload, on: unit)
    }
    /// Restarts what is unhealthy, and notes in the report how the units are. Those that this run started have all of
    /// their time to answer.
    var watch: (any System, Comparison, _ started: Set<String>, inout StatusReport) -> Void = { _, _, _, _ in }
}

/// A blueprint with what was decided on the host.
struct Prepared {
    var blueprint: Blueprint
    /// Files that are made on the host once, and are no part of a generation.
    var extraFiles: [DesiredFile] = []
    /// The package that the program of SRS comes from.
    var srsPackage: String?
    var certificate: StatusReport.Certificate?
    var notes: [String] = []
    /// What has to be made, and was not because nothing may be written.
    var unmade: [Difference] = []
}
