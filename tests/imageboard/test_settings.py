"""Settings of the environment: every one's good and bad values, and no secret in any error."""

from __future__ import annotations

import base64
import ipaddress
import traceback
from pathlib import Path
from typing import Any

import pytest

from imageboard.errors import BadSetting, MisspeltSetting
from imageboard.settings import SECRET_BYTES_MIN, Settings
from imageboard.settings.environment import READ_ELSEWHERE
from imageboard.words import Message
from tests.tables import for_each

KEY = bytes(range(32))
KEY_BASE64 = base64.b64encode(KEY).decode()
NETWORKS = (ipaddress.ip_network("192.0.2.0/24"), ipaddress.ip_network("2001:db8::/32"))
#: Too short for a key.
SECRET = "correct-horse-battery"

#: Settings that are given together or not at all.
BUCKET = {
    "R2_ACCOUNT_ID": "0a" * 16,
    "R2_ACCESS_KEY": "an-access-key",
    "R2_SECRET_KEY": "a-secret-key",
    "R2_BUCKET_NAME": "stillboard",
}
CDN = {
    "CDN_ZONE_ID": "0b" * 16,
    "CDN_API_TOKEN": "an-api-token",
    "CDN_BASE_URL": "https://files.example.org",
}
CAPTCHA = {
    f"{name}_{key}": f"{name.lower()}-{key.lower()}"
    for name in ("RECAPTCHA", "HCAPTCHA", "TURNSTILE")
    for key in ("SECRET_KEY", "SITE_KEY")
}
BACKUP = {
    "STILLBOARD_BACKUP_TO": "s3://backups",
    "STILLBOARD_BACKUP_RECIPIENTS": f"age1{'3' * 58}",
    "STILLBOARD_BACKUP_ACCESS_KEY": "a-backup-key",
    "STILLBOARD_BACKUP_SECRET_KEY": "a-backup-secret",
}

