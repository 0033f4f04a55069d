"""Hostile texts go through all that scripts do with texts: none runs, none loads.

Nine hundred of them, and all six thousand with `--hypothesis-profile thorough`.

The page's policy is one wall, Trusted Types another, and `safe_html.js` stands before both: each of
them has to hold by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from playwright.sync_api import Browser, Page, Route, ViewportSize

from templates import assets
from tests.browser.payloads import payloads, plain_payloads, some_payloads
from tests.browser.talk import Talk
from tests.browser.visits import WAIT_MS, Shoulder, a_visit, begun
from tests.tables import for_each
from tests.walk.board_process import BoardProcess

pytestmark = pytest.mark.browser

PHONE = ViewportSize(width=390, height=740)
PAYLOADS_MIN = 800
#: Chromium says so of a document in which nothing can run, while it reads.
INERT = re.compile(r"console: .* violates the following Content Security Policy")
#: The directives that are left of the policy.
WALLS = {
    "trusted types": ("require-trusted-types-for", "trusted-types"),
    "policy of scripts": ("script-src",),
}


#: As HTML that a server which was taken over might send: through the one door for HTML.
THROUGH_SAFE_HTML = """async ([scripts, texts]) => {
    const {elementsOf, pageFrom, safeCopy} = await import(scripts["safe_html.js"]);
    const place = document.createElement("div");
    document.querySelector("main").append(place);
    const kept = new Set();
    const active = ["script", "iframe", "object", "embed", "style", "link", "base", "meta", "form",
        "svg", "math", "template"];
    for (const text of texts) {
        place.append(elementsOf(text));
        place.append(safeCopy(pageFrom(`<title>${text}</title><p>${text}`).body));
    }
    for (const element of place.querySelectorAll("*")) {
        for (const {name, value} of element.attributes) {
            if (name.startsWith("on") || name === "style" || /^\\s*(java|vb)script:/i.test(value)
                    && ["href", "src"].includes(name)) {
                kept.add(`${element.localName} ${name}`);
            }
        }
        if (active.includes(element.localName)) {
            kept.add(element.localName);
        }
    }
    for (const link of place.querySelectorAll("a[href]")) {
        if (!/^(https?|ftp|magnet|mailto|gopher|gemini):$/.test(link.protocol)) {
            kept.add(link.href);
        }
    }
    if (typeof document.getElementById !== "function" || !(document.body instanceof HTMLElement)) {
        kept.add("a name in the place of the document's own");
    }
    place.remove();
    return [...kept];
}"""

#: As words of posters, in every field that a script reads: each feature sees each post.
THROUGH_POSTS = """async ([scripts, texts, no]) => {
    const [posts, copies, facts, rules, archive] = await Promise.all(
        ["posts.js", "copies.js", "post_facts.js", "filter_rules.js", "thread_archive.js"].map(
            name => import(scripts[name])));
    const model = document.getElementById(no);
    const section = model.parentElement;
    const fields = [".name", ".trip", ".postfilename", ".body", "time", ".post_no", ".details"];
    let next = 9_000_000;
    for (let at = 0; at < texts.length; at += fields.length) {
        const post = model.cloneNode(true);
        post.id = String(next++);
        post.querySelectorAll("button").forEach(button => button.remove());
        fields.forEach((field, place) => {
            const element = post.querySelector(field);
            const text = texts[(at + place) % texts.length];
            element.textContent = text;
            element.title = text;
            element.setAttribute(field === ".postfilename" ? "download" : "data-text", text);
        });
        post.querySelector("img").alt = texts[at];
        section.append(post);
        posts.came(post);
        const found = posts.postOf(post);
        const copy = copies.copyOf(post, found);
        const looked = facts.factsOf(post, "b");
        const rule = {field: "any", pattern: texts[at], effect: "stub", only: "all", boards: []};
        rules.judge([{...rule, replies: true}])(looked);
        if (at % 700 === 0) {
            section.append(copy);
        }
    }
    return archive.threadForOffline().html;
}"""

#: As what somebody typed into the panel of filters, or put into this browser's memory.
THROUGH_FILTERS = """async ([scripts, texts]) => {
    const panel = await import(scripts["filter_panel.js"]);
    panel.openDialog();
    const dialog = document.querySelector("dialog.conversation");
    const [one, many] = dialog.querySelectorAll("form");
    dialog.querySelector("details").open = true;
    const lines = [...texts, ...texts.map(text => `/${text}/i`)];
    many.querySelector("textarea").value = lines.join("\\n");
    many.requestSubmit();
    for (const text of texts.slice(0, 10)) {
        one.querySelector("input[type=text]").value = text;
        one.requestSubmit();
    }
    const taken = dialog.querySelectorAll(".filter-list li").length;
    const isWide = dialog.scrollWidth > dialog.clientWidth;
    dialog.close();
    localStorage.clear();
    return [taken, isWide];
}"""

#: What a module would do that forgot where text becomes HTML.
SLIPS = """texts => {
    const place = document.createElement("div");
    document.body.append(place);
    let refused = 0;
    for (const text of texts) {
        try {
            const part = document.createElement("div");
            part.innerHTML = text;
            place.append(part);
        } catch {
            refused += 1;
        }
    }
    return refused;
}"""


#: What runs sets `window.__pwned` (tests/browser/payloads.py): a fault of the visit.
TELL_WHO_RUNS = """Object.defineProperty(window, "__pwned", {
    set() { console.error("a hostile text has run"); },
});"""


@pytest.fixture(scope="module")
def scripts() -> dict[str, str]:
    """The address of each script by its plain name."""
    return {
        name.removeprefix("scripts/"): asset.url
        for name, asset in assets.assets().items()
        if name.startswith("scripts/")
    }


@contextmanager
def nobody_runs_anything(shoulder: Shoulder) -> Iterator[Page]:
    """Nothing but the board's own is loaded, and no text becomes a script, on whatever page."""
    page = shoulder.page
    # A page that was left could not be asked any more.
    page.add_init_script(TELL_WHO_RUNS)
    shoulder.expected_statuses.add(404)
    elsewhere: list[str] = []
    page.on(
        "request",
        lambda request: elsewhere.append(request.url) if "evil" in request.url else None,
    )
    page.route("**/src/0.png", lambda route: route.fulfill(status=404))
    yield page
    assert elsewhere == []


