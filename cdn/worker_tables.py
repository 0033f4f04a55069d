"""What the Worker knows of the board's tables: cdn/edge/tables.mjs, written out of them.

A Worker is deployed from JavaScript alone, so it has a copy. `python -m cdn.worker_tables` writes
it anew after a table was changed; a test compares.
"""

from __future__ import annotations

import json
from pathlib import Path

from imageboard import page_policy, served_kinds
from imageboard.old_addresses import BOARD, OF_A_RENAMED_BOARD, OLD_ADDRESSES, OLD_FILE, OldAddress
from imageboard.words import N_

PLACE = Path(__file__).parent / "edge" / "tables.mjs"

#: What readers are told by the edge itself.
SENTENCES = {
    "READ_ONLY": N_("This address can only be read."),
    "NOT_FOUND": N_("There is nothing at this address."),
    "NOT_REACHED": N_("The board cannot be reached just now."),
}


def _row(old: OldAddress) -> dict[str, str]:
    return {"pattern": f"^/{old.whole}", "target": old.target}


def worker_tables() -> str:
    """The whole of tables.mjs."""
    rules = [
        {"path": f"^(?:{rule.path})$", "sort": rule.sort, "isKeptForever": rule.is_kept_forever}
        for rule in served_kinds.RULES
    ]
    constants = {
        "RULES": rules,
        "OLD_ADDRESSES": list(map(_row, OLD_ADDRESSES)),
        "OF_A_RENAMED_BOARD": list(map(_row, OF_A_RENAMED_BOARD)),
        "OLD_BOARD": BOARD,
        "OLD_FILE": OLD_FILE,
        "OWN_SOURCES": page_policy.OWN_SOURCES,
        "TRUSTED_TYPES": page_policy.TRUSTED_TYPES,
        "CAPTCHA_SOURCES": {
            provider: sources.by_directive()
            for provider, sources in page_policy.CAPTCHA_SOURCES.items()
        },
        "MEDIA_TYPES": served_kinds.MEDIA_TYPES,
        "THUMBNAIL_ENDINGS": served_kinds.THUMBNAIL_ENDINGS,
        "KEEP_FOREVER": served_kinds.KEEP_FOREVER,
        "ASK_EACH_TIME": served_kinds.ASK_EACH_TIME,
        "FOREVER_S": served_kinds.FOREVER_S,
        "FRESH_S": served_kinds.FRESH_AT_CDN_S,
        "MISSING_S": served_kinds.MISSING_AT_CDN_S,
        "SENTENCES": {name: str(sentence) for name, sentence in SENTENCES.items()},
    }
    lines = [
        "/** Written by `python -m cdn.worker_tables`; changes here are lost. */",
        *(
            f"export const {name} = {json.dumps(value, indent=2)};"
            for name, value in constants.items()
        ),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PLACE.write_text(worker_tables(), encoding="utf-8")