GOOD: dict[str, list[tuple[str, Any]]] = {
    "ENVIRONMENT": [("production", "production"), ("Development", "development")],
    "LOG_LEVEL": [("DEBUG", "DEBUG"), ("error", "ERROR"), ("info", "INFO"), ("Warning", "WARNING")],
    "DATABASE_URL": [
        ("postgresql://u:p@db/board", "postgresql://u:p@db/board"),
        ("postgres:///board?host=/run/pg", "postgres:///board?host=/run/pg"),
        ("postgresql://u:p@one:1,two:2/board", "postgresql://u:p@one:1,two:2/board"),
    ],
    "DATABASE_REPLICA_URL": [("postgresql://u:p@two/board", "postgresql://u:p@two/board")],
    "STILLBOARD_DATABASE_CONNECTIONS_MAX": [("2", 2), ("200", 200)],
    "REDIS_URL": [
        ("redis://:p@queue:6379/0", "redis://:p@queue:6379/0"),
        ("rediss://queue/0", "rediss://queue/0"),
        ("unix:///run/valkey.sock", "unix:///run/valkey.sock"),
    ],
    "REDIS_SENTINELS": [("one:1, [::1]:26379", ("one:1", "[::1]:26379"))],
    "REDIS_MASTER": [("my.master-1", "my.master-1")],
    "STILLBOARD_DATA": [("/srv/board", Path("/srv/board"))],
    "STILLBOARD_WEB_ROOT": [("/srv/public", Path("/srv/public"))],
    "STILLBOARD_ADDRESS_KEY": [(KEY_BASE64, KEY), ("k" * 33, b"k" * 33)],
    "CSRF_KEY": [(KEY_BASE64, KEY), ("plain text of more than 32 bytes!", None)],
    "STILLBOARD_FORMER_ADDRESS_KEYS": [(f"{KEY_BASE64}, {'k' * 33},", (KEY, b"k" * 33))],
    "STILLBOARD_LOG_KEY": [(KEY_BASE64, KEY)],
    "STILLBOARD_SECURE_TRIP_SALT": [("old board's salt", "old board's salt")],
    "STILLBOARD_ADDRESS_KEPT_DAYS": [("0", 0), ("365", 365)],
    "STILLBOARD_ADDRESS_HASH_KEPT_DAYS": [("1", 1), ("3650", 3650)],
    "STILLBOARD_LOG_NAMES_KEPT_DAYS": [("30", 30), ("36500", 36_500)],
    "STILLBOARD_TRUSTED_PROXIES": [
        ("192.0.2.0/24, 2001:db8::/32", NETWORKS),
        ("192.0.2.7", (ipaddress.ip_network("192.0.2.7/32"),)),
        (" , ", ()),
    ],
    "STILLBOARD_HOST_NAMES": [
        ("www.example.org, *.b.example", ("www.example.org", "*.b.example")),
        (" , ", ()),
    ],
    "STILLBOARD_CDN_WORKER_ZONE": [("example.org", "example.org")],
    "STILLBOARD_ORIGIN_SECRET": [("x" * 32, "x" * 32)],
    "STILLBOARD_COUNTRY_HEADER": [("CF-IPCountry", "CF-IPCountry")],
    "STILLBOARD_RENAMED_BOARDS": [
        ("b=random, λ=lambda", (("b", "random"), ("λ", "lambda"))),
        ("B_$=b", (("B_$", "b"),)),
        (" , ", ()),
    ],
    "STILLBOARD_COUNTRY_DATABASE": [("/srv/geo.mmdb", "/srv/geo.mmdb")],
    "STILLBOARD_RANGES_FILE": [("/etc/ranges.txt", "/etc/ranges.txt")],
    "STILLBOARD_BLOCK_LISTS": [("a.example, b.example", ("a.example", "b.example"))],
    "STILLBOARD_BLOCK_LISTS_RESOLVER": [("127.0.0.1:53",) * 2, ("[::1]:5353",) * 2],
    "STILLBOARD_SITE_NAME": [("Kettles & Pots", "Kettles & Pots")],
    "STILLBOARD_LANGUAGE": [("en", "en"), ("JA", "ja")],
    "STILLBOARD_SITE_URL": [("https://example.org", "https://example.org")],
    "STILLBOARD_LIMITS": [("on", True), ("OFF", False), ("1", True), ("no", False)],
    "STILLBOARD_IPV4_24_ADDRESSES": [("0", 0), ("256", 256)],
    "STILLBOARD_IPV6_56_ADDRESSES": [("0", 0), ("256", 256)],
    "STILLBOARD_IPV6_48_ADDRESSES": [("0", 0), ("65536", 65_536)],
    "STILLBOARD_STAFF_SECOND_FACTOR": [("admin,owner", "admin,owner"), ("all", "all")],
    "STILLBOARD_CAPTCHA": [("altcha", "altcha"), ("Picture", "picture")],
    "STILLBOARD_CAPTCHA_QUESTIONS": [("1 + 1 = ? = 2, two; Tea? = yes",) * 2],
    "RECAPTCHA_SECRET_KEY": [("6Lc-secret", "6Lc-secret")],
    "RECAPTCHA_SITE_KEY": [("6Lc-site", "6Lc-site")],
    "STILLBOARD_RECAPTCHA_VERIFY_URL": [("http://127.0.0.1:1/", "http://127.0.0.1:1/")],
    "HCAPTCHA_SECRET_KEY": [("hcaptcha-secret",) * 2],
    "HCAPTCHA_SITE_KEY": [("hcaptcha-site",) * 2],
    "STILLBOARD_HCAPTCHA_VERIFY_URL": [("http://127.0.0.1:2/",) * 2],
    "TURNSTILE_SECRET_KEY": [("turnstile-secret",) * 2],
    "TURNSTILE_SITE_KEY": [("turnstile-site",) * 2],
    "STILLBOARD_TURNSTILE_VERIFY_URL": [("http://127.0.0.1:2/",) * 2],
    "STILLBOARD_PUSH": [("on", True), ("off", False)],
    "STILLBOARD_PUSH_KEY": [(KEY_BASE64, KEY)],
    "STILLBOARD_PUSH_SERVICES": [
        ("Push.example, *.b.example", ("push.example", "*.b.example")),
        ("http://127.0.0.1:81, a.example", ("a.example", "http://127.0.0.1:81")),
    ],
    "STILLBOARD_NGINX_LOG_LISTEN": [("unix:/run/n.sock",) * 2, ("[::]:5140", "[::]:5140")],
    "STILLBOARD_METRICS_LISTEN": [("127.0.0.1:9400", "127.0.0.1:9400"), ("[::1]:1", "[::1]:1")],
    "STILLBOARD_TLS_CERTIFICATE": [("/etc/tls/chain.pem", "/etc/tls/chain.pem")],
    "STILLBOARD_UPLOADS_FREE_MB_MIN": [("0", 0), ("1024", 1024)],
    "STILLBOARD_POSTS_FREE_MB_MIN": [("0", 0), ("1024", 1024)],
    "STILLBOARD_WRITER_WORKERS": [("1", 1), ("64", 64)],
    "STILLBOARD_RENDER_WORKERS": [("1", 1), ("64", 64)],
    "STILLBOARD_SAMPLE_PAGES": [("0", 0), ("10000", 10_000)],
    "STILLBOARD_PAGE_REST_S": [("5", 5), ("86400", 86_400)],
    "STILLBOARD_LISTS_PACE_MS": [("0", 0), ("60000", 60_000)],
    "STILLBOARD_DARKROOM_MUST_BE_CONFINED": [("on", True), ("off", False)],
    "STILLBOARD_OWN_POST_WAIT_MS": [("0", 0), ("10000", 10_000)],
    "R2_ACCOUNT_ID": [("0123456789abcdef" * 2, "0123456789abcdef" * 2)],
    "R2_ACCESS_KEY": [("another-access-key", "another-access-key")],
    "R2_SECRET_KEY": [("another-secret-key", "another-secret-key")],
    "R2_BUCKET_NAME": [("abc", "abc"), ("a-1" * 21, "a-1" * 21)],
    "S3_ENDPOINT_URL": [("http://127.0.0.1:8333", "http://127.0.0.1:8333")],
    "CDN_ZONE_ID": [("0c" * 16, "0c" * 16)],
    "CDN_API_TOKEN": [("another-token", "another-token")],
    "CDN_BASE_URL": [("https://cdn.example.org", "https://cdn.example.org")],
    "STILLBOARD_CDN_API_URL": [("http://127.0.0.1:1/v4", "http://127.0.0.1:1/v4")],
    "STILLBOARD_CDN_URLS_PER_S": [("1", 1), ("100000", 100_000)],
    "STILLBOARD_BACKUP_TO": [("/mnt/backups", "/mnt/backups"), ("s3://b.2", "s3://b.2")],
    "STILLBOARD_BACKUP_RECIPIENTS": [
        (BACKUP["STILLBOARD_BACKUP_RECIPIENTS"], (BACKUP["STILLBOARD_BACKUP_RECIPIENTS"],)),
        (f"age1{'q' * 58}, age1{'z' * 58}", (f"age1{'q' * 58}", f"age1{'z' * 58}")),
    ],
    "STILLBOARD_BACKUP_S3_ENDPOINT_URL": [("http://127.0.0.1:8333", "http://127.0.0.1:8333")],
    "STILLBOARD_BACKUP_ACCESS_KEY": [("another-backup-key", "another-backup-key")],
    "STILLBOARD_BACKUP_SECRET_KEY": [("another-backup-secret", "another-backup-secret")],
    "STILLBOARD_BACKUP_DATABASE_URL": [("postgresql://b:p@db/postgres",) * 2],
    "STILLBOARD_BACKUP_WAL": [("on", True), ("off", False)],
    "STILLBOARD_BACKUP_BASES_KEPT": [("1", 1), ("365", 365)],
    "STILLBOARD_BACKUP_DUMPS_KEPT_DAYS": [("1", 1), ("3650", 3650)],
}

