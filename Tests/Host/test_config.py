"""Changes of config.yaml: only what they concern is touched, and a bad one touches nothing."""

import pytest
from asking import wait_for
from host import CARRIERS, CONFIG, FOLDERS, RECONCILE, UNITS

BAD = {
    "a value that isn't one": lambda text: text.replace("hls_port: 8080", "hls_port: eighty"),
    "a key that isn't one": lambda text: text.replace("hls_port: 8080", "hls_prot: 8080"),
    "two on one port": lambda text: text.replace("hls_port: 8080", "hls_port: 443"),
    "no YAML": lambda text: text.replace("hls_port: 8080", "hls_port: [8080"),
}


@pytest.fixture
def plain(host):
    """The module's host with a port of players to change; back as it was afterwards."""
    text = host.configured(streaming__hls_port=8080)
    host.write_config(text)
    host.assert_in_order()
    yield text
    host.write_config(text)
    host.assert_in_order()


def line_of(text, word):
    return next(number for number, line in enumerate(text.splitlines(), 1) if word in line)


@pytest.mark.parametrize("wrong", BAD)
def test_a_bad_config_changes_nothing_and_is_told_by_its_line(host, plain, wrong):
    files, before = host.tree(*FOLDERS), host.invocations()
    generation, cursor = host.generation(), host.cursor()
    text = BAD[wrong](plain)
    status = host.write_config(text)
    assert host.unit(RECONCILE).active == "failed"
    assert status["result"] == "failed" and status["failure"]["stage"] == "config", status
    place = f"config.yaml:{line_of(text, 'hls_pr' if 'prot' in text else 'hls_port')}"
    if wrong != "no YAML":
        assert place in status["failure"]["message"], status["failure"]
        assert place in host.messages(RECONCILE, cursor)
    else:
        assert "config.yaml:" in status["failure"]["message"]
    assert status["generation"] == generation["number"] and host.generation() == generation
    after = host.tree(*FOLDERS)
    assert {path for path in files if files[path] != after.get(path)} <= {CONFIG}
    assert host.invocations() == before
    done = host.command("--check")
    assert done.returncode == 1 and "config.yaml:" in done.stderr
    # What is on air goes on, and people are told.
    assert host.get("/api/health").status == 200
    assert host.get("/api/drift", host.login()).json()["report"]["result"] == "failed"


def test_failed_runs_are_counted_until_one_succeeds(host, plain):
    host.write_config(BAD["a key that isn't one"](plain))
    host.reconcile(check=False)
    assert host.status()["consecutiveFailures"] == 2
    status = host.write_config(plain)
    assert status["consecutiveFailures"] == 0 and status["result"] in ("in_order", "applied"), status


def test_what_nginx_refuses_is_never_written(host, plain):
    """The config is sound, and its database of countries is one that this host's nginx has no module for."""
    files, before = host.tree(*FOLDERS), host.invocations()
    status = host.configure(monitoring__geoip_database="/var/lib/GeoIP/GeoLite2-Country.mmdb")
    assert status["result"] == "failed" and status["failure"]["stage"] == "native_checks", status
    assert "nginx" in status["failure"]["message"]
    after = host.tree(*FOLDERS)
    assert {path for path in files if files[path] != after.get(path)} <= {CONFIG}
    assert host.invocations() == before


def test_the_port_of_players_reloads_nginx_alone(host, plain):
    before, workers = host.invocations(), host.workers()
    status = host.configure(streaming__hls_port=8088)
    assert status["result"] == "applied", status
    # A start would have given it another number; its workers are others.
    assert host.invocations() == before
    wait_for(lambda: not host.workers() & workers, "other workers of nginx")
    assert host.get("/live/nobody.m3u8", port=8088).status == 404
    with pytest.raises(OSError):
        host.get("/live/nobody.m3u8", port=8080)


def test_the_agents_port_restarts_the_agent_and_reloads_its_neighbours(host, plain):
    before = host.invocations()
    status = host.configure(server__http_port=3100)
    assert status["result"] == "applied", status
    after = host.invocations()
    changed = {name for name in UNITS if after[name] != before[name]}
    assert "putlive-agent.service" in changed and changed <= set(CARRIERS)
    host.wait_for_site()
    # Prometheus asks the agent where it is now.
    question = "http://127.0.0.1:9090/api/v1/targets?state=active"
    wait_for(lambda: "127.0.0.1:3100" in host.run("curl", "--silent", question).stdout, "Prometheus to take it over")


def test_prometheus_port_restarts_prometheus_alone(host, plain):
    before = host.invocations()
    host.configure(monitoring__prometheus_port=9191)
    after = host.invocations()
    assert {name for name in UNITS if after[name] != before[name]} == {"prometheus.service"}


def test_without_monitoring_nobody_listens_for_it(host, plain):
    """Debian's own Prometheus would listen on every interface."""
    names = ("prometheus.service", "prometheus-node-exporter.service")
    status = host.configure(monitoring__prometheus_enabled=False)
    assert status["result"] == "applied", status
    for name in names:
        assert host.unit(name).active == "inactive"
        assert host.systemctl("is-enabled", name, check=False).stdout.strip() == "disabled"
    listening = host.run("ss", "-Hltn").stdout
    assert ":9090 " not in listening and ":9100 " not in listening, listening
    host.assert_in_order()
    host.write_config(plain)
    assert all(host.unit(name).is_active for name in names)


def test_a_service_that_doesnt_start_is_put_back(host, plain):
    """Somebody else has the port that the agent is to have: everything is as before, and runs."""
    taken = host.start("/usr/bin/python3", "-c", """if True:
        import socket, time
        one = socket.create_server(("127.0.0.1", 3333))
        print("taken", flush=True)
        time.sleep(600)
    """)  # fmt: skip
    try:
        assert taken.stdout.readline() == "taken\n"
        files, generation = host.tree(*FOLDERS), host.generation()
        status = host.configure(server__http_port=3333)
        assert status["result"] == "failed", status
        assert "putlive-agent.service" in status["failure"]["message"]
        assert "put back" in status["failure"]["message"]
        after = host.tree(*FOLDERS)
        assert {path for path in files if files[path] != after.get(path)} <= {CONFIG}
        assert host.generation()["number"] == generation["number"]
        host.wait_for_site()
        assert {name for name, unit in host.units(UNITS).items() if not unit.is_active} == set()
    finally:
        taken.kill()
        host.run("pkill", "-f", "create_server", check=False)
        taken.wait()
        taken.stdout.close()


def test_without_a_config_nothing_happens(host, plain):
    host.run("mv", CONFIG, CONFIG + ".away")
    before = host.invocations()
    host.systemctl("start", RECONCILE)
    assert host.invocations() == before
    host.run("mv", CONFIG + ".away", CONFIG)
    wait_for(host.is_idle, "the reconcile of a config that is there again")


def test_an_engine_that_isnt_there_changes_nothing_and_names_both_remedies(host, plain):
    files, before = host.tree(*FOLDERS), host.invocations()
    status = host.configure(streaming__engine="srs")
    assert status["result"] == "failed" and status["failure"]["stage"] == "srs", status
    message = status["failure"]["message"]
    assert "streaming.srs.package_url" in message and "embedded" in message
    after = host.tree(*FOLDERS)
    assert {path for path in files if files[path] != after.get(path)} <= {CONFIG}
    assert host.invocations() == before
