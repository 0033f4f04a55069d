"""A site is asked as a guest asks, and believed in nothing."""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from importing.living.errors import BadSite, SiteNotRead
from importing.living.site import ANSWER_S_MAX, FIRST_WAIT_S, TRIES_MAX, Site
from tests.importing.old_site import OldSite, Reply, serving
from tests.nginx.certificates import a_certificate
from tests.tables import for_each


@pytest.fixture
def old(tmp_path: Path) -> Iterator[OldSite]:
    (tmp_path / "a.json").write_bytes(b"[1]")
    with serving(tmp_path) as old:
        yield old


def read(site: Site, path: str = "/a.json", bytes_max: int = 1_000_000, **told: object) -> bytes:
    to = BytesIO()
    site.fetch(path, to, bytes_max=bytes_max, **told)  # type: ignore[arg-type]
    return to.getvalue()


_SHORT = Reply(200, b"[", (("Content-Length", "3"), ("Connection", "close")))
_HALF = Reply(200, gzip.compress(b"[1]")[:-4], (("Content-Encoding", "gzip"),))


def test_what_fails_is_asked_again(old: OldSite) -> None:
    failures = [Reply(503), Reply(500, b"x" * 99_999), _SHORT, _HALF]
    assert len(failures) == TRIES_MAX - 1
    for failure in failures:
        old.told["/a.json"] = [failure]
        assert read(old.site(per_second=1e9)) == b"[1]", failure
    assert old.waited_s == [FIRST_WAIT_S] * len(failures)

    old.told["/a.json"] = failures.copy()
    old.waited_s.clear()
    assert read(old.site(per_second=1e9)) == b"[1]"
    assert old.waited_s == [FIRST_WAIT_S * 2**n for n in range(TRIES_MAX - 1)]

    old.told["/a.json"] = [Reply(503)] * TRIES_MAX
    with pytest.raises(SiteNotRead, match=f"it answers 503, {TRIES_MAX} times"):
        read(old.site(per_second=1e9))


def test_a_site_says_how_long_it_wants_to_be_left_alone(old: OldSite) -> None:
    old.told["/a.json"] = [Reply(429, headers=(("Retry-After", "7"),))]
    assert read(old.site(per_second=1e9)) == b"[1]"
    assert old.waited_s == [7.0]
    old.told["/a.json"] = [Reply(429, headers=(("Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"),))]
    assert read(old.site(per_second=1e9)) == b"[1]"
    assert old.waited_s == [7.0, 0.0]
    old.told["/a.json"] = [Reply(503, headers=(("Retry-After", "86400"),))]
    with pytest.raises(SiteNotRead, match="left alone for 86,400 seconds"):
        read(old.site(per_second=1e9))


def test_it_is_asked_at_its_pace_by_one_connection_that_says_who_asks(old: OldSite) -> None:
    site = old.site(per_second=0.5, clock=lambda: 100.0)
    for _ in range(3):
        assert read(site) == b"[1]"
    old.told["/a.json"] = [Reply(404, b"x"), Reply(304)]
    assert site.fetch("/a.json", BytesIO(), bytes_max=9).is_gone
    assert site.fetch("/a.json", BytesIO(), bytes_max=9, since={"If-None-Match": "x"}).is_same
    site.close()
    assert old.waited_s == [2.0, 4.0, 6.0, 8.0]
    assert (old.links, old.agents) == (1, {"stillboard import"})


@pytest.mark.slow
def test_what_is_packed_is_unpacked_and_no_more_than_fits(old: OldSite) -> None:
    packed = (("Content-Encoding", "gzip"),)
    old.told["/a.json"] = [Reply(200, gzip.compress(b"[2]"), packed)]
    assert read(old.site()) == b"[2]"
    old.told["/a.json"] = [Reply(200, gzip.compress(b"a" * 50_000_000), packed)]
    with pytest.raises(SiteNotRead, match="larger than 1,000,000 bytes"):
        read(old.site())
    assert len(old.asked) == 2


