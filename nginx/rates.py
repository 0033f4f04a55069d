"""How often one address may ask for what the writer has to answer.

An address is an IPv4 address or an IPv6 network of 64 bits. All that an IPv4 /24 or an IPv6 /48
sends has the rate of a few together, since somebody may hold it whole. Files of the web root have
rates of their own, which are far higher and not to be chosen: a page with its pictures is hundreds
at once.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from nginx.checks import check_number

#: As how many addresses such a network counts. The board's own figures are tighter, and count what
#: is stored (imageboard.allowances); here what is refused counts too.
ADDRESSES_OF_NETWORK = 10

_check = check_number(1, 100_000)


@dataclass(frozen=True)
class Rates:
    """Requests a minute, and how many more may come at once. The defaults suit a household.

    The board's own flood check is the fine one; these keep a flood away from the writer.
    """

    general_per_minute: int = 300
    """The staff's pages."""
    general_burst: int = 50
    posts_per_minute: int = 30
    posts_burst: int = 20
    captchas_per_minute: int = 60
    """Challenges asked for: some for each post, since a picture may be unreadable."""
    captchas_burst: int = 30
    searches_per_minute: int = 60
    """Forms of search, and what was found."""
    searches_burst: int = 20
    zips_per_minute: int = 10
    """Threads to take along, packed when they are asked for."""
    zips_burst: int = 5
    login_per_minute: int = 10
    """Passwords tried, not forms looked at."""
    login_burst: int = 5

    def __post_init__(self) -> None:
        """Check every value, since each is pasted into the configuration as it is."""
        for field in fields(self):
            _check(f"rates.{field.name}", getattr(self, field.name))


HOUSEHOLD = Rates()
#: For a board whose posters do not share addresses: behind a carrier's NAT, ten people who post at
#: the same moment are one address.
PERSON = Rates(
    general_per_minute=30,
    general_burst=50,
    posts_per_minute=5,
    posts_burst=10,
    captchas_per_minute=10,
    captchas_burst=15,
    searches_per_minute=20,
    searches_burst=10,
    zips_per_minute=5,
    zips_burst=3,
    login_per_minute=3,
    login_burst=5,
)
