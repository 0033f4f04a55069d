"""Jinja2, set up once: what every template may use, and how it escapes."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from email.utils import formatdate
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import jinja2
import markdown_it
from jinja2.compiler import CodeGenerator
from markupsafe import Markup, escape

from imageboard import addresses, countries, media, media_kinds, stored_words
from imageboard.addresses import SETTINGS_URL
from imageboard.boards import Board
from imageboard.captchas import ShownCaptcha
from imageboard.fields import (
    FILES_BYTES_MAX,
    PASSWORD_CHARS_MAX,
    POST_FIELDS,
    REASON_CHARS_MAX,
    TRAP_FIELD,
    alt_field,
    file_field,
)
from imageboard.themes import PLAIN, THEMES
from imageboard.words import ENGLISH, Language
from imageboard.written_pages import HELP
from templates import languages, placeholders, wording
from templates.assets import ASSETS_FOLDER, asset_url, needed_by, read_assets
from templates.kept_code import KeptCode

TEMPLATES_FOLDER = Path(__file__).parent

FRONT_PAGE_URL = "/"
#: Where every form is sent.
WRITE_URL = "/post"


@dataclass(frozen=True, slots=True)
class Site:
    """What all pages show of the whole board: its name and the boards to go to."""

    name: str
    boards: tuple[Board, ...]
    #: 'https://board.example', without a slash at its end; '' when it is not known.
    url: str = ""
    #: Whose widget stands in the posting forms.
    captcha: ShownCaptcha | None = None
    #: Of its own pages; a board has its own.
    language: Language = ENGLISH
    #: For which browsers subscribe that are to be told of replies; '': none can be.
    push_key: str = ""


#: What `markupsafe.escape` replaces.
_UNSAFE = re.compile("[&<>'\"]")


def written(value: object) -> str:
    """As `markupsafe.escape` writes it, as a plain string: it is only joined.

    PERF: most of what a template writes is a number, or text with nothing to escape. For these it
    takes a third of the time of `escape`, which makes an object of each and copies what is safe.
    """
    if type(value) is str:
        return value if _UNSAFE.search(value) is None else escape(value)
    if type(value) is int:
        return str(value)
    if type(value) is Markup:
        return value
    return escape(value)


class _CodeGenerator(CodeGenerator):
    """Jinja2's, but `written` is what each block writes values with."""

    def write_commons(self) -> None:
        super().write_commons()
        self.writeline("escape = environment.written")


class _Environment(jinja2.Environment):
    """Jinja2's, but what all templates may use is one plain dictionary for each."""

    code_generator_class = _CodeGenerator
    written = staticmethod(written)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """PERF: each rendering copies it: 2 µs instead of 12 of a ChainMap, 2 of 13 for an import.

        The chain would show a template what is added later, and nothing is: all globals are
        there before the first template.
        """
        return {**self.globals, **(d or {})}

    def _parse(self, source: str, name: str | None, filename: str | None) -> jinja2.nodes.Template:
        return languages.joined(super()._parse(source, name, filename))


@cache
def environment(language: Language) -> jinja2.Environment:
    """The one of this language; a template is loaded on first use and then kept."""
    # SECURITY: autoescape for every template, whatever its name ends in.
    env = _Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        extensions=[languages.Words.of(language)],
        bytecode_cache=KeptCode(language),
    )
    catalog = languages.catalog(language)
    env.globals.update(_addresses())
    env.globals.update(
        FILES_BYTES_MAX=FILES_BYTES_MAX,
        PASSWORD_CHARS_MAX=PASSWORD_CHARS_MAX,
        PLAIN=PLAIN,
        POST_FIELDS=POST_FIELDS,
        TRAP_FIELD=TRAP_FIELD,
        REASON_CHARS_MAX=REASON_CHARS_MAX,
        THEMES=THEMES,
        asset_url=asset_url,
        front_page_url=FRONT_PAGE_URL,
        help_url=addresses.written_page_url(None, HELP),
        settings_url=SETTINGS_URL,
        write_url=WRITE_URL,
        alt_field=alt_field,
        file_field=file_field,
        language=language,
        scripts_needed_by=needed_by,
        script_words_url=languages.script_words_url(language),
    )
    # PERF: a filter is called straight away, 0.3 µs; a function by way of the context, 1.1.
    env.filters["counted"] = partial(wording.counted, catalog=catalog)
    env.filters["human_bytes"] = partial(wording.human_bytes, catalog=catalog)
    env.filters["megapixels"] = partial(wording.megapixels, catalog=catalog)
    env.filters["country_flag"] = countries.flag
    env.filters["country_name"] = countries.name
    env.filters["mail_date"] = partial(formatdate, usegmt=True)
    env.filters["placeholder"] = placeholders.placeholder
    env.filters["moment"] = partial(wording.moment, catalog=catalog)
    env.filters["clock"] = media.clock
    env.filters["types"] = media_kinds.accepted_types
    env.filters["unasked_types"] = partial(media_kinds.accepted_types, offered=False)
    env.filters["titles"] = partial(media_kinds.titles, media_kinds.ONE_OF)
    env.filters["stored"] = stored_words.shown
    env.filters["said"] = partial(languages.say, language=language)
    # PERF: it stands on every page, and is the same on each.
    chooser = env.get_template("fragments/theme_chooser.html").render()
    env.globals["theme_chooser"] = Markup(chooser)  # noqa: S704 - a template's, which escapes
    return env


def compile_templates(language: Language) -> None:
    """All of them, for who is about to fork programs that need them."""
    env = environment(language)
    for name in env.list_templates(filter_func=_is_template):
        env.get_template(name)


def _is_template(path: str) -> bool:
    return "/" in path and path.endswith((".html", ".xml"))


def _addresses() -> dict[str, object]:
    """Every function of `addresses` that a template may call, by its name."""
    return {
        name: function
        for name, function in vars(addresses).items()
        if name.endswith(("_url", "_name")) and callable(function)
    }


@cache
def fingerprint() -> str:
    """Changes when any page could come out differently with the same posts: render all again."""
    return fingerprint_of(TEMPLATES_FOLDER, ASSETS_FOLDER)


def fingerprint_of(templates_folder: Path, assets_folder: Path) -> str:
    """The hash of templates, modules, catalogs and assets there, and of what draws them."""
    made_by = f"jinja2 {jinja2.__version__}, markdown-it-py {markdown_it.__version__}\n"
    whole = sha256(made_by.encode())
    for name, body in _sources(templates_folder, assets_folder):
        whole.update(f"{name} {len(body)}\n".encode())
        whole.update(body)
    return whole.hexdigest()[:16]


def _sources(templates_folder: Path, assets_folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(templates_folder.rglob("*")):
        # A template may end in anything, a feed's in .xml. Of words the compiled ones count, and
        # Python leaves bytecode beside its modules.
        if path.is_file() and path.suffix not in (".po", ".pot", ".pyc"):
            yield path.relative_to(templates_folder).as_posix(), path.read_bytes()
    for asset in read_assets(assets_folder):
        yield asset.path, asset.body
