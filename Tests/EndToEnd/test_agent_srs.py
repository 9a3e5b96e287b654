"""What is on air with SRS: hooks are hints, SRS's API has the last word. A stand-in for SRS, and where SRS_BINARY names
one, SRS itself."""

import os
import re
import subprocess
import time

import pytest
from agent import running
from asking import LOOPBACK, done, free_port, wait_for
from media import ffmpeg
from srs import Hooks, api_port, serving, standing_in
from webrtc import publishing, settings

SRS = {"streaming.engine": "srs"}


@pytest.fixture
def stand_in():
    with standing_in() as server:
        yield server


def streams(agent):
    return {stream["stream_name"]: stream for stream in agent.api("GET", "/api/streams", agent.token).json()["streams"]}


def component(agent):
    answer = agent.api("GET", "/api/health/detailed", agent.token)
    assert answer.status == 200
    return answer.json()["components"]["srs"]


@pytest.fixture
def nobody():
    """SRS isn't there."""
    with api_port():
        yield


def test_it_starts_while_srs_is_down_and_says_so(nobody, start_agent):
    agent = start_agent(SRS)
    wait_for(lambda: agent.api("GET", "/api/health").json()["status"] == "degraded", "health to be degraded")
    assert agent.api("GET", "/api/health").status == 200
    srs = component(agent)
    assert srs["status"] != "ok" and srs["detail"]
    services = {row["name"]: row for row in agent.api("GET", "/api/system", agent.token).json()["services"]}
    assert services["srs"]["status"] == "down" and services["api"]["status"] == "ok"
    assert agent.metrics()["putlive_srs_up"] == 0
    with serving():
        wait_for(lambda: agent.api("GET", "/api/health").json()["status"] == "ok", "health to be well again")
        assert component(agent)["status"] == "ok"
        assert agent.metrics()["putlive_srs_up"] == 1
    wait_for(lambda: agent.api("GET", "/api/health").json()["status"] == "degraded", "health to be degraded again")


def test_health_tells_of_srs(start_agent, stand_in):
    agent = start_agent(SRS)
    wait_for(lambda: component(agent)["status"] == "ok", "SRS to be seen")
    srs = component(agent)
    assert srs["pid"] == 12274 and 15 < srs["memory_mb"] < 20
    assert srs.get("detail") is None


def test_what_srs_has_is_on_air(start_agent, stand_in):
    """Found without a hook, as after a restart of the agent."""
    agent = start_agent(SRS)
    stand_in.put("found", "q1", width=1280, height=720)
    stand_in.put("found_480p", "q2", vhost="ladder.local")
    wait_for(lambda: streams(agent).get("found", {}).get("bitrate_kbps"), "the stream, and its bit rate")
    stream = streams(agent)["found"]
    assert list(streams(agent)) == ["found"], "a transcoder's stream is none of its own"
    assert (stream["source"], stream["video_codec"], stream["audio_codec"]) == ("rtmp", "h264", "aac")
    assert stream["resolution"] == "1280x720" and stream["quality"] in ("720p", "480p")
    assert 1500 < stream["bitrate_kbps"] < 4000
    wait_for(lambda: 20 < streams(agent)["found"]["fps"] < 40, "its frames a second")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stream["started_at"])
    status = agent.api("GET", "/api/stream/status?stream=found", agent.token).json()
    assert status["active"] and {key: stream[key] for key in ("resolution", "quality")} == {
        key: status[key] for key in ("resolution", "quality")
    }
    metrics = agent.metrics()
    assert metrics['putlive_stream_width_pixels{stream="found"}'] == 1280
    assert metrics['putlive_streams_active{source="rtmp"}'] == 1


def test_what_srs_has_no_longer_is_off_air(start_agent, stand_in):
    """A hook that never came."""
    agent = start_agent(SRS)
    stand_in.put("gone", "q1")
    wait_for(lambda: streams(agent), "the stream")
    stand_in.remove("gone")
    wait_for(lambda: not streams(agent), "its end")
    ended = {name: value for name, value in agent.metrics().items() if name.startswith("putlive_streams_ended_total")}
    assert sum(ended.values()) == 1
    wait_for(lambda: not any('stream="gone"' in name for name in agent.metrics()), "its series to leave")


