import PutLiveStore

/// Where viewers' numbers and events are kept. All is added: a minute or a day that is there already grows, and its peak
/// is the larger one.
public protocol AnalyticsSink: Sendable {
    /// Minutes of streams. All or nothing.
    func add(minutes: [ViewerMinute]) async throws
    /// Time watched by country and day. All or nothing.
    func add(countries: [CountryDay]) async throws
    /// Something that happened.
    func add(event: Event) async throws
}
