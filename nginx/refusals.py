"""What nginx itself answers when it refuses a request or cannot reach the writer."""

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
        """A page without a style sheet: one might be missing, and the CSP refuses inline ones."""
        return (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            '<meta name="color-scheme" content="light dark">'
            f"<title>{escape(self.title)}</title></head>"
            f"<body><h1>{escape(self.title)}</h1><p>{escape(self.sentence)}</p>"
            '<p><a href="/">Front page</a></p></body></html>'
        )

    @property
    def json(self) -> str:
        """The writer's shape of a refusal: {"error": sentence}."""
        return json.dumps({"error": self.sentence}, ensure_ascii=False)


#: What can be done to a file of the web root.
ALLOWED = "GET, HEAD, OPTIONS"

NOT_FOUND = Refusal((404,), 404, "Not here", "There is nothing at this address.")

# Not here: 400 and 414. nginx says those before it knows an address, and cannot go anywhere from
# there; its own short page is sent, with the headers of a refusal.
REFUSALS = (
    Refusal((405,), 405, "Not like this", "This address can only be read.", {"Allow": ALLOWED}),
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
        "Posting rests",
        "The board cannot take posts just now; reading works as ever. "
        "Go back: your text is still there. Try again in a few seconds.",
        {"Retry-After": "5"},
    ),
    # The request did reach the writer, so the post may be stored: never say that it is not.
    Refusal(
        (504,),
        504,
        "No answer yet",
        "The board took your request and has not answered in time. "
        "Go back: your text is still there. See whether your post is on the page before you "
        "send it again.",
    ),
)
