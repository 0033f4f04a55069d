"""The report: one page that holds all of a run, asks for nothing, and can be read anywhere."""

from __future__ import annotations

import html as html_entities
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from loadtest import plots, report, targets, verdict
from loadtest.plots import Line, Plot
from loadtest.results import Correctness, Run, Step
from tests.loadtest.synthetic_runs import a_run

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def page_of(run: Run, earlier: Run | None = None) -> str:
    return report.html(run, verdict.judge(run, targets.read()), earlier)


def text_of(page: str) -> str:
    """What a person reads of it, in one line."""
    body = page.partition("<body>")[2]
    return " ".join(html_entities.unescape(re.sub(r"<[^>]+>", " ", body)).split())


A_BAD_RUN = replace(
    a_run(2, slower=1.4, correctness=Correctness(acknowledged=120, missing=2)),
    steps=[Step(100, 500.0), Step(200, 900.0, ["too slow <b>there</b>"])],
)


@pytest.fixture(scope="module")
def bad_page() -> str:
    """PERF: a page has seven plots and takes 0.3 s to write."""
    return page_of(A_BAD_RUN)


@pytest.fixture(scope="module")
def compared_page() -> str:
    return page_of(A_BAD_RUN, a_run(1))


@pytest.fixture(scope="module")
def told_page() -> str:
    """Of a run that bears what a board, and whoever runs it, may say."""
    return page_of(
        replace(
            a_run(1),
            settings={"STILLBOARD_LIMITS": "off", "CSRF_KEY": "hush"},
            version="<script>alert(1)</script>",
        )
    )


@pytest.fixture(scope="module", params=report.all_plots(A_BAD_RUN), ids=lambda plot: plot.title)
def plot_and_svg(request: pytest.FixtureRequest) -> tuple[Plot, str]:
    return request.param, plots.svg(request.param, "p")


# --- what it holds ---


def test_verdict_stands_on_top(told_page: str, bad_page: str) -> None:
    for page, answer in ((told_page, "mixed: yes, all"), (bad_page, "mixed: no, 1 of")):
        body = text_of(page)
        assert body.index(answer) < body.index("Targets")
    assert "missed: acknowledged posts that their page did not show: 2, at most 0" in body


def test_every_target_request_part_and_step_has_its_row(bad_page: str) -> None:
    body = text_of(bad_page)
    for judgement in verdict.judge(A_BAD_RUN, targets.read()).judgements:
        assert judgement.target.why in body
    for row in A_BAD_RUN.requests:
        assert f"{row.name} {row.kind} {row.count:,}" in body
    for name in ("writer", "renderer", "postgres", "nginx", "generator (makes the load)"):
        assert f"{name} 1 " in body
    assert "200 900 too slow <b>there</b>" in body


def test_the_same_run_can_be_made_again_from_it(bad_page: str) -> None:
    command = (
        "stillboard loadtest mixed --host http://127.0.0.1:8080 --users 200 --time 60s --seed 2"
    )
    assert command in text_of(bad_page)


def test_an_earlier_run_is_held_against_it(compared_page: str) -> None:
    body = text_of(compared_page)
    assert "Against the run of 2026-11-24T10:01" in body
    assert re.search(r"p50_ms \S+ \S+ \+\d+\.\d % slower", body)
    assert "worse correctness" in body


def test_no_secret_is_in_it(told_page: str) -> None:
    assert "STILLBOARD_LIMITS" in told_page
    assert "hush" not in told_page


def test_what_a_board_says_is_text_to_it(told_page: str) -> None:
    assert "<script" not in told_page
    assert "&lt;script&gt;" in told_page


def test_a_run_of_a_distant_board_says_what_was_not_measured() -> None:
    assert "Memory and processor were not measured" in text_of(page_of(a_run(1, processes=False)))


def test_a_run_that_saw_nothing_has_a_page_too() -> None:
    empty = replace(a_run(1, processes=False), requests=[], timeline=[], histograms={}, figures={})
    assert "<svg" not in page_of(empty)


# --- plots ---


SVG = "{http://www.w3.org/2000/svg}"


def lines_of(drawn: ET.Element) -> dict[str, list[tuple[float, float]]]:
    """{id: the places where a line of the plot goes}, of those that go anywhere."""
    found = {}
    for group in drawn.iter(f"{SVG}g"):
        if re.fullmatch(r"p-line-\d", name := group.get("id", "")):
            path = group.find(f"{SVG}path")
            places = re.findall(r"([\d.]+) ([\d.]+)", "" if path is None else path.get("d", ""))
            if places:
                found[name] = [(float(x), float(y)) for x, y in places]
    return found


def test_plot_is_svg_with_a_title_a_description_and_all_points_inside(
    plot_and_svg: tuple[Plot, str],
) -> None:
    plot, svg = plot_and_svg
    root = ET.fromstring(svg)
    assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]
    assert root.get("aria-labelledby") == f"{root[0].get('id')} {root[1].get('id')}"
    assert plot.lines[0].label in (root[1].text or "")
    drawn = lines_of(root)
    assert list(drawn) == [f"p-line-{n}" for n, line in enumerate(plot.lines) if line.points]
    for places in drawn.values():
        assert all(0 <= x <= plots.WIDTH and 0 <= y <= plots.HEIGHT for x, y in places)
    words = {text.text for text in root.iter(f"{SVG}text")}
    assert {plot.x_label, *(line.label for line in plot.lines)} <= words


