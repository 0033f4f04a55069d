"""What was typed on jschan, in our grammar.

| there | here |
|---|---|
| `''bold''` | `\'\'\'bold\'\'\'` |
| `**italic**` | `''italic''` |
| `||spoiler||`, over lines too | `[spoiler]spoiler[/spoiler]` |
| `[code]aa`, and a picture of letters below | `[aa]` |
| `__underline__`, `~~strike~~`, `mono`, `==title==` | the same; a title only as a whole line |
| `>green`, `<pink`, `[code]language` | the same |

The rest stands as it was typed: `(((detected)))`, `[label](address)`, `##2%6=7`.
"""

from __future__ import annotations

import re

from importing.documents import with_our_line_ends

# lib/post/markdown/markdown.js of jschan 1.x (read 2026-11-29), where they stand in escaped text.
_CODE = re.compile(r"(\[code\].+?\[/code\])", re.DOTALL)
_BOLD = re.compile(r"''(.+?)''")
_ITALIC = re.compile(r"\*\*(.+?)\*\*")
_SPOILER = re.compile(r"\|\|(.+?)\|\|", re.DOTALL)
_TITLE = re.compile(r"^==(.+?)==$", re.MULTILINE)
_OF_LETTERS = re.compile(r"\[code\]aa\n(.+)\[/code\]", re.DOTALL | re.IGNORECASE)
_OF_A_LANGUAGE = re.compile(
    r"\[code\](?:([a-z+]{1,14})\n)?\n*(.+)\[/code\]", re.DOTALL | re.IGNORECASE
)


def typed(nomarkup: str) -> str:
    """As our boards read it."""
    chunks = _CODE.split(with_our_line_ends(nomarkup))
    # Each other chunk is code.
    chunks[::2] = map(_said, chunks[::2])
    chunks[1::2] = [_OF_LETTERS.sub(r"[aa]\n\1[/aa]", code) for code in chunks[1::2]]
    return "".join(chunks).rstrip()


def as_markdown(raw: str) -> str:
    """News and pages, which are written in Markdown here; each line stands by itself."""
    chunks = _CODE.split(with_our_line_ends(raw))
    chunks[::2] = map(_written, chunks[::2])
    chunks[1::2] = [_OF_A_LANGUAGE.sub(r"\n```\1\n\2\n```\n", code) for code in chunks[1::2]]
    return "".join(chunks).strip()


def _said(text: str) -> str:
    text = _BOLD.sub(r"'''\1'''", text)
    text = _ITALIC.sub(r"''\1''", text)
    return _SPOILER.sub(r"[spoiler]\1[/spoiler]", text)


def _written(text: str) -> str:
    text = _ITALIC.sub(r"*\1*", text)
    text = _BOLD.sub(r"**\1**", text)
    text = _TITLE.sub(r"## \1", text)
    return re.sub(r"(?<=\S)\n(?=\S)", r"\\\n", text)
