"""`stillboard loadtest`: will the board hold? Yes or no, with figures."""

from __future__ import annotations

import ipaddress
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from cli import options
from deploy import environment, inspection, query_times
from deploy.data_folder import DataFolder
from deploy.query_times import QueryTimes
from loadtest import plan as plans
from loadtest.plan import Plan
from loadtest.programme import LIMITS_ARE_ON, SCENARIOS, Scenario

if TYPE_CHECKING:
    from loadtest.conducting import Outcome
    from loadtest.results import Run


class WrongCall(click.ClickException):
    """One line, and exit status 2: nothing was measured."""

    exit_code = 2


# --- The commands -------------------------------------------------------------------------------


class _Scenarios(click.Group):
    """A command for each scenario, beside `list` and `compare`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*SCENARIOS, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name in SCENARIOS:
            return _command(SCENARIOS[name])
        return super().get_command(ctx, name)


@click.group(
    cls=_Scenarios,
    epilog="Example: ./stillboard loadtest mixed --time 60s   (of ./stillboard up --no-limits)",
)
def loadtest() -> None:
    """Load the board, and say whether it meets its targets (loadtest/targets.toml).

    Each scenario ends with a verdict and a report. The exit status is 0 when all targets are met,
    1 when one is missed, 2 when nothing could be measured. Aim it at a board of your own.
    """


@loadtest.command("list", epilog="Example: ./stillboard loadtest list")
def list_scenarios() -> None:
    """What each scenario is for, with the users and the time that it has by itself."""
    for scenario in SCENARIOS.values():
        size = f"{scenario.users} users, {scenario.seconds:,.0f} s"
        click.echo(f"{scenario.name:<12}{size:<22}{scenario.says}")


@loadtest.command(epilog="Example: ./stillboard loadtest compare before/ after/")
@click.argument("a", type=click.Path(exists=True, path_type=Path))
@click.argument("b", type=click.Path(exists=True, path_type=Path))
@options.as_json
def compare(a: Path, b: Path, as_json: bool) -> None:
    """Tell what changed from run A to run B, and what is noise.

    Each is the .json of a run, or a folder of several, which tells more. The exit status is 1 when
    B is slower or less correct.
    """
    from loadtest import compare as comparing
    from loadtest.results import NotARun

    try:
        sides = comparing.read_side(a), comparing.read_side(b)
        differences = comparing.compare(*sides)
    except (NotARun, comparing.Incomparable) as ex:
        raise WrongCall(str(ex)) from None
    for warning in comparing.warnings(*sides):
        click.echo(f"note: {warning}", err=True)
    click.echo(comparing.as_json(differences) if as_json else comparing.as_table(differences))
    sys.exit(comparing.is_worse(differences))


@loadtest.command(epilog="Example: ./stillboard loadtest report after.json --earlier before.json")
@click.argument("figures", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--earlier", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def report(figures: Path, earlier: Path | None) -> None:
    """Write the report of a run that was made elsewhere, or compare it with an earlier one.

    FIGURES is the run's .json; the report is put beside it.
    """
    from loadtest import report as reporting
    from loadtest import targets, verdict
    from loadtest.compare import Incomparable
    from loadtest.results import NotARun, Run

    try:
        run = Run.read(figures)
        before = Run.read(earlier) if earlier else None
        path = figures.with_suffix(".html")
        reporting.write_html(run, verdict.judge(run, targets.read()), path, before)
    except (NotARun, Incomparable) as ex:
        raise WrongCall(str(ex)) from None
    click.echo(f"report: {path}")


class _Duration(click.ParamType[float]):
    """'60s', '2m', '4h' -> seconds."""

    name = "time"

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        try:
            return plans.read_duration(str(value))
        except ValueError as ex:
            self.fail(str(ex), param, ctx)


_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller of a scenario asked for."""

    host: str | None
    users: int
    seconds: float
    seed: int
    board: str
    out: Path | None
    workers: int
    master: bool
    master_host: str | None
    master_listen: str
    master_port: int
    staff_name: str | None
    staff_password_file: Path | None
    i_may: bool
    data: Path | None
    as_json: bool


def _options_of(scenario: Scenario) -> list[Callable[[Callable[..., None]], Callable[..., None]]]:
    """One for each field of Wish."""
    return [
        click.option("--host", metavar="URL", help="[default: the board that is up on --data]"),
        click.option(
            "--users", type=click.IntRange(1, 100_000), default=scenario.users, show_default=True
        ),
        click.option(
            "--time",
            "seconds",
            type=_Duration(),
            default=f"{scenario.seconds:.0f}s",
            show_default=True,
            help="60s, 2m, 4h.",
        ),
        click.option("--seed", default=1, show_default=True, help="The same one, the same users."),
        click.option("--board", default="b", show_default=True, metavar="B"),
        click.option(
            "--out",
            type=_FOLDER,
            metavar="DIR",
            help="For report and figures.  [default: loadtests/ in the data folder]",
        ),
        click.option(
            "--workers",
            type=click.IntRange(0, 256),
            default=0,
            help="Processes that make the load; with --master: how many come from elsewhere.",
        ),
        click.option("--master", is_flag=True, help="Lead workers that come from elsewhere."),
        click.option("--worker", "master_host", metavar="HOST", help="Work for the master there."),
        click.option(
            "--master-listen",
            default="0.0.0.0",  # noqa: S104 -- workers come from other machines
            show_default=True,
            help="Where the master listens.",
        ),
        click.option("--master-port", type=int, default=plans.MASTER_PORT, show_default=True),
        click.option("--staff-name", metavar="NAME", help="[default: of the first login]"),
        click.option("--staff-password-file", type=_FILE, help="Holds that account's password."),
        click.option("--i-may", is_flag=True, help="It is my board, though not on this machine."),
        options.data,
        options.as_json,
    ]


