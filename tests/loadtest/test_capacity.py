"""The capacity model: its parts do what the board does, and its doc says what it says."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imageboard.facts import PageRange, PostAdded
from loadtest.capacity import __main__ as command
from loadtest.capacity import fit, limits, month, parameters, simulation, site, tables
from loadtest.capacity.edge import Bucket, Edge
from loadtest.capacity.fit import Observed
from loadtest.capacity.parameters import BadParameters, Parameters
from loadtest.capacity.site import Board, File
from loadtest.results import Correctness
from renderer.agenda import stale_pages
from renderer.pages import board_kinds
from renderer.pages.kind import Page
from tests.house_rules.repository import ROOT
from tests.loadtest.synthetic_runs import a_run
from tests.tables import for_each

KNOWN = parameters.read()
A_FILE = File("thread", 0, 7)


@cache
def a_month(users: int) -> month.Month:
    """With the parameters as they are; it takes a second, and never differs."""
    return month.a_month(KNOWN, users)


# --- parameters ---


def test_every_parameter_has_a_unit_and_says_where_it_is_from() -> None:
    for file in (parameters.ASSUMED, parameters.MEASURED):
        text = file.read_text(encoding="utf-8")
        assert text.count("\nvalue = ") == text.count("\nunit = ") == text.count("\nfrom = ")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[cores]\nvalue = 2\nunit = "cores"\n', r"\[cores\]: it needs a value"),
        ('[cores]\nvalue = "2"\nunit = "cores"\nfrom = "x"\n', r"\[cores\]: it needs a value"),
        ('[cores]\nvalue = 2\nunit = "cores"\nfrom = "x"\n', "missing or unknown: .*put_s"),
        ('[hearts]\nvalue = 2\nunit = "hearts"\nfrom = "x"\n', "missing or unknown: .*hearts"),
    ],
)
def test_parameters_that_are_not_all_there_are_refused(
    tmp_path: Path, text: str, fault: str
) -> None:
    (tmp_path / "p.toml").write_text(text)
    with pytest.raises(BadParameters, match=fault):
        parameters.read(tmp_path / "p.toml")


def test_what_if() -> None:
    assert parameters.changed(KNOWN, ["cores=8"]) == replace(KNOWN, cores=8.0)
    for change, fault in (("hearts=1", "no parameter 'hearts'"), ("cores=many", "write cores=5")):
        with pytest.raises(BadParameters, match=fault):
            parameters.changed(KNOWN, [change])


# --- the site ---


def files_of(page: Page, replies: int) -> Iterator[File]:
    """The files of a page (renderer/pages)."""
    match page:
        case Page("thread", int(thread)):
            yield File("thread", 0, thread)
            yield File("thread.json", 0, thread)
            if replies >= site.TAIL_FROM:
                yield File("thread.tail", 0, thread)
                yield File("thread.tail.json", 0, thread)
        case Page("changes", int(thread)):
            yield File("thread.latest", 0, thread)
            yield File("thread.changes", 0, thread)
        case Page("thread_feed", int(thread)):
            yield File("thread.feed", 0, thread)
        case Page("board_page", int(number)):
            yield File("page", 0, number)
            yield File("page.json", 0, number)
        case Page("catalog"):
            yield from (File(kind, 0) for kind in ("catalog", "catalog.json", "threads.json"))
        case _:
            raise AssertionError(page)


def a_site(threads: int = 30, replies: int = 5) -> Board:
    numbers = list(range(threads, 0, -1))
    return Board(0, numbers, dict.fromkeys(numbers, replies), pages_max=10)


@for_each("replies", [5, 99, 150])
@for_each(
    ("place", "bumps", "pages"),
    [(0, True, (1, 1)), (14, True, (1, 2)), (29, True, (1, 3)), (14, False, (2, 2))],
)
def test_a_post_changes_the_files_that_the_board_says_it_does(
    place: int, bumps: bool, pages: tuple[int, int], replies: int
) -> None:
    board = a_site(replies=replies)
    thread = board.threads[place]
    fact = PostAdded(thread=thread, no=999, pages=PageRange(*pages))
    stale = stale_pages(board_kinds(), fact)
    expected = {file for page in stale for file in files_of(page, replies + 1)}
    # boards.json stays as it is: it shows settings alone.
    expected.add(site.FRONT_PAGE)
    assert board.reply(place, bumps=bumps) == expected
    assert board.threads[0] == (thread if bumps else 30)


def test_a_new_thread_changes_every_page_and_the_last_one_falls_off_a_full_board() -> None:
    board = a_site(threads=100)
    files = board.new_thread()
    assert {file.no for file in files if file.kind == "page"} == set(range(1, 11))
    assert (len(board.threads), board.threads[0], board.removed) == (100, 101, 1)
    assert 1 not in board.replies


def test_shares_are_zipfs_and_add_up() -> None:
    shares = site.zipf(50, 1.0)
    assert sum(shares) == pytest.approx(1)
    assert shares[0] == pytest.approx(10 * shares[9])
    assert site.cumulated(shares)[-1] == pytest.approx(1)


# --- bucket and edge ---


@given(st.lists(st.floats(0, 30), min_size=1, max_size=60))
def test_puts_of_a_file_keep_their_distance_and_the_last_change_is_always_put(
    times: list[float],
) -> None:
    bucket, puts = Bucket(pace_s=1.05), []
    for at_s in sorted(times):
        bucket.change(A_FILE, at_s)
        puts.append(bucket.put_at(A_FILE, math.inf))
    assert puts[-1] >= max(times)
    distinct = sorted(set(puts))
    assert len(distinct) == bucket.puts
    assert bucket.puts + bucket.folded == len(times)
    assert all(b - a >= 1.05 - 1e-9 for a, b in pairwise(distinct))


@for_each(
    ("file", "urls"),
    [
        (File("thread", 0, 1), 1),
        (File("thread.json", 0, 1), 2),
        (File("page", 0, 1), 2),
        (File("page", 0, 2), 1),
        (site.FRONT_PAGE, 2),
    ],
)
def test_a_file_is_purged_under_each_of_its_addresses(file: File, urls: int) -> None:
    bucket = Bucket(pace_s=1.05)
    bucket.change(file, 0)
    assert bucket.purged_urls == urls


def test_a_copy_is_used_at_its_place_while_it_is_fresh_and_not_purged() -> None:
    bucket = Bucket(pace_s=1)
    edge = Edge(bucket, fresh_s=60)
    misses = []
    for place, at_s in ((0, 0), (0, 59), (1, 59), (0, 61), (0, 62)):
        edge.read(place, A_FILE, at_s)
        misses.append(edge.misses)
    assert misses == [1, 1, 2, 3, 3]
    bucket.change(A_FILE, 63)
    edge.read(0, A_FILE, 63)
    assert (edge.reads, edge.misses) == (6, 4)


def test_a_copy_stays_in_use_until_the_put_that_its_pace_delays() -> None:
    bucket = Bucket(pace_s=10)
    edge = Edge(bucket, fresh_s=60)
    bucket.change(A_FILE, 0)
    edge.read(0, A_FILE, 1)
    bucket.change(A_FILE, 2)
    for at_s, misses in ((9.9, 1), (10.1, 2), (11, 2)):
        edge.read(0, A_FILE, at_s)
        assert edge.misses == misses


def test_with_tiered_caching_the_bucket_is_asked_once_for_all_places() -> None:
    edge = Edge(Bucket(pace_s=1), fresh_s=60)
    for place in range(50):
        edge.read(place, A_FILE, 1.0)
    assert (edge.misses, edge.upper_misses) == (50, 1)


@pytest.mark.parametrize("per_s", [0.01, 0.1, 2.0])
def test_misses_of_a_file_that_never_changes_are_those_of_theory(per_s: float) -> None:
    """One for each time that it is fresh, and the wait for the next reader."""
    dice, edge, now_s = random.Random(1), Edge(Bucket(pace_s=1), fresh_s=60), 0.0
    for _ in range(20_000):
        now_s += dice.expovariate(per_s)
        edge.read(0, A_FILE, now_s)
    assert edge.misses / now_s == pytest.approx(1 / (60 + 1 / per_s), rel=0.05)


# --- the simulation ---


@pytest.mark.slow
def test_the_same_seed_gives_the_same_slice() -> None:
    one, other, third = (simulation.simulate(KNOWN, 20_000, 1.0, seed) for seed in (1, 1, 2))
    assert one == other
    assert one != third


@pytest.mark.slow
def test_a_slice_has_as_many_events_as_people_make() -> None:
    found = simulation.simulate(KNOWN, 50_000, 1.0, 1)
    per_s = 50_000 / simulation.DAY_S
    posts_per_s = per_s * KNOWN.posts_per_user_day
    reads_per_s = per_s * KNOWN.pages_per_user_day * (1 + KNOWN.polls_per_page)
    assert found.posts / found.seconds == pytest.approx(posts_per_s, rel=0.1)
    assert found.reads / found.seconds == pytest.approx(reads_per_s, rel=0.03)
    assert found.puts + found.folded == found.files_changed


@pytest.mark.slow
def test_a_slice_is_bounded_however_many_people_there_are() -> None:
    found = simulation.simulate(KNOWN, month.USERS_MAX, KNOWN.peak_to_mean, 1)
    assert found.seconds == KNOWN.edge_fresh_s
    with pytest.raises(ValueError, match="3,000,000"):
        month.a_month(KNOWN, month.USERS_MAX + 1)


@pytest.mark.parametrize(("users", "boards"), [(1, 1), (1000, 3), (1_000_000, 75)])
def test_boards_grow_with_people(users: int, boards: int) -> None:
    assert simulation.boards_of(KNOWN, users) == boards


# --- a month ---


def test_slices_add_up_to_a_day_and_the_first_is_its_peak() -> None:
    levels = month.levels(1.75)
    assert sum(levels) / len(levels) == pytest.approx(1)
    assert max(levels) == levels[0] == 1.75


def test_a_board_of_a_thousand_costs_nothing() -> None:
    assert a_month(1000).dollars == 0


def test_what_is_free_is_not_paid_for() -> None:
    assert month.class_a_dollars(KNOWN, 1e6) == month.class_b_dollars(KNOWN, 1e7) == 0
    assert month.class_a_dollars(KNOWN, 3e6) == pytest.approx(9.0)
    assert month.class_b_dollars(KNOWN, 110e6) == pytest.approx(36.0)


@pytest.mark.slow
def test_puts_that_are_paced_more_slowly_are_fewer() -> None:
    quick, slow = a_month(20_000), month.a_month(replace(KNOWN, put_pace_s=60.0), 20_000)
    assert slow.puts < 0.9 * quick.puts
    assert slow.class_a_dollars < quick.class_a_dollars


# --- limits ---


@pytest.mark.slow
@pytest.mark.parametrize("serving", limits.SERVINGS)
def test_limits_are_told_nearest_first_and_each_is_used_by_more_people_more(
    serving: limits.Serving,
) -> None:
    few, many = (limits.limits(KNOWN, a_month(users), serving) for users in (20_000, 200_000))
    ends = [limit.users_at_the_end(200_000) for limit in many]
    assert ends == sorted(ends)
    used_by_few = {limit.name: limit.used for limit in few}
    assert all(limit.used > used_by_few[limit.name] for limit in many)


@pytest.mark.slow
def test_what_the_machine_lacks_is_the_limit() -> None:
    """Each limit comes first, once there is little enough of it."""
    one = a_month(20_000)
    for name, scarce in (
        ("processor", {"cores": 0.0001}),
        ("network", {"network_mbit_per_s_max": 0.01}),
        ("disk", {"disk_gb_max": 0.0001}),
        ("purges", {"purge_urls_per_s_max": 0.001}),
        ("puts", {"puts_at_once": 0.001}),
        ("one board's posts", {"board_posts_per_s_max": 0.0001}),
        ("connections", {"connections_max": 10.001}),
    ):
        found = limits.limits(replace(KNOWN, **scarce), one, "bucket and Worker")
        assert found[0].name == name
        assert found[0].users_at_the_end(one.users) < one.users


@pytest.mark.parametrize(("power", "users"), [(1.0, 400_000), (0.5, 1_600_000)])
def test_a_limit_is_reached_sooner_the_faster_its_use_grows(power: float, users: int) -> None:
    assert limits.Limit("disk", 0.25, power).users_at_the_end(100_000) == pytest.approx(users)


# --- fitting ---


def an_observed(**counts: float) -> Observed:
    """A run whose processor time is what these costs make of it."""
    run = Observed(
        name="a run",
        seconds=60.0,
        reads=int(counts.get("reads", 0)),
        posts=int(counts.get("posts", 0)),
        pictures=int(counts.get("pictures", 0)),
        posts_by_replies=counts.get("posts", 0) * counts.get("replies", 0),
        posts_by_threads=counts.get("posts", 0) * counts.get("threads", 0),
        cpu_s={},
    )
    true = fit.Fit(
        {
            part: {term.parameter: 1.5 if n else 0.2 for n, term in enumerate(terms)}
            for part, terms in fit.TERMS.items()
        }
    )
    return replace(run, cpu_s={part: true.cpu_s(part, run) for part in fit.TERMS})


RUNS = [
    an_observed(reads=3000),
    an_observed(reads=300, posts=300, pictures=20, replies=20, threads=100),
    an_observed(reads=350, posts=320, pictures=25, replies=200, threads=40),
    an_observed(reads=320, posts=310, pictures=22, replies=900, threads=12),
]


def test_costs_are_found_again_in_runs_that_were_made_of_them() -> None:
    found = fit.fit(RUNS).costs
    for part, terms in fit.TERMS.items():
        for n, term in enumerate(terms):
            assert found[part][term.parameter] == pytest.approx(1.5 if n else 0.2, rel=1e-6)


def test_a_run_that_was_not_used_is_foretold_and_held_against_what_it_took() -> None:
    unused = an_observed(reads=900, posts=500, replies=120, threads=60)
    lines = fit.check(fit.fit(RUNS), unused)
    assert lines[-1].startswith("all")
    assert lines[-1].split()[-2] in ("+0", "-0")
    twice = replace(unused, cpu_s={part: 2 * cpu_s for part, cpu_s in unused.cpu_s.items()})
    assert fit.check(fit.fit(RUNS), twice)[-1].split()[-2:] == ["-50", "%"]


@pytest.mark.parametrize(
    ("rows", "values", "costs"),
    [
        ([[1.0, 1.0], [1.0, 2.0]], [3.0, 1.0], [2.0, 0.0]),  # without the bound, the second is -2
        ([[1.0, 0.0], [2.0, 0.0]], [3.0, 6.0], [3.0, 0.0]),  # what no run did costs nothing
        ([[1e9, 1.0], [2e9, 5.0], [0.0, 7.0]], [1e3 + 2, 2e3 + 10, 14.0], [1e-6, 2.0]),
        ([[5.0], [5.0], [5.0]], [9.0, 10.0, 14.0], [2.2]),
    ],
)
def test_costs_fit_best_and_none_is_below_zero(
    rows: list[list[float]], values: list[float], costs: list[float]
) -> None:
    assert fit.least_squares(rows, values) == pytest.approx(costs)


def test_runs_are_read_with_the_board_that_they_posted_to(tmp_path: Path) -> None:
    run = a_run(1, correctness=Correctness(acknowledged=90))
    run.write(tmp_path / "run.json")
    observed = Observed.of(tmp_path / "run.json", replies=50, threads=30)
    assert (observed.posts, observed.posts_by_replies) == (90, 4500)
    assert observed.reads == sum(
        row.count for row in run.requests if row.kind in ("page", "json", "image")
    )
    assert observed.cpu_s["writer"] == run.figures["writer_cpu_s"]


def test_sizes_of_pages_are_told_by_their_posts(tmp_path: Path) -> None:
    folder = tmp_path / "b" / "res"
    folder.mkdir(parents=True)
    (tmp_path / "b" / "index.html.br").write_bytes(b"x" * 777)
    for no, posts in ((1, 10), (2, 20), (3, 100)):
        page = b" " * 500 + b"".join(b'<i id="%d">' % n + b"." * 90 for n in range(10, 10 + posts))
        (folder / f"{no}.html").write_bytes(page)
        (folder / f"{no}.html.br").write_bytes(page[: 100 + 10 * posts])
    (folder / "3+50.html").write_bytes(b"no thread by itself")
    sizes = fit.page_sizes(tmp_path)
    assert sizes["thread_br_bytes"] == pytest.approx(100, abs=1)
    assert sizes["thread_br_bytes_per_post"] == pytest.approx(10, rel=0.01)
    assert sizes["board_page_br_bytes"] == 777


def test_what_is_fitted_can_be_read_as_parameters(tmp_path: Path) -> None:
    measured = tmp_path / "measured.toml"
    sizes = {name: 1.0 for name in Parameters.__annotations__ if "bytes" in name}
    del sizes["picture_bytes"], sizes["thumbnail_bytes"]
    measured.write_text(fit.as_toml(fit.fit(RUNS).parameters() | sizes, RUNS))
    read = parameters.read(parameters.ASSUMED, measured)
    assert read.nginx_cpu_ms_per_read == pytest.approx(0.2, rel=0.02)


# --- what it says ---


@for_each(
    ("value", "text"),
    [
        (0.343, "0.34"),
        (1.0, "1"),
        (7.23, "7.2"),
        (45.4, "45"),
        (1234.0, "1,200"),
        (999_600.0, "1 million"),
        (3.44e6, "3.4 million"),
        (220e6, "220 million"),
        (1.02e9, "1 billion"),
    ],
)
def test_quantities_have_two_digits(value: float, text: str) -> None:
    assert tables.quantity(value) == text


@pytest.mark.slow
def test_document_holds_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    """After a change of the model: paste the output of `python -m loadtest.capacity` there."""
    assert command.main([]) == 0
    document = (ROOT / "docs" / "capacity.md").read_text(encoding="utf-8")
    for part in capsys.readouterr().out.strip().split("\n\n"):
        assert part in document


@pytest.mark.slow
def test_command_tells_programs_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--daily-users", "5000", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["users"] == 5000
    assert set(told["limits"]) == set(limits.SERVINGS)


@pytest.mark.parametrize(
    "arguments", [["--daily-users", "0"], ["--daily-users", "99999999999"], ["--set", "hearts=1"]]
)
def test_a_wrong_call_is_told_in_a_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    assert ended.value.code == 2
    assert "error: " in capsys.readouterr().err
