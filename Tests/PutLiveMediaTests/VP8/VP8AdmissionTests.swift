import Testing

@testable import PutLiveMedia

@Suite struct VP8AdmissionTests {
    @Test(arguments: [
        // Cores, load, running, admitted
        (1, 0.0, 0, true), (1, 0.3, 0, false), (2, 0.2, 0, true), (2, 0.9, 0, true), (2, 1.1, 0, false),
        (2, 0.0, 2, true), (2, 0.0, 3, false), (8, 0.5, 11, true), (8, 0.5, 12, false), (0, 0, 0, true),
        (4, Double.nan, 0, false), (4, -1, -1, true),
    ]) func admitsWhileThereIsRoom(cores: Int, load: Double, running: Int, isAdmitted: Bool) {
        let refusal = EncoderAdmission(cores: cores, load: load, running: running).refusal
        #expect((refusal == nil) == isAdmitted)
        #expect(refusal?.contains("H.264") != false)
    }
}
