/// What is known of an EC2 instance type.
struct InstanceType: Sendable {
    var name: String
    var vCPUs: Int
    var memory: ByteSize
    /// The share of all its vCPUs that a burstable type may use for ever, in per cent of one core; nil for others.
    /// AWS, "Key concepts for burstable performance instances".
    var baselinePercent: Int?

    /// What the type can do without end, in per cent of one core.
    var sustainedPercent: Int { baselinePercent ?? vCPUs * 100 }

    static func named(_ name: String) -> InstanceType? {
        all.first { $0.name == name }
    }

    /// Of the burstable types a baseline per vCPU, of the others none.
    private static let all: [InstanceType] = {
        let burstable: [(String, Int, Int, Int)] = [
            ("nano", 2, 512, 5), ("micro", 2, 1024, 10), ("small", 2, 2048, 20), ("medium", 2, 4096, 20),
            ("large", 2, 8192, 30), ("xlarge", 4, 16_384, 40), ("2xlarge", 8, 32_768, 40),
        ]
        let families = ["t3", "t3a", "t4g"].flatMap { family in
            burstable.map { size, vCPUs, mebibytes, share in
                InstanceType(
                    name: "\(family).\(size)", vCPUs: vCPUs, memory: .mebibytes(mebibytes),
                    baselinePercent: vCPUs * share)
            }
        }
        let sizes: [(String, Int)] = [("large", 2), ("xlarge", 4), ("2xlarge", 8), ("4xlarge", 16), ("8xlarge", 32)]
        let fixed = [("c", 2), ("m", 4), ("r", 8)].flatMap { kind, gibibytesPerCPU in
            ["5", "5a", "6i", "6a", "6g", "7i", "7a", "7g"].flatMap { generation in
                sizes.map { size, vCPUs in
                    InstanceType(
                        name: "\(kind)\(generation).\(size)", vCPUs: vCPUs,
                        memory: .gibibytes(vCPUs * gibibytesPerCPU), baselinePercent: nil)
                }
            }
        }
        return families + fixed
    }()
}

/// What a transcoder costs, after measurements on a 2-core x86-64 machine: from a 720p30 source, x264 takes 8 % of a
/// core and 80 MB for 144p15, 21 % and 111 MB for 480p30. Between them lie a fixed part, which is decoding, and one
/// that grows with the pixels encoded a second.
struct TranscodeCost: Sendable {
    /// Of one core.
    var percent: Int
    var memory: ByteSize

    init(of quality: Quality) {
        let megapixels = Double(quality.resolution.width * quality.resolution.height * quality.fps) / 1e6
        percent = Int((7.4 + 1.107 * megapixels).rounded())
        memory = .mebibytes(Int((78.5 + 2.64 * megapixels).rounded()))
    }
}
