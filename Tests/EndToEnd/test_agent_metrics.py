"""/metrics: as docs/metrics.md says, and as the programs that read it want it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from agent import running
from asking import wait_for
from prometheus_client import openmetrics, parser
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from srs import Hooks, standing_in

DOCS = (Path(__file__).resolve().parents[2] / "docs/metrics.md").read_text(encoding="utf-8")
# Name, type, labels.
FAMILIES = {
    name: (kind, set(re.findall(r"`(\w+)`", labels)))
    for name, kind, labels in re.findall(r"^\| `(\w+)` \| (gauge|counter|histogram) \| ([^|]*)\|", DOCS, re.M)
}
OPENMETRICS = {"Accept": "application/openmetrics-text; version=1.0.0"}
CLASSIC = {"Accept": "text/plain; version=0.0.4"}


@pytest.fixture(scope="module")
def stand_in():
    with standing_in() as server:
        yield server


@pytest.fixture(scope="module")
def busy(stand_in, tmp_path_factory):
    """With SRS, a stream on air, viewers, failures: most families have samples."""
    with running(tmp_path_factory.mktemp("busy"), {"streaming.engine": "srs"}) as agent:
        hooks = Hooks(agent)
        assert hooks.publish_key(agent.new_key("show"), client_id="q1").status == 200
        stand_in.put("show", "q1")
        hooks.publish("show", "?key=forged")
        agent.try_login("nobody", "not-the-password", "203.0.113.1")
        agent.api("GET", "/live/show_src.m3u8")
        agent.api("PROPFIND", "/api/nothing")
        wait_for(lambda: agent.metrics().get("putlive_srs_up") == 1, "SRS to be seen")
        yield agent


@pytest.fixture(scope="module", params=["idle", "busy"])
def one(request, agent):
    return agent if request.param == "idle" else request.getfixturevalue("busy")


def read(agent, headers, parse):
    answer = agent.api("GET", "/metrics", headers=headers)
    assert answer.status == 200
    return answer, list(parse(answer.text))


def test_the_document_has_at_least_fifty():
    assert len(FAMILIES) >= 50


@pytest.mark.parametrize("headers", [None, CLASSIC, {"Accept": "*/*"}, {"Accept": "text/html"}])
def test_promtool_likes_them(one, headers):
    answer = one.api("GET", "/metrics", headers=headers)
    assert answer.headers["Content-Type"].replace(" ", "").startswith("text/plain;version=0.0.4")
    assert shutil.which("promtool"), "scripts/setup installs it"
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=answer.text, capture_output=True, text=True, timeout=60
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert not (checked.stdout + checked.stderr).strip()


def test_they_are_those_of_the_document(one):
    text = one.api("GET", "/metrics", headers=CLASSIC).text
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
    assert set(types) == set(FAMILIES)
    assert types == {name: kind for name, (kind, _) in FAMILIES.items()}
    helps = dict(re.findall(r"^# HELP (\S+) (.+)$", text, re.M))
    assert set(helps) == set(FAMILIES)


def test_labels_are_those_of_the_document(one):
    _, families = read(one, CLASSIC, parser.text_string_to_metric_families)
    for family in families:
        for sample in family.samples:
            name = re.sub("_(bucket|sum|count)$", "", sample.name) if family.type == "histogram" else sample.name
            labels = set(sample.labels) - ({"le"} if sample.name.endswith("_bucket") else set())
            assert labels == FAMILIES[name][1], sample
            assert all(len(value) <= 64 for value in sample.labels.values())


def test_openmetrics(one):
    answer, families = read(one, OPENMETRICS, parse_openmetrics)
    assert answer.headers["Content-Type"].replace(" ", "").startswith("application/openmetrics-text;version=1.0.0")
    assert answer.text.endswith("# EOF\n")
    assert openmetrics
    names = {family.name + ("_total" if family.type == "counter" else "") for family in families}
    # build_info may be an info there.
    assert {name.removesuffix("_info") for name in names} == {name.removesuffix("_info") for name in FAMILIES}


def test_both_formats_say_the_same(agent):
    """But for what changes from one to the other."""
    _, classic = read(agent, CLASSIC, parser.text_string_to_metric_families)
    _, modern = read(agent, OPENMETRICS, parse_openmetrics)

    def samples(families):
        return {
            (sample.name, *sorted(sample.labels.items()))
            for family in families
            for sample in family.samples
            if not sample.name.endswith("_created")
        }

    differing = samples(classic) ^ samples(modern)
    assert not {name for name, *_ in differing if "info" not in name and "bucket" not in name}


def gauged(agent, condition=lambda metrics: True):
    """The metrics, once those that are looked at now and then are there and `condition` holds."""
    return wait_for(
        lambda: 'putlive_users{role="admin"}' in (metrics := agent.metrics()) and condition(metrics) and metrics,
        "the gauges",
    )


def test_counters_begin_at_zero(start_agent):
    """Of every known value of their labels, so that the first event is seen as an increase."""
    metrics = gauged(start_agent())
    for name in (
        'putlive_logins_total{result="bad_credentials"}',
        'putlive_logins_total{result="throttled"}',
        'putlive_token_rejections_total{reason="expired"}',
        'putlive_token_rejections_total{reason="revoked"}',
        "putlive_rate_limited_requests_total",
        "putlive_sessions_revoked_total",
        'putlive_streams_started_total{source="rtmp"}',
        "putlive_viewer_sessions_total",
        "putlive_database_errors_total",
        'putlive_log_messages_total{level="error"}',
    ):
        assert metrics[name] == 0, name
    assert metrics['putlive_streams_active{source="rtmp"}'] == 0
    assert metrics["putlive_streams_limit"] == 3
    assert metrics['putlive_users{role="admin"}'] == 1 and metrics['putlive_users{role="viewer"}'] == 0


def test_counters_count(start_agent):
    agent = start_agent()
    agent.login()
    agent.api("GET", "/api/auth/me", "x.y.z")
    agent.api("POST", "/api/auth/logout", agent.login())
    agent.new_account("viewer")
    agent.new_key("show")
    metrics = gauged(
        agent,
        lambda metrics: metrics.get("putlive_sessions_active") == 2 and metrics.get("putlive_stream_keys_active") == 1,
    )
    assert metrics['putlive_logins_total{result="success"}'] == 3
    assert metrics['putlive_token_rejections_total{reason="invalid"}'] == 1
    assert metrics["putlive_sessions_revoked_total"] == 1
    assert metrics['putlive_users{role="viewer"}'] == 1
    logins = [
        name
        for name in metrics
        if name.startswith("putlive_http_requests_total{") and 'route="/api/auth/login"' in name
    ]
    assert sum(metrics[name] for name in logins) == 3
    assert metrics['putlive_http_request_duration_seconds_count{route="/api/auth/login"}'] == 3
    assert metrics["putlive_database_size_bytes"] > 0 and metrics["putlive_http_requests_in_flight"] == 1
    assert metrics['putlive_component_healthy{component="database"}'] == 1


def test_the_process_is_measured(agent):
    metrics = agent.metrics()
    proc = Path(f"/proc/{agent.process.pid}")
    anonymous = int(re.search(r"^RssAnon:\s+(\d+) kB$", (proc / "status").read_text(), re.M)[1]) * 1024
    assert 0.5 < metrics["putlive_anonymous_memory_bytes"] / anonymous < 2
    assert abs(metrics["process_open_fds"] - len(list((proc / "fd").iterdir()))) < 20
    assert metrics["process_cpu_seconds_total"] > 0 and metrics["process_start_time_seconds"] > 1e9
    assert metrics["process_resident_memory_bytes"] > metrics["putlive_anonymous_memory_bytes"]


def test_what_clients_send_makes_no_series(agent):
    """Neither methods nor paths nor hosts of a client's choice are labels."""
    counts = []
    for most in (2, 20):
        for number in range(most):
            agent.api(f"M{number}", f"/api/nothing-{number}")
            agent.api("GET", f"/nothing-{number}")
            agent.api("GET", f"/api/users/{number}", agent.token)
            agent.api("GET", f"/live/stream-{number}_src.m3u8")
            agent.api("GET", "/api/health", headers={"Host": f"host-{number}", "Origin": f"https://host-{number}"})
        counts.append(len(agent.metrics()))
    assert not any(word in name for name in agent.metrics() for word in ("nothing", "M1", "stream-1", "host-"))
    # The first turn brings each pair of method, route and status up.
    assert counts[0] == counts[1]


def test_an_idle_stream_leaves_its_series(busy, stand_in):
    assert any('stream="show"' in name for name in busy.metrics())
    stand_in.streams.clear()
    Hooks(busy).unpublish("show", client_id="q1")
    wait_for(lambda: not any('stream="show"' in name for name in busy.metrics()), "the series to leave")
