"""A bucket is set up whole or not at all."""

from __future__ import annotations

import pytest

from imageboard.errors import BadSetting
from imageboard.settings import Settings

R2 = {
    "R2_ACCOUNT_ID": "023e105f4ecef8ad9ca31a8372d0c353",
    "R2_ACCESS_KEY": "publisher",
    "R2_SECRET_KEY": "a secret of the tests",
    "R2_BUCKET_NAME": "stillboard",
}


def test_without_settings_there_is_no_bucket() -> None:
    settings = Settings.read({})
    assert not settings.has_object_store
    assert settings.object_store_endpoint == ""


def test_the_endpoint_follows_from_the_account() -> None:
    settings = Settings.read(R2)
    assert settings.has_object_store
    assert settings.object_store_endpoint == (
        "https://023e105f4ecef8ad9ca31a8372d0c353.r2.cloudflarestorage.com"
    )
    assert R2["R2_SECRET_KEY"] not in repr(settings)


def test_another_s3_needs_no_account() -> None:
    given = R2 | {"R2_ACCOUNT_ID": "", "S3_ENDPOINT_URL": "http://127.0.0.1:8333"}
    assert Settings.read(given).object_store_endpoint == "http://127.0.0.1:8333"


@pytest.mark.parametrize("missing", R2)
def test_half_a_bucket_is_refused_by_what_is_missing(missing: str) -> None:
    with pytest.raises(BadSetting, match=f"^{missing}: is not set") as caught:
        Settings.read(R2 | {missing: ""})
    assert R2["R2_SECRET_KEY"] not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("R2_ACCOUNT_ID", "my-account"),
        ("R2_BUCKET_NAME", "My_Bucket"),
        ("R2_BUCKET_NAME", "ab"),
        ("S3_ENDPOINT_URL", "s3.example.org"),
    ],
)
def test_a_misspelt_bucket_is_refused(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=f"^{name}: is"):
        Settings.read(R2 | {name: value})
