"""What reconcile tells of its last run: the file as the agent reads it, and the answer that comes of it."""

import json
import time

DAY = 86_400
CONFIGURED = {"isSelfSigned": False, "notAfter": time.time() + 60 * DAY, "names": ["stream.example.com"], "problem": ""}
SELF_SIGNED = {**CONFIGURED, "isSelfSigned": True, "problem": "/etc/letsencrypt/live/x/fullchain.pem isn't there"}
EDITED = {
    "kind": "content",
    "subject": "/etc/nginx/nginx.conf",
    "detail": "has another content",
    "cause": "edited",
    "outcome": "report",
    "diff": "-worker_connections 512;\n+worker_connections 4096;\n",
}
NGINX = {"name": "nginx.service", "state": "active", "isHealthy": True, "restarts": 0, "gaveUp": False}


def status(**changes):
    """status.json of a run that has just ended, in which nothing was to be done; None takes a key out."""
    now = time.time()
    whole = {
        "version": 1,
        "toolVersion": "3.1.0",
        "result": "in_order",
        "generation": 7,
        "generationAppliedAt": now - 3600,
        "startedAt": now - 1.5,
        "endedAt": now - 1,
        "lastSuccessAt": now - 1,
        "consecutiveFailures": 0,
        "differences": [],
        "repaired": [],
        "pendingRestarts": [],
        "units": [NGINX],
        "notes": [],
        "certificate": CONFIGURED,
        **changes,
    }
    return {key: value for key, value in whole.items() if value is not None}


def put(folder, text):
    """Replaces the file in one step, as reconcile does."""
    new = folder / ".status.json.putlive-new"
    new.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
    new.rename(folder / "status.json")


def moment(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def report(**changes):
    """The answer of /api/drift, in the API's words."""
    now = time.time()
    return {
        "available": True,
        "reason": None,
        "report": {
            "result": "in_order",
            "started_at": moment(now - 2),
            "ended_at": moment(now - 1),
            "duration_seconds": 0.048,
            "last_success_at": moment(now - 1),
            "consecutive_failures": 0,
            "generation": 7,
            "generation_applied_at": moment(now - 3 * DAY),
            "tool_version": "3.1.0",
            "failure": None,
            "differences": [],
            "repaired": [],
            "pending_restarts": [],
            "units": [{"name": "nginx.service", "state": "active", "healthy": True, "restarts": 0, "gave_up": False}],
            "notes": [],
            "certificate": {
                "self_signed": False,
                "not_after": moment(now + 60.5 * DAY),
                "names": ["stream.example.com", "www.stream.example.com"],
                "problem": None,
            },
            **changes,
        },
    }
