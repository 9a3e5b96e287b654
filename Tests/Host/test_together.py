"""Reconciles beside each other, and reconciles that are cut off."""

import random
import signal
import subprocess

from host import CARRIERS, CONFIG

APPLY = ["putlive-agent", "reconcile", "--apply", "--config", CONFIG]


def test_two_at_once_run_one_after_the_other(host):
    before = host.generation()["number"]
    host.set_quietly(streaming__hls_port=8086)
    both = [host.start(*APPLY) for _ in range(2)]
    said = [one.communicate(timeout=120)[0] for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    # The second found nothing left to do.
    assert host.generation()["number"] == before + 1
    host.assert_in_order()


def test_one_that_waits_says_so(host):
    script = "exec 9>>/run/putlive-reconcile/lock; flock 9; echo locked; sleep 600"
    holder = host.start("sh", "-c", script)
    try:
        assert holder.stdout.readline() == "locked\n"
        waiting = host.start(*APPLY)
        line = waiting.stdout.readline()
        assert "another reconcile" in line and "wait" in line, line
    finally:
        host.run("pkill", "-f", "sleep 600", check=False)
        holder.wait(30)
        holder.stdout.close()
    said, _ = waiting.communicate(timeout=60)
    assert waiting.returncode == 0, said


def test_killed_at_any_time_it_leaves_nothing_half_done(host, times):
    """The host is of the old or the new config after the next run, whatever the moment."""
    chance = random.Random(7)
    agent = host.unit("putlive-agent.service").invocation
    cut = 0
    for turn in range(10):
        port = 8200 + turn
        host.set_quietly(streaming__hls_port=port)
        running = host.start(*APPLY)
        try:
            running.communicate(timeout=chance.uniform(0.02, 0.6))
        except subprocess.TimeoutExpired:
            host.run("pkill", f"-{signal.SIGKILL.value}", "--full", "reconcile --apply", check=False)
            running.communicate(timeout=60)
            cut += 1
        status = host.reconcile()
        assert status["result"] in ("applied", "in_order"), status
        host.assert_in_order()
        assert f"{port} ssl" in host.read("/etc/nginx/nginx.conf")
        left = host.sh("find /etc /usr/local /var/lib/putlive-reconcile -name '*.putlive-new' -o -name transaction")
        assert left == ""
    times["reconciles cut off by SIGKILL"] = f"{cut} of 10"
    # None of that was a reason to restart what carries broadcasts.
    assert host.unit(CARRIERS[0]).invocation == agent


def test_random_edits_are_all_healed(host, times):
    """Some at a time, of content, mode and presence, to any of the files that PutLive keeps."""
    chance = random.Random(11)
    paths = sorted(host.generation()["files"])
    edited = 0
    before = host.tree("/etc", "/usr/local")
    for _ in range(8):
        chosen = chance.sample(paths, chance.randint(1, 5))
        for path in chosen:
            script = chance.choice(
                ['echo "# by hand" >>"$1"', 'chmod 0600 "$1"', 'rm "$1"', ': >"$1"', 'chown nobody:nogroup "$1"']
            )
            host.sh(script, path)
            edited += 1
        found = host.check()
        # 0600 is what some have.
        assert found and set(found) <= {*chosen, *(name for name in found if "/" not in name)}, (chosen, found)
        host.reconcile()
        host.assert_in_order()
    after = host.tree("/etc", "/usr/local")
    assert {path for path in before if before[path] != after.get(path)} == set()
    times["random edits by hand, all healed"] = str(edited)
