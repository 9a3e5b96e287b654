"""Going live on a host, and what may not disturb it."""

from asking import wait_for
from host import CARRIERS, CONFIG, FOLDERS
from live import live, play, playlist
from outputs import faults, tracks


def test_whip_goes_in_and_hls_comes_out_over_nginx(host, tmp_path):
    with live(host, "show", tmp_path):
        path = play(host, "show", tmp_path)
    found = tracks(path)
    assert {kind: one["codec_name"] for kind, one in found.items()} == {"video": "h264", "audio": "aac"}
    assert faults(path) == ""
    # nginx told the agent who watched.
    assert wait_for(lambda: host.get("/api/analytics", host.login()).json(), "numbers of the viewers")


def test_a_restart_waits_for_the_end_of_the_broadcast(host, tmp_path):
    before = host.invocations()
    with live(host, "calm", tmp_path) as broadcaster:
        play(host, "calm", tmp_path, count=1)
        status = host.configure(streaming__webrtc__udp_port=8100)
        assert status["result"] == "waiting", status
        assert [one["unit"] for one in status["pendingRestarts"]] == ["putlive-agent.service"]
        assert host.check()["putlive-agent.service"]["outcome"] == "wait"
        assert host.invocations() == before
        # Nobody noticed.
        play(host, "calm", tmp_path, count=4)
        assert not broadcaster.has("failed") and not broadcaster.has("closed")
        told = host.get("/api/drift", host.login()).json()
        assert told["report"]["result"] == "waiting", told
    status = host.reconcile_after_the_broadcast()
    assert status["result"] == "applied", status
    after = host.invocations()
    assert after["putlive-agent.service"] != before["putlive-agent.service"]
    assert {name for name in after if after[name] != before[name]} <= set(CARRIERS)
    host.wait_for_site()
    assert "8100" in host.run("ss", "-Hlun").stdout


def test_a_broadcast_that_has_only_just_begun_is_not_cut_off(host, tmp_path):
    """Whatever the agent counts by the second."""
    before = host.unit("putlive-agent.service").invocation
    udp_port = host.config["streaming"]["webrtc"].get("udp_port", 8000)
    with live(host, "early", tmp_path) as broadcaster:
        status = host.configure(streaming__webrtc__udp_port=udp_port + 1)
        assert status["result"] == "waiting", status
        assert host.unit("putlive-agent.service").invocation == before
        assert not broadcaster.has("failed") and not broadcaster.has("closed")
    host.configure(streaming__webrtc__udp_port=udp_port)
    host.reconcile_after_the_broadcast()
    host.assert_in_order()


# Found before systemd's own. The last that a run does before it asks who is live is to have the agent's failures forgotten.
HOLDING = """#!/bin/sh
if [ "$1 $3" = "reset-failed putlive-agent.service" ]; then
    touch /run/held
    until [ -e /run/go-on ]; do sleep 0.1; done
fi
exec /usr/bin/systemctl "$@"
"""


def test_who_goes_live_at_the_last_moment_is_not_cut_off(host, tmp_path):
    """The run is held right before it restarts the agent, and goes on when somebody is live."""
    before = host.unit("putlive-agent.service").invocation
    files, generation = host.tree(*FOLDERS), host.generation()
    udp_port = host.config["streaming"]["webrtc"].get("udp_port", 8000)
    host.set_quietly(streaming__webrtc__udp_port=udp_port + 1)
    host.write("/usr/sbin/systemctl", HOLDING, mode=0o755)
    run = host.start("putlive-agent", "reconcile", "--apply", "--config", CONFIG)
    try:
        wait_for(lambda: host.exists("/run/held"), "the run about to restart the agent")
        with live(host, "late", tmp_path) as broadcaster:
            host.run("touch", "/run/go-on")
            said, _ = run.communicate(timeout=120)
            assert run.returncode == 0 and "somebody has just gone live" in said, said
            status = host.status()
            assert status["result"] == "waiting" and "failure" not in status, status
            assert [one["unit"] for one in status["pendingRestarts"]] == ["putlive-agent.service"]
            after = host.tree(*FOLDERS)
            assert {path for path in files if files[path] != after.get(path)} <= {CONFIG}
            assert host.generation()["number"] == generation["number"]
            assert host.unit("putlive-agent.service").invocation == before
            play(host, "late", tmp_path, count=1)
            assert not broadcaster.has("failed") and not broadcaster.has("closed")
    finally:
        host.run("touch", "/run/go-on")
        host.run("rm", "/usr/sbin/systemctl")
        run.wait(120)
        run.stdout.close()
    host.reconcile_after_the_broadcast()
    assert host.unit("putlive-agent.service").invocation != before
    host.configure(streaming__webrtc__udp_port=udp_port)
    host.assert_in_order()


def test_now_waits_for_nobody(host, tmp_path):
    with live(host, "cut", tmp_path):
        play(host, "cut", tmp_path, count=1)
        status = host.configure(streaming__webrtc__udp_port=8000)
        assert status["result"] == "waiting", status
        done = host.command("--apply", "--now")
        assert done.returncode == 0, done.stderr
        assert host.status()["result"] == "applied" and host.status()["pendingRestarts"] == []
    host.wait_for_site()
    host.assert_in_order()


def test_what_needs_no_restart_doesnt_wait(host, tmp_path):
    before = host.invocations()
    with live(host, "steady", tmp_path) as broadcaster:
        first = playlist(host, "steady") or play(host, "steady", tmp_path)
        assert first
        status = host.configure(streaming__hls_port=8081)
        assert status["result"] == "applied", status
        assert host.invocations() == before
        assert host.get("/live/steady.m3u8", port=8081).status == 200
        assert not broadcaster.has("failed") and not broadcaster.has("closed")
    host.configure(streaming__hls_port=None)
