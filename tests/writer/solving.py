"""ALTCHA's proof of work, done as its own widget does it."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any


def solution(challenge: dict[str, Any]) -> dict[str, Any]:
    """What ALTCHA's own widget answers, before it is made base64."""
    number = next(
        number
        for number in range(challenge["maxnumber"] + 1)
        if hashlib.sha256(f"{challenge['salt']}{number}".encode()).hexdigest()
        == challenge["challenge"]
    )
    kept = {name: challenge[name] for name in ("algorithm", "challenge", "salt", "signature")}
    return kept | {"number": number}


def payload(answer: object) -> str:
    return base64.b64encode(json.dumps(answer).encode()).decode()
