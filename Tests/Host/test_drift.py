"""Changes made by hand on a host, and what fails there: `--check` finds each, and a reconcile heals it."""

from dataclasses import dataclass

import pytest
from asking import wait_for
from host import CARRIERS, HOLD, MOUNT, SEGMENTS, UNITS

NGINX = "/etc/nginx/nginx.conf"
AGENT = "putlive-agent.service"


@dataclass
class Edit:
    """Something that somebody does, and what `--check` says of it."""

    script: str
    subject: str
    kind: str
    cause: str = "edited"
    # The units that healing it may start anew.
    restarts: tuple = ()

    def __str__(self):
        return f"{self.kind} of {self.subject.rpartition('/')[2]}"


EDITS = [
    Edit(f"echo '# by hand' >>{NGINX}", NGINX, "content"),
    Edit("truncate -s 0 /etc/fail2ban/jail.d/putlive.local", "/etc/fail2ban/jail.d/putlive.local", "content"),
    Edit("chmod 0666 /etc/logrotate.d/putlive", "/etc/logrotate.d/putlive", "mode"),
    Edit("chown www-data:www-data /etc/prometheus/prometheus.yml", "/etc/prometheus/prometheus.yml", "owner"),
    Edit("rm /etc/sysctl.d/60-putlive.conf", "/etc/sysctl.d/60-putlive.conf", "missing"),
    Edit("f=/etc/logrotate.d/putlive; rm $f; ln -s /etc/hostname $f", "/etc/logrotate.d/putlive", "content"),
    Edit("chmod 0777 /etc/putlive/tls", "/etc/putlive/tls", "mode"),
    Edit("rm -r /var/lib/putlive/acme", "/var/lib/putlive/acme", "missing"),
    Edit("rm /etc/putlive/tls/fullchain.pem", "/etc/putlive/tls/fullchain.pem", "missing"),
    Edit("systemctl stop nginx.service", "nginx.service", "unit", "stopped", ("nginx.service",)),
    Edit("systemctl stop fail2ban.service", "fail2ban.service", "unit", "stopped", ("fail2ban.service",)),
    Edit("systemctl stop putlive-backup.timer", "putlive-backup.timer", "unit", "stopped", ("putlive-backup.timer",)),
    Edit(f"systemctl stop {AGENT}", AGENT, "unit", "stopped", tuple(CARRIERS)),
    Edit("systemctl --quiet disable fail2ban.service", "fail2ban.service", "unit", "stopped"),
    Edit("mount -o remount,size=8M /run/putlive-hls", "/run/putlive-hls", "kernel"),
]  # fmt: skip


def settings(host):
    """All of /etc but what Debian keeps for a system without systemd."""
    return {path: what for path, what in host.tree("/etc").items() if not path.startswith("/etc/rc")}


@pytest.mark.parametrize("edit", EDITS, ids=str)
def test_a_change_by_hand_is_found_and_undone(in_order, edit):
    host, before, files = in_order, in_order.invocations(), settings(in_order)
    host.sh(edit.script)
    found = host.check()
    related = {subject: one for subject, one in found.items() if subject == edit.subject or edit.subject in subject}
    assert related, f"not found: {found}"
    assert {one["cause"] for one in related.values()} == {edit.cause}, related
    assert edit.kind in {one["kind"] for one in related.values()} or edit.kind == "content", related
    # Checking is not repairing.
    assert set(host.check()) == set(found)
    status = host.reconcile()
    assert status["result"] == "applied" and set(found) <= {one["subject"] for one in status["repaired"]}, status
    after = host.invocations()
    assert {name for name in UNITS if after[name] != before[name]} <= set(edit.restarts)
    assert settings(host) == files


def test_an_edit_is_shown_as_a_diff(in_order):
    in_order.sh(f"sed -i 's/server_tokens off/server_tokens on/' {NGINX}")
    shown = in_order.check()[NGINX]["diff"]
    in_order.reconcile()
    # What a hand wrote may be a secret, so its values aren't shown.
    assert "+    server_tokens off;" in shown, shown
    assert len([line for line in shown.splitlines() if line.startswith("-") and not line.startswith("---")]) == 1
    assert "server_tokens on" not in shown


def test_a_secret_is_in_no_diff(in_order):
    """Whatever --check prints of a whole host that was edited."""
    in_order.sh("for file in $(grep -rl 'Written by putlive-gen' /etc); do echo '# by hand' >>$file; done")
    secrets = [in_order.config["authentication"][key] for key in ("jwt_secret", "default_admin_pass")]
    said = in_order.command("--check")
    assert said.returncode == 2
    assert not [secret for secret in secrets if secret in said.stdout + said.stderr]
    in_order.reconcile()
    assert not [secret for secret in secrets if secret in in_order.read("/run/putlive-reconcile/status.json")]


