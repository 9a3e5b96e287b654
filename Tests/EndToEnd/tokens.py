"""JSON Web Tokens (RFC 7519) made by hand: what the agent must accept, and what it must not."""

import base64
import hashlib
import hmac
import json

HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def parts(token):
    """Header and claims."""
    header, claims, _ = token.split(".")
    return json.loads(decode(header)), json.loads(decode(claims))


def signature(text, secret, algorithm="HS256"):
    return encode(hmac.new(secret.encode(), text.encode(), HASHES[algorithm]).digest())


def sign(header, claims, secret):
    text = ".".join(encode(json.dumps(part).encode()) for part in (header, claims))
    return f"{text}.{signature(text, secret, header['alg']) if header['alg'] in HASHES else ''}"