BAD: dict[str, list[str]] = {
    "ENVIRONMENT": ["prod", "production "],
    "LOG_LEVEL": ["TRACE", "inf", "20", "ınfo"],
    "DATABASE_URL": ["mysql://db/board", "db", "host=db", "postgresql://[db/board"],
    "DATABASE_REPLICA_URL": ["two"],
    "REDIS_SENTINELS": ["one", "one:x", "one:1,", "one:1;two:2", "http://one:1", "a b:1"],
    "REDIS_MASTER": ["my master", "m/n"],
    "STILLBOARD_DATABASE_CONNECTIONS_MAX": ["1", "201", "-2", "ten", "2.0"],
    "REDIS_URL": ["http://queue", "queue:6379"],
    "STILLBOARD_ADDRESS_KEY": ["short", "k" * 31, base64.b64encode(b"k" * 16).decode()],
    "CSRF_KEY": ["short"],
    "STILLBOARD_LOG_KEY": ["short"],
    "STILLBOARD_PUSH": ["perhaps"],
    "STILLBOARD_PUSH_KEY": ["short"],
    "STILLBOARD_PUSH_SERVICES": ["https://a.example", "http://10.0.0.1:80", "a b"],
    "STILLBOARD_FORMER_ADDRESS_KEYS": [f"{KEY_BASE64},short", ",".join([KEY_BASE64] * 4)],
    "STILLBOARD_ADDRESS_KEPT_DAYS": ["-1", "366", "a week"],
    "STILLBOARD_ADDRESS_HASH_KEPT_DAYS": ["0", "3651", "a month"],
    "STILLBOARD_LOG_NAMES_KEPT_DAYS": ["29", "36501"],
    "STILLBOARD_TRUSTED_PROXIES": [
        *("cdn.example.org", "192.0.2.0/33", "192.0.2.7/24"),
        *("0.0.0.0/0", "192.0.2.0/24, ::/0", "0.0.0.0/1,128.0.0.0/1", "2000::/3"),
    ],
    "STILLBOARD_BLOCK_LISTS": ["a;b", "https://a.example"],
    "STILLBOARD_BLOCK_LISTS_RESOLVER": ["127.0.0.1", "a:b"],
    "STILLBOARD_HOST_NAMES": ["a;b", "https://example.org", "example.org:443"],
    "STILLBOARD_CDN_WORKER_ZONE": ["https://example.org", "a b"],
    "STILLBOARD_RENAMED_BOARDS": ["b", "b=", "=b", "b=c/d", "b=c$d", "b=c=d", 'b="c'],
    "STILLBOARD_COUNTRY_HEADER": ["CF IPCountry", "$country", "x" * 64],
    "STILLBOARD_ORIGIN_SECRET": ["short", "x" * 89, "with a blank and more than 32 bytes"],
    "STILLBOARD_LANGUAGE": ["xx", "Japanese"],
    "STILLBOARD_SITE_URL": ["example.org", "ftp://example.org"],
    "STILLBOARD_LIMITS": ["maybe", "2"],
    "STILLBOARD_IPV4_24_ADDRESSES": ["-1", "257"],
    "STILLBOARD_IPV6_56_ADDRESSES": ["-1", "257"],
    "STILLBOARD_IPV6_48_ADDRESSES": ["-1", "65537"],
    "STILLBOARD_STAFF_SECOND_FACTOR": ["x" * 33, "Admin", "admin owner", ","],
    "STILLBOARD_CAPTCHA": ["none", "hcaptchas"],
    "STILLBOARD_CAPTCHA_QUESTIONS": ["Tea?", "Tea? = ", "= yes", "Tea? = yes, ", "Tea? = ?"],
    "STILLBOARD_RECAPTCHA_VERIFY_URL": ["www.google.com"],
    "STILLBOARD_HCAPTCHA_VERIFY_URL": ["hcaptcha.com"],
    "STILLBOARD_TURNSTILE_VERIFY_URL": ["cloudflare.com"],
    "STILLBOARD_NGINX_LOG_LISTEN": ["5140", "unix:run/n.sock", "/run/n.sock"],
    "STILLBOARD_METRICS_LISTEN": ["9400", ":9400", "::1:9400", "here", "here:65536"],
    "STILLBOARD_UPLOADS_FREE_MB_MIN": ["-1", "1 GB"],
    "STILLBOARD_POSTS_FREE_MB_MIN": ["-1", "1 GB"],
    "STILLBOARD_WRITER_WORKERS": ["0", "65"],
    "STILLBOARD_RENDER_WORKERS": ["0", "65"],
    "STILLBOARD_SAMPLE_PAGES": ["-1", "10001", "all"],
    "STILLBOARD_PAGE_REST_S": ["4", "86401"],
    "STILLBOARD_DARKROOM_MUST_BE_CONFINED": ["perhaps"],
    "STILLBOARD_LISTS_PACE_MS": ["-1", "60001", "fast"],
    "STILLBOARD_OWN_POST_WAIT_MS": ["-1", "10001"],
    "R2_ACCOUNT_ID": ["0" * 31, "A" * 32, "0" * 33],
    "R2_BUCKET_NAME": ["ab", "Stillboard", "-ab", "ab-", "a" * 64, "a/b"],
    "S3_ENDPOINT_URL": ["s3.example.org", "s3://bucket"],
    "CDN_ZONE_ID": ["two words"],
    "CDN_API_TOKEN": ["two words", "line\nend"],
    "CDN_BASE_URL": ["files.example.org"],
    "STILLBOARD_CDN_API_URL": ["api.example.org"],
    "STILLBOARD_CDN_URLS_PER_S": ["0", "100001"],
    "STILLBOARD_BACKUP_TO": ["backups", "s3://", "s3://Upper", "https://s3.example.org/b"],
    "STILLBOARD_BACKUP_RECIPIENTS": ["age1", f"age1{'b' * 58}", f"AGE-SECRET-KEY-1{'Q' * 58}"],
    "STILLBOARD_BACKUP_S3_ENDPOINT_URL": ["s3.example.org"],
    "STILLBOARD_BACKUP_DATABASE_URL": ["mysql://db/board"],
    "STILLBOARD_BACKUP_WAL": ["maybe"],
    "STILLBOARD_BACKUP_BASES_KEPT": ["0", "366"],
    "STILLBOARD_BACKUP_DUMPS_KEPT_DAYS": ["0", "3651"],
}
#: Any text will do.
WITHOUT_BAD_VALUES = {
    "STILLBOARD_COUNTRY_DATABASE",
    "STILLBOARD_RANGES_FILE",
    "STILLBOARD_DATA",
    "STILLBOARD_WEB_ROOT",
    "STILLBOARD_SECURE_TRIP_SALT",
    "STILLBOARD_SITE_NAME",
    "RECAPTCHA_SECRET_KEY",
    "RECAPTCHA_SITE_KEY",
    "HCAPTCHA_SECRET_KEY",
    "HCAPTCHA_SITE_KEY",
    "TURNSTILE_SECRET_KEY",
    "TURNSTILE_SITE_KEY",
    "STILLBOARD_TLS_CERTIFICATE",
    "R2_ACCESS_KEY",
    "R2_SECRET_KEY",
    "STILLBOARD_BACKUP_ACCESS_KEY",
    "STILLBOARD_BACKUP_SECRET_KEY",
}
ROWS = {row.name: row for row in Settings.rows()}