def test_a_killed_agent_is_found_and_comes_back(in_order):
    before = in_order.unit(AGENT)
    in_order.kill_service(AGENT)
    found = in_order.check()
    assert AGENT in found, found
    in_order.reconcile()
    wait_for(lambda: in_order.unit(AGENT).is_active, "the agent to come back")
    in_order.wait_for_site()
    assert in_order.unit(AGENT).main_pid != before.main_pid
    # What nginx logs to stayed.
    assert in_order.unit("putlive-access.socket").is_active


def test_a_masked_unit_is_told_of(fresh_host):
    """Somebody wants it off for good, and says so to systemd: that is for a person to undo, and no reason to stop
    anything else."""
    before = fresh_host.invocations(CARRIERS)
    fresh_host.systemctl("mask", "--quiet", "--now", "fail2ban.service")
    done = fresh_host.command("--check")
    said = done.stdout + done.stderr
    assert done.returncode != 0 and "fail2ban.service" in said and "masked" in said, said
    fresh_host.reconcile(check=False)
    assert "masked" in fresh_host.read("/run/putlive-reconcile/status.json")
    assert fresh_host.invocations(CARRIERS) == before
    fresh_host.wait_for_site()


def test_a_service_that_failed_for_good_is_started_again(fresh_host):
    """systemd gives up after some restarts; a reconcile tries again, with patience."""

    def failed():
        unit = fresh_host.unit("nginx.service")
        if unit.is_active:
            fresh_host.run("kill", "-KILL", unit.main_pid, check=False)
        return unit.active == "failed"

    wait_for(failed, "systemd to give up on nginx", 120)
    found = fresh_host.check()
    assert "nginx.service" in found and found["nginx.service"]["cause"] == "failed", found
    wait_for(
        lambda: fresh_host.reconcile(check=False) and fresh_host.unit("nginx.service").is_active, "nginx to run", 90
    )
    fresh_host.wait_for_site()


def test_a_full_memory_file_system_is_found_and_has_room_again(in_order):
    """Segments of streams that are long over, and something that isn't HLS at all."""
    script = f"""
        for number in 1 2 3; do
            head -c 3M /dev/zero >{SEGMENTS}/gone_src-179535646975$number-$number.ts
        done
        chown putlive:putlive {SEGMENTS}/gone_src-*
        head -c 10G /dev/zero >/run/putlive-hls/core 2>/dev/null || true
    """
    in_order.sh(script)
    found = in_order.check()
    assert any("/run/putlive-hls" in subject or subject == MOUNT for subject in found), found
    in_order.reconcile()
    free = int(in_order.sh("df --output=avail /run/putlive-hls | tail -1"))
    size = int(in_order.sh("df --output=size /run/putlive-hls | tail -1"))
    assert free > size / 2, in_order.sh("ls -laR /run/putlive-hls")


def test_edits_stay_where_they_are_to_be_reported_only(fresh_host):
    host = fresh_host
    host.configure(reliability__on_drift="report")
    host.append(NGINX, "# by hand\n")
    host.systemctl("stop", "putlive-backup.timer")
    found = host.check()
    assert {found[NGINX]["outcome"], found["putlive-backup.timer"]["outcome"]} == {"report"}
    status = host.reconcile()
    assert status["result"] == "drift" and status["repaired"] == [], status
    assert host.read(NGINX).endswith("# by hand\n")
    assert host.get("/api/drift", host.login()).json()["report"]["result"] == "drift"
    # What the config itself asks for is still done, beside the edit.
    host.configure(streaming__hls_port=8082)
    assert "8082" in host.read(NGINX) or host.status()["result"] in ("drift", "failed")
    host.configure(reliability__on_drift="repair", streaming__hls_port=None)
    host.assert_in_order()


def test_the_timer_heals_by_itself(fresh_host):
    fresh_host.configure(reliability__reconcile_interval="10s")
    fresh_host.run("rm", HOLD)
    fresh_host.systemctl("daemon-reload")
    fresh_host.systemctl("restart", "putlive-reconcile.timer")
    fresh_host.systemctl("stop", "nginx.service")
    wait_for(lambda: fresh_host.unit("nginx.service").is_active, "the timer's reconcile", 60)
