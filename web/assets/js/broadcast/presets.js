// What a quality preset of the server asks of the camera, the screen and the encoder.

/// {name, width, height, fps, video_kbps, audio_kbps} as the server names it, or the nearest there is.
export function choosePreset(presets, ...names) {
    return names.map((name) => presets.find((one) => one.name === name)).find(Boolean) ?? presets[0];
}

/// For getUserMedia and applyConstraints. Ideal, not exact: a camera that can't is scaled by `encoding`. Phones turn
/// width and height by themselves when they are held upright.
export function cameraConstraints({ width, height, fps }) {
    return { width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: fps, max: Math.max(fps, 30) } };
}

/// For getDisplayMedia, which takes no exact values and no minimum.
export function screenConstraints({ width, height, fps }) {
    return { width: { max: width }, height: { max: height }, frameRate: { ideal: fps, max: Math.max(fps, 30) } };
}

/// How voices are taken in well: their own echo, hum and loudness are seen to.
export const microphoneConstraints = {
    echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: { ideal: 2 },
    sampleRate: { ideal: 48_000 },
};

/// How much smaller than the track the picture is sent, so that it fits into the preset, upright or not.
function scale({ width, height }, track) {
    const settings = track?.getSettings() ?? {};
    if (!settings.width || !settings.height) {
        return 1;
    }
    const long = Math.max(settings.width, settings.height) / Math.max(width, height);
    const short = Math.min(settings.width, settings.height) / Math.min(width, height);
    // A pixel more or less isn't worth scaling for.
    return Math.max(long, short) < 1.02 ? 1 : Math.max(long, short);
}

/// RTCRtpEncodingParameters of the video.
export function videoEncoding(preset, track) {
    return {
        maxBitrate: preset.video_kbps * 1000, maxFramerate: preset.fps, scaleResolutionDownBy: scale(preset, track),
    };
}

/// RTCRtpEncodingParameters of the sound.
export const audioEncoding = (preset) => ({ maxBitrate: preset.audio_kbps * 1000 });

/// What matters in a picture of this source (W3C mst-content-hint): motion of a camera, text of a screen.
export const contentHint = (source) => (source === 'screen' ? 'detail' : 'motion');

/// What is kept when the connection has no room for both.
export const degradation = (source) => (source === 'screen' ? 'maintain-resolution' : 'maintain-framerate');