def _command(scenario: Scenario) -> click.Command:
    @click.pass_obj
    def run(environ: dict[str, str], /, **given: Any) -> None:
        _run(scenario, Wish(**given), environ)

    for option in reversed(_options_of(scenario)):
        run = option(run)
    sentence = f"{scenario.says[0].upper()}{scenario.says[1:]}."
    epilog = f"Example: ./stillboard loadtest {scenario.name} --time 60s"
    return click.command(scenario.name, help=sentence, epilog=epilog)(run)


# --- One run ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Aim:
    """The board that is loaded."""

    #: Without a slash at its end.
    host: str
    #: Its data folder, when it is up on this machine; else there is nobody to watch.
    folder: DataFolder | None = None
    #: Of the board, when its folder is known.
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_limits(self) -> bool:
        """As far as can be told without asking it."""
        return self.folder is not None and self.settings.get("STILLBOARD_LIMITS") != "off"


@dataclass(frozen=True, slots=True)
class Files:
    """Where a run is kept: mixed-20261124-101500.json, and .html and .log beside it."""

    stem: Path

    @classmethod
    def in_folder(cls, folder: Path, scenario: str) -> Files:
        """Makes the folder."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as ex:
            raise WrongCall(f"can't write to {folder} ({ex.strerror}): choose --out") from None
        return cls(folder / f"{scenario}-{datetime.now(UTC):%Y%m%d-%H%M%S}")

    @property
    def figures(self) -> Path:
        return self.stem.with_suffix(".json")

    @property
    def report(self) -> Path:
        return self.stem.with_suffix(".html")

    @property
    def log(self) -> Path:
        return self.stem.with_suffix(".log")


def _run(scenario: Scenario, wish: Wish, environ: Mapping[str, str]) -> None:
    """Exits with the status that the help tells of."""
    from loadtest.conducting import GeneratorDied, LoadTestRefused, serve

    data = environment.data_path(wish.data, environ)
    aim = _aim(wish, data)
    if scenario.limits_off and aim.has_limits:
        raise WrongCall(LIMITS_ARE_ON)
    files = Files.in_folder(wish.out or data / "loadtests", scenario.name)
    plan = _plan(scenario, wish, aim, files)
    try:
        if plan.role != "worker":
            sys.exit(_lead(aim, plan, files, environ, as_json=wish.as_json))
        click.echo(f"working for the master at {plan.master_host}:{plan.master_port}", err=True)
        serve(plan, log=files.log, environ=environ)
    except LoadTestRefused as ex:
        raise WrongCall(str(ex)) from None
    except GeneratorDied as ex:
        raise click.ClickException(str(ex)) from None


def _aim(wish: Wish, data: Path) -> Aim:
    """Raises WrongCall: there is no board, or it may be somebody else's."""
    folder = DataFolder(data)
    run = folder.run() if folder.is_locked() else None
    here = _own_url(run.url) if run else None
    host = wish.host.rstrip("/") if wish.host else here
    if host is None:
        raise WrongCall(
            f"no board is up on {data}: start it with ./stillboard up --no-limits, "
            "or name another with --host or --data"
        )
    if urlsplit(host).scheme not in ("http", "https") or not urlsplit(host).hostname:
        raise WrongCall(f"{host} is no address of a board: write http://127.0.0.1:8080")
    if not wish.i_may and not _is_this_machine(host):
        raise WrongCall(
            f"{host} is not on this machine: load tests are for a board of your own. "
            "If it is yours, add --i-may"
        )
    if run is None or host != here:
        return Aim(host)
    return Aim(host, folder, run.environment)


def _own_url(url: str) -> str:
    """The address of a board that listens everywhere, from this machine."""
    for everywhere, here in (("//0.0.0.0:", "//127.0.0.1:"), ("//[::]:", "//[::1]:")):
        url = url.replace(everywhere, here)
    return url.rstrip("/")


