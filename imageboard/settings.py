"""The settings of one board's machine, read once, by an entry point, from the environment.

`Settings.read(os.environ)` is called by the entry points alone; everything else is handed a
`Settings`. Every setting is one `Setting` row below: docs/settings.md is checked against them.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from imageboard.errors import BadSetting

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

SECRET_BYTES_MIN = 32


@dataclass(frozen=True, slots=True)
class Setting:
    """How one setting is written in the environment."""

    name: str
    example: str
    read: Callable[[str], Any]
    is_secret: bool = False


def _setting(
    name: str, *, read: Callable[[str], Any], example: str, default: Any, secret: bool = False
) -> Any:
    row = Setting(name=name, example=example, read=read, is_secret=secret)
    return field(default=default, metadata={"setting": row}, repr=not secret)


def _text(value: str) -> str:
    return value


def _path(value: str) -> Path:
    return Path(value)


def _flag(value: str) -> bool:
    if value.lower() in ("1", "true", "yes", "on"):
        return True
    if value.lower() in ("0", "false", "no", "off"):
        return False
    raise ValueError("is neither on nor off")


def _one_of(*allowed: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"is not one of {', '.join(allowed)}")
        return value

    return read


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
            raise ValueError(f"is not a whole number from {low} to {high}")
        return int(value)

    return read


def _secret(value: str) -> bytes:
    """Base64 or plain text of at least 32 bytes; the error never holds the value."""
    key = value.encode()
    try:
        decoded = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if len(decoded) >= SECRET_BYTES_MIN:
        key = decoded
    if len(key) < SECRET_BYTES_MIN:
        raise ValueError(f"is shorter than {SECRET_BYTES_MIN} bytes")
    return key


def _url(*schemes: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if urlsplit(value).scheme not in schemes:
            raise ValueError(f"is not an address that begins with {' or '.join(schemes)}://")
        return value

    return read


def _word(value: str) -> str:
    """For what goes into a header or an address; the error never holds the value."""
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise ValueError("holds spaces or other characters that don't belong there")
    return value


def _shaped(pattern: str, fault: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(fault)
        return value

    return read


def _places(value: str) -> tuple[str, ...]:
    """'one:26379, [::1]:26379' -> ('one:26379', '[::1]:26379')"""
    places = tuple(part.strip() for part in value.split(","))
    if not all(_PLACE.fullmatch(place) for place in places):
        raise ValueError("is not a list of host:port")
    return places


_PLACE = re.compile(r"([A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\]):[0-9]{1,5}")


def _host_and_port(value: str) -> str:
    found = re.fullmatch(r"(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\]):([0-9]{1,5})", value)
    if not found or not 0 < int(found[1]) < 2**16:
        raise ValueError("is not host:port")
    return value


def _networks(value: str) -> tuple[Network, ...]:
    try:
        return tuple(
            ipaddress.ip_network(part.strip()) for part in value.split(",") if part.strip()
        )
    except ValueError as ex:
        raise ValueError("is not a list of addresses or CIDR ranges") from ex


def _recipients(value: str) -> tuple[str, ...]:
    """Public keys of age, by comma or blank."""
    keys = tuple(value.replace(",", " ").split())
    if not all(re.fullmatch(r"age1[02-9ac-hj-np-z]{58}", key) for key in keys):
        raise ValueError("is not a list of public keys that begin with age1")
    return keys


_EXAMPLE_OF_KEY = "$(head -c 32 /dev/urandom | base64)"


@dataclass(frozen=True, slots=True)
class Settings:
    """Read-only, complete and checked."""

    environment: str = _setting(
        "ENVIRONMENT",
        read=_one_of("development", "production"),
        example="production",
        default="development",
    )
    log_level: str = _setting(
        "LOG_LEVEL",
        read=_one_of("DEBUG", "INFO", "WARNING", "ERROR"),
        example="INFO",
        default="INFO",
    )
    database_url: str = _setting(
        "DATABASE_URL",
        read=_url("postgresql", "postgres"),
        example="postgresql://stillboard:PASSWORD@127.0.0.1/stillboard",
        default="",
        secret=True,
    )
    database_replica_url: str = _setting(
        "DATABASE_REPLICA_URL",
        read=_url("postgresql", "postgres"),
        example="postgresql://stillboard:PASSWORD@10.0.0.2/stillboard",
        default="",
        secret=True,
    )
    database_connections_max: int = _setting(
        "STILLBOARD_DATABASE_CONNECTIONS_MAX", read=_whole(2, 200), example="10", default=10
    )
    redis_url: str = _setting(
        "REDIS_URL",
        read=_url("redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel"),
        example="redis://:PASSWORD@127.0.0.1:6379/0",
        default="",
        secret=True,
    )
    redis_sentinels: tuple[str, ...] = _setting(
        "REDIS_SENTINELS",
        read=_places,
        example="10.0.0.1:26379,10.0.0.2:26379,10.0.0.3:26379",
        default=(),
    )
    redis_master: str = _setting(
        "REDIS_MASTER",
        read=_shaped("[A-Za-z0-9._-]+", "is not a name of letters, digits, '.', '_' and '-'"),
        example="stillboard",
        default="stillboard",
    )
    data: Path = _setting("STILLBOARD_DATA", read=_path, example="var", default=Path("var"))
    web_root: Path = _setting(
        "STILLBOARD_WEB_ROOT", read=_path, example="public", default=Path("public")
    )
    address_key: bytes = _setting(
        "STILLBOARD_ADDRESS_KEY",
        read=_secret,
        example=_EXAMPLE_OF_KEY,
        default=b"",
        secret=True,
    )
    csrf_key: bytes = _setting(
        "CSRF_KEY", read=_secret, example=_EXAMPLE_OF_KEY, default=b"", secret=True
    )
    secure_trip_salt: str = _setting(
        "STILLBOARD_SECURE_TRIP_SALT",
        read=_text,
        example=_EXAMPLE_OF_KEY,
        default="",
        secret=True,
    )
    address_kept_days: int = _setting(
        "STILLBOARD_ADDRESS_KEPT_DAYS", read=_whole(0, 365), example="7", default=7
    )
    trusted_proxies: tuple[Network, ...] = _setting(
        "STILLBOARD_TRUSTED_PROXIES",
        read=_networks,
        example="173.245.48.0/20,2400:cb00::/32",
        default=(),
    )
    site_name: str = _setting(
        "STILLBOARD_SITE_NAME", read=_text, example="Stillboard", default="Stillboard"
    )
    site_url: str = _setting(
        "STILLBOARD_SITE_URL", read=_url("http", "https"), example="https://example.org", default=""
    )
    limits: bool = _setting("STILLBOARD_LIMITS", read=_flag, example="on", default=True)
    recaptcha_secret_key: str = _setting(
        "RECAPTCHA_SECRET_KEY", read=_text, example="6Lc…", default="", secret=True
    )
    recaptcha_site_key: str = _setting("RECAPTCHA_SITE_KEY", read=_text, example="6Lc…", default="")
    recaptcha_verify_url: str = _setting(
        "STILLBOARD_RECAPTCHA_VERIFY_URL",
        read=_url("http", "https"),
        example="https://www.google.com/recaptcha/api/siteverify",
        default="https://www.google.com/recaptcha/api/siteverify",
    )
    r2_account_id: str = _setting(
        "R2_ACCOUNT_ID",
        read=_shaped("[0-9a-f]{32}", "is not 32 digits of 0-9 and a-f"),
        example="023e105f4ecef8ad9ca31a8372d0c353",
        default="",
    )
    r2_access_key: str = _setting(
        "R2_ACCESS_KEY",
        read=_text,
        example="the Access Key ID of an R2 API token",
        default="",
        secret=True,
    )
    r2_secret_key: str = _setting(
        "R2_SECRET_KEY",
        read=_text,
        example="the Secret Access Key of the same token",
        default="",
        secret=True,
    )
    r2_bucket_name: str = _setting(
        "R2_BUCKET_NAME",
        read=_shaped("[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", "is not 3 to 63 of a-z, 0-9 and -"),
        example="stillboard",
        default="",
    )
    s3_endpoint_url: str = _setting(
        "S3_ENDPOINT_URL",
        read=_url("http", "https"),
        example="https://s3.example.org",
        default="",
    )
    metrics_listen: str = _setting(
        "STILLBOARD_METRICS_LISTEN",
        read=_host_and_port,
        example="127.0.0.1:9400",
        default="",
    )
    tls_certificate: str = _setting(
        "STILLBOARD_TLS_CERTIFICATE",
        read=_text,
        example="/etc/letsencrypt/live/example.org/fullchain.pem",
        default="",
    )
    writer_workers: int = _setting(
        "STILLBOARD_WRITER_WORKERS", read=_whole(1, 64), example="2", default=2
    )
    render_workers: int = _setting(
        "STILLBOARD_RENDER_WORKERS", read=_whole(1, 64), example="1", default=1
    )
    own_post_wait_ms: int = _setting(
        "STILLBOARD_OWN_POST_WAIT_MS", read=_whole(0, 10_000), example="1000", default=1000
    )
    cdn_zone_id: str = _setting(
        "CDN_ZONE_ID", read=_word, example="023e105f4ecef8ad9ca31a8372d0c353", default=""
    )
    cdn_api_token: str = _setting(
        "CDN_API_TOKEN",
        read=_word,
        example="a token with the permission Cache Purge",
        default="",
        secret=True,
    )
    cdn_base_url: str = _setting(
        "CDN_BASE_URL",
        read=_url("http", "https"),
        example="https://files.example.org",
        default="",
    )
    cdn_api_url: str = _setting(
        "STILLBOARD_CDN_API_URL",
        read=_url("http", "https"),
        example="https://api.cloudflare.com/client/v4",
        default="https://api.cloudflare.com/client/v4",
    )
    cdn_urls_per_s: int = _setting(
        "STILLBOARD_CDN_URLS_PER_S", read=_whole(1, 100_000), example="800", default=800
    )
    backup_to: str = _setting(
        "STILLBOARD_BACKUP_TO",
        read=_shaped(
            r"/.+|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "is neither /a/folder nor s3://bucket"
        ),
        example="s3://stillboard-backups",
        default="",
    )
    backup_recipients: tuple[str, ...] = _setting(
        "STILLBOARD_BACKUP_RECIPIENTS",
        read=_recipients,
        example="age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
        default=(),
    )
    backup_s3_endpoint_url: str = _setting(
        "STILLBOARD_BACKUP_S3_ENDPOINT_URL",
        read=_url("http", "https"),
        example="https://s3.example.org",
        default="",
    )
    backup_access_key: str = _setting(
        "STILLBOARD_BACKUP_ACCESS_KEY",
        read=_text,
        example="the Access Key ID of a token for that bucket alone",
        default="",
        secret=True,
    )
    backup_secret_key: str = _setting(
        "STILLBOARD_BACKUP_SECRET_KEY",
        read=_text,
        example="the Secret Access Key of the same token",
        default="",
        secret=True,
    )
    backup_database_url: str = _setting(
        "STILLBOARD_BACKUP_DATABASE_URL",
        read=_url("postgresql", "postgres"),
        example="postgresql://backup:PASSWORD@127.0.0.1/postgres",
        default="",
        secret=True,
    )
    backup_bases_kept: int = _setting(
        "STILLBOARD_BACKUP_BASES_KEPT", read=_whole(1, 365), example="7", default=7
    )
    backup_dumps_kept_days: int = _setting(
        "STILLBOARD_BACKUP_DUMPS_KEPT_DAYS", read=_whole(1, 3650), example="30", default=30
    )

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Settings:
        """The settings that `environ` holds; an empty value counts as not given.

        `DB_HOST` … `DB_NAME` and `REDIS_ADDR` … `REDIS_DB` are understood in place of the URLs.
        With `REDIS_SENTINELS` the queue's URL names them, and no server.
        `NAME_FILE` names a file that holds the value of `NAME` (secrets of containers).

        Raises:
            BadSetting: names the setting, its fault and an example; never a secret's value.
        """
        given = dict(environ)
        _read_secret_files(given)
        _join_database_url(given)
        _join_redis_url(given)
        _join_sentinels(given)
        values = {}
        for attribute in fields(cls):
            row: Setting = attribute.metadata["setting"]
            text = given.get(row.name, "")
            if text == "":
                continue
            try:
                values[attribute.name] = row.read(text)
            except ValueError as ex:
                raise BadSetting(name=row.name, fault=str(ex), example=row.example) from None
        settings = cls(**values)
        settings._check_together()
        return settings

    def _check_together(self) -> None:
        if self.environment == "production" and not self.limits:
            raise BadSetting(
                name="STILLBOARD_LIMITS",
                fault="can't be off when ENVIRONMENT=production",
                example="on",
            )
        if self.cdn_zone_id or self.cdn_api_token:
            self.require("cdn_zone_id", "cdn_api_token", "cdn_base_url")

        self._check_bucket()
        if self.backup_to:
            # Without a recipient they would be readable by whoever finds them: better refused.
            self.require("backup_recipients")
        if self.backup_to.startswith("s3://"):
            self.require("backup_access_key", "backup_secret_key")

    def _check_bucket(self) -> None:
        """All of a bucket or nothing of it: half of one would be noticed only by its absence."""
        parts = {
            "R2_ACCOUNT_ID": self.object_store_endpoint,
            "R2_ACCESS_KEY": self.r2_access_key,
            "R2_SECRET_KEY": self.r2_secret_key,
            "R2_BUCKET_NAME": self.r2_bucket_name,
        }
        missing = [name for name, value in parts.items() if not value]
        if missing and len(missing) < len(parts):
            rows = {row.name: row for row, _ in self.rows()}
            raise BadSetting(
                name=missing[0],
                fault="is not set, although the rest of the bucket is",
                example=rows[missing[0]].example,
            )

    @property
    def has_object_store(self) -> bool:
        """Whether public files are to stand in a bucket too."""
        return bool(self.r2_bucket_name)

    @property
    def has_cloud(self) -> bool:
        """Whether a second stage follows the web root: a bucket, a CDN that is told, or both."""
        return self.has_object_store or bool(self.cdn_zone_id)

    @property
    def object_store_endpoint(self) -> str:
        """Where the bucket's API is: S3_ENDPOINT_URL, else R2's of the account; '': nowhere.

        https://developers.cloudflare.com/r2/api/s3/api/ (read 2026-11-24).
        """
        if self.s3_endpoint_url or not self.r2_account_id:
            return self.s3_endpoint_url
        return f"https://{self.r2_account_id}.r2.cloudflarestorage.com"

    def require(self, *names: str) -> None:
        """Raises BadSetting for the first of these attributes that was not given."""
        for attribute in fields(self):
            if attribute.name in names and getattr(self, attribute.name) in ("", b"", ()):
                row: Setting = attribute.metadata["setting"]
                raise BadSetting(name=row.name, fault="is not set", example=row.example)

    @classmethod
    def rows(cls) -> tuple[tuple[Setting, object], ...]:
        """(setting, default) of every setting, in order; what docs/settings.md lists."""
        return tuple(
            (attribute.metadata["setting"], attribute.default) for attribute in fields(cls)
        )


def _read_secret_files(given: dict[str, str]) -> None:
    names = {attribute.metadata["setting"].name for attribute in fields(Settings)}
    names |= {"DB_PASSWORD", "REDIS_PASSWORD"}
    for name in names:
        path = given.get(f"{name}_FILE", "")
        if path and not given.get(name):
            try:
                given[name] = Path(path).read_text(encoding="utf-8").strip()
            except OSError as ex:
                raise BadSetting(
                    name=f"{name}_FILE",
                    fault=f"can't be read ({ex.strerror})",
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
