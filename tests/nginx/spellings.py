"""Addresses spelled in another way than the site does, each with the one address of the thing."""

from __future__ import annotations

#: (asked for, led to); None: there is nothing at such an address.
SPELLINGS: tuple[tuple[str, str | None], ...] = (
    # a query
    ("/?x=1", "/"),
    ("/b/?", "/b/"),
    ("/b/2.html?from=elsewhere", "/b/2.html"),
    ("/b/res/123.html?seen=", "/b/res/123.html"),
    ("/b/res/123.html?seen=12a", "/b/res/123.html"),
    ("/b/res/123.html?seen=12&x", "/b/res/123.html"),
    ("/b/res/123.html?", "/b/res/123.html"),
    ("/b/res/123.json?t=1700000000", "/b/res/123.json"),
    ("/b/res/123.json?seen=124", "/b/res/123.json"),
    ("/b/thread/123.json?t=1", "/b/thread/123.json"),
    ("/b/index.rss?seen=1", "/b/index.rss"),
    ("/robots.txt?seen=1", "/robots.txt"),
    ("/sitemap.xml?1", "/sitemap.xml"),
    ("/b/src/1700000000000.jpg?download", "/b/src/1700000000000.jpg"),
    ("/b/src/1700000000000.jpg?seen=1", "/b/src/1700000000000.jpg"),
    ("/b/thumb/1700000000000.webp?x", "/b/thumb/1700000000000.webp"),
    ("/assets/board.0123abcd.css?v=2", "/assets/board.0123abcd.css"),
    ("/assets/icon.0123abcd.png?v=2", "/assets/icon.0123abcd.png"),
    ("/assets/unhashed.css?v=2", "/assets/unhashed.css"),
    ("/favicon.ico?v=2", "/favicon.ico"),
    ("/b?x=1", "/b/"),
    # doubled slashes
    ("//b/res/123.html", "/b/res/123.html"),
    ("/b//res///123.json", "/b/res/123.json"),
    ("/b/src//1700000000000.jpg", "/b/src/1700000000000.jpg"),
    ("/b//", "/b/"),
    # escaped letters
    ("/b/res/%31%32%33.html", "/b/res/123.html"),
    ("/%62/res/123.json", "/b/res/123.json"),
    ("/b%2fres%2f123.html", "/b/res/123.html"),
    ("/b%2Fsrc%2F1700000000000.jpg", "/b/src/1700000000000.jpg"),
    ("/b/res/123%2B50.html", "/b/res/123+50.html"),
    ("/b/res/123%2b50.html", "/b/res/123+50.html"),
    ("/b/catalog%2ejson", "/b/catalog.json"),
    ("/b/catalog%2Ehtml?x", "/b/catalog.html"),
    # a folder's own page
    ("/index.html", "/"),
    ("/b/index.html", "/b/"),
    ("/b/index.html?seen=124", "/b/"),
    ("/b/archive/index.html", "/b/archive/"),
    ("//b/%69ndex.html", "/b/"),
    # dots, blanks and what only looks alike
    ("/b/res/123.html.", None),
    ("/b/res/123.html/", None),
    ("/b/res/123.html%20", None),
    ("/b/res/123.html%0a", None),
    ("/b/src/1700000000000.jpg%0a", None),
    ("/b/res/123.HTML", None),
    ("/B/res/123.html", None),
    ("/b/res/%EF%BC%91%EF%BC%92%EF%BC%93.html", None),
    ("/b/res/123%C2%AD.html", None),
    ("/b/res/123;x.html", None),
    ("/b/res/123.html;x", None),
    ("/b/%0d%0aX-Injected:%20y.html", None),
    ("/b/src/1700000000000.jpg%2f", None),
    ("/b/src/01700000000000.jpg", None),
)

#: Steps within a path. The edge's runtime walks them before the Worker sees the address, and a
#: reader's browser does too.
STEPS = (
    ("/b/res/./123.html", "/b/res/123.html"),
    ("/b/../b/res/123.html", "/b/res/123.html"),
    ("/b/res/x/../123.json", "/b/res/123.json"),
    ("/b/src/%2e/1700000000000.jpg", "/b/src/1700000000000.jpg"),
)

#: Shared by pages of other sites: what leads there has to be open to them too.
OPEN_TO_OTHER_SITES = (".json", ".rss", ".jpg", ".webp")


def respelled(address: str) -> tuple[str, ...]:
    """'/mod/login' -> '/mod/login/', '/mod/login%2F', '/mod/%6Cogin', …

    As an address of the writer must not be reached, since its limits count one spelling.
    """
    folder, _, name = address.rpartition("/")
    return (
        f"{address}/",
        f"{address}//",
        f"{address}%2F",
        f"{address}%2f",
        f"{address}/.",
        f"{address}/%2e",
        f"{address}/x/..",
        f"{address}%20",
        f"{address}/?json_response=1",
        f"{address}%3F",
        f"{address}?",
        f"{address}%00",
        f"{address};x",
        f"/{address}",
        f"{folder}//{name}",
        f"{folder}/./{name}",
        f"{folder}/x/../{name}",
        f"{folder}/%{ord(name[0]):02X}{name[1:]}",
        f"/%{ord(address[1]):02x}{address[2:]}",
        "/" + address[1:].replace("/", "%2F"),
        address.upper(),
    )