def test_a_restart_of_the_agent_loses_no_stream(start_agent, stand_in):
    agent = start_agent(SRS)
    hooks = Hooks(agent)
    assert hooks.publish_key(agent.new_key("kept"), client_id="q1").status == 200
    stand_in.put("kept", "q1")
    agent.restart()
    wait_for(lambda: "kept" in streams(agent), "the stream")
    assert Hooks(agent).unpublish("kept", client_id="q1").status == 200
    assert "kept" not in streams(agent) or not stand_in.streams.pop(("__defaultVhost__", "kept"))


@pytest.mark.parametrize(
    "command", [["key", "revoke", "{key}"], ["user", "disable", "{user}"], ["user", "remove", "{user}"]], ids=" ".join
)
def test_a_right_that_is_taken_away_beside_the_agent_ends_the_broadcast(start_agent, stand_in, command):
    agent = start_agent(SRS)
    streamer = agent.new_account("streamer")
    key, other = agent.new_key("show", streamer.token), agent.new_key("other")
    for one, client in ((key, "q1"), (other, "q2")):
        assert Hooks(agent).publish_key(one, client_id=client).status == 200
        stand_in.put(one["stream"], client)
    done(agent.command(*(word.format(key=key["id"], user=streamer.name) for word in command)))
    wait_for(lambda: "q1" in stand_in.kicked, "the publisher to be sent away", 10)
    stand_in.remove("show")
    wait_for(lambda: list(streams(agent)) == ["other"], "its end")
    assert "q2" not in stand_in.kicked
    (line,) = agent.log_lines("publisher_ended")
    assert line["stream"] == "show" and line["source"] == "rtmp"


def test_a_right_that_the_api_takes_away_ends_the_broadcast_at_once(start_agent, stand_in):
    agent = start_agent(SRS)
    key = agent.new_key("show")
    assert Hooks(agent).publish_key(key, client_id="q1").status == 200
    stand_in.put("show", "q1")
    # Found after a restart, it is known by its stream alone.
    agent.restart()
    wait_for(lambda: "show" in streams(agent), "the stream")
    assert agent.api("DELETE", f"/api/keys/{key['id']}", agent.token).status == 200
    wait_for(lambda: stand_in.kicked == ["q1"], "the publisher to be sent away", 1.5)


def test_a_key_that_expires_cuts_nobody_off(start_agent, stand_in):
    agent = start_agent(SRS)
    key = agent.new_key("show", expires_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 4)))
    assert Hooks(agent).publish_key(key, client_id="q1").status == 200
    stand_in.put("show", "q1")
    path = f"/api/keys/{key['id']}"
    wait_for(lambda: agent.api("GET", path, agent.token).json()["status"] == "expired", "the key to expire")
    asked = stand_in.asked
    # Two polls are three requests each; the review runs as often as they do.
    wait_for(lambda: stand_in.asked > asked + 6, "time to pass")
    assert stand_in.kicked == [] and list(streams(agent)) == ["show"]
    assert Hooks(agent).publish_key(key, client_id="q2").status == 403


def test_an_encoder_whose_browser_takes_over_is_sent_away_until_it_goes(start_agent, stand_in):
    agent = start_agent(settings(**SRS))
    key = agent.new_key("show")
    stand_in.keeps = 2
    assert Hooks(agent).publish_key(key, client_id="q1").status == 200
    stand_in.put("show", "q1")
    wait_for(lambda: agent.metrics()["putlive_srs_up"] == 1, "SRS to be seen")
    with publishing(agent, "show", token=key["stream_key"].partition("key=")[2]):
        wait_for(lambda: len(stand_in.kicked) >= 3, "it to be asked again", 15)
        assert set(stand_in.kicked) == {"q1"} and streams(agent)["show"]["source"] == "webrtc"
        stand_in.remove("show")
        asked, kicked = stand_in.asked, len(stand_in.kicked)
        # One poll may be under way; two more are three requests each.
        wait_for(lambda: stand_in.asked > asked + 9, "time to pass")
        assert len(stand_in.kicked) <= kicked + 1


def test_srs_that_fails_is_no_end_of_the_agent(start_agent, stand_in):
    agent = start_agent(SRS)
    wait_for(lambda: component(agent)["status"] == "ok", "SRS to be seen")
    stand_in.fails = True
    wait_for(lambda: component(agent)["status"] != "ok", "its fault to be seen")
    assert agent.metrics()["putlive_srs_api_errors_total"] >= 1
    stand_in.fails = False
    wait_for(lambda: component(agent)["status"] == "ok", "SRS to be seen again")


