"""backup and restore: beside an agent that serves, with old and bad copies, to a folder and to S3."""

import os
import sqlite3
import stat
import threading

import pytest
from agent import Agent
from asking import done, refused, wait_for


def rows(database, table="users"):
    with sqlite3.connect(f"file:{database}?mode=ro&immutable=1", uri=True) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        found = connection.execute(f"SELECT * FROM {table}").fetchall()
    connection.close()
    return found


def backup(agent, to, *more):
    done(agent.command("backup", "--to", to, *more))
    return sorted(to.glob("*.db"))


def test_a_backup_while_serving(agent, tmp_path):
    """Writers go on meanwhile, and the copy is of one moment."""
    stop, made = threading.Event(), []

    def write():
        while not stop.is_set():
            made.append(agent.new_key(f"k-{len(made)}", expires_at="2030-01-01T00:00:00Z"))
            agent.api("DELETE", f"/api/keys/{made[-1]['id']}", agent.token)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        wait_for(lambda: made, "a first write")
        for _ in range(3):
            done(agent.command("backup", "--to", tmp_path / "backups"))
    finally:
        stop.set()
        writer.join()
    files = sorted((tmp_path / "backups").iterdir())
    assert files and all(path.suffix == ".db" for path in files), "only backups are left there"
    for path in files:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
        assert len(rows(path)) >= 1
        # What was there before it began is in it.
        assert made[0]["id"] in {row[0] for row in rows(path, "stream_keys")}


