"""Assets, their style, and the fingerprint of all that shapes a page."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import brotli
import pytest

from templates import assets, fingerprint, pages
from templates.engine import TEMPLATES_FOLDER, fingerprint_of
from tests.templates import sample_pages
from tests.templates.builders import a_board, a_site


def test_asset_bears_the_hash_of_its_bytes() -> None:
    for asset in assets.assets().values():
        digest = sha256(asset.body).hexdigest()[:12]
        stem, extension = asset.name.rsplit(".", 1)
        assert asset.path == f"assets/{stem}.{digest}.{extension}"
        assert asset.url == f"/{asset.path}"


def test_published_copies_are_no_sources(tmp_path: Path) -> None:
    """The renderer may put them beside the sources, with compressed siblings."""
    for name in ("a.css", "a.0123456789ab.css", "a.0123456789ab.css.gz", ".hidden"):
        (tmp_path / name).write_bytes(b"x")
    assert [asset.name for asset in assets.read_assets(tmp_path)] == ["a.css"]


def a_script(folder: Path, name: str, text: str) -> None:
    path = folder / "scripts" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


def by_name(folder: Path) -> dict[str, assets.Asset]:
    return {asset.name: asset for asset in assets.read_assets(folder)}


def test_script_names_what_it_imports_by_its_hash(tmp_path: Path) -> None:
    """So its own name changes with any that it imports, however far away."""
    a_script(tmp_path, "far.js", "export const far = 1;\n")
    a_script(tmp_path, "near.js", 'export { far } from "./far.js";\n')
    first = 'import {\n  far,\n} from "./near.js";\nconst later = () => import("./far.js");\n'
    a_script(tmp_path, "first.js", first)
    before = by_name(tmp_path)
    body = before["scripts/first.js"].body.decode()
    assert f'from "{before["scripts/near.js"].url}";' in body
    assert f'import("{before["scripts/far.js"].url}");' in body
    assert before["scripts/first.js"].imports == ("scripts/near.js",)

    a_script(tmp_path, "far.js", "export const far = 2;\n")
    after = by_name(tmp_path)
    assert all(before[name].url != after[name].url for name in before)


def test_script_names_a_style_sheet_by_its_hash(tmp_path: Path) -> None:
    (tmp_path / "reading.css").write_text("a {}\n")
    a_script(tmp_path, "a.js", 'load(asset("reading.css"));\n')
    made = by_name(tmp_path)
    assert made["scripts/a.js"].body.decode() == f'load(asset("{made["reading.css"].url}"));\n'
    assert made["scripts/a.js"].imports == ()


def test_scripts_that_import_each_other_in_a_circle_are_named(tmp_path: Path) -> None:
    a_script(tmp_path, "a.js", 'import "./b.js";\n')
    a_script(tmp_path, "b.js", 'const a = () => import("./a.js");\n')
    with pytest.raises(
        assets.ImportedInACircle, match=r"scripts/a.js > scripts/b.js > scripts/a.js"
    ):
        assets.read_assets(tmp_path)


def test_comments_stay_at_home_and_types_in_them_are_no_imports(tmp_path: Path) -> None:
    type_alone = '/** @typedef {import("./b.js").B} B */\n\n/**\n * Doc.\n */\n'
    code = '/** @type {import("./b.js").B} */ (a).b();\nconst c = 1;\n'
    a_script(tmp_path, "a.js", f"{type_alone}{code}/** Doc. */\n  // Why,\n  // and why.\n")
    a_script(tmp_path, "b.js", 'import "./a.js";\n')
    assert by_name(tmp_path)["scripts/a.js"].body.decode() == f"\n{code}"


def test_comments_of_a_style_sheet_stay_at_home(tmp_path: Path) -> None:
    sheet = "/* What. */\n\np { margin: 0; } /* Why,\n   and why. */\na { color: red; }\n"
    (tmp_path / "a.css").write_text(sheet)
    (published,) = assets.read_assets(tmp_path)
    assert published.body.decode() == "\np { margin: 0; }\na { color: red; }\n"


def test_page_names_all_that_its_script_needs_to_begin() -> None:
    """Else the browser would learn of each only from the one before."""
    page = pages.board_page(a_site(), a_board(), [], 1, 1).decode()
    needed = assets.needed_by("scripts/start.js")
    assert len(needed) > 2
    for url in needed:
        assert f'<link rel="modulepreload" href="{url}">' in page
    assert f'<script type="module" src="{assets.asset_url("scripts/start.js")}"></script>' in page


@pytest.fixture
def sources(tmp_path: Path) -> tuple[Path, Path]:
    """A copy of templates/ and public/assets/ that a test may change."""
    bytecode = shutil.ignore_patterns("__pycache__")
    shutil.copytree(TEMPLATES_FOLDER, tmp_path / "templates", ignore=bytecode)
    shutil.copytree(assets.ASSETS_FOLDER, tmp_path / "assets")
    return tmp_path / "templates", tmp_path / "assets"


@pytest.mark.parametrize(
    "changed", ["templates/pages/thread.html", "templates/wording.py", "assets/board.css"]
)
def test_fingerprint_changes_with_whatever_shapes_a_page(
    sources: tuple[Path, Path], changed: str
) -> None:
    assert fingerprint_of(*sources) == fingerprint()
    path = sources[0].parent / changed
    path.write_bytes(path.read_bytes() + b" ")
    assert fingerprint_of(*sources) != fingerprint()


@pytest.mark.parametrize("added", ["pages/feed.xml", "pages/feed.atom", "words.mo"])
def test_fingerprint_changes_with_a_source_of_another_ending(
    sources: tuple[Path, Path], added: str
) -> None:
    path = sources[0] / added
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"<feed/>")
    assert fingerprint_of(*sources) != fingerprint()


def test_fingerprint_passes_bytecode_over(sources: tuple[Path, Path]) -> None:
    (sources[0] / "__pycache__").mkdir(exist_ok=True)
    (sources[0] / "__pycache__/pages.cpython-399.pyc").write_bytes(b"bytecode")
    assert fingerprint_of(*sources) == fingerprint()


# --- style sheets and scripts ---


#: What stands in the way of a page's first paint.
BEFORE_FIRST_PAINT = ("scripts/theme.js", "board.css", "themes.css", "written.css")
#: And where there are no scripts.
FOR_THOSE_WITHOUT_SCRIPTS = ("theme_by_chooser.css", "answering.css")
BEFORE_FIRST_PAINT_BYTES_MAX = 15_000


def brotli_bytes(names: Iterable[str]) -> int:
    """As they are sent."""
    return sum(len(brotli.compress(assets.assets()[name].body)) for name in names)


def test_what_holds_up_a_page_is_small() -> None:
    assert brotli_bytes(BEFORE_FIRST_PAINT) <= BEFORE_FIRST_PAINT_BYTES_MAX


def test_what_holds_up_a_page_is_what_the_budget_counts() -> None:
    """Otherwise a sheet or a script that was added would slip past it."""
    held_up_by = re.compile(r'<(?:link rel="stylesheet" href|script src)="([^"]+)"[^>]*>')
    names = {asset.url: asset.name for asset in assets.assets().values()}
    for kind, page in sample_pages.every_page().items():
        head = page.partition("</head>")[0]
        found = {names[url] for url in held_up_by.findall(head)}
        assert found <= {*BEFORE_FIRST_PAINT, *FOR_THOSE_WITHOUT_SCRIPTS}, kind
        outside = re.sub("<noscript>.*?</noscript>", "", head)
        assert set(map(names.get, held_up_by.findall(outside))) <= set(BEFORE_FIRST_PAINT), kind


def test_the_script_of_the_theme_is_tiny_and_waits_for_nothing() -> None:
    assert brotli_bytes(["scripts/theme.js"]) <= 400
    page = pages.not_found_page(a_site()).decode()
    script = f'<script src="{assets.asset_url("scripts/theme.js")}"></script>'
    # A script after a sheet would wait until that has come.
    assert page.index(script) < page.index(assets.asset_url("board.css"))


def test_style_sheets_ask_for_nothing_else() -> None:
    for asset in assets.assets().values():
        if asset.name.endswith(".css"):
            assert b"url(" not in asset.body, asset.name
            assert b"@import" not in asset.body, asset.name


#: What a phone of 2018 (Chromium 70) does not know. A declaration it drops alone, and what stands
#: before it counts; of a list of selectors it drops the rule, of these there is none.
NOT_ON_OLD_PHONES = re.compile(
    r"\b(?:min|max|clamp|color-mix)\(|:is\(|:where\(|\binset\s*:|-(?:inline|block)\s*:"
    r"|@(?:layer|container)"
)


def test_style_sheets_say_nothing_that_old_phones_drop() -> None:
    """But those that only scripts load, whose modules such a phone does not read either."""
    for name in (*BEFORE_FIRST_PAINT, *FOR_THOSE_WITHOUT_SCRIPTS, "desk.css"):
        if name.endswith(".css"):
            assert NOT_ON_OLD_PHONES.findall(assets.assets()[name].body.decode()) == [], name


def test_selector_that_old_browsers_do_not_know_takes_no_other_with_it() -> None:
    """Before Chromium 105 a list of selectors with :has() in it is dropped as a whole."""
    for name in (name for name in assets.assets() if name.endswith(".css")):
        sheet = re.sub(r"/\*.*?\*/", "", assets.assets()[name].body.decode(), flags=re.DOTALL)
        for selectors in re.findall(r"([^{};]+)\{", sheet):
            if ":has(" in selectors:
                assert "," not in re.sub(r"\([^()]*\)", "", selectors), selectors


#: Of anything at all, or of what holds the whole page, but for its children or siblings alone.
ASKS_THE_PAGE = re.compile(
    r"(?:^|[\s>+~,])(?:\*|:root|html|body|main|section|\.thread|[#.]\w+-page)?:has\((?![>~])"
)


def test_no_rule_asks_the_whole_page_where_scripts_change_it() -> None:
    """`main:has(.quick)` is asked of all elements again whenever a script changes one of them."""
    for name in (name for name in assets.assets() if name.endswith(".css")):
        sheet = re.sub(r"/\*.*?\*/", "", assets.assets()[name].body.decode(), flags=re.DOTALL)
        found = [s for s in re.findall(r"([^{};]+)\{", sheet) if ASKS_THE_PAGE.search(s)]
        assert (found != []) == (name in FOR_THOSE_WITHOUT_SCRIPTS), (name, found)
