"""What a browser hands in to be told of replies, and what is sent to it: pure."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from imageboard import push, push_messages
from imageboard.errors import BadField
from imageboard.push import Endpoint, Subscription
from imageboard.push_keys import TOKEN_S, PushKey, base64url
from imageboard.settings import Settings
from tests.tables import for_each

SERVICES = Settings().push_services

# The example of RFC 8291, 5, with what its appendix A tells of it.
PLAIN = b"When I grow up, I want to be a watermelon"
BROWSERS_KEY = (
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
)
BROWSERS_SECRET = "BTBZMqHH6r4Tts7J_aSIgg"
OWN_KEY = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
ENCRYPTED = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
    "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
    "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def read64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_message_of_the_standard_is_encrypted_to_the_byte() -> None:
    own_key = ec.derive_private_key(int.from_bytes(read64(OWN_KEY), "big"), ec.SECP256R1())
    made = push_messages.encrypt(
        PLAIN,
        read64(BROWSERS_KEY),
        read64(BROWSERS_SECRET),
        padded_bytes=len(PLAIN),
        own_key=own_key,
        salt=read64(SALT),
    )
    assert base64url(made) == ENCRYPTED


def test_no_two_messages_are_alike_and_all_are_of_one_length() -> None:
    made = [
        push_messages.encrypt(plain, read64(BROWSERS_KEY), read64(BROWSERS_SECRET))
        for plain in (b"", b"a", b"a", b"a" * push_messages.PADDED_BYTES)
    ]
    assert len(set(made)) == 4
    assert len({len(each) for each in made}) == 1
    with pytest.raises(ValueError, match="more than"):
        push_messages.encrypt(
            b"a" * (push_messages.PADDED_BYTES + 1), read64(BROWSERS_KEY), read64(BROWSERS_SECRET)
        )


def test_token_is_of_one_service_for_half_a_day_and_signed_with_the_key_that_pages_name() -> None:
    key = PushKey(b"s" * 32)
    header = key.authorization("https://push.example", "https://board.example", 1_000.9)
    token, _, public = header.removeprefix("vapid t=").partition(", k=")
    assert public == key.public
    head, claims, signature = token.split(".")
    assert json.loads(read64(head)) == {"typ": "JWT", "alg": "ES256"}
    assert json.loads(read64(claims)) == {
        "aud": "https://push.example",
        "exp": 1_000 + TOKEN_S,
        "sub": "https://board.example",
    }
    numbers = read64(signature)
    assert len(numbers) == 64
    r, s = int.from_bytes(numbers[:32], "big"), int.from_bytes(numbers[32:], "big")
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), read64(public))
    point.verify(encode_dss_signature(r, s), f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))


def test_key_is_the_same_for_the_same_secret_alone() -> None:
    assert PushKey(b"s" * 32).public == PushKey(b"s" * 32).public
    assert PushKey(b"s" * 32).public != PushKey(b"t" * 32).public


@for_each(
    ("url", "host"),
    [
        ("https://fcm.googleapis.com/fcm/send/abc:APA91b-_x", "fcm.googleapis.com"),
        ("https://updates.push.services.mozilla.com/wpush/v2/gAAA", None),
        ("https://web.push.apple.com/QGuQ", "web.push.apple.com"),
        ("https://db5p.notify.windows.com/w/?token=BQYAAA%2b%3d", "db5p.notify.windows.com"),
        ("https://fcm.googleapis.com:443/x", "fcm.googleapis.com"),
    ],
)
def test_services_of_browsers_makers_are_known(url: str, host: str | None) -> None:
    found = push.endpoint_of(url, SERVICES)
    assert found is not None, url
    assert found.host == (host or "updates.push.services.mozilla.com")
    assert found.service == f"https://{found.host}"


@for_each(
    "url",
    [
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com@10.0.0.1/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://fcm.googleapis.com\\@evil.example/x",
        "https://evil.example/https://fcm.googleapis.com/",
        "https://evilfcm.googleapis.com/x",
        "https://push.apple.com/x",
        "https://evilpush.apple.com/x",
        "https://FCM.googleapis.com/x",
        "https://fcm.googleapis.com/x y",
        "https://fcm.googleapis.com/x\r\nHost: evil.example",
        "https://fcm.googleapis.com/x\n",
        "https://fcm.googleapis.com/x#y",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "http://127.0.0.1:8123/x",
        "ftp://fcm.googleapis.com/x",
        "//fcm.googleapis.com/x",
        "https:///x",
        "",
        "https://fcm.googleapis.com/" + "x" * 1_001,
        "https://fcm.googleapis.com/\u0430",
    ],
)
def test_no_other_address_is_taken_for_a_push_service(url: str) -> None:
    assert push.endpoint_of(url, SERVICES) is None, url


def test_stand_in_of_a_test_is_known_where_it_is_named() -> None:
    named = ("http://127.0.0.1:8123",)
    assert push.endpoint_of("http://127.0.0.1:8123/x", named) == Endpoint(*named, "", "/x")
    assert push.endpoint_of("http://127.0.0.1:8124/x", named) is None


def test_what_is_packed_is_read_again_while_its_service_is_known() -> None:
    url = "https://fcm.googleapis.com/x"
    read = push.read(url, BROWSERS_KEY, BROWSERS_SECRET, SERVICES)
    expected = Subscription(
        Endpoint("https://fcm.googleapis.com", "fcm.googleapis.com", "/x"),
        read64(BROWSERS_KEY),
        read64(BROWSERS_SECRET),
    )
    assert read == expected
    assert push.unpacked(read.packed(), SERVICES) == expected
    assert push.unpacked(read.packed(), ("push.example",)) is None


@for_each(
    ("text", "found"),
    [("", []), ("3", [3]), ("3, 1,3", [1, 3]), (",".join(map(str, range(1, 51))), [*range(1, 51)])],
)
def test_own_posts_are_numbers_by_commas(text: str, found: list[int]) -> None:
    assert push.read_own_posts(text) == found


@for_each("text", ["x", "0", "-1", "1;2", "1" * 16, ",".join(map(str, range(1, 52))), "١"])
def test_what_is_no_number_of_a_post_is_refused(text: str) -> None:
    with pytest.raises(BadField):
        push.read_own_posts(text)
