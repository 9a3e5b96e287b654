"""Viewers: counted from requests under /live, or from nginx's log of them."""

import json
import socket
import time

import pytest
from agent import running
from asking import wait_for
from srs import Hooks, standing_in

PLAYLIST, SEGMENT = "/live/show_src.m3u8", "/live/show_src-1795356469756-0.ts"
PLAYER = "Mozilla/5.0 (X11; Linux x86_64)"


def total(agent, name):
    """The sum of a family's samples."""
    return sum(value for sample, value in agent.metrics().items() if sample.partition("{")[0] == name)


# The agent's own handler.


@pytest.fixture
def watched(start_agent):
    """An agent with a playlist and a segment in its folder."""
    agent = start_agent()
    (agent.live_folder / SEGMENT.rpartition("/")[2]).write_bytes(b"G" * 188_000)
    (agent.live_folder / PLAYLIST.rpartition("/")[2]).write_text(
        f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:2.0,\n{SEGMENT.rpartition('/')[2]}\n"
    )
    return agent


def watch(agent, address, path=PLAYLIST, player=PLAYER):
    return agent.api("GET", path, headers={"X-Forwarded-For": address, "User-Agent": player})


def test_requests_make_viewers(watched):
    for _ in range(5):
        for address in ("203.0.113.1", "203.0.113.2", "2001:db8::1"):
            assert watch(watched, address).status == 200
            assert watch(watched, address, SEGMENT).status == 200
    # Another player at the same address.
    watch(watched, "203.0.113.1", player="VLC/3.0")
    # No viewers: what isn't there, what isn't media, a master playlist alone.
    for path in ("/live/none_src.m3u8", "/live/show.m3u8", "/", "/api/health"):
        watch(watched, "203.0.113.9", path)
    wait_for(lambda: total(watched, "putlive_viewer_sessions_total") == 4, "four viewers")
    metrics = watched.metrics()
    assert metrics['putlive_hls_requests_total{kind="segment",status="2xx"}'] == 15
    assert metrics['putlive_hls_requests_total{kind="playlist",status="2xx"}'] == 16
    assert metrics['putlive_hls_response_bytes_total{kind="segment"}'] == 15 * 188_000
    assert metrics['putlive_hls_request_duration_seconds_count{kind="segment"}'] == 15


def test_what_was_watched_is_kept(watched):
    began = time.time()
    for address in ("203.0.113.1", "203.0.113.2"):
        watch(watched, address, SEGMENT)
    wait_for(lambda: time.time() - began > 1.1, "a second to pass")
    for address in ("203.0.113.1", "203.0.113.2"):
        watch(watched, address, SEGMENT)
    # The minute that runs is written at the end.
    watched.restart()
    body = watched.api("GET", "/api/analytics?stream=show", watched.token).json()
    assert body["totals"]["peak_viewers"] == 2 and body["totals"]["sessions"] == 2
    assert body["totals"]["bytes_sent"] == 4 * 188_000
    assert 2 <= body["totals"]["watch_seconds"] <= 2 * (time.time() - began)
    assert sum(point["bytes_sent"] for point in body["points"]) == 4 * 188_000
    assert body["countries"] == [{"country": "-", "watch_seconds": body["totals"]["watch_seconds"]}]
    other = watched.api("GET", "/api/analytics?stream=other", watched.token).json()
    assert other["totals"] == {"peak_viewers": 0, "watch_seconds": 0, "bytes_sent": 0, "sessions": 0}


def test_a_day_of_points(watched):
    body = watched.api("GET", "/api/analytics", watched.token).json()
    assert body["step_seconds"] == 300 and 288 <= len(body["points"]) <= 300
    times = [time.mktime(time.strptime(point["time"], "%Y-%m-%dT%H:%M:%SZ")) for point in body["points"]]
    assert {later - sooner for sooner, later in zip(times, times[1:], strict=False)} == {300}
    assert body["points"][0].keys() == {"time", "viewers", "peak_viewers", "watch_seconds", "bytes_sent"}
    assert not any(point["peak_viewers"] for point in body["points"])


@pytest.mark.parametrize(
    "query",
    [
        "from=2026-01-01T00:00:00Z&to=2026-12-31T00:00:00Z",
        "from=2026-01-01T00:00:00Z&to=2026-01-01T00:01:00Z",
        "to=1970-01-02T00:00:00Z",
        "from=2026-01-01T00:00:00%2B02:00&to=2026-01-01T00:00:00Z",
    ],
)
def test_other_times(watched, query):
    answer = watched.api("GET", f"/api/analytics?{query}", watched.token)
    assert answer.status == 200, answer.text
    body = answer.json()
    assert 1 <= len(body["points"]) <= 300 and body["step_seconds"] >= 300


@pytest.mark.parametrize(
    "query",
    [
        "from=yesterday",
        "to=x",
        "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
        "from=0000-00-00T00:00:00Z",
        "from=2026-01-01",
        "stream=A_b",
        "from=99999999999-01-01T00:00:00Z",
        "from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z",
        "from=",
        "stream=",
    ],
)
def test_times_that_are_none(watched, query):
    answer = watched.api("GET", f"/api/analytics?{query}", watched.token)
    assert answer.status in (400, 422), answer.text


# nginx's log.


