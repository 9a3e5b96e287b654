/// Lets only decodable pictures through: after a loss nothing but a keyframe, for every other picture leans on what is
/// lost.
struct KeyframeGate: Sendable {
    private(set) var needsKeyframe = true
    private(set) var framesDropped = 0
    private var hasPassed = false
    private var hasLost = false

    /// Something is lost, of which nothing may ever have come.
    mutating func lose() {
        needsKeyframe = true
        hasLost = true
    }

    /// A frame of which at least a part came is lost.
    mutating func drop() {
        lose()
        framesDropped &+= 1
    }

    /// The whole frame, if a decoder can use it.
    mutating func pass(timestamp: UInt32, isKeyframe: Bool, data: [UInt8]) -> AssembledFrame? {
        if needsKeyframe && !isKeyframe {
            drop()
            return nil
        }
        // What came before the first frame was no part of the stream that the reader sees.
        let followsLoss = hasLost && hasPassed
        (needsKeyframe, hasLost, hasPassed) = (false, false, true)
        return AssembledFrame(timestamp: timestamp, isKeyframe: isKeyframe, followsLoss: followsLoss, data: data)
    }
}
