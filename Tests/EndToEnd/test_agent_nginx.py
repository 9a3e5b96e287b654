"""The agent behind a real nginx with the configuration that putlive-gen renders: addresses, what is closed, viewers."""

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess

import pytest
from agent import environment, running
from asking import LOOPBACK, PATIENCE, Answer, free_port, is_problem, wait_for
from srs import Hooks, standing_in

NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
# For a peer that isn't the loopback's first address, but still this machine's.
CLIENT = "127.0.0.9"


def adapted(text, folder, ports, live):
    """The rendered file with this test's folders and ports, and without what needs root."""
    user = f"user {os.environ.get('USER') or 'root'};" if os.geteuid() == 0 else ""
    for pattern, instead in {
        r"^user www-data;$": "user root;" if user else "",
        r"^worker_processes auto;$": "worker_processes 1; daemon off;",
        r"^worker_rlimit_nofile .*$": "",
        r"^include /etc/nginx/modules-enabled/.*$": "",
        r"/run/nginx\.pid": f"{folder}/nginx.pid",
        r"/var/log/putlive/": f"{folder}/",
        r"/run/putlive-access/access\.sock": f"{folder}/access.sock",
        r"/run/putlive-hls": str(live.parent),
        r"/var/lib/putlive/acme": f"{folder}/acme",
        r"^ *listen \[::\]:.*$": "",
        r"listen 80 ": f"listen {LOOPBACK}:{ports[0]} ",
        r"listen 8080 ": f"listen {LOOPBACK}:{ports[1]} ",
        r"^http \{$": "http {\n"
        + "".join(
            f"    {kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        ),
    }.items():
        text, count = re.subn(pattern, instead, text, flags=re.M)
        assert count, pattern
    return text


@pytest.fixture(scope="module")
def agent(tmp_path_factory):
    """An agent with a stream on air, nginx before it, and the socket between them."""
    if not NGINX:
        pytest.skip("nginx isn't installed")
    folder = tmp_path_factory.mktemp("nginx")
    with standing_in() as srs, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as access:
        access.bind(str(folder / "access.sock"))
        with running(folder, {"streaming.engine": "srs"}, start=False) as agent:
            agent.hand_over(access.fileno(), "access")
            agent.start()
            assert Hooks(agent).publish_key(agent.new_key("show"), client_id="q1").status == 200
            srs.put("show", "q1")
            settings = {
                "server.https_enabled": "false",
                "server.http_port": agent.port,
                "security.rate_limit.enabled": "false",
            }
            made = agent.gen(
                "init",
                "--role",
                "single",
                "--domain",
                "tv.example.org",
                "--email",
                "a@example.org",
                "--output",
                folder / "single.yaml",
                *(f"--set={key}={value}" for key, value in settings.items()),
            )
            assert made.returncode == 0, made.stderr
            made = agent.gen(
                "render", "--config", folder / "single.yaml", "--output", folder / "host", "--only", "nginx.conf"
            )
            assert made.returncode == 0, made.stderr
            ports = free_port(), free_port()
            text = (folder / "host/etc/nginx/nginx.conf").read_text()
            (folder / "nginx.conf").write_text(adapted(text, folder, ports, agent.live_folder))
            with open(folder / "nginx.log", "wb") as log:
                nginx = subprocess.Popen(
                    [NGINX, "-c", folder / "nginx.conf"], stdout=log, stderr=log, env=environment()
                )
            try:
                agent.site, agent.players = ports
                wait_for(lambda: nginx.poll() is None and answers(agent), f"nginx: see {folder}/nginx.log", 10)
                yield agent
            finally:
                nginx.send_signal(signal.SIGTERM)
                nginx.wait(PATIENCE)


def answers(agent):
    try:
        return get(agent, "/api/health").status == 200
    except OSError:
        return False


def get(agent, path, method="GET", port=None, source=CLIENT, **headers):
    connection = http.client.HTTPConnection(LOOPBACK, port or agent.site, timeout=PATIENCE, source_address=(source, 0))
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


def test_the_api_is_reached(agent):
    answer = get(agent, "/api/health")
    assert answer.json()["status"] in ("ok", "degraded")
    for name in (
        "Content-Security-Policy",
        "X-Content-Type-Options",
        "Referrer-Policy",
        "Permissions-Policy",
        "X-Request-Id",
    ):
        assert len(answer.headers.get_all(name)) == 1, name
    is_problem(get(agent, "/api/auth/me"), 401, "unauthorized")
    assert get(agent, "/api/auth/me", Authorization=f"Bearer {agent.token}").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/metrics",
        "/metrics/",
        "/api/srs/on_publish",
        "/api/srs",
        "/api/srs/",
        "/api//srs/on_publish",
        "/%6detrics",
        "/api/./srs/on_play",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_this_hosts_alone(agent, path, method):
    answer = get(agent, f"{path}?secret={agent.hook_secret}", method)
    assert answer.status in (401, 403, 404, 405), answer.text
    assert "putlive_build_info" not in answer.text and '"code":0' not in answer.text


def test_the_clients_address_is_nginxs_word(agent):
    """Whatever a client says of itself."""
    before = len(agent.log_lines("login_failed"))
    body = '{"username":"nobody","password":"not-the-password"}'
    connection = http.client.HTTPConnection(LOOPBACK, agent.site, timeout=PATIENCE, source_address=(CLIENT, 0))
    lies = {"X-Forwarded-For": "203.0.113.7", "Forwarded": "for=203.0.113.7", "X-Real-IP": "203.0.113.7"}
    connection.request("POST", "/api/auth/login", body, {"Content-Type": "application/json", **lies})
    assert connection.getresponse().status == 401
    connection.close()
    (line,) = wait_for(lambda: agent.log_lines("login_failed")[before:], "the line of the failure")
    assert line["ip"] == CLIENT


def test_viewers_are_counted_by_nginxs_log(agent):
    (agent.live_folder / "show_src-1795356469756-0.ts").write_bytes(b"G" * 1880)
    (agent.live_folder / "show_src.m3u8").write_text("#EXTM3U\n#EXTINF:2.0,\nshow_src-1795356469756-0.ts\n")

    def viewers():
        return get(agent, "/api/stream/status?stream=show", Authorization=f"Bearer {agent.token}").json()["viewers"]

    assert viewers() == 0
    for source in ("127.0.0.21", "127.0.0.22", "127.0.0.23"):
        for port in (agent.site, agent.players):
            for name in ("show_src.m3u8", "show_src-1795356469756-0.ts"):
                answer = get(agent, f"/live/{name}", port=port, source=source, User_Agent="Mozilla/5.0")
                assert answer.status == 200, answer.text
    wait_for(lambda: viewers() == 3, "three viewers")
    assert get(agent, "/live/none_src.m3u8", source="127.0.0.24").status == 404
    assert viewers() == 3


def test_the_master_of_the_agent_is_served(agent):
    (agent.live_folder / "show_src-1795356469756-1.ts").write_bytes(b"G" * 1880)
    (agent.live_folder / "show_src.m3u8").write_text("#EXTM3U\n#EXTINF:2.0,\nshow_src-1795356469756-1.ts\n")
    wait_for(lambda: get(agent, "/live/show.m3u8", port=agent.players).status == 200, "the master playlist")


def test_types_and_caching_are_the_same_with_and_without_nginx(agent, start_agent):
    """A laptop's agent serves what nginx serves on a host."""
    laptop = start_agent()
    name = "same_src-1795356469756-0.ts"
    for one in (agent, laptop):
        (one.live_folder / name).write_bytes(b"G" * 18_800)
        (one.live_folder / "same_src.m3u8").write_text(f"#EXTM3U\n#EXTINF:2.0,\n{name}\n")
    fields = [
        "Content-Type",
        "Cache-Control",
        "Content-Length",
        "Content-Range",
        "X-Content-Type-Options",
        "Access-Control-Allow-Origin",
        "ETag",
    ]
    for path, headers in (
        (f"/live/{name}", {}),
        (f"/live/{name}", {"Range": "bytes=5-10"}),
        ("/live/same_src.m3u8", {}),
        ("/live/none.m3u8", {}),
        (f"/live/{name}", {"Range": "bytes=99999-"}),
        ("/live/..%2fx.ts", {}),
        ("/live/", {}),
        ("/live/x.txt", {}),
    ):
        behind, alone = get(agent, path, port=agent.players, **headers), laptop.api("GET", path, headers=headers)
        assert (behind.status, behind.body if behind.status < 300 else b"") == (
            alone.status,
            alone.body if alone.status < 300 else b"",
        ), path
        if behind.status < 300:
            assert {name: behind.headers[name] for name in fields} == {
                name: alone.headers[name] for name in fields
            }, path
