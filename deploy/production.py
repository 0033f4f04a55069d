"""The checklist before a board is opened to the world, as far as it can be looked at from here.

`doctor --production` prints it: each item is fine, wrong, or not looked at (and what mends that),
or by hand, with what to look at. What can't be reached from here is no proof of a fault: a machine
may not see its own public address. Nothing is changed, and what is asked for goes to the board's
own address alone.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import unquote, urlsplit

from cdn.object_store import ObjectStoreError
from deploy import inspection
from deploy.backups import record
from deploy.metrics_addresses import addresses
from imageboard.errors import StoreUnavailable
from imageboard.settings import Settings
from imageboard.store import figures, searchable

Verdict = Literal["fine", "wrong", "not looked at", "by hand"]
VERDICT_CHARS_MAX = max(map(len, get_args(Verdict)))

ANSWER_WAIT_S = 5.0
#: Let's Encrypt's are renewed 30 days before their end: one that has so little left was not.
CERTIFICATE_DAYS_MIN = 14
#: A day, and two hours for the backup itself.
BACKUP_AGE_S_MAX = 26 * 3600.0
WAL_AGE_S_MAX = 300.0
DRILL_AGE_S_MAX = 92 * 86400.0
#: 32 random bytes as base64 have 44 characters.
SECRET_CHARS_MIN = 16
PROGRAMS_WITH_POOLS = 3
#: PostgreSQL keeps three for superusers, and whoever looks for the fault needs one too.
CONNECTIONS_SPARE = 10
_REACH_IT = "start the site, or ask from a machine that reaches it"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the checklist."""

    name: str
    verdict: Verdict
    #: What was seen, or what to look at.
    seen: str
    mend: str = ""


@dataclass(frozen=True)
class Answer:
    """What the site said."""

    status: int
    headers: Mapping[str, str]

    @property
    def is_ok(self) -> bool:
        return self.status == http.HTTPStatus.OK


