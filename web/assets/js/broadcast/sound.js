// Sound in numbers and in one track: the level of a microphone, and a microphone mixed with the sound of a screen.

/// One track of two. `close` ends the mix, not what goes into it.
export function mix(...tracks) {
    const context = new AudioContext({ sampleRate: 48_000 });
    const output = context.createMediaStreamDestination();
    for (const track of tracks) {
        context.createMediaStreamSource(new MediaStream([track])).connect(output);
    }
    context.resume();
    const [track] = output.stream.getAudioTracks();
    return {
        track,
        close() {
            track.stop();
            context.close();
        },
    };
}

const updatesPerSecond = 12;
// Speech stands between these, in dB below the loudest there is.
const quietest = -60;

/// Calls `show` with the level of a track, 0 to 1, until the function that it returns is called.
export function watchLevel(track, show) {
    const context = new AudioContext();
    const analyser = new AnalyserNode(context, { fftSize: 1024 });
    context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    // Some browsers keep sound from beginning before something on the page was pressed.
    const ending = new AbortController();
    document.addEventListener('pointerdown', () => context.resume(), { signal: ending.signal });
    const samples = new Float32Array(analyser.fftSize);
    const timer = setInterval(() => {
        analyser.getFloatTimeDomainData(samples);
        const power = samples.reduce((sum, value) => sum + value * value, 0) / samples.length;
        show(Math.min(1, Math.max(0, 1 - (10 * Math.log10(power + 1e-12)) / quietest)));
    }, 1000 / updatesPerSecond);
    return () => {
        clearInterval(timer);
        ending.abort();
        context.close();
        show(0);
    };
}