def test_what_was_on_air_during_a_fault_is_seen_again(start_agent, stand_in):
    """SRS's API fails for a while, and its connections are there all the time."""
    agent = start_agent(SRS)
    assert Hooks(agent).publish_key(agent.new_key("show"), client_id="q1").status == 200
    stand_in.put("show", "q1")
    wait_for(lambda: streams(agent).get("show", {}).get("resolution"), "the stream")
    stand_in.fails = True
    wait_for(lambda: not streams(agent), "it to be given up")
    stand_in.fails = False
    wait_for(lambda: streams(agent).get("show", {}).get("resolution"), "the stream again")
    assert stand_in.kicked == []
    # It stops like any other.
    stand_in.remove("show")
    assert Hooks(agent).unpublish("show", client_id="q1").status == 200
    assert not streams(agent)


# SRS itself.


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """SRS with the config that putlive-gen renders, and the agent that it asks."""
    binary = os.environ.get("SRS_BINARY")
    if not binary:
        pytest.skip("SRS_BINARY names no SRS, which Debian doesn't package")
    folder = tmp_path_factory.mktemp("real")
    settings = {**SRS, "streaming.rtmp_port": free_port(), "streaming.hls.segment_duration": "1s"}
    with api_port(), running(folder, settings, start=False) as agent:
        streaming = agent.settings["streaming"]
        # One rung is enough to see that there is a ladder.
        streaming["qualities"] = [
            {"name": "144p", "resolution": "256x144", "bitrate": "200k", "fps": 15, "enabled": True}
        ]
        streaming["default_quality"] = streaming.setdefault("webrtc", {})["default_quality"] = "144p"
        agent.change(streaming=streaming)
        agent.start()
        made = agent.gen("render", "--config", agent.config, "--output", folder / "host", "--only", "srs.conf")
        assert made.returncode == 0 and agent.live_folder, made.stderr
        with open(folder / "srs.log", "wb") as log:
            process = subprocess.Popen(
                [binary, "-c", folder / "host/usr/local/srs/conf/putlive.conf"], cwd=folder, stdout=log, stderr=log
            )
        try:
            wait_for(lambda: component(agent)["status"] == "ok", "SRS to start")
            agent.rtmp = f"rtmp://{LOOPBACK}:{settings['streaming.rtmp_port']}/live"
            yield agent
        finally:
            process.terminate()
            process.wait(30)


def rtmp(agent, key):
    return ["-f", "flv", f"{agent.rtmp}/{key}"]


def test_a_broadcast_through_srs(real):
    key = real.new_key("show")
    with ffmpeg(*rtmp(real, key["stream_key"])):
        master = wait_for(
            lambda: (answer := real.live_folder / "show.m3u8").exists() and answer, "the master playlist", 60
        )
        wait_for(
            lambda: "show_144p.m3u8" in master.read_text() and "show_src.m3u8" in master.read_text(),
            "both renditions",
            60,
        )
        stream = wait_for(
            lambda: (one := streams(real).get("show")) and one["resolution"] and one["bitrate_kbps"] and one,
            "its facts",
        )
        assert stream["resolution"] == "320x180" and stream["source"] == "rtmp"
        assert sorted(stream["renditions"]) == ["144p", "src"]
    wait_for(lambda: not streams(real), "its end")
    wait_for(lambda: not master.exists(), "the master playlist to go", 60)


@pytest.mark.parametrize(
    "shown", ["show", "show?key=forged", "show_144p?key={query}", "other?key={query}", "show_144p?vhost=ladder.local"]
)
def test_srs_turns_others_away(real, shown):
    query = real.new_key("show")["stream_key"].partition("=")[2]
    with ffmpeg(*rtmp(real, shown.format(query=query))) as process:
        if "vhost" in shown:
            # From this host, as the transcoders: SRS lets it in by the address, and it is no stream.
            assert "show" not in streams(real)
            return
        assert process.wait(30) != 0
    assert streams(real) == {}


def test_a_revoked_key_ends_the_broadcast_and_the_next_one(real):
    key = real.new_key("show")
    with ffmpeg(*rtmp(real, key["stream_key"])) as process:
        wait_for(lambda: "show" in streams(real), "the stream")
        assert real.api("DELETE", f"/api/keys/{key['id']}", real.token).status == 200
        assert process.wait(30) != 0
    wait_for(lambda: not streams(real), "its end")
    with ffmpeg(*rtmp(real, key["stream_key"])) as process:
        assert process.wait(30) != 0