def _is_this_machine(host: str) -> bool:
    name = urlsplit(host).hostname or ""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def _plan(scenario: Scenario, wish: Wish, aim: Aim, files: Files) -> Plan:
    """Raises WrongCall: what was asked for does not go together."""
    if wish.master and wish.master_host:
        raise WrongCall("a process is either --master or --worker")
    if wish.master and not wish.workers:
        raise WrongCall("say with --workers N how many the master waits for")
    plan = Plan(
        scenario=scenario.name,
        host=aim.host,
        board=wish.board,
        users=wish.users,
        seconds=wish.seconds,
        seed=wish.seed,
        workers=wish.workers,
        master_port=wish.master_port,
        out=str(files.figures),
    )
    if scenario.needs_staff:
        name, password = _staff_login(wish, aim)
        plan = replace(plan, staff_name=name, staff_password=password)
    if wish.master:
        return replace(plan, role="master", master_host=wish.master_listen)
    if wish.master_host:
        return replace(plan, role="worker", master_host=wish.master_host)
    return plan


def _staff_login(wish: Wish, aim: Aim) -> tuple[str, str]:
    """Name and password: those that were named, or the first account's. Raises WrongCall."""
    if wish.staff_name and wish.staff_password_file:
        return wish.staff_name, wish.staff_password_file.read_text().strip()
    first_login = aim.folder.first_login if aim.folder else None
    if first_login is None or not first_login.exists():
        raise WrongCall("name an account with --staff-name and --staff-password-file")
    told = dict(line.split(": ", 1) for line in first_login.read_text().splitlines())
    return told["name"], told["password"]


def _lead(aim: Aim, plan: Plan, files: Files, environ: Mapping[str, str], *, as_json: bool) -> int:
    """Run it, judge it, tell it: the exit status."""
    from loadtest import report as reporting
    from loadtest import targets, verdict

    outcome = _conduct(aim, plan, files, environ)
    run = outcome.run
    run.write(files.figures)
    judged = verdict.judge(run, targets.read())
    reporting.write_html(run, judged, files.report)
    if as_json:
        told = {
            "met": judged.is_yes,
            "sentences": judged.sentences(),
            "notes": outcome.notes,
            "report": str(files.report),
            "run": json.loads(files.figures.read_text()),
        }
        click.echo(json.dumps(told, indent=1))
        return not judged.is_yes
    for line in (*_steps(run), *judged.sentences()):
        click.echo(line)
    for note, count in outcome.notes.items():
        click.echo(f"seen: {note} ({count} times)")
    click.echo(f"report: {files.report}\nfigures: {files.figures}")
    return not judged.is_yes


def _conduct(aim: Aim, plan: Plan, files: Files, environ: Mapping[str, str]) -> Outcome:
    """The run, with what can be told of the board's own machine if that is this one."""
    from rich.console import Console

    from loadtest import figures, machine, samples
    from loadtest.conducting import conduct
    from loadtest.live import LiveView

    samplers: list[samples.Sampler] = []

    def watch(pids: list[int]) -> None:
        generator = {f"generator-{number}": pid for number, pid in enumerate(pids, start=1)}
        parts = samples.parts_of(aim.folder.path) if aim.folder else {}
        samplers.append(samples.Sampler(parts, generator))
        samplers[0].start()

    before = _told_queries(aim)
    title = f"{plan.scenario}: {plan.users} users for {plan.seconds:,.0f} s at {plan.host}"
    described = machine.describe()
    with LiveView(Console(stderr=True), title) as view:
        outcome = conduct(plan, log=files.log, environ=environ, on_start=watch, on_second=view.show)
    run = replace(
        outcome.run,
        version=inspection.versions()["Stillboard"] if aim.folder else "unknown",
        settings=machine.shown_settings(aim.settings),
        machine=described,
        processes=samplers[0].stop(),
        figures=_query_times(before, _told_queries(aim)),
    )
    return replace(outcome, run=replace(run, figures=figures.of(run)))


def _told_queries(aim: Aim) -> QueryTimes | None:
    """None: the board is on another machine, or not all of its parts answer."""
    run = aim.folder.run() if aim.folder else None
    if run is None:
        return None
    # A part that this board does not need, as a publisher without a bucket, has an address too.
    running = [address for part, address in run.metrics.items() if part in run.parts]
    try:
        return query_times.told_by(running)
    except OSError:
        return None


def _query_times(before: QueryTimes | None, after: QueryTimes | None) -> dict[str, float]:
    """Of the run; nothing when a part began anew meanwhile, and counts from there."""
    if before is None or after is None or after.queries <= before.queries:
        return {}
    meanwhile = after.since(before)
    return {
        "query_mean_ms": meanwhile.mean_ms(),
        "query_p99_ms": meanwhile.quantile_ms(0.99),
    }


def _steps(run: Run) -> list[str]:
    """Of a rising load: how far it came, and what was missed there."""
    if not run.steps:
        return []
    said = [f"{step.users} users: {step.requests_per_s:,.0f} requests/s" for step in run.steps]
    missed = run.steps[-1].missed
    if not missed:
        return [*said, "no step missed a target: begin with more --users"]
    return [*said, f"reached its limit at {run.steps[-1].users} users:", *missed]
