"""What staff write in Markdown: marked up, and safe."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates.markdown import PICTURES_MAX, to_html
from tests.tables import for_each
from tests.templates.parsed import elements, parse

CASES = {
    "heading below the page's own": ("# One\n\n## Two", "<h2>One</h2>\n<h3>Two</h3>\n"),
    "emphasis": ("**a** *b* ~~c~~", "<p><strong>a</strong> <em>b</em> <s>c</s></p>\n"),
    "tags are text": ("<b>x</b> &lt;", "<p>&lt;b&gt;x&lt;/b&gt; &lt;</p>\n"),
    "block of tags is text": (
        "<script>\nx\n</script>",
        "<p>&lt;script&gt;\nx\n&lt;/script&gt;</p>\n",
    ),
    "link elsewhere": (
        '[a](https://b.c/?d=1&e "f")',
        '<p><a href="https://b.c/?d=1&amp;e" title="f" rel="nofollow noopener">a</a></p>\n',
    ),
    "link within the site": ("[a](/b/)", '<p><a href="/b/">a</a></p>\n'),
    "link without a scheme": (
        "[a](//b.c)",
        '<p><a href="//b.c" rel="nofollow noopener">a</a></p>\n',
    ),
    "mail": (
        "<mailto:a@b.c>",
        '<p><a href="mailto:a@b.c" rel="nofollow noopener">mailto:a@b.c</a></p>\n',
    ),
    "script as link": ("[a](javascript:b)", "<p>[a](javascript:b)</p>\n"),
    "script, disguised": ("[a](&#106;avaScript:b)", "<p>[a](javaScript:b)</p>\n"),
    "data as link": ("[a](data:text/html,b)", "<p>[a](data:text/html,b)</p>\n"),
    "own picture": (
        "![a](/b/src/1.png)",
        '<p><img src="/b/src/1.png" alt="a" loading="lazy" decoding="async"></p>\n',
    ),
    "picture elsewhere is a link": (
        "![a](https://b.c/1.png)",
        '<p><a href="https://b.c/1.png" rel="nofollow noopener">a</a></p>\n',
    ),
    "picture that would hide elsewhere": (
        "![a](/\\b.c/1.png)",
        '<p><img src="/%5Cb.c/1.png" alt="a" loading="lazy" decoding="async"></p>\n',
    ),
    "picture in data": (
        "![a](data:image/png;base64,AA)",
        "<p>![a](data:image/png;base64,AA)</p>\n",
    ),
}


@for_each(("text", "html"), CASES.values(), ids=list(CASES))
def test_text_becomes_this(text: str, html: str) -> None:
    assert to_html(text) == html


def test_table_is_aligned_without_a_style_that_the_policy_would_block() -> None:
    html = to_html("|a|b|\n|-|-:|\n|1|2|")
    assert '<td class="align-right">2</td>' in html
    assert "style" not in html


def test_pictures_beyond_the_limit_are_links() -> None:
    html = to_html("![a](/b/src/1.png) " * (PICTURES_MAX + 2))
    assert (html.count("<img"), html.count("<a ")) == (PICTURES_MAX, 2)


@given(
    st.text(alphabet=st.sampled_from("*_`#>-![]()<a href=\"'/:\\\n &;javscript|~"), max_size=200)
)
def test_whatever_is_typed_nothing_runs(text: str) -> None:
    page = parse(
        f"<!DOCTYPE html><html><head><title>x</title></head><body>{to_html(text)}</body></html>"
    )
    for element in elements(page):
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert not str(value).strip().lower().startswith(("javascript:", "data:", "vbscript:"))
        assert element.tag not in ("script", "style", "iframe", "form")


@pytest.mark.parametrize(
    "nested", ["> " * 2_000, "- " * 2_000, "[" * 5_000, "*" * 5_000, "`" * 5_000]
)
def test_nesting_ends_somewhere(nested: str) -> None:
    assert to_html(f"{nested}x").count("<blockquote>") < 30
