"""What a session is called on the page of its account: 'Firefox on Linux'.

Of what a browser says of itself no more is kept: enough to know one's own by, and not to tell
people by.
"""

from __future__ import annotations

#: The first that is found counts: most browsers name those before them too.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def told(user_agent: str | None) -> str:
    """'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) … Firefox/140.0' -> 'Firefox on Linux'; ''."""
    text = user_agent or ""
    found = (
        next((name for mark, name in marks if mark in text), "") for marks in (_BROWSERS, _SYSTEMS)
    )
    return " on ".join(filter(None, found))
