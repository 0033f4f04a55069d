"""Posts that a careless markup parser is slow on, or gets wrong."""

from __future__ import annotations

from functools import cache

PIECES = {
    "apostrophes": "'",
    "pairs of apostrophes": "'' ",
    "stars": "*",
    "pairs of stars": "** ",
    "mixed marks": "''*",
    "crossing marks": "'''a''b**c",
    "five apostrophes": "'''''a ",
    "angle brackets": ">",
    "spaced angle brackets": ">> ",
    "equals signs": "=",
    "quotes": ">>1 ",
    "other boards' quotes": ">>>/b/1 ",
    "board links": ">>>/b/ ",
    "long numbers": ">>1234567890123456789 ",
    "URL soup": "http://",
    "URLs": "http://a.b ",
    "URLs in brackets": "http://a.b(http://a.b)",
    "URLs with open brackets": "http://a(",
    "URLs with brackets that open twice": "http://a((b)(c)",
    "URLs in brackets in brackets": "http://a((http://a(http://b)))",
    "URLs with open square brackets": "http://a[",
    "URLs with all brackets": "http://a({[",
    "URLs within what they close": "__http://a__.",
    "URLs within all that they close": "__~~||http://a||.~~.__.",
    "URLs that nearly close": "__http://a__b",
    "URLs with closed brackets": "http://a)",
    "URLs with marks": "http://a''b**",
    "URL punctuation": "http://a..............",
    "URLs with open braces": "http://a{",
    "URLs with both brackets": "http://a({",
    "URL and open brackets": "http://a(http://a{",
    "URLs with foreign punctuation": "http://a”。… ",
    "URL and marks of sentences": "http://a’؟’؟’؟",
    "URL and format controls": "http://a" + "\u200c" * 50,
    "underscores": "__",
    "underlines": "__a ",
    "tildes": "~~a~~ ",
    "bars": "||a",
    "bars and line ends": "||a\n",
    "open backticks": "`a\n",
    "backticks": "`a`",
    "open spoilers": "[spoiler]",
    "spoilers over lines": "[spoiler]\na\n[/spoiler]",
    "closed spoilers": "[/spoiler]",
    "many open tags": "[code][aa][math][eqn][spoiler]||",
    "all marks crossing": "'''a''b**c __d ~~e ||f [spoiler]g ",
    "pink lines": "<a\n",
    "searches": ">>>/b/word ",
    "open code": "[code]",
    "closed code": "[/code]",
    "empty code": "[code][/code]",
    "code and line ends": "[code]\n\n[/code]\n",
    "line ends": "\n",
    "empty greentext": ">\n",
    "greentext with marks": ">''a''\n",
    "headings": "==a==\n",
    "ampersands": "&",
    "letters": "h",
    "kana": "あ",
}


@cache
def hostile_texts(chars: int) -> dict[str, str]:
    """What it is -> that many characters of it."""
    quotes = "\n".join(f">>{no}" for no in range(1, chars // 4))
    texts = {name: piece * chars for name, piece in PIECES.items()} | {"many quotes": quotes}
    return {name: text[:chars] for name, text in texts.items()}
