"""What nginx itself answers when it refuses a request or cannot reach the writer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape


@dataclass(frozen=True)
class Refusal:
    """One refusal: the statuses that lead to it, the status that is sent, and what a person reads.

    A browser that is sent back by its back button still has the form as it was typed, so the
    sentences send people there instead of to a fresh, empty form.
    """

    causes: tuple[int, ...]
    status: int
    title: str
    sentence: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def html(self) -> str:
        """A page without a style sheet: one might be missing, and the CSP refuses inline ones.

        Apps for vichan look for the two headings on one line: <h1>Error</h1>, <h2>sentence</h2>.
        """
        return (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            '<meta name="color-scheme" content="light dark">'
            f"<title>{escape(self.title)}</title></head>"
            f"<body><h1>Error</h1><h2>{escape(self.sentence)}</h2>"
            '<p><a href="/">Front page</a></p></body></html>'
        )

    @property
    def json(self) -> str:
        """The writer's shape of a refusal: {"error": sentence}."""
        return json.dumps({"error": self.sentence}, ensure_ascii=False)

    @property
    def answers(self) -> tuple[Answer, ...]:
        """As a page and as JSON, each in the board's own dialect and in vichan's."""
        return (
            Answer(f"refused_{self.status}_html", self.status, _HTML, self.html),
            Answer(f"refused_{self.status}_json", self.status, _JSON, self.json),
            # vichan's clients take any other status for a failure of the network.
            Answer(f"vichan_refused_{self.status}_html", 400, _HTML, self.html),
            Answer(f"vichan_refused_{self.status}_json", 200, _JSON, self.json),
        )


@dataclass(frozen=True)
class Answer:
    """What one location of nginx answers; `name` is the location's."""

    name: str
    status: int
    content_type: str
    body: str


_HTML = "text/html; charset=utf-8"
_JSON = "application/json"


#: What can be done to a file of the web root.
ALLOWED = "GET, HEAD, OPTIONS"

NOT_FOUND = Refusal((404,), 404, "Not found", "There is nothing at this address.")

# Not here: 400 and 414. nginx says those before it knows an address, and cannot go anywhere from
# there; its own short page is sent, with the headers of a refusal.
REFUSALS = (
    Refusal((405,), 405, "Read only", "This address can only be read.", {"Allow": ALLOWED}),
    Refusal(
        (403,),
        403,
        "Not this way",
        "This board is reached by its own address alone. "
        "Go back: your text is still there. Open the board at its own address and send it there.",
    ),
    Refusal(
        (413,),
        413,
        "Too large",
        "Files and text together are larger than this board accepts. "
        "Go back: your text is still there. Choose a smaller file and send it again.",
    ),
    Refusal(
        (429,),
        429,
        "Too fast",
        "Too many requests came from your network. "
        "Go back: your text is still there. Wait a few seconds and send it again.",
        {"Retry-After": "10"},
    ),
    # 502 is not told apart from 503: both mean that there is nobody to take the post. A writer that
    # was killed is back within two seconds; the pause is the one that the writer itself names.
    Refusal(
        (502, 503),
        503,
        "Not reachable",
        "The board cannot take posts just now. Reading still works. "
        "Go back: your text is still there. Try again in a few seconds.",
        {"Retry-After": "5"},
    ),
    # The request did reach the writer, so the post may be stored: never say that it is not.
    Refusal(
        (504,),
        504,
        "No answer yet",
        "The board took your request but did not answer in time. "
        "Go back: your text is still there. Look whether your post is on the page before you "
        "send it again.",
    ),
)
