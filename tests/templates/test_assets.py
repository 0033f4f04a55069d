"""Assets, their style, and the fingerprint of all that shapes a page."""

from __future__ import annotations

import re
import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from imageboard.settings import BoardSettings
from templates import assets, fingerprint, pages
from templates.engine import TEMPLATES_FOLDER, fingerprint_of
from tests.tables import for_each
from tests.templates.builders import a_board, a_site

#: Those that a board may have, but the plain one, which has no sheet of its own.
STYLES = [
    choice
    for row in BoardSettings.rows()
    if row.name == "style"
    for choice in row.reader.choices
    if choice != row.default
]
STYLE = assets.assets()["board.css"].body.decode()


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


def test_scripts_that_import_each_other_in_a_circle_are_named(tmp_path: Path) -> None:
    a_script(tmp_path, "a.js", 'import "./b.js";\n')
    a_script(tmp_path, "b.js", 'const a = () => import("./a.js");\n')
    with pytest.raises(
        assets.ImportedInACircle, match=r"scripts/a.js > scripts/b.js > scripts/a.js"
    ):
        assets.read_assets(tmp_path)


def test_comments_stay_at_home_and_types_in_them_are_no_imports(tmp_path: Path) -> None:
    type_alone = '/** @typedef {import("./b.js").B} B */\n\n/**\n * Doc.\n */\n'
    code = "/** @type {A} */ (a).b();\nconst c = 1;\n"
    a_script(tmp_path, "a.js", f"{type_alone}{code}/** Doc. */\n")
    a_script(tmp_path, "b.js", 'import "./a.js";\n')
    assert by_name(tmp_path)["scripts/a.js"].body.decode() == f"\n{code}"


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
    shutil.copytree(TEMPLATES_FOLDER, tmp_path / "templates")
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


# --- the style sheet ---


def test_style_sheet_is_small_and_asks_for_nothing_else() -> None:
    assert len(STYLE.encode()) < 15 * 1024
    assert "url(" not in STYLE
    assert "@import" not in STYLE


def colours_of(style: str) -> dict[str, str]:
    """Those of plain, with what the style of a board puts over them."""
    sheet = assets.assets()[f"style-{style}.css"].body.decode()
    return colours(dark=False) | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", sheet))


def colours(dark: bool) -> dict[str, str]:
    """{'ink': '#25231f'} of one scheme."""
    light_block, dark_block = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[:2]
    found = re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", light_block + dark_block * dark)
    return dict(found)


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance)."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


TEXT_ON_GROUND = [
    (text, ground)
    for text in ("ink", "soft", "accent", "name", "quote", "heading")
    for ground in ("ground", "card", "target")
] + [("accent-ink", "accent"), ("bad", "bad-ground"), ("ink", "line"), ("bad", "ground")]


@for_each("dark", [False, True], ids=["light", "dark"])
@for_each(("text", "ground"), TEXT_ON_GROUND)
def test_text_can_be_read(text: str, ground: str, dark: bool) -> None:
    scheme = colours(dark)
    assert contrast(scheme[text], scheme[ground]) >= 4.5


@for_each("style", STYLES)
@for_each(("text", "ground"), TEXT_ON_GROUND)
def test_text_can_be_read_in_each_style_of_a_board(text: str, ground: str, style: str) -> None:
    scheme = colours_of(style)
    assert contrast(scheme[text], scheme[ground]) >= 4.5


def test_page_of_a_board_has_the_sheet_of_its_style_behind_the_common_one() -> None:
    for style in STYLES:
        page = pages.board_page(a_site(), a_board(style=style), [], 1, 1).decode()
        assert page.index(assets.asset_url("board.css")) < page.index(
            assets.asset_url(f"style-{style}.css")
        )
    assert "style-" not in pages.board_page(a_site(), a_board(), [], 1, 1).decode()
