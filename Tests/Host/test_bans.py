"""fail2ban on a host: who guesses passwords or stream keys is shut out, and nobody else is."""

import json

import pytest
from asking import wait_for


def guess_password(peer, host, number, key):
    body = json.dumps({"username": "admin", "password": f"guess-{number}"})
    return peer.curl(host.address, "/api/auth/login", "--header", "Content-Type: application/json", "--data", body)


def guess_key(peer, host, number, key):
    """Of the form that keys have, and signed by nobody."""
    name, _, signature = key.partition("-")
    wrong = f"{name}-{signature[number + 1 :]}{signature[: number + 1]}"
    return peer.curl(
        host.address, "/whip/guessed", "--header", "Content-Type: application/sdp",
        "--header", f"Authorization: Bearer {wrong}", "--data", "v=0",
    )  # fmt: skip


@pytest.mark.parametrize(
    "jail, guess", [("putlive-login", guess_password), ("putlive-stream-key", guess_key)], ids=["login", "stream key"]
)
def test_five_guesses_ban_an_address_and_no_other(host, network, jail, guess):
    limit, key = 5, host.new_key("guessed", host.login())
    with network.peer() as guesser, network.peer() as bystander:
        for number in range(limit):
            assert guess(guesser, host, number, key)[0] == 401
        wait_for(lambda: guesser.curl(host.address, "/api/health") is None, f"the ban of {guesser.address}", 60)
        assert guesser.address in host.run("fail2ban-client", "status", jail).stdout
        assert guesser.address in host.run("nft", "list", "ruleset").stdout
        assert bystander.curl(host.address, "/api/health")[0] == 200
        assert host.get("/api/health").status == 200
        # A reconcile doesn't pardon.
        host.reconcile()
        assert guesser.curl(host.address, "/api/health") is None
        host.run("fail2ban-client", "set", jail, "unbanip", guesser.address)
        assert guesser.curl(host.address, "/api/health")[0] == 200


def test_four_guesses_and_a_success_ban_nobody(host, peer):
    for number in range(4):
        assert guess_password(peer, host, number, None)[0] == 401
    # What has been logged is read.
    host.run("fail2ban-client", "status", "putlive-login")
    name, password = host.admin
    answer = peer.curl(
        host.address, "/api/auth/login", "--header", "Content-Type: application/json",
        "--data", json.dumps({"username": name, "password": password}),
    )  # fmt: skip
    assert answer[0] == 200
    assert peer.address not in host.run("nft", "list", "ruleset").stdout
