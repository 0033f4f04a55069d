"""TLS as Mozilla advises, over HTTP/2; plain HTTP leads there; nobody else's name is answered."""

from __future__ import annotations

import socket
import ssl
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from nginx.tls import HSTS_S, Tls
from tests.deploy.stand_ins import WAIT_S
from tests.nginx.certificates import a_certificate
from tests.nginx.conftest import MakeFront, page_text
from tests.nginx.front import Answer, Front, Writer, ask_at, free_port
from tests.tables import for_each

NAME = "board.example"


@dataclass(frozen=True)
class Secure:
    """A front with TLS, and what its readers need to know of it."""

    front: Front
    tls: Tls

    def handshake(self, context: ssl.SSLContext, name: str | None = NAME) -> ssl.SSLSocket:
        """Shake hands; the caller closes.

        Raises:
            ssl.SSLError: they could not agree.
        """
        link = socket.create_connection((self.tls.listen_host, self.tls.listen_port), WAIT_S)
        try:
            return context.wrap_socket(link, server_hostname=name)
        except BaseException:
            link.close()
            raise

    def agreed(self, context: ssl.SSLContext) -> str | None:
        """The cipher that a client of this kind gets; None when the server wants none of its, or
        it offers none alone.
        """
        try:
            with self.handshake(context) as link:
                cipher = link.cipher()
        except ssl.SSLError as ex:
            if ex.reason not in ("SSLV3_ALERT_HANDSHAKE_FAILURE", "NO_CIPHERS_AVAILABLE"):
                raise
            return None
        assert cipher
        return cipher[0]

    def plain(self, path: str, host: str = NAME) -> Answer:
        """Ask over plain HTTP."""
        site = self.front.site
        return ask_at(site.listen_host, site.listen_port, "GET", path, {"Host": host})

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask over TLS, by HTTP/2."""
        with httpx.Client(http2=True, verify=a_client(), trust_env=False, timeout=WAIT_S) as client:
            return client.get(
                f"https://127.0.0.1:{self.tls.listen_port}{path}",
                headers={"Host": NAME, **headers},
                extensions={"sni_hostname": NAME},
            )


def a_client(**wishes: object) -> ssl.SSLContext:
    """A client that takes any certificate; `a_client(maximum_version=...)`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # old versions are what is tried
        for name, value in wishes.items():
            setattr(context, name, value)
    return context


@pytest.fixture(scope="module", params=["ecdsa", "rsa"])
def secure(make_front: MakeFront, request: pytest.FixtureRequest) -> Iterator[Secure]:
    """A site with names, a certificate of each kind, and one challenge that certbot put there."""
    with tempfile.TemporaryDirectory(prefix="tls") as name:
        folder = Path(name)
        folder.chmod(0o755)
        challenges = folder / ".well-known" / "acme-challenge"
        challenges.mkdir(parents=True)
        (challenges / "token").write_bytes(b"token.thumbprint")
        (folder / "secret").write_bytes(b"not to be served")
        made = a_certificate(folder, NAME, kind=request.param)
        tls = Tls(
            certificate=made.certificate,
            key=made.key,
            listen_port=free_port(),
            public_port=8443,
            acme_root=folder,
        )
        front = make_front(server_names=(NAME, "*." + NAME), tls=tls)
        with Writer(front.site.writer_upstreams[0]):
            yield Secure(front, tls)


# --- Mozilla's guideline, line by line ---


@for_each(
    ("version", "is_spoken"),
    [
        (ssl.TLSVersion.TLSv1, False),
        (ssl.TLSVersion.TLSv1_1, False),
        (ssl.TLSVersion.TLSv1_2, True),
        (ssl.TLSVersion.TLSv1_3, True),
    ],
)
def test_protocols_are_tls_1_2_and_1_3(
    secure: Secure, version: ssl.TLSVersion, is_spoken: bool
) -> None:
    context = a_client(minimum_version=version, maximum_version=version)
    # The client's own library would refuse the old ones; it is the server that is asked.
    context.set_ciphers("ALL:@SECLEVEL=0")
    if is_spoken:
        assert secure.agreed(context) is not None
    else:
        # By the server: a client that can't ask proves nothing.
        with pytest.raises(ssl.SSLError, match="alert protocol version"):
            secure.handshake(context)


def _tls_1_2(ciphers: str) -> ssl.SSLContext:
    context = a_client(maximum_version=ssl.TLSVersion.TLSv1_2)
    context.set_ciphers(f"{ciphers}:@SECLEVEL=0")
    return context


@pytest.mark.slow
def test_ciphers_are_those_of_the_guideline_and_no_others(secure: Secure) -> None:
    """Each that this client knows is offered alone."""
    everything = _tls_1_2("ALL:COMPLEMENTOFALL:!eNULL")
    known = {str(cipher["name"]) for cipher in everything.get_ciphers()}
    kind = "RSA" if "rsa" in secure.tls.key.name else "ECDSA"
    of_tls_1_2 = {name for name in known if not name.startswith("TLS_")}

    taken = {name for name in of_tls_1_2 if secure.agreed(_tls_1_2(name))}

    assert taken == {
        f"ECDHE-{kind}-AES128-GCM-SHA256",
        f"ECDHE-{kind}-AES256-GCM-SHA384",
        f"ECDHE-{kind}-CHACHA20-POLY1305",
    }


