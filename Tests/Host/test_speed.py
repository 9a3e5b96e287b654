"""What a look at a host in order costs, and that it starts none of the native checkers. Times are told, not asserted:
the machine may do much else."""

import json

from host import CONFIG

RUNS = 20
# Runs a command some times on the machine and tells wall time and processor time of each run, its children's included.
MEASURE = """if True:
    import json, os, resource, subprocess, sys, time
    taken = []
    for _ in range(int(sys.argv[1])):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.perf_counter()
        subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL, check=True)
        wall = time.perf_counter() - began
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append((wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))
    print(json.dumps(taken))
"""
CHECKERS = [
    "nginx", "fail2ban-client", "systemd-analyze", "promtool", "logrotate", "systemd-tmpfiles", "systemd-sysusers",
]  # fmt: skip


def test_a_check_of_a_host_in_order(host, times):
    host.reconcile()
    command = ["putlive-agent", "reconcile", "--check", "--config", CONFIG]
    taken = json.loads(host.run("/usr/bin/python3", "-c", MEASURE, RUNS, *command).stdout)
    for name, values in zip(("wall", "processor"), zip(*taken)):
        values = sorted(round(1000 * value) for value in values)
        median, last = values[len(values) // 2], values[-1]
        times[f"reconcile --check, {name} time of {RUNS} runs (at most 60 ms)"] = f"median {median} ms, worst {last} ms"


def test_it_starts_no_native_checker(host):
    """Each is replaced by a program that says that it was run."""
    for checker in CHECKERS:
        host.sh(f"""
            program=$(readlink -f "$(command -v {checker})")
            cp "$program" /run/real-{checker}
            printf '#!/bin/sh\\necho {checker} >>/run/checkers\\nexec /run/real-{checker} "$@"\\n' >/run/fake-{checker}
            chmod 755 /run/fake-{checker}
            mount --bind /run/fake-{checker} "$program"
        """)
    # They do tell.
    host.run("nginx", "-v")
    assert host.read("/run/checkers") == "nginx\n"
    host.run("rm", "/run/checkers")
    host.assert_in_order()
    status = host.reconcile()
    assert status["result"] == "in_order"
    assert not host.exists("/run/checkers"), host.read("/run/checkers")