def test_plot_has_no_colour_but_the_page_s(plot_and_svg: tuple[Plot, str]) -> None:
    _plot, drawn = plot_and_svg
    assert not re.search(r"#[0-9a-f]{6}\b(?!\d)", re.sub(r'"#[^"]+"|url\(#[^)]+\)', "", drawn))
    style = (Path(report.__file__).parent / "report.html.j2").read_text(encoding="utf-8")
    for variable in set(re.findall(r"var\((--\w+)\)", drawn)):
        assert style.count(f"{variable}: #") == 2, "one for light, one for dark"
    assert all("var(--soft)" in text for text in re.findall(r"<text [^>]*>", drawn))


def test_no_id_is_on_the_page_twice(compared_page: str) -> None:
    ids = re.findall(r' id="([^"]+)"', compared_page)
    assert len(ids) == len(set(ids))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize(
    "values", [[], [0.0], [5.0], [0.0, 0.0], [1.0, 1e9], [1e-9, 2e-9], [150.0, 151.0]]
)
def test_any_values_can_be_drawn(scale: plots.Scale, values: list[float]) -> None:
    points = [(float(x), y) for x, y in enumerate(values)]
    plot = Plot("A", "x", "y", [Line("one", points)], y_scale=scale)
    drawn = plots.svg(plot, "p")
    ET.fromstring(drawn)
    assert "nan" not in drawn


def test_what_a_plot_says_is_text_to_it() -> None:
    said = ("<b>", "<i>", "$x^2$ & \\alpha")
    plot = Plot(said[0], said[1], "&", [Line(said[2], [(0.0, 1.0), (1.0, 2.0)])])
    words = {element.text for element in ET.fromstring(plots.svg(plot, "p")).iter()}
    assert {*said} <= words


def test_a_long_run_keeps_its_peaks_and_makes_no_large_page() -> None:
    points = [(float(s), 900.0 if s == 7777 else 5.0 + s % 2) for s in range(14_400)]
    drawn = plots.svg(Plot("A", "s", "ms", [Line("p50", points)]), "p")
    (places,) = lines_of(ET.fromstring(drawn)).values()
    top = min(y for _x, y in places)
    assert top < 30
    assert sum(y < 150 for _x, y in places) == 1
    assert len(drawn) < 100_000


def test_table_beside_a_plot_has_its_values() -> None:
    plot = Plot("A", "s", "ms", [Line("p50", [(1.0, 2.0), (2.0, 3.0)]), Line("p99", [(2.0, 9.0)])])
    assert report.table_of(plot) == [["s", "p50", "p99"], ["1", "2", ""], ["2", "3", "9"]]


# --- in a browser ---


@pytest.fixture
def opened(
    chromium: Browser, compared_page: str, tmp_path: Path
) -> Iterator[tuple[Page, list[str]]]:
    """The report on a phone, opened as a file; and what it complained of or asked for."""
    path = tmp_path / "report.html"
    path.write_text(compared_page, encoding="utf-8")
    page = chromium.new_page(viewport={"width": 360, "height": 740}, color_scheme="dark")
    seen: list[str] = []
    page.on("console", lambda message: seen.append(message.text))
    page.on("pageerror", lambda error: seen.append(str(error)))
    page.on("request", lambda request: seen.append(request.url))
    page.goto(path.as_uri())
    assert seen.pop(0) == path.as_uri()
    yield page, seen
    page.close()


@pytest.mark.browser
def test_report_opens_from_a_file_and_asks_for_nothing(opened: tuple[Page, list[str]]) -> None:
    page, seen = opened
    assert page.title().startswith("mixed: no")
    assert seen == []


@pytest.mark.browser
def test_report_fits_a_phone_and_shows_every_plot(opened: tuple[Page, list[str]]) -> None:
    page, _seen = opened
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    sizes = page.eval_on_selector_all(
        "svg.plot", "plots => plots.map(plot => plot.querySelector('[id*=-line-]').getBBox().width)"
    )
    assert len(sizes) == 7
    assert all(width > 200 for width in sizes)


@pytest.mark.browser
def test_no_word_of_a_plot_is_cut_off(chromium: Browser) -> None:
    """With as many lines as there are colours, each with the longest name that a part has."""
    lines = [Line(f"generator-{n}", [(1.0, 2.0), (9.0, 123_456.0)]) for n in range(7)]
    page = chromium.new_page()
    page.set_content(plots.svg(Plot("A", "x", "y", lines), "p"))
    boxes = page.eval_on_selector_all(
        "text", "all => all.map(text => { const b = text.getBBox(); return [b.x, b.x + b.width] })"
    )
    assert len(boxes) > 7
    assert all(0 <= left < right <= plots.WIDTH for left, right in boxes)
    page.close()


@pytest.mark.browser
def test_report_is_dark_where_the_reader_wants_it(opened: tuple[Page, list[str]]) -> None:
    page, _seen = opened
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) == "rgb(22, 25, 27)"
    page.emulate_media(color_scheme="light")
    assert page.evaluate(ground) == "rgb(243, 241, 235)"


@pytest.mark.browser
def test_text_of_a_plot_stands_out_from_its_ground_dark_and_light(
    opened: tuple[Page, list[str]],
) -> None:
    page, _seen = opened
    fills = """plots => plots.flatMap(
        plot => [...plot.querySelectorAll("text")].map(text => getComputedStyle(text).fill))"""
    assert set(page.eval_on_selector_all("svg.plot", fills)) == {"rgb(168, 162, 149)"}
    page.emulate_media(color_scheme="light")
    assert set(page.eval_on_selector_all("svg.plot", fills)) == {"rgb(99, 93, 80)"}