def read_one(name: str, text: str) -> Settings:
    """Settings with `name` and what can't be missing beside it."""
    for together in (BUCKET, CDN, CAPTCHA, BACKUP):
        if name in together or (name == "S3_ENDPOINT_URL" and together is BUCKET):
            return Settings.read(together | {name: text})
    return Settings.read({name: text})


def value_of(settings: Settings, name: str) -> Any:
    """The value of the setting that the environment calls `name`."""
    return getattr(settings, ROWS[name].attribute)


def test_every_setting_has_its_rows_here() -> None:
    assert set(GOOD) == set(ROWS)
    assert set(BAD) | WITHOUT_BAD_VALUES == set(ROWS)


@for_each(
    ("name", "text", "value"),
    [(name, text, value) for name, rows in GOOD.items() for text, value in rows],
)
def test_good_value_is_read(name: str, text: str, value: Any) -> None:
    expected = text.encode() if value is None else value
    assert value_of(read_one(name, text), name) == expected


@for_each(("name", "text"), [(name, text) for name, texts in BAD.items() for text in texts])
def test_bad_value_is_refused_with_its_name_and_an_example(name: str, text: str) -> None:
    with pytest.raises(BadSetting) as refusal:
        Settings.read({name: text})
    sentence = str(refusal.value)
    assert isinstance(refusal.value.fault, Message), "it is marked for other languages"
    assert sentence.startswith((f"{name}: is ", f"{name}: holds "))
    assert sentence.endswith(f"Example: {name}={ROWS[name].example}")