@for_each(
    ("reply", "why"),
    [
        (Reply(200, endless=b"x" * 10_000), "larger than 1,000,000 bytes"),
        (Reply(403), "it answers 403"),
        (Reply(304), "it answers 304"),
        (Reply(200, b"x", (("Content-Encoding", "br"),)), "packed by 'br'"),
        (Reply(302, headers=(("Location", "https://example.com/a.json"),)), "to another host"),
        (Reply(302, headers=(("Location", "//example.com/a.json"),)), "to another host"),
        (Reply(301, headers=(("Location", "https://127.0.0.1/a.json"),)), "to another host"),
        (Reply(302, headers=(("Location", "file:///etc/passwd"),)), "to another host"),
        (Reply(302, headers=(("Location", "http://[x"),)), "leads nowhere"),
        (Reply(302, headers=(("Location", "/\u00fc"),)), "can't be asked for"),
        (Reply(302, headers=(("Location", "/a b"),)), "can't be asked for"),
    ],
)
def test_a_site_that_lies_is_told_of(
    tmp_path_factory: pytest.TempPathFactory, reply: Reply, why: str
) -> None:
    with serving(tmp_path_factory.mktemp("site")) as old:
        old.told["/a.json"] = [reply]
        with pytest.raises(SiteNotRead, match=why):
            read(old.site())


def test_what_a_site_says_of_itself_is_not_asked_with_if_it_can_t_be(old: OldSite) -> None:
    odd = (("ETag", '"\u00fc"'), ("Last-Modified", "x" * 500), ("Content-Length", "3"))
    old.told["/a.json"] = [Reply(200, b"[1]", odd)]
    answer = old.site().fetch("/a.json", BytesIO(), bytes_max=9)
    assert (answer.etag, answer.modified) == (None, None)


def test_it_may_lead_on_within_itself(old: OldSite) -> None:
    old.told["/b.json"] = [Reply(301, b"moved", (("Location", "/a.json"),))]
    assert read(old.site(), "/b.json") == b"[1]"
    for path in ("/b.json", "/c.json"):
        other = "/c.json" if path == "/b.json" else "/b.json"
        old.told[path] = [Reply(302, headers=(("Location", other),))] * 9
    with pytest.raises(SiteNotRead, match="on and on"):
        read(old.site(), "/b.json")


def test_a_body_without_end_is_not_waited_for(old: OldSite) -> None:
    # Each look at the clock is a minute later.
    clock = itertools.count(0, 60).__next__
    old.told["/a.json"] = [Reply(200, endless=b"." * 10_000)] * TRIES_MAX
    with pytest.raises(SiteNotRead, match="it takes too long"):
        read(old.site(clock=clock), bytes_max=1 << 40)
    assert ANSWER_S_MAX / 60 < 100


def test_what_came_is_looked_at_before_it_counts(old: OldSite) -> None:
    checks = iter([ValueError("it is no JSON"), None])

    def check() -> None:
        if (wrong := next(checks)) is not None:
            raise wrong

    assert read(old.site(), check=check) == b"[1]"
    assert old.paths == ["/a.json"] * 2


def test_nobody_is_led_into_the_operator_s_own_network(old: OldSite) -> None:
    """SECURITY: also by a name that leads there."""
    for address in (old.address, old.address.replace("127.0.0.1", "localhost")):
        with pytest.raises(SiteNotRead, match="network of one's own"):
            read(Site(address))
    assert old.asked == []


def test_a_certificate_that_nobody_vouches_for_is_refused_at_once(tmp_path: Path) -> None:
    with serving(tmp_path, a_certificate(tmp_path, "localhost")) as old:
        with pytest.raises(SiteNotRead, match="its certificate is not good"):
            read(old.site())
        assert (old.asked, old.waited_s) == ([], [])


@for_each(
    "address", ["example.org", "ftp://x/", "https://", "https://a:b@x/", "http://x:y/", "//x"]
)
def test_what_is_no_address_of_a_site_is_said(address: str) -> None:
    with pytest.raises(BadSite):
        Site(address)