@dataclass
class Production:
    """What the items look at. `data` is the board's data folder."""

    settings: Settings
    data: Path

    @cached_property
    def host(self) -> str:
        return urlsplit(self.settings.site_url).hostname or ""

    @cached_property
    def port(self) -> int:
        return urlsplit(self.settings.site_url).port or 443

    @property
    def silence(self) -> str:
        return f"{self.host}:{self.port} does not answer"

    def ask(self, path: str) -> Answer | None:
        """GET from the site, as a reader would; None: no answer."""
        connection = http.client.HTTPSConnection(self.host, self.port, timeout=ANSWER_WAIT_S)
        try:
            with closing(connection):
                connection.request("GET", path, headers={"User-Agent": "stillboard doctor"})
                response = connection.getresponse()
                response.read()
                headers = {name.lower(): value for name, value in response.getheaders()}
                return Answer(response.status, headers)
        except (OSError, http.client.HTTPException):
            return None

    def items(self) -> Iterator[Item]:
        """In the order of docs/operations.md."""
        yield from self._settings()
        if self.host:
            yield from self._dns()
            yield from self._certificate()
            yield from self._headers()
            yield from self._closed_doors()
        else:
            for name in ("DNS", "certificate", "headers", "XSS", "health checks"):
                yield _not_looked_at(name, "which site?", "set STILLBOARD_SITE_URL first")
        yield from self._limits()
        yield from self._pooling()
        yield from self._images()
        yield from self._backups()
        yield from self._monitoring()
        yield from self._logs()
        yield from self._by_hand()

    # --- settings and secrets ---

    def _settings(self) -> Iterator[Item]:
        given = self.settings
        yield _judged(
            "settings: production",
            given.environment == "production",
            f"ENVIRONMENT={given.environment}",
            "ENVIRONMENT=production",
        )
        yield _judged(
            "settings: address",
            given.site_url.startswith("https://"),
            f"STILLBOARD_SITE_URL={given.site_url or 'is not set'}",
            "STILLBOARD_SITE_URL=https://example.org",
        )
        secrets: dict[str, object] = {
            "STILLBOARD_ADDRESS_KEY": given.address_key,
            "CSRF_KEY": given.csrf_key,
            "STILLBOARD_SECURE_TRIP_SALT": given.secure_trip_salt,
            "STILLBOARD_LOG_KEY": given.log_key,
            "the password in DATABASE_URL": unquote(urlsplit(given.database_url).password or ""),
        }
        weak = [name for name, value in secrets.items() if len(str(value)) < SECRET_CHARS_MIN]
        yield _judged(
            "settings: secrets",
            not weak,
            f"missing or short: {', '.join(weak)}" if weak else "each has its length",
            "make each of 32 random bytes: openssl rand -base64 32",
        )
        yield _judged(
            "CSRF",
            bool(given.csrf_key),
            "CSRF_KEY is set: forms of the staff bear a token" if given.csrf_key else "no CSRF_KEY",
            "CSRF_KEY from openssl rand -base64 32",
        )

    # --- how the world reaches it ---

    def _dns(self) -> Iterator[Item]:
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as ex:
            seen = f"{self.host}: {ex}"
            if isinstance(ex, socket.gaierror) and ex.errno == socket.EAI_AGAIN:
                yield _not_looked_at("DNS", seen, "ask again, or from another machine")
            else:
                yield Item("DNS", "wrong", seen, "A and AAAA records")
            return
        told = sorted({str(address[4][0]) for address in found})
        yield Item("DNS", "fine", f"{self.host} is at {', '.join(told)}")

    def _certificate(self) -> Iterator[Item]:
        name, mend = "certificate", "docs/tls.md: certbot, and its timer"
        context = ssl.create_default_context()
        try:
            with (
                socket.create_connection((self.host, self.port), ANSWER_WAIT_S) as plain,
                context.wrap_socket(plain, server_hostname=self.host) as line,
            ):
                ends = str((line.getpeercert() or {})["notAfter"])
                protocol = line.version()
        except ssl.SSLError as ex:
            yield Item(name, "wrong", f"{self.host}:{self.port}: {ex}", mend)
            return
        except OSError as ex:
            yield _not_looked_at(name, f"{self.host}:{self.port}: {ex}", _REACH_IT)
            return
        days = (ssl.cert_time_to_seconds(ends) - time.time()) / 86400
        seen = f"{protocol}, and it is good for {days:.0f} days"
        yield _judged(name, days >= CERTIFICATE_DAYS_MIN, seen, mend)

    def _headers(self) -> Iterator[Item]:
        mend = "serve the site with the configuration that ./stillboard nginx prints"
        answer = self.ask("/")
        if answer is None:
            for name in ("headers", "XSS"):
                yield _not_looked_at(name, self.silence, _REACH_IT)
            return
        wanted = (
            "strict-transport-security",
            "content-security-policy",
            "x-content-type-options",
            "referrer-policy",
            "permissions-policy",
            "cross-origin-opener-policy",
        )
        missing = [name for name in wanted if name not in answer.headers]
        seen = f"the front page lacks {', '.join(missing)}" if missing else "all are there"
        yield _judged("headers", not missing, seen, mend)
        policy = answer.headers.get("content-security-policy", "")
        is_strict = "default-src 'none'" in policy and "unsafe" not in policy
        seen = "no script or style but the board's own runs" if is_strict else f"policy: {policy!r}"
        yield _judged("XSS", is_strict, seen, mend)

    def _closed_doors(self) -> Iterator[Item]:
        mend = "close them to the world: ./stillboard nginx does"
        answers = {path: self.ask(path) for path in ("/healthz", "/readyz", "/metrics")}
        if None in answers.values():
            yield _not_looked_at("health checks", self.silence, _REACH_IT)
            return
        open_doors = [path for path, answer in answers.items() if answer and answer.is_ok]
        if open_doors and self._is_local():
            seen = f"{', '.join(open_doors)} answer, to this machine at least"
            yield Item("health checks", "by hand", seen, "ask for them from another machine")
            return
        seen = f"the world sees {', '.join(open_doors)}" if open_doors else "closed to the world"
        yield _judged("health checks", not open_doors, seen, mend)

    def _is_local(self) -> bool:
        """Whether the site's name leads back to this machine without leaving it."""
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return False
        return all(str(address[4][0]) in ("127.0.0.1", "::1") for address in found)

    def _limits(self) -> Iterator[Item]:
        given = self.settings
        yield _judged(
            "rate limits",
            given.limits,
            "on" if given.limits else "STILLBOARD_LIMITS is off",
            "STILLBOARD_LIMITS=on, and no --no-limits",
        )
        behind_cdn = bool(given.cdn_zone_id)
        yield _judged(
            "rate limits: addresses",
            bool(given.trusted_proxies) or not behind_cdn,
            "a CDN stands before it, and STILLBOARD_TRUSTED_PROXIES is not set: all posters share "
            "its addresses"
            if behind_cdn and not given.trusted_proxies
            else f"believed proxies: {', '.join(map(str, given.trusted_proxies)) or 'none'}",
            "STILLBOARD_TRUSTED_PROXIES with the CDN's networks",
        )

    # --- what it stands on ---

    def _pooling(self) -> Iterator[Item]:
        given = self.settings
        programs = given.writer_workers + given.render_workers + PROGRAMS_WITH_POOLS
        searches = given.writer_workers * searchable.AT_ONCE_MAX
        wanted = programs * given.database_connections_max + searches + CONNECTIONS_SPARE
        try:
            most = inspection.asks_database(given, figures.connections_max)
        except StoreUnavailable:
            yield _not_looked_at("pooling", "the database can't be reached", "see DATABASE_URL")
            return
        yield _judged(
            "pooling",
            wanted <= most,
            f"{programs} programs take up to {wanted} of PostgreSQL's {most} connections",
            "a smaller STILLBOARD_DATABASE_CONNECTIONS_MAX, or a larger max_connections",
        )

    def _images(self) -> Iterator[Item]:
        given = self.settings
        if not given.has_object_store:
            seen = "they are on this machine's disk alone: nothing serves them without it"
            yield Item("images on R2", "by hand", seen, "R2_*: cdn/README.md")
            return
        # Imported here: boto3 takes half a second.
        from renderer.publisher.jobs import open_object_store

        try:
            next(iter(open_object_store(given).list()), None)
        except ObjectStoreError as ex:
            yield Item("images on R2", "wrong", f"the bucket: {ex}", "R2_* and the token's rights")
            return
        yield Item("images on R2", "fine", "the bucket answers")

    def _backups(self) -> Iterator[Item]:
        given = self.settings
        yield _judged(
            "backups: set up",
            bool(given.backup_to and given.backup_recipients),
            f"to {given.backup_to}" if given.backup_to else "STILLBOARD_BACKUP_TO is not set",
            "docs/backups.md: STILLBOARD_BACKUP_TO and STILLBOARD_BACKUP_RECIPIENTS",
        )
        kinds = record.read(self.data / "backups").get("kinds", {})
        for kind, age_s_max, mend in (
            ("full", BACKUP_AGE_S_MAX, "./stillboard backup, and its timer"),
            ("wal", WAL_AGE_S_MAX, "see the log of the part that streams it"),
            ("drill", DRILL_AGE_S_MAX, "./stillboard drill"),
        ):
            at_s = kinds.get(kind, {}).get("last_ok_at")
            age_s = time.time() - at_s if at_s else float("inf")
            seen = f"{inspection.duration(age_s)} ago" if at_s else "never"
            name = "backups: tested by a drill" if kind == "drill" else f"backups: newest {kind}"
            if kind != "full" and not given.backup_wal:
                off = "STILLBOARD_BACKUP_WAL is off: up to a day is lost with the machine"
                yield Item(name, "by hand", off, "./stillboard restore --dump, elsewhere")
                continue
            yield _judged(name, age_s <= age_s_max, seen, mend)

    # --- how it is watched ---

    def _monitoring(self) -> Iterator[Item]:
        name, mend = "monitoring", "STILLBOARD_METRICS_LISTEN=127.0.0.1:9400, and Prometheus there"
        listen = self.settings.metrics_listen
        if not listen:
            yield Item(name, "wrong", "STILLBOARD_METRICS_LISTEN is not set", mend)
            return
        host, _, port = addresses(listen, ["writer"])["writer"].rpartition(":")
        connection = http.client.HTTPConnection(host.strip("[]"), int(port), timeout=ANSWER_WAIT_S)
        try:
            with closing(connection):
                connection.request("GET", "/metrics")
                shows = b"stillboard_build_info" in connection.getresponse().read()
        except (OSError, http.client.HTTPException) as ex:
            yield Item(name, "wrong", f"no metrics at {listen}: {ex}", mend)
            return
        yield _judged(name, shows, f"metrics at {listen}" if shows else "others' metrics", mend)

    def _logs(self) -> Iterator[Item]:
        given = self.settings
        yield _judged(
            "logs",
            given.environment == "production" and given.log_level != "DEBUG",
            f"LOG_LEVEL={given.log_level}, "
            + ("JSON" if given.environment == "production" else "for people"),
            "ENVIRONMENT=production and LOG_LEVEL=INFO",
        )

    def _by_hand(self) -> Iterator[Item]:
        runs = sorted((self.data / "loadtests").glob("*.json"), key=_modified_s)
        if runs:
            age = inspection.duration(time.time() - _modified_s(runs[-1]))
            yield Item("load tests", "by hand", f"the newest is {runs[-1].name}, {age} ago")
        else:
            seen = "none is on record here"
            yield Item("load tests", "by hand", seen, "docs/load-tests.md, on a machine like this")
        yield Item("alerts", "by hand", "does one reach you?", "docs/alerts.md: send yourself one")
        yield Item("disaster plan", "by hand", "docs/disaster-recovery.md: does each know it?")
        yield Item("CI/CD", "by hand", "docs/release.md: is what runs what was tested?")


def report(settings: Settings, data: Path) -> list[Item]:
    """Every item. Raises nothing for what is wrong: that is what it tells."""
    return list(Production(settings, data).items())


def as_json(items: list[Item]) -> str:
    """[{"name": …, "verdict": "fine", "seen": …, "mend": ""}, …]"""
    names = ("name", "verdict", "seen", "mend")
    return json.dumps([{name: getattr(item, name) for name in names} for item in items], indent=2)


def _not_looked_at(name: str, why: str, mend: str) -> Item:
    return Item(name, "not looked at", why, mend)


def _judged(name: str, is_fine: bool, seen: str, mend: str) -> Item:
    return Item(name, "fine", seen) if is_fine else Item(name, "wrong", seen, mend)


def _modified_s(path: Path) -> float:
    return path.stat().st_mtime