@for_each(
    "name",
    # That of a secret may be a command that prints one, or say in words where to get it.
    [name for name, row in ROWS.items() if not row.example.startswith(("$(", "a ", "the "))],
)
def test_example_of_a_setting_is_a_good_value(name: str) -> None:
    read_one(name, ROWS[name].example)


@for_each("name", ROWS)
def test_empty_value_counts_as_not_given(name: str) -> None:
    assert Settings.read({name: ""}) == Settings()


@for_each(
    ("name", "text"),
    [
        ("DATABASE_URL", f"mysql://u:{SECRET}@db/board"),
        ("REDIS_URL", f"ftp://:{SECRET}@queue"),
        ("REDIS_URL", f"redis://:{SECRET}\u2100@queue"),
        ("STILLBOARD_ADDRESS_KEY", SECRET),
        ("CSRF_KEY", SECRET),
        ("CDN_API_TOKEN", f"{SECRET} "),
    ],
)
def test_bad_secret_is_not_in_its_error(name: str, text: str) -> None:
    with pytest.raises(BadSetting) as refusal:
        Settings.read({name: text})
    assert SECRET not in "".join(traceback.format_exception(refusal.value))


def test_no_secret_is_in_what_is_printed() -> None:
    given = {name: GOOD[name][0][0] for name, row in ROWS.items() if row.is_secret}
    settings = Settings.read(BUCKET | CDN | CAPTCHA | given)
    printed = repr(settings)
    for name, text in given.items():
        assert text not in printed, name
        assert repr(value_of(settings, name)) not in printed, name


