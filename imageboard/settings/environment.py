"""What the environment may hold in other words: parts of addresses, names of files with a value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

from imageboard.errors import BadSetting, MisspeltSetting
from imageboard.settings.rows import nearest
from imageboard.words import N_

#: Names with our prefix that no `Settings` has: what starts the programs reads them by itself.
READ_ELSEWHERE = (
    "STILLBOARD_WRITER_BIND",
    # By compose and deploy/release, out of .env, which compose hands to each program as it is.
    "STILLBOARD_IMAGE",
    "STILLBOARD_OPERATIONS_IMAGE",
    "STILLBOARD_HTTP_PORT",
    "STILLBOARD_HTTPS_PORT",
    "STILLBOARD_SERVER_NAME",
    "STILLBOARD_NGINX_OPTIONS",
    "STILLBOARD_FRONT",
    "STILLBOARD_BACKUP_VOLUME",
    # By `doctor`: which file a command was given its settings from.
    "STILLBOARD_ENV_FILE",
    # By the script ./stillboard.
    "STILLBOARD_INSTALL_LOCKED",
)
_PREFIX = "STILLBOARD_"
#: What Kubernetes puts beside the settings for a Service whose name begins with "stillboard".
_OF_A_SERVICE = re.compile(r"_(SERVICE_HOST|SERVICE_PORT|PORT)(_[A-Z0-9_]+)?$")


def refuse_misspelt(environ: Mapping[str, str], examples: Mapping[str, str]) -> None:
    """Refuse a name that is nearly one of ours: its value would be passed over without a word.

    `examples` has an example for each name of `Settings`. A name that is near to none stays
    unread: it may be a setting of another version, to which one wants to go back.

    Raises:
        MisspeltSetting: names it, and what was meant.
    """
    known = {*examples, *READ_ELSEWHERE}
    for name, text in environ.items():
        plain = name.removesuffix("_FILE")
        if not text or plain in known or not name.upper().startswith(_PREFIX[:4]):
            continue
        meant = _meant(plain.upper(), known)
        if meant is not None and not _OF_A_SERVICE.search(name):
            raise MisspeltSetting(
                name=name,
                meant=meant + name[len(plain) :],
                example=examples.get(meant, "…") if plain == name else "/run/secrets/x",
            )


def _meant(name: str, known: Iterable[str]) -> str | None:
    """'STILLBOARD_SITENAME' -> 'STILLBOARD_SITE_NAME'; with the prefix or without, as it should be.

    The prefix is no likeness: without it two names differ where they may.
    """
    begin, separator, rest = name.partition("_")
    if begin + separator != _PREFIX and nearest(begin, [_PREFIX[:-1]]) is None:
        return None
    by_rest = {each.removeprefix(_PREFIX): each for each in known}
    found = nearest(rest, by_rest)
    return by_rest[found] if found else None


def completed(environ: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """`environ`, with values out of files and with the URLs whose parts it holds.

    Raises:
        BadSetting: a file can't be read.
    """
    given = dict(environ)
    _read_files(given, {*names, "DB_PASSWORD", "REDIS_PASSWORD"})
    _join_database_url(given)
    _join_redis_url(given)
    _join_sentinels(given)
    return given


def _read_files(given: dict[str, str], names: Iterable[str]) -> None:
    for name in names:
        path = given.get(f"{name}_FILE", "")
        if path and not given.get(name):
            try:
                given[name] = Path(path).read_text(encoding="utf-8").strip()
            except OSError as ex:
                raise BadSetting(
                    name=f"{name}_FILE",
                    fault=N_("can't be read ({why})").filled(why=ex.strerror),
                    example="/run/secrets/x",
                ) from None
            except UnicodeDecodeError:
                raise BadSetting(
                    name=f"{name}_FILE",
                    fault=N_("names a file that holds no text: put random bytes through base64"),
                    example="/run/secrets/x",
                ) from None


def _join_database_url(given: dict[str, str]) -> None:
    if given.get("DATABASE_URL") or not given.get("DB_HOST"):
        return
    user = quote(given.get("DB_USER", "stillboard"), safe="")
    password = quote(given.get("DB_PASSWORD", ""), safe="")
    name = quote(given.get("DB_NAME", "stillboard"), safe="")
    port = given.get("DB_PORT", "5432")
    # Of several servers the one that takes writes; pg_dump would take the first that answers.
    choice = "?target_session_attrs=read-write" if "," in given["DB_HOST"] else ""
    given["DATABASE_URL"] = (
        f"postgresql://{user}:{password}@{given['DB_HOST']}:{port}/{name}{choice}"
    )


def _join_redis_url(given: dict[str, str]) -> None:
    # The sentinels know where the servers are; no server of this name is asked.
    by_sentinels = "sentinels" if given.get("REDIS_SENTINELS") else ""
    place = given.get("REDIS_ADDR") or by_sentinels
    if given.get("REDIS_URL") or not place:
        return
    password = quote(given.get("REDIS_PASSWORD", ""), safe="")
    login = f":{password}@" if password else ""
    given["REDIS_URL"] = f"redis://{login}{place}/{given.get('REDIS_DB', '0')}"


def _join_sentinels(given: dict[str, str]) -> None:
    """Put the sentinels into the queue's URL; its password, database and TLS stay."""
    if not given.get("REDIS_SENTINELS"):
        return
    parts = urlsplit(given["REDIS_URL"])
    scheme = "rediss" if parts.scheme.startswith("rediss") else "redis"
    login = parts.netloc.rpartition("@")[0]
    database = parts.path.strip("/") or "0"
    query = {
        "master": given.get("REDIS_MASTER") or "stillboard",
        "sentinels": "".join(given["REDIS_SENTINELS"].split()),
    }
    given["REDIS_URL"] = f"{scheme}+sentinel://{login}@/{database}?{urlencode(query)}"