def test_no_hostile_text_runs_loads_or_widens_whatever_a_script_does_with_it(
    chromium: Browser,
    board: BoardProcess,
    talk: Talk,
    scripts: dict[str, str],
    pytestconfig: pytest.Config,
) -> None:
    is_thorough = pytestconfig.getoption("--hypothesis-profile") == "thorough"
    texts = payloads() if is_thorough else some_payloads()
    assert len(texts) >= PAYLOADS_MIN
    with (
        a_visit(chromium, board, javascript=True, viewport=PHONE) as shoulder,
        nobody_runs_anything(shoulder) as page,
    ):
        page.goto(f"/b/res/{talk.thread}.html")
        begun(page)
        assert page.evaluate(THROUGH_SAFE_HTML, [scripts, texts]) == []
        # From here on nothing of them is left.
        shoulder.faults[:] = [fault for fault in shoulder.faults if not INERT.match(fault)]
        taken, is_wide = page.evaluate(THROUGH_FILTERS, [scripts, plain_payloads()])
        assert taken > 0
        assert not is_wide
        offline = page.evaluate(THROUGH_POSTS, [scripts, texts, talk.named])
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        # What is kept of them is read again by every feature.
        page.evaluate(
            """texts => {
                const names = ["settings", "hidden", "own-posts", "volume", "filters"];
                names.forEach((name, at) => localStorage.setItem(`stillboard:${name}`,
                    at % 2 ? JSON.stringify(texts) : texts[at]));
            }""",
            plain_payloads(),
        )
        page.reload()
        begun(page)
        # The saved page, without any policy but its own.
        page.route(
            "**/b/offline.html", lambda route: route.fulfill(body=offline, content_type="text/html")
        )
        page.route("**/b/styles/*", lambda route: route.fulfill(content_type="text/css"))
        page.goto("/b/offline.html")


@for_each("wall", list(WALLS))
def test_each_wall_holds_alone_where_a_module_slips(
    chromium: Browser, board: BoardProcess, talk: Talk, wall: str
) -> None:
    context = chromium.new_context(base_url=board.url)
    context.set_default_timeout(WAIT_MS)
    with closing(context):
        page = context.new_page()
        refusals: list[str] = []
        page.on("console", lambda message: refusals.append(message.text))

        def with_one_wall(route: Route) -> None:
            answer = route.fetch()
            header = "content-security-policy"
            parts = [part.strip() for part in answer.headers[header].split(";")]
            policy = "; ".join(part for part in parts if part.startswith(WALLS[wall]))
            route.fulfill(response=answer, headers=answer.headers | {header: policy})

        page.route(f"**/b/res/{talk.thread}.html", with_one_wall)
        page.route("http://evil.example/**", lambda route: route.abort())
        page.route("**/src/0.png", lambda route: route.fulfill(status=404))
        page.goto(f"/b/res/{talk.thread}.html")
        page.wait_for_load_state("networkidle")
        # What would lead away from the page is no script, and the whole policy is about it.
        texts = [text for text in plain_payloads() if "http-equiv" not in text]
        refused = page.evaluate(SLIPS, texts)
        assert refused == (len(texts) if wall == "trusted types" else 0)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.__pwned") is None
        assert any("Content Security Policy" in told or "TrustedHTML" in told for told in refusals)
