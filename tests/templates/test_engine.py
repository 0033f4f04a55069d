"""Values are written as Jinja2 would write them, and at less cost."""

from __future__ import annotations

from markupsafe import Markup, escape

from imageboard.words import ENGLISH, N_
from templates import engine
from tests.tables import for_each


class _Html:
    def __html__(self) -> str:
        return "<b>&</b>"


VALUES = (
    "",
    "a lake",
    "<script>",
    "Q&A",
    "it's",
    'the "lake"',
    "a > b",
    "湖",
    0,
    -1,
    12345678901234567890,
    True,
    None,
    1.5,
    Markup("<b>&amp;</b>"),
    Markup(""),
    _Html(),
    N_("a < b"),
    ["<", 1],
)


@for_each("value", VALUES)
def test_each_value_is_written_as_markupsafe_escapes_it(value: object) -> None:
    assert str(engine.written(value)) == str(escape(value))


def test_what_was_written_is_not_escaped_again_where_it_is_kept() -> None:
    template = (
        "{% macro loud(text) %}<b>{{ text }}</b>{% endmacro %}"
        "{% set kept %}<i>{{ text }}</i>{% endset %}{{ kept }}{{ loud(text) }}{{ loud(kept) }}"
    )
    drawn = engine.environment(ENGLISH).from_string(template).render(text="a & <b>")
    safe = "a &amp; &lt;b&gt;"
    assert drawn == f"<i>{safe}</i><b>{safe}</b><b><i>{safe}</i></b>"


def test_every_block_of_a_template_writes_its_values_this_way() -> None:
    template = "{% block a %}{{ x }}{% endblock %}{% macro m(y) %}{{ y }}{% endmacro %}{{ m(x) }}"
    environment = engine.environment(ENGLISH)
    code = environment.compile(template, raw=True)
    assert code.count("escape = environment.written") == code.count("resolve = context.resolve_or")