def test_everything_that_opens_a_door_is_a_secret() -> None:
    assert {name for name, row in ROWS.items() if row.is_secret} == {
        "DATABASE_URL",
        "DATABASE_REPLICA_URL",
        "REDIS_URL",
        "STILLBOARD_ADDRESS_KEY",
        "CSRF_KEY",
        "STILLBOARD_LOG_KEY",
        "STILLBOARD_PUSH_KEY",
        "STILLBOARD_FORMER_ADDRESS_KEYS",
        "STILLBOARD_SECURE_TRIP_SALT",
        "STILLBOARD_CAPTCHA_QUESTIONS",
        "RECAPTCHA_SECRET_KEY",
        "HCAPTCHA_SECRET_KEY",
        "TURNSTILE_SECRET_KEY",
        "R2_ACCESS_KEY",
        "R2_SECRET_KEY",
        "CDN_API_TOKEN",
        "STILLBOARD_ORIGIN_SECRET",
        "STILLBOARD_BACKUP_ACCESS_KEY",
        "STILLBOARD_BACKUP_SECRET_KEY",
        "STILLBOARD_BACKUP_DATABASE_URL",
    }


def test_key_that_looks_like_base64_but_is_none_is_taken_as_typed() -> None:
    """32 letters are valid Base64 of 24 bytes: still a key of 32 bytes."""
    letters = "abcdefghijklmnopqrstuvwxyzabcdef"
    assert len(letters) == SECRET_BYTES_MIN
    assert Settings.read({"CSRF_KEY": letters}).csrf_key == letters.encode()


def test_key_that_somebody_typed_to_be_done_with_it_is_refused_in_production() -> None:
    typed = {"ENVIRONMENT": "production", "CSRF_KEY": "1234" * 8}
    with pytest.raises(BadSetting, match="CSRF_KEY: can be guessed"):
        Settings.read(typed)
    assert Settings.read(typed | {"ENVIRONMENT": "development"}).csrf_key


@for_each("name", [name for name, row in ROWS.items() if row.is_secret])
def test_command_that_no_shell_has_run_is_no_secret(name: str) -> None:
    """As the example has it, in a file that no shell reads: all boards' key would be the same."""
    with pytest.raises(BadSetting, match=f"{name}: is a command that no shell has run"):
        Settings.read({name: "$(head -c 32 /dev/urandom | base64)"})


# --- misspelt names ---


