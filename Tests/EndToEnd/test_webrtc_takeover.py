"""The same publisher comes again: its stream is the new connection's once that stands, and not before."""

import contextlib
import re

import pytest
from asking import wait_for
from offers import offer
from outputs import faults, longest_pause
from webrtc import embedded, key_for, on_air, post, publishing, status


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    with embedded(tmp_path_factory.mktemp("takeover")) as made:
        yield made


def ended(agent, stream):
    """The reasons of the sessions of a stream that have ended."""
    return [line["reason"] for line in agent.log_lines("webrtc_ended") if line["stream"] == stream]


def test_one_that_never_connects(target):
    """As behind a firewall: what is on air goes on, without a gap."""
    token = key_for(target.agent, "kept")
    with target.recording("kept") as end:
        with publishing(target.agent, "kept", token=token) as publisher:
            wait_for(lambda: status(target.agent, "kept").get("resolution"), "pictures")
            assert post(target.agent, "kept", token, offer()).status == 201
            wait_for(lambda: ended(target.agent, "kept"), "the second to be given up", 30)
            assert ended(target.agent, "kept") == ["never connected"] and on_air(target.agent, "kept")
            assert [one["event"] for one in publisher.events if one["event"] in ("closed", "failed")] == []
        (file,) = end()
    assert faults(file) == "" and longest_pause(file) < 0.5


def test_many_at_once(target):
    """One is left on air, and none of the others goes on unseen."""
    token = target.agent.new_account("streamer").token
    with contextlib.ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(publishing(target.agent, "many", token=token, connected=False))
        wait_for(lambda: len(ended(target.agent, "many")) == 4, "the others to end", 60)
        assert on_air(target.agent, "many")
        wait_for(lambda: status(target.agent, "many").get("resolution"), "pictures")
    wait_for(lambda: not on_air(target.agent, "many"), "its end")
    assert len(ended(target.agent, "many")) == 5
    session = re.compile(r'putlive_webrtc_sessions_active\{state="(connected|connecting)"\}')
    wait_for(lambda: not any(v for k, v in target.agent.metrics().items() if session.fullmatch(k)), "the gauges")
