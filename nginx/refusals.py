"""What nginx itself answers when it refuses a request or cannot reach the writer."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape

from imageboard.words import N_, Language, Message

#: Says a message in the language of what is refused.
Say = Callable[[Message], str]


#: Plain, in the colours that pages have without a theme.
STYLE = (
    ":root{color-scheme:light dark}"
    "body{margin:0;background:#f3f1eb;color:#25231f;font:1rem/1.5 system-ui,sans-serif}"
    "main{max-width:46rem;margin:1rem auto;padding:0 1rem}"
    "h1{font-size:1.5rem}"
    "h2{padding:.75rem 1rem;border-left:4px solid;background:#f9e4df;color:#8f2323;font-size:1rem}"
    "a{color:#15606a}"
    "@media(prefers-color-scheme:dark){body{background:#16191b;color:#dcd9d1}"
    "h2{background:#38201d;color:#f3a79b}a{color:#82c7ce}}"
)


def with_style(page_policy: str) -> str:
    """The Content-Security-Policy of pages, which lets in the style of a refusal too."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return page_policy.replace("style-src ", f"style-src 'sha256-{digest}' ", 1)


@dataclass(frozen=True)
class Refusal:
    """One refusal: the statuses that lead to it, the status that is sent, and what a person reads.

    A browser that is sent back by its back button still has the form as it was typed, so the
    sentences send people there instead of to a fresh, empty form.
    """

    causes: tuple[int, ...]
    status: int
    #: For programs, as the writer's refusals have one; it never changes.
    code: str
    title: Message
    sentence: Message
    retry_after_s: int | None = None
    more_headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        wait = {} if self.retry_after_s is None else {"Retry-After": str(self.retry_after_s)}
        return {**self.more_headers, **wait}

    def html(self, say: Say, language: Language) -> str:
        """A page with all that it needs: a style sheet of its own might be missing just then.

        Apps for vichan look for the two headings on one line: <h1>Error</h1>, <h2>sentence</h2>.
        """
        direction = ' dir="rtl"' if language.direction == "rtl" else ""
        return (
            f'<!doctype html><html lang="{language.code}"{direction}><head>'
            '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            '<meta name="color-scheme" content="light dark">'
            f"<title>{_html(say(self.title))}</title><style>{STYLE}</style></head>"
            f"<body><main><h1>Error</h1><h2>{_html(say(self.sentence))}</h2>"
            f"{self._page_of_log(say)}"
            f'<p><a href="/">{_html(say(_FRONT_PAGE))}</a></p></main></body></html>'
        )

    def json(self, say: Say) -> str:
        """The writer's shape of a refusal: {"error": sentence, "code": "too_fast"}."""
        wait = {} if self.retry_after_s is None else {"retry_after": self.retry_after_s}
        told = {"error": say(self.sentence), "code": self.code, **wait}
        text = json.dumps(told, ensure_ascii=False).replace("$", "\\u0024")
        return f'{text[:-1]}, "request_id": "$request_id"}}' if self.is_ours else text

    @property
    def is_ours(self) -> bool:
        """Whether it is a failure of the board's, which its log tells of by the request's id."""
        return self.status >= 500

    def _page_of_log(self, say: Say) -> str:
        return f"<p>{_html(say(_IN_THE_LOG))} <code>$request_id</code></p>" if self.is_ours else ""

    def answers(self, say: Say, language: Language) -> tuple[Answer, ...]:
        """As a page and as JSON, each in the board's own dialect and in vichan's."""
        page, told = self.html(say, language), self.json(say)
        return (
            Answer(f"refused_{self.status}_html", self.status, _HTML, page),
            Answer(f"refused_{self.status}_json", self.status, _JSON, told),
            # vichan's clients take any other status for a failure of the network.
            Answer(f"vichan_refused_{self.status}_html", 400, _HTML, page),
            Answer(f"vichan_refused_{self.status}_json", 200, _JSON, told),
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

NOT_FOUND = Refusal(
    causes=(404,),
    status=404,
    code="not_found",
    title=N_("Not found"),
    sentence=N_("There is nothing at this address."),
)

# Not here: 400 and 414. nginx says those before it knows an address, and cannot go anywhere from
# there; its own short page is sent, with the headers of a refusal.
REFUSALS = (
    Refusal(
        causes=(405,),
        status=405,
        code="method_not_allowed",
        title=N_("Read only"),
        sentence=N_("This address can only be read."),
        more_headers={"Allow": ALLOWED},
    ),
    Refusal(
        causes=(403,),
        status=403,
        code="another_address",
        title=N_("Not this way"),
        sentence=N_(
            "This board is reached by its own address alone. Go back: your text is still there. "
            "Open the board at its own address and send it there."
        ),
    ),
    Refusal(
        causes=(413,),
        status=413,
        code="form_too_large",
        title=N_("Too large"),
        sentence=N_(
            "Files and text together are larger than this board accepts. "
            "Go back: your text is still there. Choose a smaller file and send it again."
        ),
    ),
    Refusal(
        causes=(429,),
        status=429,
        code="too_fast",
        title=N_("Too fast"),
        sentence=N_(
            "Too many requests came from your network. "
            "Go back: your text is still there. Wait a few seconds and send it again."
        ),
        retry_after_s=10,
    ),
    # nginx itself says 500 where it has no room for a form that is being sent.
    Refusal(
        causes=(500,),
        status=507,
        code="no_room",
        title=N_("No room"),
        sentence=N_(
            "The board has no room for files just now, and reading goes on. "
            "Go back: your text is still there. Send it without the file, or try again later."
        ),
        more_headers={"Retry-After": "60"},
    ),
    # 502 is not told apart from 503: both mean that there is nobody to take the post. A writer that
    # was killed is back within two seconds; the pause is the one that the writer itself names.
    Refusal(
        causes=(502, 503),
        status=503,
        code="part_unavailable",
        title=N_("Not reachable"),
        sentence=N_(
            "The board cannot take posts just now. Reading still works. "
            "Go back: your text is still there. Try again in a few seconds."
        ),
        retry_after_s=5,
    ),
    # The request did reach the writer, so the post may be stored: never say that it is not.
    Refusal(
        causes=(504,),
        status=504,
        code="no_answer_yet",
        title=N_("No answer yet"),
        sentence=N_(
            "The board took your request but did not answer in time. "
            "Go back: your text is still there. Look whether your post is on the page before you "
            "send it again."
        ),
    ),
)
_FRONT_PAGE = N_("Front page")
_IN_THE_LOG = N_("This request in the board's log:")


def in_quotes(text: str) -> str:
    r"""Between nginx's single quotes, where it takes `\\` and `\'` for what follows them."""
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _html(text: str) -> str:
    # nginx puts a variable's value in place of `$name`, however that is quoted.
    return escape(text).replace("$", "&#36;")