@for_each(
    ("name", "meant"),
    [
        ("STILLBOARD_SITENAME", "STILLBOARD_SITE_NAME"),
        ("STILLBOARD_TRUSTED_PROXY", "STILLBOARD_TRUSTED_PROXIES"),
        ("STILLBOARD_WEBROOT", "STILLBOARD_WEB_ROOT"),
        # The prefix itself, small letters, and a prefix where there is none.
        ("STILBOARD_SITE_NAME", "STILLBOARD_SITE_NAME"),
        ("stillboard_limits", "STILLBOARD_LIMITS"),
        ("STILLBOARD_LOG_LEVEL", "LOG_LEVEL"),
        ("STILLBOARD_CSRF_KEY_FILE", "CSRF_KEY_FILE"),
        ("STILLBOARD_ADRESS_KEY_FILE", "STILLBOARD_ADDRESS_KEY_FILE"),
    ],
)
def test_misspelt_name_is_refused_with_the_one_that_was_meant(name: str, meant: str) -> None:
    """Its value would be passed over without a word."""
    with pytest.raises(MisspeltSetting) as refusal:
        Settings.read({name: SECRET})
    assert str(refusal.value).startswith(
        f"{name}: is no setting. Did you mean {meant}? Example: {meant}="
    )
    assert SECRET not in "".join(traceback.format_exception(refusal.value))


@for_each(
    "name",
    [
        # What Kubernetes sets beside a Service called stillboard, or stillboard-writer.
        "STILLBOARD_SERVICE_HOST",
        "STILLBOARD_WRITER_PORT",
        "STILLBOARD_WRITER_PORT_8000_TCP_ADDR",
        "STILLBOARD_WRITER_SERVICE_PORT_HTTP",
        # Read by others, and near to one of ours; or by another version.
        *READ_ELSEWHERE,
        "STILLBOARD_PAGE_CACHE",
        "STILLBOARD_",
        "STILL_ALIVE",
        "SITE_NAME",
    ],
)
def test_name_that_is_none_of_ours_is_left_alone(name: str) -> None:
    assert Settings.read({name: "x"}) == Settings()


def test_misspelt_name_without_a_value_counts_as_not_given() -> None:
    assert Settings.read({"STILLBOARD_SITENAME": ""}) == Settings()


# --- a value in a file ---


def test_file_of_bytes_that_are_no_text_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\xff\xfe" * 16)
    with pytest.raises(BadSetting, match="CSRF_KEY_FILE: names a file that holds no text"):
        Settings.read({"CSRF_KEY_FILE": str(tmp_path / "key")})


def test_value_may_stand_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "csrf"
    secret.write_text(KEY_BASE64 + "\n")
    assert Settings.read({"CSRF_KEY_FILE": str(secret)}).csrf_key == KEY


def test_value_itself_wins_over_the_file(tmp_path: Path) -> None:
    name_file = tmp_path / "name"
    name_file.write_text("from the file")
    given = {"STILLBOARD_SITE_NAME": "given", "STILLBOARD_SITE_NAME_FILE": str(name_file)}
    assert Settings.read(given).site_name == "given"


def test_missing_file_is_named_by_its_setting(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=r"^CSRF_KEY_FILE: can't be read \(No such file"):
        Settings.read({"CSRF_KEY_FILE": str(tmp_path / "none")})


def test_password_of_a_database_may_stand_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("p@ss\n")
    settings = Settings.read({"DB_HOST": "db", "DB_PASSWORD_FILE": str(secret)})
    assert settings.database_url == "postgresql://stillboard:p%40ss@db:5432/stillboard"


# --- addresses in parts ---


@for_each(
    ("given", "url"),
    [
        ({"DB_HOST": "db"}, "postgresql://stillboard:@db:5432/stillboard"),
        (
            {"DB_HOST": "db:5432,other"},
            "postgresql://stillboard:@db:5432,other:5432/stillboard?target_session_attrs=read-write",
        ),
        (
            {
                "DB_HOST": "db",
                "DB_PORT": "6432",
                "DB_USER": "me",
                "DB_PASSWORD": "a/b:c@d",
                "DB_NAME": "board one",
            },
            "postgresql://me:a%2Fb%3Ac%40d@db:6432/board%20one",
        ),
        ({"DB_HOST": "db", "DATABASE_URL": "postgresql://other/board"}, "postgresql://other/board"),
        ({"DB_USER": "me"}, ""),
    ],
)
def test_database_is_given_as_a_url_or_in_parts(given: dict[str, str], url: str) -> None:
    assert Settings.read(given).database_url == url


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({"REDIS_ADDR": "queue:6379"}, "redis://queue:6379/0"),
        (
            {"REDIS_ADDR": "queue:6379", "REDIS_PASSWORD": "a/b@c", "REDIS_DB": "3"},
            "redis://:a%2Fb%40c@queue:6379/3",
        ),
        ({"REDIS_ADDR": "queue:6379", "REDIS_URL": "redis://other/0"}, "redis://other/0"),
        ({"REDIS_PASSWORD": "x"}, ""),
    ],
)
def test_queue_is_given_as_a_url_or_in_parts(given: dict[str, str], url: str) -> None:
    assert Settings.read(given).redis_url == url


