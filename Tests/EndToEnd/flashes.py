"""Flashes and beeps: a picture that goes white and a tone that sounds at the same instants, and how far apart they are
in what came out. The publisher makes them, the tests look for them."""

import array
import itertools
import math

import av

FRAME_RATE, SAMPLE_RATE = 30, 48_000
# Seconds from one flash to the next, by turns: a sound that is late by a whole turn is no match. Each is a whole number
# of video frames and of audio frames of 20 ms.
GAPS = (0.9, 1.3, 1.1)
LENGTH = 0.1
TONE, HUM = 1000, 240


def _begins(until):
    """When flashes begin, up to a time."""
    seconds = 0.5
    for gap in itertools.cycle(GAPS):
        if seconds > until:
            return
        yield seconds
        seconds += gap


def is_flash(seconds):
    # Half a sample of tolerance, since these are sums of fractions.
    return any(0 <= seconds - begin + 1e-5 < LENGTH for begin in _begins(seconds))


def beep(first, count):
    """Samples of 16 bits, from the `first` one on."""
    if not is_flash((first + count / 2) / SAMPLE_RATE):
        return array.array("h", bytes(2 * count))
    turn = 2 * math.pi * TONE / SAMPLE_RATE
    return array.array("h", (round(12_000 * math.sin(turn * number)) for number in range(first, first + count)))


def hum(first, count):
    """Samples of 16 bits of what an encoder takes for a voice: many overtones, and syllables that run together."""
    turn = 2 * math.pi * HUM / SAMPLE_RATE
    period = [sum(math.sin(turn * place * part) / part for part in range(1, 9)) for place in range(SAMPLE_RATE // HUM)]
    syllables = 8 * math.pi / SAMPLE_RATE
    samples = ((0.8 + 0.2 * math.sin(syllables * number), number) for number in range(first, first + count))
    return array.array("h", (round(6_000 * level * period[number % len(period)]) for level, number in samples))


def _edges(levels, threshold):
    """The times at which the level rises over the threshold, after it was below it for a while."""
    found, low_since = [], None
    for time, level in levels:
        if level < threshold:
            low_since = time if low_since is None else low_since
        else:
            if low_since is not None and time - low_since > 0.3:
                found.append(time)
            low_since = None
    return found


def _brightness(path):
    with av.open(str(path)) as file:
        for frame in file.decode(video=0):
            # Some of the luma is enough.
            some = bytes(frame.planes[0])[::37]
            yield frame.time, sum(some) / len(some)


def loudness(path):
    """Of each five milliseconds: when, and the highest of its samples of 16 bits."""
    window = SAMPLE_RATE // 200
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    with av.open(str(path)) as file:
        for decoded in file.decode(audio=0):
            for frame in resampler.resample(decoded):
                samples = array.array("h", bytes(frame.planes[0])[: 2 * frame.samples])
                for begin in range(0, len(samples), window):
                    part = samples[begin : begin + window]
                    yield frame.time + begin / SAMPLE_RATE, max(max(part), -min(part))


def flashes(path):
    return _edges(_brightness(path), 128)


def beeps(path):
    return _edges(loudness(path), 3000)


def offsets(path, lost=0):
    """How many seconds each beep is later than the flash next to it: negative when it is earlier. Beeps at either end
    that have no flash, since one of the two was cut off, don't count, and neither do at most `lost` in between: on a bad
    network a flash may get lost, and its neighbours are a second away."""
    seen, heard = flashes(path), beeps(path)
    assert seen and heard, f"{len(seen)} flashes and {len(heard)} beeps in {path}"
    first, last = max(seen[0], heard[0]) - 0.45, min(seen[-1], heard[-1]) + 0.45
    found = [time - min(seen, key=lambda one: abs(one - time)) for time in heard if first <= time <= last]
    near = [offset for offset in found if abs(offset) < 0.6]
    return near if len(found) - len(near) <= lost else found
