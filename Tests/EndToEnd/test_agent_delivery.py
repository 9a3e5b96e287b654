"""HLS by the agent: the master playlist that it writes, what it serves and how, and what it removes."""

import os
import re
import time

import pytest
from agent import running
from asking import is_problem, wait_for
from media import ffmpeg, hls

TS, M3U8 = "video/mp2t", "application/vnd.apple.mpegurl"
SEGMENT = "made_src-1795356469756-0.ts"


@pytest.fixture(scope="module")
def agent(tmp_path_factory):
    with running(
        tmp_path_factory.mktemp("agent"),
        {"streaming.hls.segment_duration": "1s", "streaming.hls.playlist_window": "6s"},
    ) as one:
        folder = one.live_folder
        (folder / SEGMENT).write_bytes(bytes(range(256)) * 2000)
        playlist(folder / "made_src.m3u8", SEGMENT)
        (folder / "made_src-1795356469756-1.ts.tmp").write_bytes(b"unfinished")
        (folder / "note.txt").write_text("none of ours")
        (folder / "sub").mkdir()
        (folder / "sub/x_src.m3u8").write_text("#EXTM3U\n")
        os.symlink(one.config, folder / "link_src.m3u8")
        os.mkfifo(folder / "pipe_src.m3u8")
        (folder / "folder_src.m3u8").mkdir()
        yield one


