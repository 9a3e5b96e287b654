/// Where packets go: an RTMP server, HLS on disk, a recording.
///
/// The pipeline calls all of it on its own thread, one call at a time, so an output needs no locks. The order is:
/// `start`, then packets, with `change(to:)` and `discontinuity` among them, then `finish`, once.
///
/// An error says that a packet, or what hung on it, wasn't written. The pipeline reports it and goes on: an output that
/// can get over its trouble does so by itself with a later packet (at a keyframe); one that can't throws each time.
public protocol Output: AnyObject {
    /// The first packets are at hand. The first one of a picture is a keyframe.
    func start(_ format: StreamFormat) throws(MediaError)

    /// Writes a packet, or takes it into a bounded queue. It may block for as long as the disk takes, or for a network
    /// timeout of a few seconds at most.
    func write(_ packet: EncodedPacket) throws(MediaError)

    /// From the next packet on the format is another: the picture has another size (the next picture is a keyframe), or
    /// a track began late.
    func change(to format: StreamFormat) throws(MediaError)

    /// Packets before the next one are missing: the next picture is a keyframe. Times go on where they are.
    func discontinuity()

    /// The next packet may be far away in time: what would else be done with it is done now. Called about ten times
    /// a second.
    func tick() throws(MediaError)

    /// Nothing comes any more: closes in good order, within about 2 s.
    func finish()
}

extension Output {
    /// Nothing to do.
    public func tick() throws(MediaError) {}
}
