"""The package on a bare Debian: apt installs it, one command makes a config, one more makes the host."""

from host import CARRIERS, CONFIG, DOMAIN, GENERATION, STATUS, UNITS


def test_apt_installs_it_and_says_what_comes_next(installation):
    said = installation.installed.stdout
    assert f"putlive-gen init --domain {DOMAIN}" in said and "systemctl start putlive-reconcile" in said
    # From what the image has: there is no way to anywhere.
    assert "0 upgraded" in said


def test_installing_alone_configures_nothing(installation):
    """Without a config the host is Debian's own."""
    ours = {path for path in installation.untouched if "putlive" in path}
    assert ours - {path for path in ours if path.startswith("/lib/")} == {"/etc/putlive"}
    assert not any(line.startswith("# Written by putlive-gen") for line in installation.untouched.values())


def test_the_first_reconcile_applies_everything(installation):
    status = installation.status
    assert status["result"] == "applied", status
    assert status["generation"] == 1 and status["consecutiveFailures"] == 0 and status.get("failure") is None
    assert status["differences"] == [] and status["pendingRestarts"] == []
    assert {one["cause"] for one in status["repaired"]} == {"never_applied"}
    assert status["certificate"]["isSelfSigned"] and DOMAIN in status["certificate"]["names"]


def test_every_unit_runs_and_starts_with_the_machine(installation):
    states = {name: (unit.active, unit.enabled) for name, unit in installation.units.items()}
    assert states == {name: ("active", states[name][1]) for name in UNITS}
    disabled = [name for name, (_, enabled) in states.items() if enabled != "enabled"]
    # Debian's own, which has no [Install], is not among them.
    assert disabled == []
    failed = [name for name in UNITS if name in installation.failed]
    assert failed == [] and "putlive" not in installation.failed, installation.failed


def test_the_status_knows_that_every_unit_is_healthy(installation):
    told = {one["name"]: one for one in installation.status["units"]}
    assert set(UNITS) <= set(told)
    assert [name for name in UNITS if not told[name]["isHealthy"] or told[name]["gaveUp"]] == []


def test_secrets_and_state_are_for_few(installation):
    assert installation.modes == {
        CONFIG: "0640 root:putlive",
        STATUS: "0640 root:putlive",
        GENERATION: "0600 root:root",
        "/var/lib/putlive-reconcile": "0700 root:root",
        "/etc/putlive/tls": "0750 root:root",
        "/var/lib/putlive/database": "0700 putlive:putlive",
    }


def test_a_second_run_finds_nothing_and_touches_nothing(installation):
    assert installation.second["result"] == "in_order", installation.second
    assert installation.second["generation"] == 1
    assert installation.restarted == set()
    assert installation.checked.returncode == 0, installation.checked.stdout + installation.checked.stderr


def test_the_journal_holds_no_secret(installation, host):
    secrets = [host.config["authentication"][key] for key in ("jwt_secret", "default_admin_pass")]
    said = installation.log + "".join(host.messages(unit) for unit in CARRIERS)
    assert not [secret for secret in secrets if secret in said]


def test_the_host_is_in_order_after_a_boot(host):
    host.assert_in_order()
