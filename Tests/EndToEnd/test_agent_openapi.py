"""web/openapi.json: valid, served as it is, and true: schemathesis holds every answer of the agent against it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from agent import environment, running
from openapi_spec_validator import OpenAPIV31SpecValidator
from srs import standing_in

FILE = Path(__file__).resolve().parents[2] / "web/openapi.json"
DOCUMENT = json.loads(FILE.read_text(encoding="utf-8"))
OPERATIONS = [
    (method, path, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if method != "parameters"
]
# Their media types are none that schemathesis can make; test_webrtc_signalling.py has them.
UNMAKEABLE = ["whipOffer", "whipChange"]
KEYS = ["listKeys", "createKey", "getKey", "revokeKey"]
# Which an admin's token, used for all others, might not outlive: examples take ids from answers.
APART = ["logout", "refresh", "changePassword", "changeUser", "deleteUser"]
# What no schema can say: that one time lies before another, that an account exists, that one of many fields is there.
SETTINGS = """
[[operations]]
include-operation-id = ["analytics", "createKey", "changeUser"]
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]

[[operations]]
# No text that is made up is an offer.
include-operation-id = ["webrtcOffer"]
checks.positive_data_acceptance.expected-statuses = ["400", "404", "406", "422"]
"""


def test_the_document_is_valid():
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_each_operation_is_named_and_described():
    names = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(set(names)) == len(names)
    tags = {tag["name"] for tag in DOCUMENT["tags"]}
    for _, _, operation in OPERATIONS:
        assert operation["summary"] and set(operation["tags"]) <= tags and len(operation["tags"]) == 1


def test_each_error_is_a_problem():
    for _, path, operation in OPERATIONS:
        for status, response in operation["responses"].items():
            while "$ref" in response:
                response = DOCUMENT["components"]["responses"][response["$ref"].rpartition("/")[2]]
            if status >= "400" and not path.endswith("health") and "content" in response:
                assert "application/problem+json" in response["content"], (path, status)


def test_nothing_is_left_over():
    text = json.dumps(DOCUMENT["paths"]) + json.dumps(DOCUMENT["components"])
    for kind in ("schemas", "responses", "headers"):
        for name in DOCUMENT["components"][kind]:
            # Of what no documented method answers.
            if name not in ("MethodNotAllowed", "Allow"):
                assert f'"#/components/{kind}/{name}"' in text, name


def test_it_is_served(agent):
    answer = agent.api("GET", "/api/openapi.json")
    assert answer.status == 200 and answer.headers["Content-Type"] == "application/json"
    assert answer.body == FILE.read_bytes()


def schemathesis(agent, token, number, *arguments, settings=""):
    """Runs it from a fixed seed, so that a failure comes again."""
    program = Path(sys.executable).with_name("schemathesis")
    (agent.folder / "schemathesis.toml").write_text(settings + SETTINGS)
    command = [
        program,
        "--config-file",
        agent.folder / "schemathesis.toml",
        "run",
        FILE,
        "--url",
        agent.url,
        "--header",
        f"Authorization: Bearer {token}",
        "--checks",
        "all",
        "--seed",
        "20260101",
        "--generation-database",
        "none",
        "--workers",
        "1",
        "--no-color",
        "--request-timeout",
        "60",
        # Far beyond what is wished for: how fast it is, bench/agent measures.
        "--max-response-time",
        "60",
        "--suppress-health-check",
        "all",
        "--max-failures",
        "20",
        "--max-examples",
        os.environ.get("PUTLIVE_EXAMPLES") or number,
        *arguments,
    ]
    run = subprocess.run(
        list(map(str, command)),
        capture_output=True,
        text=True,
        timeout=600,
        cwd=agent.folder,
        env=environment(PYTHONDONTWRITEBYTECODE="1"),
    )
    assert run.returncode == 0, run.stdout[-12000:] + run.stderr[-4000:]
    errors = [line for line in agent.log_lines() if line["level"] in ("error", "critical")]
    assert not errors, errors


def test_the_agent_answers_as_the_document_says(tmp_path_factory):
    with running(tmp_path_factory.mktemp("agent")) as agent:
        admin = agent.new_account("admin", "schemathesis")
        schemathesis(
            agent,
            admin.token,
            20,
            "--exclude-tag",
            "srs",
            *(f"--exclude-operation-id={name}" for name in APART + UNMAKEABLE + KEYS),
        )
        # A revoked key is still shown, as one.
        keys = [f"--include-operation-id={name}" for name in KEYS]
        schemathesis(agent, admin.token, 20, *keys, "--exclude-checks", "use_after_free")
        assert agent.api("GET", "/api/users", admin.token).status == 200, "the token was lost, so most was refused"


def test_what_ends_sessions_does_too(tmp_path_factory):
    with running(tmp_path_factory.mktemp("agent")) as agent:
        victim = agent.new_account("viewer")
        # Before wrong passwords make this host wait.
        tokens = {name: agent.login() for name in APART}
        for name, token in tokens.items():
            settings = f'[parameters]\n"path.id" = "{victim.id}"\n' if "User" in name else ""
            schemathesis(agent, token, 10, "--include-operation-id", name, settings=settings)


def test_the_hooks_do_too(tmp_path_factory):
    """With the secret, which schemathesis can't guess, and with others."""
    with standing_in(), running(tmp_path_factory.mktemp("agent"), {"streaming.engine": "srs"}) as agent:
        for secret in (agent.hook_secret, "0" * 64):
            schemathesis(
                agent, "none", 10, "--include-tag", "srs", settings=f'[parameters]\n"query.secret" = "{secret}"\n'
            )
