"""The settings of one board's machine, read once, by an entry point, from the environment.

`Settings.read(os.environ)` is called by the entry points alone; everything else is handed a
`Settings`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

from imageboard.captchas import PROVIDERS
from imageboard.errors import BadSetting
from imageboard.settings import environment as environments
from imageboard.settings.readers import (
    Network,
    Reader,
    any_text,
    asked_questions,
    choice,
    flag,
    host_and_port,
    host_names,
    path,
    places,
    push_services,
    recipients,
    renamed_boards,
    secret,
    secrets,
    shaped,
    socket_or_place,
    trusted_networks,
    url,
    whole,
    word,
)
from imageboard.settings.rows import Row, rows_of, setting
from imageboard.words import LANGUAGES, N_, Language


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessRow(Row):
    """A setting of the environment. The value of a secret is never printed and never logged."""

    example: str
    is_secret: bool = False


def _setting(
    name: str,
    reader: Reader,
    *,
    default: object,
    example: str,
    sentence: str,
    is_secret: bool = False,
) -> Any:
    row = ProcessRow(reader, default, sentence, name, example=example, is_secret=is_secret)
    return setting(row, is_shown=not is_secret)


#: Each is tried for each ban, password and address.
FORMER_KEYS_MAX = 3
#: The database forgets no name before (schema.sql): who wants to be forgotten can be asked first.
LOG_NAMES_DAYS_MIN = 30
#: 32 random bytes have fewer than 16 different ones in no lifetime.
KEY_BYTES_DISTINCT_MIN = 8
_EXAMPLE_OF_KEY = "$(head -c 32 /dev/urandom | base64)"


@dataclass(frozen=True, slots=True)
class Settings:
    """Read-only, complete and checked."""

    environment: str = _setting(
        "ENVIRONMENT",
        choice("development", "production"),
        default="development",
        example="production",
        sentence="`production` asks for secure cookies and limits, and logs JSON.",
    )
    log_level: str = _setting(
        "LOG_LEVEL",
        choice("DEBUG", "INFO", "WARNING", "ERROR"),
        default="INFO",
        example="INFO",
        sentence="Log lines from this level on.",
    )
    database_url: str = _setting(
        "DATABASE_URL",
        url("postgresql", "postgres"),
        default="",
        example="postgresql://stillboard:PASSWORD@127.0.0.1/stillboard",
        sentence=(
            "Where PostgreSQL is. Without it `up` starts one of its own. Of several servers, "
            "`…@10.0.0.1:5432,10.0.0.2:5432/…`, the one that takes writes is used. A pooler in "
            "front of it works in session mode; one in transaction mode is refused."
        ),
        is_secret=True,
    )
    database_replica_url: str = _setting(
        "DATABASE_REPLICA_URL",
        url("postgresql", "postgres"),
        default="",
        example="postgresql://stillboard:PASSWORD@10.0.0.2/stillboard",
        sentence=(
            "Its replica, for `./stillboard database promote`, dumps and searches; no page and no "
            "post reads from it."
        ),
        is_secret=True,
    )
    database_connections_max: int = _setting(
        "STILLBOARD_DATABASE_CONNECTIONS_MAX",
        whole(2, 200, "connections"),
        default=10,
        example="10",
        sentence="Connections to PostgreSQL that each writer process may hold.",
    )
    redis_url: str = _setting(
        "REDIS_URL",
        url("redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel"),
        default="",
        example="redis://:PASSWORD@127.0.0.1:6379/0",
        sentence=(
            "Where Valkey or Redis is. Without it `up` starts one of its own. A Redis Cluster is "
            "refused."
        ),
        is_secret=True,
    )
    redis_sentinels: tuple[str, ...] = _setting(
        "REDIS_SENTINELS",
        places(),
        default=(),
        example="10.0.0.1:26379,10.0.0.2:26379,10.0.0.3:26379",
        sentence=(
            "Who knows where the primary is. The password is taken from `REDIS_URL` or "
            "`REDIS_PASSWORD`, and is the sentinels' too."
        ),
    )
    redis_master: str = _setting(
        "REDIS_MASTER",
        shaped("[A-Za-z0-9._-]+", N_("a name of letters, digits, '.', '_' and '-'")),
        default="stillboard",
        example="stillboard",
        sentence="What the sentinels call the primary.",
    )
    data: Path = _setting(
        "STILLBOARD_DATA",
        path(),
        default=Path("var"),
        example="var",
        sentence="The data folder: uploads, keys, logs, and the servers that `up` runs.",
    )
    web_root: Path = _setting(
        "STILLBOARD_WEB_ROOT",
        path(),
        default=Path("public"),
        example="public",
        sentence="Where the pages are put; for another data folder than `var`, its own `public`.",
    )
    address_key: bytes = _setting(
        "STILLBOARD_ADDRESS_KEY",
        secret(),
        default=b"",
        example=_EXAMPLE_OF_KEY,
        sentence=(
            "Hashes and seals posters' addresses and passwords. With another one bans no longer "
            "hit and posts can't be deleted by their password, unless the old one is among "
            "`STILLBOARD_FORMER_ADDRESS_KEYS`."
        ),
        is_secret=True,
    )
    former_address_keys: tuple[bytes, ...] = _setting(
        "STILLBOARD_FORMER_ADDRESS_KEYS",
        secrets(FORMER_KEYS_MAX),
        default=(),
        example="the old key, another old key",
        sentence=(
            "What `STILLBOARD_ADDRESS_KEY` was before: bans and passwords of then still count, and "
            "a ban that hits is kept under the new one from then on."
        ),
        is_secret=True,
    )
    csrf_key: bytes = _setting(
        "CSRF_KEY",
        secret(),
        default=b"",
        example=_EXAMPLE_OF_KEY,
        sentence="Signs the forms of the staff's pages.",
        is_secret=True,
    )
    log_key: bytes = _setting(
        "STILLBOARD_LOG_KEY",
        secret(),
        default=b"",
        example=_EXAMPLE_OF_KEY,
        sentence=(
            "Signs the head of the log of what staff do (audit.md). Renderer and catch-up alone "
            "need it; without one the head is not signed."
        ),
        is_secret=True,
    )
    staff_second_factor: str = _setting(
        "STILLBOARD_STAFF_SECOND_FACTOR",
        shaped(
            "(?:[a-z0-9_-]{1,32}(?: *, *[a-z0-9_-]{1,32}){0,49})?",
            N_("a list of roles in small letters, by commas"),
        ),
        default="",
        example="admin, owner",
        sentence=(
            "Roles that may nothing before they have a second factor, wherever they are held; "
            "`all`: every role; none: whoever wants one has one."
        ),
    )
    secure_trip_salt: str = _setting(
        "STILLBOARD_SECURE_TRIP_SALT",
        any_text(),
        default="",
        example=_EXAMPLE_OF_KEY,
        sentence=(
            "The secret of `name##password` tripcodes; of a board that moved here, its old "
            "`secure_trip_salt`."
        ),
        is_secret=True,
    )
    address_kept_days: int = _setting(
        "STILLBOARD_ADDRESS_KEPT_DAYS",
        whole(0, 365, "days"),
        default=7,
        example="7",
        sentence="Days for which a poster's address can be read by staff.",
    )
    address_hash_kept_days: int = _setting(
        "STILLBOARD_ADDRESS_HASH_KEPT_DAYS",
        whole(1, 3650, "days"),
        default=30,
        example="30",
        sentence=(
            "Days for which the keyed hash of an address is kept with posts and reports, and with"
            " bans that are over. A post's author can be banned for so long."
        ),
    )
    log_names_kept_days: int = _setting(
        "STILLBOARD_LOG_NAMES_KEPT_DAYS",
        whole(LOG_NAMES_DAYS_MIN, 36_500, "days"),
        default=36_500,
        example="365",
        sentence="Days for which the log of what staff do keeps their names (audit.md).",
    )
    trusted_proxies: tuple[Network, ...] = _setting(
        "STILLBOARD_TRUSTED_PROXIES",
        trusted_networks(),
        default=(),
        example="173.245.48.0/20,2400:cb00::/32",
        sentence=(
            "Addresses or ranges of proxies in front of nginx, whose word about the client's "
            "address counts."
        ),
    )
    country_header: str = _setting(
        "STILLBOARD_COUNTRY_HEADER",
        shaped("[A-Za-z][A-Za-z0-9-]{0,62}", N_("the name of a header")),
        default="",
        example="CF-IPCountry",
        sentence=(
            "The header in which trusted proxies tell a client's country, of two letters; nginx has"
            " to know it too. None: it is looked up in `STILLBOARD_COUNTRY_DATABASE`, if at all."
        ),
    )
    country_database: str = _setting(
        "STILLBOARD_COUNTRY_DATABASE",
        any_text(),
        default="",
        example="/usr/share/GeoIP/GeoLite2-Country.mmdb",
        sentence=(
            "The path of a database of addresses in MaxMind's format, which tells the country of"
            " posts whose proxy does not. Read at the start of the writer."
        ),
    )
    ranges_file: str = _setting(
        "STILLBOARD_RANGES_FILE",
        any_text(),
        default="",
        example="/etc/stillboard/ranges.txt",
        sentence=(
            "The path of a file of addresses and ranges in CIDR, one a line: exits of Tor, data"
            " centres. Boards say what becomes of posts from there (`listed_ranges`). Read again"
            " within a minute of its change."
        ),
    )
    block_lists: tuple[str, ...] = _setting(
        "STILLBOARD_BLOCK_LISTS",
        host_names(),
        default=(),
        example="zen.spamhaus.org",
        sentence=(
            "Block lists that are asked by DNS about who posts, on boards that say what becomes of"
            " the listed (`block_lists`). Their keepers see the addresses. One that does not answer"
            " within half a second shuts nobody out."
        ),
    )
    block_lists_resolver: str = _setting(
        "STILLBOARD_BLOCK_LISTS_RESOLVER",
        host_and_port(),
        default="",
        example="127.0.0.1:53",
        sentence="The name server that is asked for them, by UDP; none: the first of the machine.",
    )
    site_name: str = _setting(
        "STILLBOARD_SITE_NAME",
        any_text(),
        default="Stillboard",
        example="Stillboard",
        sentence="What the site is called on its pages.",
    )
    language_code: str = _setting(
        "STILLBOARD_LANGUAGE",
        choice(*LANGUAGES),
        default="en",
        example="ja",
        sentence=(
            "What pages, answers and the desk are written in; boards may have another (their"
            " setting `language`)."
        ),
    )
    site_url: str = _setting(
        "STILLBOARD_SITE_URL",
        url("http", "https"),
        default="",
        example="https://example.org",
        sentence="The public address of the site, for what needs a whole address.",
    )
    host_names: tuple[str, ...] = _setting(
        "STILLBOARD_HOST_NAMES",
        host_names(),
        default=(),
        example="www.example.org,examplexyz.onion",
        sentence=(
            "What the site of `up` is called besides the name in `STILLBOARD_SITE_URL`; asked for "
            "by another, it refuses."
        ),
    )
    renamed_boards: tuple[tuple[str, str], ...] = _setting(
        "STILLBOARD_RENAMED_BOARDS",
        renamed_boards(),
        default=(),
        example="b=random",
        sentence=(
            "Boards that came here under another name (moving.md): where nothing is at an address"
            " with the old one, nginx leads to the new one. The Worker has `RENAMED_BOARDS` for it."
        ),
    )
    limits: bool = _setting(
        "STILLBOARD_LIMITS",
        flag(),
        default=True,
        example="on",
        sentence=(
            "`off` switches rate limits, waits and captcha off, for load tests; refused in "
            "`production`."
        ),
    )
    ipv4_24_addresses: int = _setting(
        "STILLBOARD_IPV4_24_ADDRESSES",
        whole(0, 256, "addresses"),
        default=10,
        example="10",
        sentence=(
            "As how many addresses the 256 of an IPv4 /24 count together, for what they may post, "
            "upload, report and delete; 0: each for itself alone."
        ),
    )
    ipv6_56_addresses: int = _setting(
        "STILLBOARD_IPV6_56_ADDRESSES",
        whole(0, 256, "addresses"),
        default=2,
        example="2",
        sentence="The same for the 256 networks of an IPv6 /56; a /64 counts as one address.",
    )
    ipv6_48_addresses: int = _setting(
        "STILLBOARD_IPV6_48_ADDRESSES",
        whole(0, 65_536, "addresses"),
        default=4,
        example="4",
        sentence="The same for the 65536 networks of an IPv6 /48.",
    )
    captcha: str = _setting(
        "STILLBOARD_CAPTCHA",
        choice(*(provider.name for provider in PROVIDERS)),
        default="",
        example="altcha",
        sentence=(
            "Which captcha there is, and that boards which say nothing (`captcha=site`) ask for it"
            " always. None: reCAPTCHA, hCaptcha or Turnstile, where its public key is set; else"
            " those boards ask for none, and those that want one ask for ALTCHA's."
        ),
    )
    captcha_questions: str = _setting(
        "STILLBOARD_CAPTCHA_QUESTIONS",
        asked_questions(),
        default="",
        example="What colour is grass? = green; Two and three? = 5, five",
        sentence=(
            "What is asked where `STILLBOARD_CAPTCHA` is `question`, on boards without"
            " `captcha_questions` of their own."
        ),
        is_secret=True,
    )
    recaptcha_secret_key: str = _setting(
        "RECAPTCHA_SECRET_KEY",
        any_text(),
        default="",
        example="6Lc…",
        sentence="Switches reCAPTCHA on.",
        is_secret=True,
    )
    recaptcha_site_key: str = _setting(
        "RECAPTCHA_SITE_KEY",
        any_text(),
        default="",
        example="6Lc…",
        sentence="The public half of it, which the form's widget needs.",
    )
    recaptcha_verify_url: str = _setting(
        "STILLBOARD_RECAPTCHA_VERIFY_URL",
        url("http", "https"),
        default="https://www.google.com/recaptcha/api/siteverify",
        example="https://www.google.com/recaptcha/api/siteverify",
        sentence="Who is asked whether a captcha was solved.",
    )
    hcaptcha_secret_key: str = _setting(
        "HCAPTCHA_SECRET_KEY",
        any_text(),
        default="",
        example="ES_…",
        sentence="Switches hCaptcha on.",
        is_secret=True,
    )
    hcaptcha_site_key: str = _setting(
        "HCAPTCHA_SITE_KEY",
        any_text(),
        default="",
        example="ES_…",
        sentence="The public half of it, which the form's widget needs.",
    )
    hcaptcha_verify_url: str = _setting(
        "STILLBOARD_HCAPTCHA_VERIFY_URL",
        url("http", "https"),
        default="https://api.hcaptcha.com/siteverify",
        example="https://api.hcaptcha.com/siteverify",
        sentence="Who is asked whether a captcha was solved.",
    )
    turnstile_secret_key: str = _setting(
        "TURNSTILE_SECRET_KEY",
        any_text(),
        default="",
        example="0x4AAA…",
        sentence="Switches Turnstile on.",
        is_secret=True,
    )
    turnstile_site_key: str = _setting(
        "TURNSTILE_SITE_KEY",
        any_text(),
        default="",
        example="0x4AAA…",
        sentence="The public half of it, which the form's widget needs.",
    )
    turnstile_verify_url: str = _setting(
        "STILLBOARD_TURNSTILE_VERIFY_URL",
        url("http", "https"),
        default="https://challenges.cloudflare.com/turnstile/v0/siteverify",
        example="https://challenges.cloudflare.com/turnstile/v0/siteverify",
        sentence="Who is asked whether a captcha was solved.",
    )
    push: bool = _setting(
        "STILLBOARD_PUSH",
        flag(),
        default=False,
        example="on",
        sentence=(
            "Whether readers may be told of replies while their browser is closed (operations.md);"
            " `STILLBOARD_SITE_URL` is needed for it."
        ),
    )
    push_key: bytes = _setting(
        "STILLBOARD_PUSH_KEY",
        secret(),
        default=b"",
        example=_EXAMPLE_OF_KEY,
        sentence=(
            "Signs what is sent to push services. Browsers subscribe for its public half: with"
            " another one readers have to ask again."
        ),
        is_secret=True,
    )
    push_services: tuple[str, ...] = _setting(
        "STILLBOARD_PUSH_SERVICES",
        push_services(),
        default=(
            "fcm.googleapis.com",
            "updates.push.services.mozilla.com",
            "*.push.apple.com",
            "*.notify.windows.com",
        ),
        example="fcm.googleapis.com,*.push.apple.com",
        sentence=(
            "Push services of browsers' makers that the board posts to, by https and at public"
            " addresses alone; browsers of others are refused. `http://127.0.0.1:PORT` is a"
            " stand-in for tests, refused in `production`."
        ),
    )
    r2_account_id: str = _setting(
        "R2_ACCOUNT_ID",
        shaped("[0-9a-f]{32}", N_("32 digits of 0-9 and a-f")),
        default="",
        example="023e105f4ecef8ad9ca31a8372d0c353",
        sentence=(
            "The account whose bucket holds a second copy of all public files. All four `R2_` "
            "settings, or none."
        ),
    )
    r2_access_key: str = _setting(
        "R2_ACCESS_KEY",
        any_text(),
        default="",
        example="the Access Key ID of an R2 API token",
        sentence="Who writes to the bucket.",
        is_secret=True,
    )
    r2_secret_key: str = _setting(
        "R2_SECRET_KEY",
        any_text(),
        default="",
        example="the Secret Access Key of the same token",
        sentence="The other half of it.",
        is_secret=True,
    )
    r2_bucket_name: str = _setting(
        "R2_BUCKET_NAME",
        shaped("[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", N_("3 to 63 of a-z, 0-9 and -")),
        default="",
        example="stillboard",
        sentence="The bucket.",
    )
    s3_endpoint_url: str = _setting(
        "S3_ENDPOINT_URL",
        url("http", "https"),
        default="",
        example="https://s3.example.org",
        sentence=(
            "Another S3 than R2: where it is; then there is no account. `up --with-r2` brings one"
            " along."
        ),
    )
    nginx_log_listen: str = _setting(
        "STILLBOARD_NGINX_LOG_LISTEN",
        socket_or_place(),
        default="",
        example="unix:/run/stillboard-catch-up/nginx.sock",
        sentence=(
            "Where catch-up hears of answers that failed, and of nginx's own errors, for metrics"
            " and logs; nginx's `--log-to` names the same place. None: nowhere. `up` sets both."
        ),
    )
    metrics_listen: str = _setting(
        "STILLBOARD_METRICS_LISTEN",
        host_and_port(),
        default="",
        example="127.0.0.1:9400",
        sentence=(
            "Where a program shows its metrics; none: nowhere. `up` gives the next ports to its "
            "other parts: writer, catch-up, publisher, render workers; without a value, each part"
            " a free one."
        ),
    )
    tls_certificate: str = _setting(
        "STILLBOARD_TLS_CERTIFICATE",
        any_text(),
        default="",
        example="/etc/stillboard/certificates/fullchain.pem",
        sentence="The site's certificate, of which catch-up shows when it ends.",
    )
    uploads_free_mb_min: int = _setting(
        "STILLBOARD_UPLOADS_FREE_MB_MIN",
        whole(0, 1_000_000, "MB"),
        default=256,
        example="1024",
        sentence="Files are refused while the data folder's disk or the pages' has less free.",
    )
    posts_free_mb_min: int = _setting(
        "STILLBOARD_POSTS_FREE_MB_MIN",
        whole(0, 1_000_000, "MB"),
        default=128,
        example="256",
        sentence="Posts are refused while one of these disks has less free.",
    )
    writer_workers: int = _setting(
        "STILLBOARD_WRITER_WORKERS",
        whole(1, 64, "workers"),
        default=2,
        example="2",
        sentence="Processes of the write API.",
    )
    render_workers: int = _setting(
        "STILLBOARD_RENDER_WORKERS",
        whole(1, 64, "workers"),
        default=1,
        example="1",
        sentence="Processes that render; one board is rendered by one at a time.",
    )
    sample_pages: int = _setting(
        "STILLBOARD_SAMPLE_PAGES",
        whole(0, 10_000, "pages"),
        default=50,
        example="50",
        sentence=(
            "Pages of boards, picked by chance, that catch-up compares with the database in each"
            " five minutes: metrics tell of those that are missing or wrong. 0: none."
        ),
    )
    page_rest_s: int = _setting(
        "STILLBOARD_PAGE_REST_S",
        whole(5, 86_400, "seconds"),
        default=10,
        example="10",
        sentence=(
            "A page that has not changed for so long is compressed anew, and smaller; "
            "board pages and catalogs after twelve times as long."
        ),
    )
    lists_pace_ms: int = _setting(
        "STILLBOARD_LISTS_PACE_MS",
        whole(0, 60_000, "milliseconds"),
        default=1000,
        example="1000",
        sentence=(
            "Milliseconds between two drawings of a page that lists threads, as board pages and "
            "catalogs do, while posts keep coming; the first is shown at once, and threads always."
        ),
    )
    darkroom_must_be_confined: bool = _setting(
        "STILLBOARD_DARKROOM_MUST_BE_CONFINED",
        flag(),
        default=False,
        example="on",
        sentence=(
            "`on` refuses files where the kernel or the container lacks Landlock or seccomp, which "
            "keep whoever takes a decoder over from all else; `doctor` says what is lacking."
        ),
    )
    own_post_wait_ms: int = _setting(
        "STILLBOARD_OWN_POST_WAIT_MS",
        whole(0, 10000, "milliseconds"),
        default=1000,
        example="1000",
        sentence="Milliseconds for which a browser waits to be led to a page that shows its post.",
    )
    cdn_zone_id: str = _setting(
        "CDN_ZONE_ID",
        word(),
        default="",
        example="023e105f4ecef8ad9ca31a8372d0c353",
        sentence=(
            "The zone whose copies are purged when a page changes. It, its token and its address,"
            " or none."
        ),
    )
    cdn_api_token: str = _setting(
        "CDN_API_TOKEN",
        word(),
        default="",
        example="a token with the permission Cache Purge",
        sentence="Who purges.",
        is_secret=True,
    )
    cdn_base_url: str = _setting(
        "CDN_BASE_URL",
        url("http", "https"),
        default="",
        example="https://files.example.org",
        sentence=(
            "The address under which the CDN keeps its copies, and purges them: the bucket's, "
            "with the Worker of `cdn/edge/`; the site's, for a CDN right in front of nginx."
        ),
    )
    cdn_api_url: str = _setting(
        "STILLBOARD_CDN_API_URL",
        url("http", "https"),
        default="https://api.cloudflare.com/client/v4",
        example="https://api.cloudflare.com/client/v4",
        sentence="Who is asked to purge.",
    )
    cdn_urls_per_s: int = _setting(
        "STILLBOARD_CDN_URLS_PER_S",
        whole(1, 100000, "URLs a second"),
        default=800,
        example="800",
        sentence="Addresses that may be purged in a second: what the CDN's plan allows.",
    )
    worker_zone: str = _setting(
        "STILLBOARD_CDN_WORKER_ZONE",
        shaped("[A-Za-z0-9][A-Za-z0-9.-]{0,251}[A-Za-z0-9]", N_("the name of a zone")),
        default="",
        example="example.org",
        sentence=(
            "The zone at Cloudflare of the Worker in `cdn/edge/`; a post that another zone's "
            "Worker hands on is refused."
        ),
    )
    origin_secret: str = _setting(
        "STILLBOARD_ORIGIN_SECRET",
        shaped(
            "[A-Za-z0-9_+/=-]{32,88}", N_("32 to 88 of letters, digits, `_`, `+`, `/`, `=`, `-`")
        ),
        default="",
        example=_EXAMPLE_OF_KEY,
        sentence=(
            "What the CDN in front says to nginx in `X-Origin-Secret`; then requests without it, "
            "which came past the CDN, are refused."
        ),
        is_secret=True,
    )
    backup_to: str = _setting(
        "STILLBOARD_BACKUP_TO",
        shaped(
            "/.+|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
            N_("/a/folder or s3://bucket"),
            fault=N_("is neither /a/folder nor s3://bucket"),
        ),
        default="",
        example="s3://stillboard-backups",
        sentence=(
            "Where backups go: a bucket, or `/a/folder` on another disk. None: there are no "
            "backups."
        ),
    )
    backup_recipients: tuple[str, ...] = _setting(
        "STILLBOARD_BACKUP_RECIPIENTS",
        recipients(),
        default=(),
        example="age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
        sentence=(
            "Public keys, by comma, whose owners can read the backups; `./stillboard backup "
            "keygen` makes one."
        ),
    )
    backup_s3_endpoint_url: str = _setting(
        "STILLBOARD_BACKUP_S3_ENDPOINT_URL",
        url("http", "https"),
        default="",
        example="https://s3.example.org",
        sentence=(
            "Where the backups' bucket is; none: where the public one is (`S3_ENDPOINT_URL`, R2)."
        ),
    )
    backup_access_key: str = _setting(
        "STILLBOARD_BACKUP_ACCESS_KEY",
        any_text(),
        default="",
        example="the Access Key ID of a token for that bucket alone",
        sentence="Who writes to the backups' bucket. For `backup` and its stream alone.",
        is_secret=True,
    )
    backup_secret_key: str = _setting(
        "STILLBOARD_BACKUP_SECRET_KEY",
        any_text(),
        default="",
        example="the Secret Access Key of the same token",
        sentence="The other half of it.",
        is_secret=True,
    )
    backup_database_url: str = _setting(
        "STILLBOARD_BACKUP_DATABASE_URL",
        url("postgresql", "postgres"),
        default="",
        example="postgresql://backup:PASSWORD@127.0.0.1/postgres",
        sentence=(
            "A role that may replicate, for base backups and the WAL of a PostgreSQL of your own;"
            " `up` knows its own."
        ),
        is_secret=True,
    )
    backup_wal: bool = _setting(
        "STILLBOARD_BACKUP_WAL",
        flag(),
        default=True,
        example="off",
        sentence=(
            "`off`: each night's dump and pictures are all that is backed up, no base and no change"
            " by itself; for a PostgreSQL of another version than the board's own."
        ),
    )
    backup_bases_kept: int = _setting(
        "STILLBOARD_BACKUP_BASES_KEPT",
        whole(1, 365, "bases"),
        default=7,
        example="7",
        sentence=(
            "Base backups that are kept, with the WAL that they need: so many days back it can be"
            " restored to any moment."
        ),
    )
    backup_dumps_kept_days: int = _setting(
        "STILLBOARD_BACKUP_DUMPS_KEPT_DAYS",
        whole(1, 3650, "days"),
        default=30,
        example="30",
        sentence=(
            "Days for which dumps are kept, and with them the pictures that were removed since."
        ),
    )

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """The settings that `environ` holds; an empty value counts as not given.

        `DB_HOST` … `DB_NAME` and `REDIS_ADDR` … `REDIS_DB` are understood in place of the URLs.
        With `REDIS_SENTINELS` the queue's URL names them, and no server.
        `NAME_FILE` names a file that holds the value of `NAME` (secrets of containers).

        Raises:
            BadSetting: names the setting, its fault and an example; never a secret's value. Or a
                name that begins with STILLBOARD_ is one of ours, misspelt.
        """
        examples = {row.name: row.example for row in cls.rows()}
        environments.refuse_misspelt(environ, examples)
        given = environments.completed(environ, examples)
        values = {}
        for row in cls.rows():
            text = given.get(row.name, "")
            if text == "":
                continue
            if row.is_secret and text.startswith("$("):
                raise BadSetting(
                    name=row.name, fault=N_("is a command that no shell has run"), example="…"
                )
            try:
                values[row.attribute] = row.reader.read(text)
            except ValueError as ex:
                raise BadSetting(name=row.name, fault=ex.args[0], example=row.example) from None
        settings = cls(**values)
        settings._check_together()
        return settings

    def _check_together(self) -> None:
        if self.environment == "production" and not self.limits:
            raise BadSetting(
                name="STILLBOARD_LIMITS",
                fault=N_("can't be off when ENVIRONMENT=production"),
                example="on",
            )
        if self.environment == "production":
            self._check_keys()
            if any("://" in service for service in self.push_services):
                raise BadSetting(
                    name="STILLBOARD_PUSH_SERVICES",
                    fault=N_("can't name a stand-in when ENVIRONMENT=production"),
                    example="fcm.googleapis.com",
                )
        if self.cdn_zone_id or self.cdn_api_token:
            self.require("cdn_zone_id", "cdn_api_token", "cdn_base_url")

        for name in (provider.name for provider in PROVIDERS if provider.is_foreign):
            if getattr(self, f"{name}_secret_key") or self.captcha == name:
                # Its check without its widget: nobody could post.
                self.require(f"{name}_site_key")
        if self.captcha == "question":
            # Boards without questions of their own would have none to ask.
            self.require("captcha_questions")
        self._check_bucket()
        if self.backup_to:
            # Without a recipient they would be readable by whoever finds them: better refused.
            self.require("backup_recipients")

    def _check_keys(self) -> None:
        """Refuse those that somebody has typed to be done with it: 'aaaa…', '12341234…'."""
        for name, key in (
            ("STILLBOARD_ADDRESS_KEY", self.address_key),
            ("CSRF_KEY", self.csrf_key),
            ("STILLBOARD_LOG_KEY", self.log_key),
            ("STILLBOARD_PUSH_KEY", self.push_key),
        ):
            if key and len(set(key)) < KEY_BYTES_DISTINCT_MIN:
                raise BadSetting(
                    name=name,
                    fault=N_("can be guessed: make it of random bytes"),
                    example=_EXAMPLE_OF_KEY,
                )

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
            examples = {row.name: row.example for row in self.rows()}
            raise BadSetting(
                name=missing[0],
                fault=N_("is not set, although the rest of the bucket is"),
                example=examples[missing[0]],
            )

    @property
    def roles_with_second_factor(self) -> frozenset[str]:
        """Those that must have one; 'all' among them: every role."""
        return frozenset(self.staff_second_factor.replace(",", " ").split())

    @property
    def language(self) -> Language:
        """Of the site."""
        return LANGUAGES[self.language_code]

    @property
    def has_object_store(self) -> bool:
        """Whether public files are to stand in a bucket too."""
        return bool(self.r2_bucket_name)

    @property
    def backup_kinds(self) -> frozenset[str]:
        """Those that are taken by themselves: all of it each night, changes as they come."""
        if not self.backup_to:
            return frozenset()
        return frozenset({"full", "wal"}) if self.backup_wal else frozenset({"full"})

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
        for row in self.rows():
            if row.attribute in names and getattr(self, row.attribute) in ("", b"", ()):
                raise BadSetting(name=row.name, fault=N_("is not set"), example=row.example)

    @classmethod
    @cache
    def rows(cls) -> tuple[ProcessRow, ...]:
        """Every setting, in order."""
        return rows_of(cls)