@pytest.mark.slow
@pytest.mark.needs("openssl")
@for_each(
    ("curve", "is_taken"),
    [
        ("X25519", True),
        ("prime256v1", True),
        ("secp384r1", True),
        ("secp521r1", False),
        ("X448", False),
        ("ffdhe2048", False),
    ],
)
def test_curves_are_those_of_the_guideline(secure: Secure, curve: str, is_taken: bool) -> None:
    server = ["-connect", f"127.0.0.1:{secure.tls.listen_port}", "-servername", NAME]
    shaken = subprocess.run(
        ["openssl", "s_client", *server, "-tls1_3", "-groups", curve],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert ("New, TLSv1.3" in shaken.stdout) == is_taken, shaken.stderr
    # By the server: a client that does not know the curve asks nobody.
    assert ("alert handshake failure" in shaken.stderr) != is_taken, shaken.stderr


def test_no_ticket_outlives_its_session(secure: Secure) -> None:
    """A ticket that holds the session's key would be sealed with one that lives for days."""
    with secure.handshake(a_client(maximum_version=ssl.TLSVersion.TLSv1_2)) as link:
        assert link.session is not None
        assert not link.session.has_ticket


def test_browsers_are_told_for_two_years_to_come_by_https(secure: Secure) -> None:
    sent = secure.get("/b/").headers["Strict-Transport-Security"]
    assert sent == f"max-age={HSTS_S}; includeSubDomains"
    assert HSTS_S >= 63_072_000


# --- HTTP/2 ---


@for_each(
    ("address", "status"),
    [("/b/", 200), ("/b/catalog.json", 200), ("/nowhere", 404), ("/mod/", 200), ("/b", 301)],
)
def test_http_2_answers_with_the_headers(secure: Secure, address: str, status: int) -> None:
    answer = secure.get(address)
    assert (answer.http_version, answer.status_code) == ("HTTP/2", status)
    assert answer.headers["Strict-Transport-Security"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Server"] == "nginx"


def test_http_2_serves_the_compressed_page(secure: Secure) -> None:
    answer = secure.get("/b/res/123.html", **{"Accept-Encoding": "br"})
    assert answer.headers["Content-Encoding"] == "br"
    assert answer.content == page_text("b/res/123.html")


def test_writer_is_told_that_the_reader_has_tls(secure: Secure) -> None:
    got = secure.get("/mod/").json()["headers"]
    assert got["x-forwarded-proto"] == "https"
    assert got["host"] == NAME


# --- Plain HTTP, and other names ---


@for_each("path", ["/", "/b/res/1.html?x=1", "/post", "/healthz"])
@for_each("host", [NAME, "old.board.example"])
def test_plain_http_leads_to_https(secure: Secure, path: str, host: str) -> None:
    answer = secure.plain(path, host)
    assert (answer.status, answer["Location"]) == (301, f"https://{host}:8443{path}")


def test_acme_challenge_is_answered_over_plain_http(secure: Secure) -> None:
    answer = secure.plain("/.well-known/acme-challenge/token")
    assert (answer.status, answer.body) == (200, b"token.thumbprint")


@for_each(
    "path",
    [
        "/.well-known/acme-challenge/../../secret",
        "/.well-known/acme-challenge/..%2f..%2fsecret",
        "/.well-known/acme-challenge/",
        "/.well-known/acme-challenge/other",
    ],
)
def test_beside_challenges_nothing_is_served_over_plain_http(secure: Secure, path: str) -> None:
    answer = secure.plain(path)
    assert answer.status in (301, 403, 404)
    assert b"not to be served" not in answer.body


@for_each("host", ["other.example", "127.0.0.1", "board.example.evil"])
def test_another_name_is_refused(secure: Secure, host: str) -> None:
    assert secure.plain("/", host).status == 421
    with pytest.raises(ssl.SSLError, match=r"(?i)unrecognized"):
        secure.handshake(a_client(), host)


def test_client_that_names_nobody_gets_no_certificate(secure: Secure) -> None:
    """Or scanners of addresses would learn whose server this is."""
    with pytest.raises(ssl.SSLError):
        secure.handshake(a_client(), None)


def test_request_for_another_name_over_our_connection_is_refused(secure: Secure) -> None:
    with secure.handshake(a_client()) as link:
        link.sendall(b"GET / HTTP/1.1\r\nHost: other.example\r\n\r\n")
        assert link.recv(100).startswith(b"HTTP/1.1 421 ")


# --- Choices ---


@pytest.fixture
def certificate_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tls") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize(
    ("wishes", "sent"),
    [
        ({"hsts_s": 0}, None),
        ({"hsts_s": 300, "hsts_subdomains": False}, "max-age=300"),
        ({"hsts_preload": True}, "max-age=63072000; includeSubDomains; preload"),
    ],
)
def test_hsts_is_the_sites_to_choose(
    make_front: MakeFront, certificate_folder: Path, wishes: dict[str, object], sent: str | None
) -> None:
    made = a_certificate(certificate_folder, NAME)
    tls = Tls(made.certificate, made.key, listen_port=free_port(), **wishes)  # type: ignore[arg-type]
    front = make_front(tls=tls)
    assert Secure(front, tls).get("/b/").headers.get("Strict-Transport-Security") == sent


def test_without_names_every_name_is_answered(
    make_front: MakeFront, certificate_folder: Path
) -> None:
    made = a_certificate(certificate_folder, NAME)
    tls = Tls(made.certificate, made.key, listen_port=free_port())
    secure = Secure(make_front(tls=tls), tls)
    secure.handshake(a_client(), "other.example").close()
    assert secure.plain("/x", "other.example")["Location"] == "https://other.example/x"


@pytest.mark.slow
def test_stapling_is_no_obstacle_where_the_certificate_names_no_responder(
    make_front: MakeFront, certificate_folder: Path
) -> None:
    made = a_certificate(certificate_folder, NAME)
    tls = Tls(made.certificate, made.key, listen_port=free_port(), ocsp_resolver="127.0.0.1")
    assert Secure(make_front(tls=tls), tls).get("/").status_code == 200
