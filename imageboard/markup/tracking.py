"""Links without what tells their owners who passed them on."""

from __future__ import annotations

import re

#: Parameters that campaigns and networks hang on links; a page is the same without them. The names
#: are those of https://docs.clearurls.xyz and of Firefox's list of stripped parameters.
_TRACKS = re.compile(
    r"(?:utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|mc_eid"
    r"|mc_cid|_hsenc|_hsmi|vero_id|oly_anon_id|oly_enc_id|wickedid|rb_clickid|s_cid|mkt_tok|__s)"
    r"(?:=|\Z)",
    re.IGNORECASE,
)


def without_tracking(url: str) -> str:
    """'http://a.b/?id=1&utm_source=x#top' -> 'http://a.b/?id=1#top'"""
    before, asks, rest = url.partition("?")
    if not asks:
        return url
    query, hash_mark, fragment = rest.partition("#")
    kept = "&".join(pair for pair in query.split("&") if not _TRACKS.match(pair))
    return before + ("?" + kept if kept else "") + hash_mark + fragment
