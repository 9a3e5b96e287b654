"""Rotation of nginx's logs while it writes: they are opened again, and no line is lost."""

import http.client
import json
import threading

from host import DOMAIN

COUNT = 600


def test_a_forced_rotation_loses_no_line(host):
    context = host.tls()
    rotated, wrong = threading.Event(), []

    def ask():
        """On one connection: nginx answers before the rotation, meanwhile and after it."""
        connection = http.client.HTTPSConnection(DOMAIN, timeout=30, context=context)
        for number in range(COUNT):
            if number == COUNT // 3:
                rotated.set()
            connection.request("GET", f"/login.html?rotation={number}")
            answer = connection.getresponse()
            answer.read()
            if answer.status not in (200, 429):
                wrong.append(answer.status)
            if answer.will_close or number % 50 == 49:
                connection.close()
        connection.close()

    asking = threading.Thread(target=ask)
    asking.start()
    assert rotated.wait(60)
    host.run("logrotate", "--force", "/etc/logrotate.d/putlive")
    asking.join(120)
    assert not asking.is_alive() and wrong == []

    (log,) = [path for path in host.sh("ls /var/log/putlive/*access*.log").split()]
    old = host.read(f"{log}.1")
    new = host.read(log)

    def asked(text):
        return [line for line in map(json.loads, text.splitlines()) if line["uri"] == "/login.html"]

    # Each is one line, in one of the two.
    assert len(asked(old)) + len(asked(new)) == COUNT
    assert asked(old) and asked(new)
    assert host.stat(log) == "0640 www-data:adm"
    # Nothing holds the old file.
    held = host.sh("ls -l /proc/$(cat /run/nginx.pid)/fd")
    assert f"{log}.1" not in held and log in held


def test_the_next_rotation_compresses(host):
    host.get("/login.html")
    host.run("logrotate", "--force", "/etc/logrotate.d/putlive")
    assert host.sh("ls /var/log/putlive").split().count("access.log.2.gz") <= 1
    assert any(name.endswith(".2.gz") for name in host.sh("ls /var/log/putlive").split())
    assert host.systemctl("start", "logrotate.service").returncode == 0
    host.assert_in_order()
