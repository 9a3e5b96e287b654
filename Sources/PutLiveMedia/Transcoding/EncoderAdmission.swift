/// Whether the machine has room for one more encoder. A picture that is encoded costs a hundred times what one costs that
/// is passed through, and an encoder too many would make every stream of the host stutter.
public struct EncoderAdmission: Sendable, Equatable {
    /// Cores of the machine.
    public var cores: Int
    /// Mean number of threads that ran or waited for a core in the last minute.
    public var load: Double
    /// Encoders that run now.
    public var running: Int

    /// All fields.
    public init(cores: Int, load: Double, running: Int) {
        self.cores = cores
        self.load = load
        self.running = running
    }

    /// What an encoder of 720p30 with its decoder may take of a core: measured 0.2 to 0.25, with room for slower machines.
    public static let cost = 0.5
    /// What is left for all the rest, of each core.
    public static let reserve = 0.25

    /// Nil if there is room, else why there is none, in words for the broadcaster.
    public var refusal: String? {
        let room = Double(max(cores, 1)) * (1 - Self.reserve)
        // Those that began within the last minute aren't in the load yet, so what they will cost is counted as well.
        let used = max(load.isFinite ? load : .infinity, Double(max(running, 0)) * Self.cost)
        guard used + Self.cost > room else { return nil }
        return "this browser sends VP8, which must be encoded anew, and the server has no room for that now;"
            + " a browser that sends H.264 is taken"
    }
}
