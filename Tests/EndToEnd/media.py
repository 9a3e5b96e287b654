"""Small streams, made by ffmpeg: HLS in a folder, or RTMP to a server."""

import contextlib
import shutil
import subprocess

import pytest

SOURCE = [
    "ffmpeg",
    "-nostdin",
    "-loglevel",
    "error",
    "-re",
    "-f",
    "lavfi",
    "-i",
    "testsrc2=size=320x180:rate=15",
    "-f",
    "lavfi",
    "-i",
    "sine",
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
    "-pix_fmt",
    "yuv420p",
    "-b:v",
    "200k",
    "-g",
    "15",
    "-c:a",
    "aac",
    "-b:a",
    "32k",
    "-ac",
    "1",
]


def has_ffmpeg():
    """Skips where there is none."""
    if not shutil.which("ffmpeg"):
        pytest.skip("ffmpeg isn't installed")


@contextlib.contextmanager
def ffmpeg(*output, realtime=True):
    """An ffmpeg that writes a test picture and a tone to `output` until the block ends."""
    has_ffmpeg()
    command = [word for word in SOURCE if realtime or word != "-re"]
    process = subprocess.Popen([*command, *map(str, output)], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=30)


def hls(folder, stream, quality="src", seconds=1, window=6):
    """ffmpeg's arguments for HLS as the engines lay it out."""
    return [
        "-f",
        "hls",
        "-hls_time",
        seconds,
        "-hls_list_size",
        window,
        "-hls_flags",
        "delete_segments+temp_file+omit_endlist",
        "-strftime",
        "0",
        "-hls_segment_filename",
        f"{folder}/{stream}_{quality}-1795356469756-%d.ts",
        f"{folder}/{stream}_{quality}.m3u8",
    ]