def playlist(path, *segments):
    """Writes a playlist as the engines do, by renaming."""
    rows = "".join(f"#EXTINF:1.000000,\n{segment}\n" for segment in segments)
    new = path.with_suffix(".m3u8.tmp")
    new.write_text(f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:0\n{rows}")
    new.rename(path)


@pytest.fixture
def fresh(agent):
    """The playlist of the fixture is as young as one that is written to."""
    os.utime(agent.live_folder / "made_src.m3u8")


def age(path, seconds):
    os.utime(path, (time.time() - seconds,) * 2)


def get(agent, name, **headers):
    return agent.api("GET", f"/live/{name}", headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_a_master_playlist_appears(agent):
    with ffmpeg(*hls(agent.live_folder, "show")):
        answer = wait_for(lambda: (answer := get(agent, "show.m3u8")).status == 200 and answer, "the master playlist")
        assert answer.text.startswith("#EXTM3U\n")
        assert re.search(r"^#EXT-X-STREAM-INF:.*BANDWIDTH=\d+.*\nshow_src\.m3u8$", answer.text, re.M)
        wait_for(
            lambda: re.search(r'CODECS="avc1\.[0-9a-f]{6},mp4a\.40\.2"', get(agent, "show.m3u8").text, re.I),
            "the codecs of the segments",
        )
        source = get(agent, "show_src.m3u8")
        assert source.headers["Content-Type"] == M3U8
        segments = re.findall(r"^show_src-.*\.ts$", source.text, re.M)
        assert segments
        segment = get(agent, segments[-1])
        assert segment.status == 200 and segment.headers["Content-Type"] == TS and segment.body[0] == 0x47
        with ffmpeg(*hls(agent.live_folder, "show", "480p")):
            wait_for(lambda: "show_480p.m3u8" in get(agent, "show.m3u8").text, "the other rendition")
        assert "show_src.m3u8" in get(agent, "show.m3u8").text
        # One that stands still leaves the master, the other stays.
        wait_for(lambda: "show_480p.m3u8" not in get(agent, "show.m3u8").text, "the other rendition to leave", 60)
        assert "show_src.m3u8" in get(agent, "show.m3u8").text


def test_what_ended_leaves(agent):
    folder = agent.live_folder
    segment = folder / "over_src-1795356469756-0.ts"
    segment.write_bytes(b"G" * 1880)
    playlist(folder / "over_src.m3u8", segment.name)
    wait_for(lambda: get(agent, "over.m3u8").status == 200, "the master playlist")
    age(folder / "over_src.m3u8", 30)
    wait_for(lambda: get(agent, "over.m3u8").status == 404, "the master playlist to leave")
    wait_for(lambda: "#EXT-X-ENDLIST" in get(agent, "over_src.m3u8").text, "the end for those who watch")
    for path in (segment, folder / "over_src.m3u8"):
        age(path, 3600)
    wait_for(lambda: not segment.exists() and not (folder / "over_src.m3u8").exists(), "the media to leave")


def test_what_is_not_ours_stays(agent):
    """Neither links nor folders nor what has another name is touched, however old."""
    folder = agent.live_folder
    strange = [folder / "note.txt", folder / "sub/x_src.m3u8", folder / "folder_src.m3u8"]
    for path in strange:
        age(path, 10_000)
    (folder / "old_src-1-1.ts").write_bytes(b"G")
    age(folder / "old_src-1-1.ts", 10_000)
    wait_for(lambda: not (folder / "old_src-1-1.ts").exists(), "an old segment to leave")
    assert all(path.exists() for path in strange) and (folder / "link_src.m3u8").is_symlink()
    assert agent.config.exists()


def test_types_and_caching(agent, fresh):
    segment = get(agent, SEGMENT)
    assert segment.status == 200 and len(segment.body) == 512_000
    assert segment.headers["Content-Type"] == TS
    assert segment.headers["Cache-Control"] == "public, max-age=86400, immutable"
    assert segment.headers["Content-Length"] == "512000"
    source = get(agent, "made_src.m3u8")
    assert source.headers["Content-Type"] == M3U8 and source.headers["Cache-Control"] == "public, max-age=1"
    for answer in (segment, source):
        # Two versions of a playlist within a second may look the same to a validator.
        assert answer.headers["Set-Cookie"] is None
    assert source.headers["ETag"] is None and source.headers["Last-Modified"] is None
    missing = get(agent, "none.m3u8")
    is_problem(missing, 404, "not-found")
    assert "immutable" not in (missing.headers["Cache-Control"] or "")


def test_a_playlist_is_never_not_modified(agent, fresh):
    for headers in ({"If_None_Match": "*"}, {"If_Modified_Since": "Fri, 01 Jan 2100 00:00:00 GMT"}):
        assert get(agent, "made_src.m3u8", **headers).status == 200


RANGES = {
    "bytes=0-0": (0, 1),
    "bytes=0-99": (0, 100),
    "bytes=100-": (100, 512_000),
    "bytes=-1": (511_999, 512_000),
    "bytes=-999999": (0, 512_000),
    "bytes=511999-600000": (511_999, 512_000),
    "bytes=0-18446744073709551615": None,
    "bytes=200000-399999": (200_000, 400_000),
}


@pytest.mark.parametrize("header", RANGES)
def test_ranges(agent, header):
    answer = get(agent, SEGMENT, Range=header)
    whole = bytes(range(256)) * 2000
    if RANGES[header] is None:
        assert answer.status in (200, 206, 416)
        return
    start, end = RANGES[header]
    assert answer.status == 206
    assert answer.body == whole[start:end]
    assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/512000"


@pytest.mark.parametrize("header", ["bytes=512000-", "bytes=600000-700000", "bytes=-0"])
def test_ranges_beyond_the_end(agent, header):
    answer = get(agent, SEGMENT, Range=header)
    assert answer.status == 416 and answer.headers["Content-Range"] == "bytes */512000"


@pytest.mark.parametrize(
    "header",
    [
        "bytes=5-3",
        "bytes=a-b",
        "lines=0-1",
        "bytes=",
        "bytes=-",
        "bytes",
        "bytes=0-1,5-6,9-",
        "bytes=0-99" + ",0-99" * 500,
    ],
)
def test_ranges_that_are_none_or_many_are_the_whole(agent, header):
    """RFC 9110, section 14.2: a server may ignore Range; many ranges of one file are a way to make it sweat."""
    answer = get(agent, SEGMENT, Range=header)
    assert answer.status in (200, 400, 431) or answer.status == 206 and len(answer.body) <= 512_000
    assert "multipart" not in (answer.headers["Content-Type"] or "")


def test_head(agent, fresh):
    for name in (SEGMENT, "made_src.m3u8"):
        full, head = get(agent, name), agent.api("HEAD", f"/live/{name}")
        assert head.status == 200 and head.body == b""
        for field in ("Content-Type", "Content-Length", "Cache-Control"):
            assert head.headers[field] == full.headers[field]
    assert agent.api("HEAD", "/live/none.m3u8").status == 404
    assert agent.api("HEAD", f"/live/{SEGMENT}", headers={"Range": "bytes=0-9"}).body == b""


@pytest.mark.parametrize(
    "name",
    [
        "../config.yaml",
        "..%2fconfig.yaml",
        "%2e%2e/config.yaml",
        "%2e%2e%2fconfig.yaml",
        "../../etc/passwd",
        "/etc/passwd",
        "//etc/passwd",
        "./made_src.m3u8",
        "sub/x_src.m3u8",
        "sub%2fx_src.m3u8",
        "note.txt",
        "made_src-1795356469756-1.ts.tmp",
        SEGMENT + "%00",
        SEGMENT + "%00.txt",
        SEGMENT + "/",
        SEGMENT + ".",
        "MADE_src.m3u8",
        "made_src.M3U8",
        "made%5fsrc.m3u8",
        "link_src.m3u8",
        "pipe_src.m3u8",
        "folder_src.m3u8",
        "",
        ".",
        "..",
        "%",
        "%zz",
        "a" * 5000 + ".ts",
        "..\\config.yaml",
        "made_src.m3u8;x",
        "%C3%A9.m3u8",
        ".m3u8",
        "_src.m3u8",
        "made_.m3u8",
        "made_src_src.m3u8",
    ],
)
def test_nothing_else_is_served(agent, name):
    answer = agent.api("GET", f"/live/{name}")
    assert answer.status in (400, 404), answer.text
    assert agent.jwt_secret not in answer.text and "root:" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/../config.yaml",
        "/%2e%2e/config.yaml",
        "/assets/../../config.yaml",
        "/assets/%2e%2e/openapi.json/../index.html",
        "/.git/config",
        "//etc/passwd",
        "/etc/passwd",
        "/config.yaml",
        "/assets",
        "/assets/",
        "/assets/js",
        "/live",
        "/live/",
        "/index.html/",
        "/putlive.db",
    ],
)
def test_nothing_beside_the_pages_is_served(agent, path):
    answer = agent.api("GET", path)
    assert answer.status in (301, 302, 308, 400, 404), answer.text[:200]
    assert agent.jwt_secret not in answer.text and "root:" not in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_other_methods_do_nothing(agent, fresh, method):
    assert agent.api(method, f"/live/{SEGMENT}", data=b"x").status in (404, 405)
    assert len(get(agent, SEGMENT).body) == 512_000


