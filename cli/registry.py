"""The names of the commands and where each lives."""

from __future__ import annotations

import importlib

import click

#: name: ("module:attribute", its line in `--help`). The line is written here too, so that the
#: list of commands is shown without loading what they need.
COMMANDS = {
    "up": ("cli.up:up", "Start the whole board on this machine."),
    "status": ("cli.status:status", "What runs, and how far the pages are behind."),
    "doctor": ("cli.doctor:doctor", "What is wrong, and how to mend it."),
    "logs": ("cli.logs:logs", "What the parts of a board that is up have to say."),
    "reload": ("cli.reload:reload", "Bring a board that is up to the version in the checkout."),
    "board": ("cli.board:board", "Boards and their settings."),
    "page": ("cli.page:page", "Rules, questions and other pages, in Markdown."),
    "news": ("cli.news:news", "What is told on the front page and above the threads."),
    "banner": ("cli.banner:banner", "Pictures above a board's threads."),
    "flag": ("cli.flag:flag", "Flags that posters of a board choose from."),
    "staff": ("cli.staff:staff", "Accounts of those who moderate."),
    "filter": ("cli.filters:filters", "Rules against spam."),
    "rerender": ("cli.rerender:rerender", "Draw pages anew, after a change of templates."),
    "verify": ("cli.verify:verify", "Prove that the pages show what the database holds."),
    "audit": ("cli.audit:audit", "Prove that nobody altered the log of what staff do."),
    "privacy": ("cli.privacy:privacy", "What is held of whom, until when, and erasing it."),
    "likeness": ("cli.likeness:likeness", "What old pictures look like."),
    "database": ("cli.database:database", "A database with replicas: failover."),
    "backup": ("cli.backup:backup", "Copies of everything, encrypted, elsewhere."),
    "restore": (
        "cli.restore:restore",
        "A board as it was at some moment, beside the one that runs.",
    ),
    "drill": ("cli.drill:drill", "Prove that backups can be restored, and measure how fast."),
    "import": ("cli.importing:importing", "A board from elsewhere, into this one."),
    "export": ("cli.export:export", "A board as a file that goes anywhere."),
    "migrate": (
        "cli.migrate:migrate",
        "Bring the tables to this version, before its programs start.",
    ),
    "nginx": ("cli.nginx_conf:nginx_conf", "The configuration of nginx, for a server without up."),
    "seed": ("cli.seed:seed", "A demo that looks lived in, or a board full of random posts."),
    "loadtest": ("cli.loadtest:loadtest", "Will the board hold? Yes or no, with figures."),
    "test": ("cli.run_tests:run_tests", "Run the test suite."),
}

#: Headings in `--help`, each above the first of its commands.
HEADINGS = {
    "up": "Run it",
    "board": "What people see, and who looks after it",
    "rerender": "Pages",
    "database": "In case something is lost",
    "import": "Coming and going",
    "migrate": "On servers without up",
    "seed": "Try it out",
}


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is called."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """In the order of COMMANDS: what a newcomer needs comes first."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """Import it; None for a name that is not ours."""
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name those that are spelled nearly so: click would look among the commands it holds."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as ex:
            raise click.NoSuchCommand(args[0], possibilities=COMMANDS, ctx=ctx) from ex

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Without importing any."""
        widest = max(map(len, COMMANDS))
        sections: dict[str, list[tuple[str, str]]] = {}
        heading = ""
        for name, (_, line) in COMMANDS.items():
            heading = HEADINGS.get(name, heading)
            sections.setdefault(heading, []).append((name.ljust(widest), line))
        for heading, rows in sections.items():
            with formatter.section(heading):
                formatter.write_dl(rows)


def _tell_version(ctx: click.Context, _option: click.Parameter, is_asked: bool) -> None:
    if is_asked and not ctx.resilient_parsing:
        from deploy.version import own_version

        click.echo(f"stillboard {own_version()}")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Each command explains itself: ./stillboard up --help",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_tell_version,
    help="Show the version and exit.",
)
def stillboard() -> None:
    """An imageboard whose every read is a static file and whose every write is safe.

    Begin with: ./stillboard up
    """
