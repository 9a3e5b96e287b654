"""A machine that starts anew, orderly or for want of power: everything comes back."""

import random

from host import UNITS


def all_is_back(host, token):
    host.wait_for_site()
    down = [name for name, unit in host.units(UNITS).items() if not unit.is_active]
    assert down == []
    assert host.check() == {}
    # The database with its sessions.
    assert host.get("/api/auth/me", token).status == 200
    status = host.reconcile()
    assert status["result"] == "in_order", status


def test_a_reboot_brings_all_back(host, times):
    token = host.login()
    host.reboot()
    all_is_back(host, token)
    times["boot until all is active"] = host.run("systemd-analyze", "time").stdout.partition("\n")[0]


def test_loss_of_power_brings_all_back(host):
    token = host.login()
    host.crash()
    host.boot()
    all_is_back(host, token)


def test_loss_of_power_in_the_middle_of_a_reconcile(host, times):
    """The host is wholly of the one config or of the other, once a reconcile has run."""
    token = host.login()
    chance = random.Random(5)
    for turn in range(3):
        port = 8090 + turn
        host.set_quietly(streaming__hls_port=port, reliability__watchdog__max_restarts=6 + turn)
        running = host.start("putlive-agent", "reconcile", "--apply", "--config", "/etc/putlive/config.yaml")
        try:
            running.wait(chance.uniform(0.02, 1.0))
        except Exception:
            pass
        host.crash()
        running.wait(30)
        running.stdout.close()
        host.boot()
        host.reconcile()
        assert host.check() == {}
        assert f"{port} ssl" in host.read("/etc/nginx/nginx.conf")
        all_is_back(host, token)
