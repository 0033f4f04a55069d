"""The catalogs of the interface's words, one for each language but English.

`locale/<language>/LC_MESSAGES/stillboard.po` is what translators write; the `.mo` beside it, made
from it, is what is read here. `locale/stillboard.pot` lists every word there is. What scripts say
is in `public/assets/words/<language>.js`, made from the `.po` too.
"""

from __future__ import annotations

import re
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any, TypeVar

from jinja2 import Environment, nodes
from jinja2.ext import InternationalizationExtension

from imageboard.words import ENGLISH, ENGLISH_WORDS, Language, Message
from templates.assets import assets

LOCALE_FOLDER = Path(__file__).parent / "locale"
DOMAIN = "stillboard"

_Node = TypeVar("_Node", bound=nodes.Node)

#: '%(name)s', a blank, or '%%', a percent sign: how Jinja2 spells what stands in `{% trans %}`.
_BLANK = re.compile(r"%\((\w+)\)s|%%")


@cache
def catalog(language: Language) -> NullTranslations:
    """Raises FileNotFoundError: nobody has translated the board into this language."""
    if language == ENGLISH:
        return ENGLISH_WORDS
    path = LOCALE_FOLDER / language.code / "LC_MESSAGES" / f"{DOMAIN}.mo"
    with path.open("rb") as file:
        return GNUTranslations(file)


def whole(language: Language) -> str:
    """All that it says in the place of English, to be told from what it says another time."""
    return repr(sorted(vars(catalog(language)).get("_catalog", {}).items(), key=repr))


def script_words_url(language: Language) -> str | None:
    """Of what scripts say in it; None: they say it in English, which they know."""
    asset = assets().get(f"words/{language.code}.js")
    return None if asset is None else asset.url


def say(message: Message, language: Language) -> str:
    """The sentence in this language; what is not translated yet is English."""
    return message.said(catalog(language))


class Words(InternationalizationExtension):
    """`{% trans %}` in the language of the environment.

    PERF: translated when the template is compiled, so that to render it costs what it would if the
    words stood there bare; 1.5 µs a word otherwise, and a post has four.
    """

    #: Of the class made for one language.
    catalog: NullTranslations = ENGLISH_WORDS

    @classmethod
    def of(cls, language: Language) -> type[Words]:
        return type("Words", (cls,), {"catalog": catalog(language)})

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.extend(newstyle_gettext=True)
        # Nothing is looked up while a template is rendered, which copies all that is global.
        del environment.globals["_"]

    def _make_node(
        self,
        singular: str,
        plural: str | None,
        context: str | None,
        variables: dict[str, nodes.Expr],
        plural_expr: nodes.Expr | None,
        vars_referenced: bool,
        num_called_num: bool,
    ) -> nodes.Output:
        assert plural is None, "what is counted is a row of wording.COUNTED"
        said = (
            self.catalog.gettext(singular)
            if context is None
            else self.catalog.pgettext(context, singular)
        )
        return nodes.Output(_parts(said, variables))


def joined(node: _Node) -> _Node:
    """The tree with what is written one after the other as one piece, as without `{% trans %}`.

    PERF: each piece costs 30 ns: without this a post took 1.05 times as long.
    """
    for name, children in node.iter_fields():
        if isinstance(children, list):
            setattr(node, name, _joined(children))
    for child in node.iter_child_nodes():
        joined(child)
    return node


def _joined(siblings: list[Any]) -> list[Any]:
    kept: list[Any] = []
    for node in siblings:
        if kept and isinstance(node, nodes.Output) and isinstance(kept[-1], nodes.Output):
            kept[-1].nodes.extend(node.nodes)
        else:
            kept.append(node)
    return kept


def _parts(said: str, variables: dict[str, nodes.Expr]) -> list[nodes.Expr]:
    """'Thread %(no)s' -> text and the expression of `no`, as if the template had them bare."""
    parts: list[nodes.Expr] = []
    end = 0
    for blank in _BLANK.finditer(said):
        parts.append(nodes.TemplateData(said[end : blank.start()]))
        name = blank[1]
        parts.append(nodes.TemplateData("%") if name is None else variables[name])
        end = blank.end()
    parts.append(nodes.TemplateData(said[end:]))
    return [part for part in parts if not (isinstance(part, nodes.TemplateData) and not part.data)]
