/// What a decoder of the picture must know beforehand.
public struct VideoFormat: Sendable, Equatable {
    /// SPS and PPS as an AVCDecoderConfigurationRecord (ISO/IEC 14496-15, section 5.3.3.1), which FLV and MP4 carry, and
    /// which libavformat takes as extradata.
    public var avcC: [UInt8]
    /// Of the picture as shown, in pixels.
    public var width: Int
    /// Of the picture as shown, in pixels.
    public var height: Int

    /// All fields.
    public init(avcC: [UInt8], width: Int, height: Int) {
        self.avcC = avcC
        self.width = width
        self.height = height
    }
}

/// What a decoder of the sound must know beforehand.
public struct AudioFormat: Sendable, Equatable {
    /// ISO/IEC 14496-3, section 1.6.2.1; libavformat's extradata.
    public var audioSpecificConfig: [UInt8]
    /// Samples a second.
    public var sampleRate: Int
    /// 1 or 2.
    public var channels: Int
    /// Bits a second.
    public var bitRate: Int

    /// All fields.
    public init(audioSpecificConfig: [UInt8], sampleRate: Int, channels: Int, bitRate: Int) {
        self.audioSpecificConfig = audioSpecificConfig
        self.sampleRate = sampleRate
        self.channels = channels
        self.bitRate = bitRate
    }
}

/// The tracks of a stream: one of them, or both.
public struct StreamFormat: Sendable, Equatable {
    /// H.264; nil for sound alone.
    public var video: VideoFormat?
    /// AAC; nil for pictures alone.
    public var audio: AudioFormat?

    /// What is there.
    public init(video: VideoFormat? = nil, audio: AudioFormat? = nil) {
        self.video = video
        self.audio = audio
    }
}