def test_the_pages(agent):
    for path in ("/", "/index.html", "/login.html", "/dashboard.html"):
        answer = agent.api("GET", path)
        assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/html")
        assert answer.headers["Cache-Control"]
        for asset in set(re.findall(r'(?:src|href)="(/?assets/[^"]+)"', answer.text)):
            found = agent.api("GET", "/" + asset.lstrip("/"))
            assert found.status == 200 and found.headers["Content-Type"], asset
            assert not found.headers["Content-Type"].startswith("text/html")
        # What the policy would refuse anyway.
        assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=", answer.text)


def test_a_reader_that_stops_does_not_stop_others(agent):
    """A player that asks for segments and reads nothing."""
    slow = []
    for _ in range(20):
        connection = agent.connect()
        connection.sendall(f"GET /live/{SEGMENT} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 50)
        slow.append(connection)
    assert len(get(agent, SEGMENT).body) == 512_000
    for connection in slow:
        connection.close()


def test_with_srs_a_laptop_is_served_by_the_agent_too(srs_api_port, start_agent):
    """Role local: everything on http_port; there is no nginx."""
    agent = start_agent({"streaming.engine": "srs"})
    (agent.live_folder / SEGMENT).write_bytes(b"G" * 1880)
    assert get(agent, SEGMENT).status == 200
