"""The scenarios: what each is for, how many users it has and for how long, unless asked otherwise.

Nothing here loads Locust: the command line lists them from this table.
"""

from __future__ import annotations

from dataclasses import dataclass

from loadtest import shapes
from loadtest.shapes import Shape

LIMITS_ARE_ON = (
    "the board's limits are on, and all users come from one address: "
    "start it with ./stillboard up --no-limits"
)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One row of the programme."""

    name: str
    #: For `stillboard loadtest list`.
    says: str
    users: int
    seconds: float
    #: The users' classes, in loadtest.scenarios: 'readers:Reader mixed:OccasionalPoster'.
    cast: str
    shape: Shape = shapes.steady
    #: All users come from one address, which a board with its limits on refuses soon.
    limits_off: bool = True
    needs_staff: bool = False
    #: Ends at the first step that misses a target.
    seeks_limit: bool = False


_MIXED = "readers:Reader mixed:OccasionalPoster"

SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            "readers",
            "people who read: front page, board, catalog, threads, pictures, JSON",
            users=200,
            seconds=60,
            cast="readers:Reader",
        ),
        Scenario(
            "posters",
            "people who post; each post is then looked for on its page",
            users=20,
            seconds=60,
            cast="posters:Poster",
        ),
        Scenario(
            "mixed",
            "readers, and one post for every 1,000 reads",
            users=200,
            seconds=60,
            cast=_MIXED,
        ),
        Scenario(
            "flood",
            "one hot thread: half of all post to it, half read it",
            users=40,
            seconds=60,
            cast="flood:HotPoster flood:HotReader",
        ),
        Scenario(
            "spike",
            "mixed; ten times as many for a minute, then back",
            users=30,
            seconds=180,
            cast=_MIXED,
            shape=shapes.spike,
        ),
        Scenario(
            "soak",
            "mixed, for hours, to see whether anything grows",
            users=100,
            seconds=4 * 3600,
            cast=_MIXED,
        ),
        Scenario(
            "abuse",
            "floods, wrong captchas, broken and huge forms, and people who are to notice nothing",
            users=30,
            seconds=60,
            cast="abuse:Flooder abuse:NetworkFlooder abuse:FormBreaker "
            "abuse:PoliteReader abuse:PolitePoster",
            limits_off=False,
        ),
        Scenario(
            "staff",
            "reports and deletions under load; what was deleted must vanish",
            users=30,
            seconds=60,
            cast="readers:Reader posters:Poster staff:Reporter staff:StaffMember",
            needs_staff=True,
        ),
        Scenario(
            "breakpoint",
            "mixed, rising until a target is missed; says where",
            users=50,
            seconds=300,
            cast=_MIXED,
            shape=shapes.rising,
            seeks_limit=True,
        ),
    )
}