def test_old_backups_go_and_others_stay(agent, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    old, foreign = folder / "putlive-20200101T000000Z.db", folder / "photo.jpg"
    for path in (old, foreign, folder / "putlive-notes.db", folder / "other-20200101T000000Z.db"):
        path.write_bytes(b"x")
    assert len(backup(agent, folder)) == 3
    assert not old.exists() and foreign.exists()


@pytest.mark.parametrize(
    "place", ["", "s3://", "s3://UPPER", "s3://a b/c", "s3://bucket/pre fix", "/dev/null/x", "/proc/x"]
)
def test_places_that_are_none(agent, place):
    refused(agent.command("backup", "--to", place))


def test_nothing_to_back_up(tmp_path):
    agent = Agent(tmp_path)
    refused(agent.command("backup", "--to", tmp_path / "backups"), str(agent.database))
    assert not list((tmp_path / "backups").glob("*.db")) if (tmp_path / "backups").exists() else True


FAKE_AWS = """#!/bin/bash
# Stands in for aws: a folder is S3.
echo "$*" >>"$S3/calls"
[[ -e $S3/fails ]] && { echo "An error occurred (AccessDenied)" >&2; exit 254; }
arguments="$*"
option() { sed -E "s/.*--$1 ([^ ]+).*/\\\\1/" <<<"$arguments"; }
case "$1 $2" in
    "sts get-caller-identity") echo 123456789012 ;;
    "s3 cp") for word; do [[ -f $word ]] && file=$word; [[ $word == s3://* ]] && to=${word#s3://}; done
        mkdir -p "$S3/${to%/*}" && cp "$file" "$S3/$to" ;;
    "s3api head-object") stat -c %s "$S3/$(option bucket)/$(option key)" ;;
    "s3api put-object") mkdir -p "$S3/$(option bucket)/backups"; cp "$(option body)" "$S3/$(option bucket)/$(option key)" ;;
    "s3api list-objects-v2") (cd "$S3/$(option bucket)" && printf '['; find . -type f -printf '"%P",' | sed 's/,$//'; printf ']\\n') ;;
    "s3api delete-objects") grep -oE '"Key":"[^"]+"' <<<"$arguments" | cut -d'"' -f4 | while read -r key; do rm -f "$S3/$(option bucket)/$key"; done; echo null ;;
    *) echo "unknown: $*" >&2; exit 252 ;;
esac
"""


def test_a_backup_to_s3(agent, tmp_path):
    """By the aws command, here a stand-in: what it is called with, and that a failure is one."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "s3").mkdir()
    aws = tmp_path / "bin/aws"
    aws.write_text(FAKE_AWS)
    aws.chmod(0o755)
    agent.environment = {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "S3": str(tmp_path / "s3")}
    bucket = tmp_path / "s3/putlive-123456789012"
    (bucket / "backups").mkdir(parents=True)
    (bucket / "backups/putlive-20200101T000000Z.db").write_bytes(b"old")
    try:
        done(agent.command("backup", "--to", "s3://putlive-ACCOUNT_ID"))
        (stored,) = [path for path in bucket.rglob("*.db")]
        assert rows(stored) and stored.parent.name == "backups"
        calls = (tmp_path / "s3/calls").read_text()
        assert agent.jwt_secret not in calls
        assert not list(tmp_path.rglob("*.tmp"))
        (tmp_path / "s3/fails").touch()
        assert "AccessDenied" in refused(agent.command("backup", "--to", "s3://putlive-ACCOUNT_ID"))
        aws.unlink()
        agent.environment = {"PATH": f"{tmp_path}/bin", "S3": str(tmp_path / "s3")}
        if not os.path.exists("/usr/bin/aws"):
            refused(agent.command("backup", "--to", "s3://putlive-x"), "aws")
    finally:
        agent.environment = {}


# Restoring.


def test_restore(start_agent, tmp_path):
    agent = start_agent()
    agent.new_account("viewer", "before")
    token = agent.token
    (copy,) = backup(agent, tmp_path / "backups")
    agent.new_account("viewer", "after")
    database = agent.database
    # Never under an agent that serves, whatever is asked for.
    for force in ([], ["--force"]):
        refused(agent.command("restore", copy, *force))
    assert {"before", "after"} <= {row["username"] for row in agent.api("GET", "/api/users", token).json()["users"]}
    agent.stop()
    refused(agent.command("restore", copy), "--force")
    kept = database.read_bytes()
    done(agent.command("restore", copy, "--force"))
    aside = [
        path for path in database.parent.iterdir() if "before-restore" in path.name and path.suffix not in (".lock",)
    ]
    assert len(aside) == 1 and {"before", "after"} <= {row[1] for row in rows(aside[0])} and kept
    agent.start()
    # Who was logged out after the backup was made must not be in again.
    assert agent.api("GET", "/api/auth/me", token).status == 401
    names = {row["username"] for row in agent.api("GET", "/api/users", agent.login()).json()["users"]}
    assert "before" in names and "after" not in names
    database_mode = stat.S_IMODE(database.stat().st_mode)
    assert database_mode & 0o007 == 0


def test_restore_where_nothing_is(start_agent, tmp_path):
    agent = start_agent()
    agent.new_account("viewer", "before")
    (copy,) = backup(agent, tmp_path / "backups")
    agent.stop()
    for path in agent.database.parent.glob(agent.database.name + "*"):
        path.unlink()
    done(agent.command("restore", copy))
    agent.start()
    assert "before" in agent.api("GET", "/api/users", agent.login()).text


def damaged(path):
    data = bytearray(path.read_bytes())
    for offset in range(4096, len(data), 512):
        data[offset : offset + 64] = os.urandom(64)
    return bytes(data)


def test_backups_that_are_none(start_agent, tmp_path):
    agent = start_agent()
    (copy,) = backup(agent, tmp_path / "backups")
    agent.stop()
    before = agent.database.read_bytes()
    bad = {
        "missing.db": None,
        "empty.db": b"",
        "text.db": b"hello\n" * 1000,
        "short.db": copy.read_bytes()[:6000],
        "damaged.db": damaged(copy),
    }
    for name, content in bad.items():
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        refused(agent.command("restore", path, "--force"), name)
        assert agent.database.read_bytes() == before, name
    newer, other = tmp_path / "newer.db", tmp_path / "other.db"
    newer.write_bytes(copy.read_bytes())
    for path, statement in ((newer, "PRAGMA user_version = 9999"), (other, "CREATE TABLE bookmarks (url TEXT)")):
        connection = sqlite3.connect(path)
        connection.execute(statement)
        connection.commit()
        connection.close()
        refused(agent.command("restore", path, "--force"), path.name)
    refused(agent.command("restore", agent.database, "--force"))
    refused(agent.command("restore", tmp_path, "--force"))
    refused(agent.command("restore"))
    assert agent.database.read_bytes() == before
    assert not list(agent.database.parent.glob("*restor*")), "something was left behind"
    agent.start()
    assert agent.login()
