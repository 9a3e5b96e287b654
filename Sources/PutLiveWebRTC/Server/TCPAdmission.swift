/// Whether a TCP connection is let in. Anybody can connect and say nothing, so where it is full a stranger makes room: a
/// connection that no authentic check came by. Without I/O.
enum TCPAdmission: Equatable {
    /// There is room.
    case admitted
    /// There is room once this one is closed.
    case inPlaceOf(TransportAddress)
    /// There are sessions on all of them.
    case refused

    /// - Parameters:
    ///   - present: Those that are connected, numbered as they came.
    ///   - knows: Authentic STUN came from there, and its session goes on.
    static func decide(
        _ newcomer: TransportAddress, among present: [TransportAddress], _ settings: SocketSettings,
        knows: (TransportAddress) -> Bool
    ) -> TCPAdmission {
        let ofOne = present.filter { $0.isOfSameClient(as: newcomer) }
        let crowd: [TransportAddress]
        if ofOne.count >= settings.mostConnectionsOfOne {
            crowd = ofOne
        } else if present.count >= settings.mostConnections {
            crowd = present
        } else {
            return .admitted
        }
        let oldest = crowd.filter { !knows($0) }.min { $0.connection < $1.connection }
        return oldest.map { .inPlaceOf($0) } ?? .refused
    }
}