@pytest.mark.parametrize(
    ("given", "url"),
    [
        (
            {"REDIS_SENTINELS": "one:26379, two:26379", "REDIS_PASSWORD": "a/b"},
            "redis+sentinel://:a%2Fb@/0?master=stillboard&sentinels=one%3A26379%2Ctwo%3A26379",
        ),
        (
            {"REDIS_SENTINELS": "one:1", "REDIS_MASTER": "m", "REDIS_URL": "rediss://:x@other/2"},
            "rediss+sentinel://:x@/2?master=m&sentinels=one%3A1",
        ),
        ({"REDIS_SENTINELS": "", "REDIS_URL": "redis://other/0"}, "redis://other/0"),
    ],
)
def test_sentinels_take_the_place_of_a_server(given: dict[str, str], url: str) -> None:
    assert Settings.read(given).redis_url == url


def test_sentinels_are_the_same_when_they_are_read_again() -> None:
    """Commands read what a running board was given and made of it."""
    given = {"REDIS_SENTINELS": "one:1,[::1]:2", "REDIS_PASSWORD": "x"}
    url = Settings.read(given).redis_url
    assert Settings.read(given | {"REDIS_URL": url}).redis_url == url


def test_passwords_of_servers_are_not_shown() -> None:
    settings = Settings.read(
        {
            "REDIS_SENTINELS": "one:1",
            "REDIS_PASSWORD": "hush",
            "DATABASE_URL": "postgresql://b:hush@one,two/b",
            "DATABASE_REPLICA_URL": "postgresql://b:hush@two/b",
        }
    )
    assert "hush" not in repr(settings)


# --- several together ---


def test_production_has_limits() -> None:
    with pytest.raises(BadSetting, match=r"^STILLBOARD_LIMITS: can't be off when ENVIRONMENT="):
        Settings.read({"ENVIRONMENT": "production", "STILLBOARD_LIMITS": "off"})
    assert not Settings.read({"STILLBOARD_LIMITS": "off"}).limits


def test_part_names_the_settings_that_it_can_not_do_without() -> None:
    settings = Settings.read({"DATABASE_URL": "postgresql://db/board"})
    settings.require("database_url")
    with pytest.raises(BadSetting, match=r"^REDIS_URL: is not set"):
        settings.require("database_url", "redis_url")
    with pytest.raises(BadSetting, match=r"^CSRF_KEY: is not set"):
        settings.require("csrf_key")


@pytest.mark.parametrize("missing", BUCKET)
def test_half_a_bucket_is_refused(missing: str) -> None:
    """It would be noticed only by pages that never come to stand in it."""
    given = {name: text for name, text in BUCKET.items() if name != missing}
    with pytest.raises(BadSetting, match=rf"^{missing}: is not set, although"):
        Settings.read(given)


def test_bucket_of_another_provider_needs_no_account() -> None:
    given = BUCKET | {"R2_ACCOUNT_ID": "", "S3_ENDPOINT_URL": "https://s3.example.org"}
    settings = Settings.read(given)
    assert settings.has_object_store
    assert settings.object_store_endpoint == "https://s3.example.org"


def test_account_says_where_its_buckets_are() -> None:
    endpoint = Settings.read(BUCKET).object_store_endpoint
    assert endpoint == f"https://{'0a' * 16}.r2.cloudflarestorage.com"
    assert not Settings().has_object_store
    assert Settings().object_store_endpoint == ""


@pytest.mark.parametrize("missing", CDN)
def test_half_a_cdn_is_refused(missing: str) -> None:
    given = {name: text for name, text in CDN.items() if name != missing}
    with pytest.raises(BadSetting, match=rf"^{missing}: is not set"):
        Settings.read(given)
