"""What jschan hashes with: out of its configs/secrets.js, or the environment that fills it in."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: Of a file; what stands behind is not read.
CHARS_MAX = 1 << 18
#: {as its configuration calls them: as its container's environment does}, those that count here.
_NAMES = {
    "postPasswordSecret": "POST_PASSWORD_SECRET",
    "tripcodeSecret": "TRIPCODE_SECRET",
    "ipHashSecret": "IP_HASH_SECRET",
}
#: "postPasswordSecret: 'a',", or "POST_PASSWORD_SECRET=a". A name that stands for another one is no
#: secret: 'process.env.…'.
_OF_SCRIPT = r"^\s*['\"]?{name}['\"]?\s*:\s*(['\"`])(?P<secret>[^'\"`\r\n]+)\1"
_OF_ENVIRONMENT = r"^\s*(?:export\s+)?{name}\s*[=:]\s*(['\"]?)(?P<secret>[^'\"\s]+)\1\s*$"


def secrets_of(texts: Iterable[str]) -> dict[str, str]:
    """{'postPasswordSecret': …}; of several the last counts."""
    found = {}
    for text in texts:
        for name, in_environment in _NAMES.items():
            looks = (_OF_SCRIPT.format(name=name), _OF_ENVIRONMENT.format(name=in_environment))
            for look in looks:
                for told in re.finditer(look, text, re.MULTILINE):
                    found[name] = told["secret"]
    return found
