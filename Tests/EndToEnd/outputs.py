"""What came out of a broadcast, and what must hold of it: a recording, or the segments of HLS one after the other."""

import contextlib
import json
import re
import subprocess
import threading
from pathlib import Path

from asking import wait_for
from flashes import offsets

# How far sound and picture may be apart, in seconds (ITU-R BT.1359 has viewers notice from 45 ms to 125 ms).
LIP_SYNC = 0.080


class Follower:
    """Reads a stream's playlist again and again, as a player does, and keeps each segment before it goes away. What a
    player would begin afresh after, by EXT-X-DISCONTINUITY (RFC 8216, section 4.3.2.3), is a part of its own."""

    def __init__(self, folder, stream, into, keeps_target=True):
        self.playlist, self.into, self.stream = Path(folder) / f"{stream}_src.m3u8", Path(into), stream
        self.names, self.parts, self.wrong = set(), [], []
        self._target, self._keeps_target = None, keeps_target
        self._sequence, self._ended = 0, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._ended.wait(0.2):
            self.look()

    def look(self):
        with contextlib.suppress(FileNotFoundError):
            text = self.playlist.read_text()
            self._check(text)
            begins = not self.parts
            for line in text.splitlines():
                if line == "#EXT-X-DISCONTINUITY":
                    begins = True
                elif line and not line.startswith("#"):
                    if line not in self.names:
                        self._keep(line, begins)
                    begins = False

    def _keep(self, name, begins):
        data = (self.playlist.parent / name).read_bytes()
        if begins:
            self.parts.append(self.into / f"{self.stream}-{len(self.parts)}.ts")
        with open(self.parts[-1], "ab") as file:
            file.write(data)
        self.names.add(name)

    def _check(self, text):
        """RFC 8216: durations, a target that never changes, and numbers that only grow."""
        longest = int(re.search(r"#EXT-X-TARGETDURATION:(\d+)", text)[1])
        sequence = int(re.search(r"#EXT-X-MEDIA-SEQUENCE:(\d+)", text)[1])
        durations = [float(number) for number in re.findall(r"#EXTINF:([\d.]+)", text)]
        if not text.startswith("#EXTM3U\n") or any(round(one) > longest for one in durations):
            self.wrong.append(text)
        if self._keeps_target and self._target not in (None, longest):
            self.wrong.append(f"target {longest} after {self._target}")
        self._target = longest
        if sequence < self._sequence:
            self.wrong.append(f"sequence {sequence} after {self._sequence}")
        self._sequence = sequence

    def end(self):
        """Takes what is there still; a file of segments for each part."""
        self._ended.set()
        self._thread.join(10)
        self.look()
        assert not self.wrong, self.wrong[:3]
        return self.parts


def probe(path, *arguments):
    said = subprocess.run(
        ["ffprobe", "-v", "error", "-of", "json", *arguments, str(path)], capture_output=True, text=True, timeout=60
    )
    assert said.returncode == 0, said.stderr
    return json.loads(said.stdout)


def tracks(path):
    """The tracks that have anything, by kind, as ffprobe tells of them."""
    found = probe(path, "-show_streams", "-count_packets")["streams"]
    return {one["codec_type"]: one for one in found if int(one.get("nb_read_packets", 0))}


def packets(path, kind):
    """Time stamps of all packets of a kind: decoding, presentation. SRS makes an access unit without a picture of the
    mark at the end of FLV; it doesn't count."""
    found = probe(path, "-select_streams", kind[0], "-show_entries", "packet=pts_time,dts_time,size")["packets"]
    return [(float(one["dts_time"]), float(one["pts_time"])) for one in found if int(one["size"]) > 6 or kind != "video"]


def check_timestamps(path, kinds=("video", "audio")):
    """Each later than the one before, none presented before it is decoded; the kinds begin and end together."""
    spans = []
    for kind in kinds:
        stamps = packets(path, kind)
        assert len(stamps) > 20, f"{len(stamps)} packets of {kind}"
        for (before, _), (decoded, presented) in zip(stamps, stamps[1:]):
            assert before < decoded <= presented, f"{kind}: {before}, then {decoded} for {presented}"
        spans.append((stamps[0][1], stamps[-1][1]))
    for first, last in spans:
        assert abs(first - spans[0][0]) < 0.5 and abs(last - spans[0][1]) < 0.7, spans


def faults(path):
    """What a decoder complains of. Each picture counts as it comes, without being fitted into a rate."""
    said = subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-vsync", "drop", "-f", "null", "-"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    return said.stderr + ("" if said.returncode == 0 else f"exit status {said.returncode}")


def frames(path):
    counted = probe(path, "-select_streams", "v", "-count_frames", "-show_entries", "stream=nb_read_frames")
    # Of sound alone, nothing is said of pictures.
    return sum(int(stream.get("nb_read_frames", 0)) for stream in counted["streams"])


def check_lip_sync(path, least=4, lost=0):
    found = offsets(path, lost)
    assert len(found) >= least, found
    assert max(map(abs, found)) <= LIP_SYNC, [f"{offset * 1000:+.0f} ms" for offset in found]


def longest_pause(path, kind="video"):
    """The longest time without a picture."""
    stamps = sorted(presented for _, presented in packets(path, kind))
    return max(after - before for before, after in zip(stamps, stamps[1:]))


def grown(path, count):
    """Waits until a file has so many bytes more."""
    begin = path.stat().st_size
    wait_for(lambda: path.stat().st_size >= begin + count, f"{path.name} to grow")
