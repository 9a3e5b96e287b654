"""Hostile values that config.yaml may hold, read back by the programs that the artifacts are for.

Each config has a twin with plain words in the same places. What a program reads of the two must differ in those words
alone.
"""

import configparser
import json
import os
import re
import shutil
import subprocess

import crossplane
import pytest
import yaml
from hostile import COUNT, GEN, ROLES, Host, gen

pytestmark = pytest.mark.skipif(not GEN, reason="PUTLIVE_GEN names no putlive-gen to test")


class Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags, each read as the value behind it."""


def untagged(loader, _suffix, node):
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)


Loader.add_multi_constructor("!", untagged)


def on(*roles):
    """The configs of some roles."""
    seeds = [seed for seed in range(COUNT) if ROLES[seed % len(ROLES)] in roles]
    return pytest.mark.parametrize("hosts", seeds, indirect=True, scope="module")


@pytest.fixture(scope="module")
def hosts(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hosts")
    hostile = Host(folder / "hostile", request.param, True)
    yield hostile, Host(folder / "plain", request.param, False)
    shutil.rmtree(folder)


def strings(value):
    """The words of a configuration that differ between twins, in order."""
    if isinstance(value, dict):
        return [text for key in value for text in strings(value[key])]
    if isinstance(value, list):
        return [text for item in value for text in strings(item)]
    return [value]


def with_words(value, replaced):
    """`value` with each text that `replaced` knows put in place of the plain one."""
    if isinstance(value, dict):
        return {with_words(key, replaced): with_words(item, replaced) for key, item in value.items()}
    if isinstance(value, list):
        return [with_words(item, replaced) for item in value]
    return replaced.get(value, value) if isinstance(value, str) else value


def nginx(path):
    parsed = crossplane.parse(str(path), single=True, strict=False, check_ctx=False, check_args=False)
    assert parsed["status"] == "ok", parsed["errors"]

    def plain(block):
        # crossplane leaves the doubled backslash of a quoted word, which nginx reads as one.
        return [
            [line["directive"].replace("\\\\", "\\"), [word.replace("\\\\", "\\") for word in line["args"]]]
            + ([plain(line["block"])] if "block" in line else [])
            for line in block
        ]

    return plain(parsed["config"][0]["parsed"])


@on("single", "origin", "edge")
def test_nginx_reads_the_same_directives(hosts):
    hostile, plain = hosts
    replaced = dict(zip(strings(plain.config), strings(hostile.config)))
    name = "/etc/nginx/nginx.conf"
    found = nginx(hostile.path(name))
    assert found == with_words(nginx(plain.path(name)), replaced)
    http = next(block for directive, _, *block in found if directive == "http")[0]
    geoip = next(args for directive, args, *_ in http if directive == "geoip2")
    assert geoip == [hostile.config["monitoring"]["geoip_database"]]


@on("single", "origin", "local")
def test_srs_has_the_recordings_in_one_word(hosts):
    host = hosts[0]
    text = host.path("/usr/local/srs/conf/putlive.conf").read_text(encoding="utf-8")
    word = f"{host.recordings}/[app]/[stream]/[2006]-[01]-[02]_[15]-[04]-[05]-[999].flv"
    quotes = [quote for quote in ['"', "'"] if f"dvr_path {quote}{word}{quote};\n" in text]
    bare = f"dvr_path {word};\n" in text
    assert bare and re.fullmatch(r"[\w./@+,=?&\[\]:-]+", word, re.A) or quotes and quotes[0] not in word


def dump(host, tmp_path, unit):
    """What systemd prints of a unit that it has read, as a list of names and values."""
    root = tmp_path / host.file.parent.name
    if not root.exists():
        shutil.copytree(host.path("/etc/systemd"), root / "etc/systemd", symlinks=True)
        (root / "usr/lib/systemd/system").mkdir(parents=True)
        programs = ["usr/bin/putlive-agent", "usr/local/srs/objs/srs", "usr/local/libexec/putlive/swapfile", "bin/kill"]
        for program in programs + ["bin/mkdir"]:
            (root / program).parent.mkdir(parents=True, exist_ok=True)
            (root / program).touch(mode=0o755)
    read = subprocess.run(
        ["systemd-analyze", f"--root={root}", "--man=no", "--generators=no", "verify", unit],
        env=os.environ | {"SYSTEMD_LOG_LEVEL": "debug", "SYSTEMD_COLORS": "0"},
        capture_output=True, text=True, timeout=60,
    )
    lines = [line.lstrip("\t").partition(": ") for line in read.stdout.split("\n")]
    return [(name, value) for name, _, value in lines], read.stderr


def command_words(line):
    """The words of a command line as systemd prints it."""
    words = re.findall(r'"((?:\\.|[^"\\])*)"|([^ ]+)', line, re.S)
    return [re.sub(r"\\(.)", r"\1", quoted, flags=re.S) if not bare else bare for quoted, bare in words]


@on("single", "origin", "edge")
def test_systemd_reads_the_paths(hosts, tmp_path):
    host = hosts[0]
    swap = host.config["reliability"]["swap"]["path"]
    name = subprocess.run(
        ["systemd-escape", "--path", "--suffix=swap", swap], capture_output=True, text=True, check=True
    ).stdout.removesuffix("\n")
    lines, problems = dump(host, tmp_path, name)
    assert ("What", swap) in lines, problems
    lines, problems = dump(host, tmp_path, "putlive-swapfile.service")
    assert ("RequiresMountsFor", f"{swap} (origin-file)") in lines, problems
    tool = [command_words(value) for key, value in lines if key == "Command Line"]
    assert ["/usr/local/libexec/putlive/swapfile", swap, str(2 << 30)] in tool
    if host.role == "edge":
        return
    lines, problems = dump(host, tmp_path, "putlive-backup.service")
    assert ("ReadWritePaths", f"{host.database} {host.backups}") in lines, problems
    assert {("RequiresMountsFor", f"{path} (origin-file)") for path in (host.database, host.backups)} <= set(lines)
    commands = [command_words(value) for key, value in lines if key == "Command Line"]
    config = "/etc/putlive/applied.yaml"
    assert ["/usr/bin/putlive-agent", "backup", "--config", config, "--to", host.backups] in commands
    lines, problems = dump(host, tmp_path, "srs.service")
    assert ("ReadWritePaths", f"/run/putlive-hls /var/log/putlive/ffmpeg {host.recordings}") in lines, problems
    lines, problems = dump(host, tmp_path, "putlive-agent.service")
    writable = f"-/run/putlive-hls {host.database} /var/lib/putlive/videos {host.recordings}"
    assert ("ReadWritePaths", writable) in lines, problems


@on("single", "origin", "edge")
def test_tmpfiles_makes_the_folders(hosts, tmp_path):
    host = hosts[0]
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33::/:/bin/sh\n")
    (tmp_path / "etc/group").write_text("root:x:0:\nadm:x:4:\nwww-data:x:33:\n")
    for program, name, *arguments in [
        ("systemd-sysusers", "/etc/sysusers.d/putlive.conf"),
        ("systemd-tmpfiles", "/etc/tmpfiles.d/putlive.conf", "--create"),
    ]:
        made = subprocess.run(
            [program, f"--root={tmp_path}", *arguments, host.path(name)], capture_output=True, text=True, timeout=60
        )
        # An ordinary user can't give folders away.
        words = [line for line in made.stderr.splitlines() if not line.endswith("Operation not permitted")]
        assert not words or program == "systemd-sysusers" and made.returncode == 0, made.stderr
    if host.role == "edge":
        return
    wanted = {host.database, host.backups, host.recordings}
    for path in wanted:
        assert (tmp_path / path[1:]).is_dir()
    link = host.config["streaming"]["hls"]["tmpfs_path"]
    assert os.readlink(tmp_path / link[1:]) == "/run/putlive-hls"
    # Nothing else came of a name that was cut in two.
    top = {name for path in [*wanted, link] for name in [path.split("/")[2]]}
    assert {entry.name for entry in (tmp_path / "srv").iterdir()} == top
    assert {entry.name for entry in tmp_path.iterdir()} == {"etc", "run", "srv", "var"}


@on("single", "origin", "edge")
def test_fail2ban_reads_the_networks(hosts):
    host, plain = hosts
    parsers = []
    for one in (host, plain):
        # As fail2ban's own reader is set up (configparserinc.py).
        parser = configparser.ConfigParser(inline_comment_prefixes=";")
        parser.read(one.path("/etc/fail2ban/jail.d/putlive.local"), encoding="utf-8")
        parsers.append({name: dict(parser[name]) for name in parser.sections()})
    assert parsers[0] == parsers[1]
    networks = " ".join(["127.0.0.0/8 ::1", *host.config["security"]["admin_cidrs"]])
    assert {jail["ignoreip"] for jail in parsers[0].values()} == {networks}


@on("single", "origin", "edge", "local")
def test_yaml_and_json_hold_the_values(hosts):
    host = hosts[0]
    text = host.path("/etc/prometheus/prometheus.yml").read_text(encoding="utf-8")
    scraped = yaml.safe_load(text)["scrape_configs"]
    labels = {target["labels"]["instance"] for job in scraped for target in job["static_configs"]}
    assert labels == {host.domain}
    if host.role == "local":
        return
    name = "/opt/aws/amazon-cloudwatch-agent/etc/amazon-cloudwatch-agent.json"
    agent = json.loads(host.path(name).read_text(encoding="utf-8"))
    assert agent["metrics"]["namespace"] == host.config["monitoring"]["cloudwatch"]["namespace"]
    files = agent["logs"]["logs_collected"]["files"]["collect_list"]
    assert {entry["log_group_name"] for entry in files} == {f"/putlive/{host.domain}/{host.role}"}


@on("single", "origin")
def test_stacks_hold_the_values(hosts):
    host = hosts[0]
    name = {"single": "single-server", "origin": "scale-out"}[host.role]
    made = gen("stack", name, "--config", host.file)
    assert made.returncode == 0, made.stderr
    parameters = yaml.load(made.stdout, Loader)["Parameters"]
    mail = host.config["alerts"]["email"]
    # UserData has the address in single quotes; a name that isn't one of DNS must be given at the time.
    assert parameters["AdminEmail"].get("Default") == (None if "'" in mail else mail)
    assert parameters["DomainName"].get("Default") == (None if ":" in host.domain else host.domain)
    assert parameters["AlertPhone"]["Default"] == host.config["alerts"]["sms"]
    assert parameters["MetricNamespace"]["Default"] == host.config["monitoring"]["cloudwatch"]["namespace"]


# One of each role: the programs take a second, most of it cfn-lint's.
@pytest.mark.parametrize("hosts", [8, 10, 11, 12], indirect=True, scope="module")
def test_programs_accept_the_files(hosts):
    verified = gen("verify", "--config", hosts[0].file)
    assert verified.returncode == 0, verified.stderr
