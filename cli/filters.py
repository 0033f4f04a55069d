"""`stillboard filter`: rules against spam, as the desk has them at /mod/rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from cli import connection, options
from imageboard.spam import rules
from imageboard.spam.rules import Choice, NewRule, Rule
from imageboard.store import operator_log, rule_trials, spam_rules
from imageboard.store.rule_trials import Trial


def _choice(name: str, choices: tuple[Choice, ...], about: str) -> Callable[..., Any]:
    names = [choice.name for choice in choices]
    usual = getattr(NewRule(), name)
    return click.option(
        f"--{name}", type=click.Choice(names), default=usual, show_default=True, help=about
    )


def _of_a_rule(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say what a rule is: the fields of its form."""
    for option in reversed(
        (
            options.board,
            _choice("place", rules.PLACES, "What of a post it looks at."),
            _choice("way", rules.WAYS, "How."),
            _choice("kind", rules.KINDS, "Of threads, of replies."),
            _choice("poster", rules.POSTERS, "New: no post of theirs has stood for a day."),
            _choice("pace", rules.PACES, "Pressed: more than half of an allowance is used."),
            click.option("--countries", default="", metavar="DE,FR", help="From these alone."),
            _choice("action", rules.ACTIONS, "What becomes of the post."),
            click.option("--sentence", default="", help="What its poster reads."),
            click.option("--duration", default="3d", show_default=True, help="Of a ban."),
            click.option("--replacement", default="", help="Of what was found."),
        )
    ):
        command = option(command)
    return command


@click.group(name="filter")
def filters() -> None:
    """Rules against spam: what the board looks for in each post, and what comes of it."""


@filters.command(name="list", epilog="Example: ./stillboard filter list --json")
@options.as_json
@options.data
@click.pass_obj
def list_(environ: dict[str, str], as_json: bool, data: Path | None) -> None:
    """List the rules, with how many posts each has hit."""
    with connection.transaction(data, environ) as db:
        found = spam_rules.all_of(db)
    if as_json:
        click.echo(json.dumps([_told(each) for each in found]))
        return
    for each in found:
        where = f"/{each.board}/" if each.board else "all boards"
        state = "in force" if each.is_on else "not in force"
        what = f"{each.place} {each.way} {each.what}" if each.what else each.place
        click.echo(f"{each.id}  {where}, {state}: {what} -> {each.action}  ({each.hits} posts)")


@filters.command(
    epilog="Example: ./stillboard filter add viagra --way looks_like --board b --action captcha"
)
@click.argument("what", default="")
@_of_a_rule
@click.option("--on", "is_on", is_flag=True, help="In force at once; else when the desk says so.")
@options.data
@click.pass_obj
def add(environ: dict[str, str], /, data: Path | None, is_on: bool, **typed: Any) -> None:
    """Add a rule that looks for WHAT."""
    new = _read(typed | {"is_on": is_on})
    with connection.transaction(data, environ) as db:
        number = spam_rules.add(db, new, operator_log.OPERATOR)
        operator_log.note(db, "add_rule", board=new.board, rule=number)
    click.echo(f"Rule {number} is {'in force' if is_on else 'there, and not in force'}.")


@filters.command(name="try", epilog="Example: ./stillboard filter try 'cas(i|1)no' --way pattern")
@click.argument("what", default="")
@_of_a_rule
@options.as_json
@options.data
@click.pass_obj
def try_(environ: dict[str, str], /, data: Path | None, as_json: bool, **typed: Any) -> None:
    """Say what a rule that looks for WHAT would have hit of the last day's posts."""
    new = _read(typed)
    with connection.transaction(data, environ) as db:
        trial = rule_trials.of_last_day(db, new, on=None)
    if as_json:
        click.echo(json.dumps(trial._replace(examples=_addresses(trial))._asdict()))
        return
    click.echo(f"It hits {trial.hits} of the last day's {trial.looked_at} posts.")
    for address in _addresses(trial):
        click.echo(f"  {address}")
    if trial.is_too_wide:
        click.echo("Careful: it hits nearly everything.")


@filters.command(epilog="Example: ./stillboard filter remove 7")
@click.argument("number", type=int)
@options.data
@click.pass_obj
def remove(environ: dict[str, str], number: int, data: Path | None) -> None:
    """Remove the rule NUMBER."""
    with connection.transaction(data, environ) as db:
        board = spam_rules.get(db, number).board
        spam_rules.remove(db, number)
        operator_log.note(db, "remove_rule", board=board, rule=number)
    click.echo(f"Rule {number} is gone.")


def _read(typed: dict[str, Any]) -> NewRule:
    return rules.read({name: str(value or "") for name, value in typed.items()})


def _told(found: Rule) -> dict[str, Any]:
    told = rules.as_typed(found) | {"countries": sorted(found.countries), "ban_s": found.ban_s}
    del told["duration"]
    kept = {"id": found.id, "hits": found.hits, "created_by": found.created_by}
    return told | kept | {"is_on": found.is_on, "last_hit_s": found.last_hit_s}


def _addresses(trial: Trial) -> list[Any]:
    """Of the posts, which everybody sees: '/b/124'."""
    return [f"/{post.board}/{post.no}" for post in trial.examples]