@pytest.fixture(scope="module")
def stand_in():
    with standing_in() as server:
        yield server


@pytest.fixture(scope="module")
def logged(stand_in, tmp_path_factory):
    """An agent with a stream on air, and the socket that nginx writes to."""
    folder = tmp_path_factory.mktemp("logged")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as access:
        access.bind(str(folder / "access.sock"))
        with running(folder, {"streaming.engine": "srs"}, start=False) as agent:
            agent.hand_over(access.fileno(), "access")
            agent.start()
            assert Hooks(agent).publish_key(agent.new_key("show"), client_id="q1").status == 200
            stand_in.put("show", "q1")
            yield agent


def datagram(**fields):
    body = {
        "event": "hls",
        "time": round(time.time(), 3),
        "ip": "203.0.113.1",
        "status": 200,
        "bytes": 1000,
        "seconds": 0.01,
        "country": "DE",
        "uri": PLAYLIST,
        "host": "localhost",
        "referer": "",
        "user_agent": PLAYER,
        **fields,
    }
    return b"<190>Nov 22 14:06:00 putlive: " + json.dumps(body, separators=(",", ":")).encode()


def write(agent, *datagrams):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
        client.connect(str(agent.folder / "access.sock"))
        for one in datagrams:
            client.send(one)


def status(agent):
    return agent.api("GET", "/api/stream/status?stream=show", agent.token).json()


def test_the_log_makes_viewers(logged):
    before = status(logged)
    assert before["active"]
    for number in range(10):
        write(
            logged, datagram(ip=f"203.0.113.{number}"), datagram(ip=f"203.0.113.{number}", uri=SEGMENT, bytes=188_000)
        )
    wait_for(lambda: status(logged)["viewers"] == 10, "ten viewers")
    assert status(logged)["bytes_sent"] - before["bytes_sent"] == 10 * 189_000
    (stream,) = logged.api("GET", "/api/streams", logged.token).json()["streams"]
    assert stream["peak_viewers"] == 10
    wait_for(lambda: logged.metrics().get('putlive_viewers{stream="show"}') == 10, "the gauge")
    # Not found, forbidden, another stream, an edge.
    write(
        logged,
        datagram(ip="203.0.113.50", status=404),
        datagram(ip="203.0.113.51", status=403),
        datagram(ip="203.0.113.52", uri="/live/other_src.m3u8"),
        datagram(ip="203.0.113.53", uri="/live/../etc/passwd"),
        datagram(ip="203.0.113.54", user_agent="putlive-edge"),
    )
    accepted = 'putlive_access_log_messages_total{result="accepted"}'
    wait_for(lambda: logged.metrics()[accepted] >= 25, "the datagrams to be read")
    assert status(logged)["viewers"] == 10


def test_what_is_no_line_is_counted_and_left(logged):
    malformed = 'putlive_access_log_messages_total{result="malformed"}'
    before = logged.metrics()[malformed]
    bad = [
        b"",
        b"x",
        b"<190>Nov 22 14:06:00 putlive: {",
        b"\xff" * 100,
        b"{" * 5000,
        b"<190>Nov 22 14:06:00 other: {}",
        b"<190>Nov 22 14:06:00 putlive: []",
        datagram(event="request"),
        datagram(status="200"),
        datagram(ip=""),
        datagram(bytes=None)[:-20],
        datagram(user_agent="x" * 60_000),
        datagram() + b"x" * 50_000,
    ]
    write(logged, *bad)
    wait_for(lambda: logged.metrics()[malformed] == before + len(bad), "all of them")
    assert logged.api("GET", "/api/health").status == 200


def test_a_flood_is_survived(logged):
    """Blocking sends: what isn't read fast enough waits, and is bounded by the socket."""
    counted = "putlive_access_log_messages_total"
    before, viewers = total(logged, counted), status(logged)["viewers"]
    write(logged, *(datagram(ip=f"198.51.{number // 250}.{number % 250}") for number in range(5000)))
    wait_for(lambda: total(logged, counted) == before + 5000, "all of them")
    assert viewers + 4500 < status(logged)["viewers"] < viewers + 5500


def test_countries_are_kept(logged):
    """Seconds between a viewer's requests."""
    clients = {"192.0.2.1": "DE", "192.0.2.2": "FR", "192.0.2.3": "-", "192.0.2.4": "\u0000x"}
    began = time.monotonic()
    for seconds in (0, 2.5):
        wait_for(lambda: time.monotonic() - began >= seconds, "time to pass")
        write(logged, *(datagram(ip=address, country=country) for address, country in clients.items()))

    def countries():
        rows = logged.api("GET", "/api/analytics", logged.token).json()["countries"]
        return {row["country"]: row["watch_seconds"] for row in rows}

    found = wait_for(lambda: {"DE", "FR", "-"} <= set(countries()) and countries(), "the countries to be written")
    assert set(found) == {"DE", "FR", "-"} and found["FR"] >= 2


def test_datagrams_wait_while_no_agent_runs(logged):
    """systemd holds the socket over a restart."""
    logged.stop()
    write(logged, datagram(ip="203.0.113.77"))
    logged.start()
    accepted = 'putlive_access_log_messages_total{result="accepted"}'
    wait_for(lambda: logged.metrics()[accepted] == 1, "the datagram to be read")
