"""R2, or any other S3: puts by signed_puts, all else through boto3."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    HTTPClientError,
    IncompleteReadError,
)
from botocore.exceptions import (
    ConnectionError as NoConnection,
)
from botocore.model import StructureShape
from botocore.parsers import ResponseParserError, create_parser

from cdn.cache_policy import ObjectHeaders
from cdn.object_store import (
    DELETE_KEYS_MAX,
    NotDeleted,
    ObjectStoreError,
    StoredObject,
    StoreRefused,
    StoreUnreachable,
    Superseded,
    TooFast,
    check_key,
)
from cdn.signed_puts import REGION, SignedPuts
from imageboard import retry_after

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

#: When a store that is asked too often does not say for how long: R2's limit is by the second.
WAIT_S_DEFAULT = 1.0

#: Faults of the way there, although their status (400) blames the request.
_TRANSFER_FAULTS = frozenset(
    {"RequestTimeout", "IncompleteBody", "BadDigest", "XAmzContentSHA256Mismatch"}
)
_UNREACHABLE = (NoConnection, HTTPClientError, IncompleteReadError, ResponseParserError)
_ERRORS = create_parser("rest-xml")
#: What they may tell besides a code: nothing that we read.
_TOLD = StructureShape("PutObjectOutput", {"type": "structure", "members": {}})
_REFUSED_TO_DELETE = frozenset({"AccessDenied", "Unauthorized", "InvalidAccessKeyId"})


@dataclass(frozen=True, slots=True)
class Bucket:
    """Which bucket, and with what key; `endpoint_url` is without the bucket's name."""

    endpoint_url: str
    name: str
    access_key: str
    secret_key: str

    def __repr__(self) -> str:
        """Without the key, which would else stand in every traceback."""
        return f"Bucket({self.endpoint_url}/{self.name})"


class S3ObjectStore:
    """One for all threads of a process. Nothing is tried twice here.

    Costs 50 MB of memory, most of it boto3's model of S3.
    """

    def __init__(
        self,
        bucket: Bucket,
        *,
        connect_timeout_s: float = 3.0,
        read_timeout_s: float = 10.0,
        connections_max: int = 48,
        listing_page_size: int = 1000,
    ) -> None:
        self._bucket = bucket.name
        self._listing_page_size = listing_page_size
        self._client: S3Client = boto3.session.Session().client(
            "s3",
            endpoint_url=bucket.endpoint_url,
            aws_access_key_id=bucket.access_key,
            aws_secret_access_key=bucket.secret_key,
            region_name=REGION,
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path"},
                connect_timeout=connect_timeout_s,
                read_timeout=read_timeout_s,
                max_pool_connections=connections_max,
                tcp_keepalive=True,
                # No retries: the publisher owns them, and knows by then of newer bytes.
                retries={"total_max_attempts": 1, "mode": "standard"},
                # boto3 adds CRC trailers by default, which R2 does not know.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )
        self._puts = SignedPuts(
            f"{bucket.endpoint_url.rstrip('/')}/{bucket.name}",
            bucket.access_key,
            bucket.secret_key,
            (connect_timeout_s, read_timeout_s),
            connections_max,
        )

    def put(
        self, key: str, body: bytes, *, headers: ObjectHeaders, version: int, replaces: str | None
    ) -> str:
        """See ObjectStore.put."""
        check_key(key)
        sent = {
            "Content-Type": headers.content_type,
            "Cache-Control": headers.cache_control,
            "X-Amz-Meta-Version": str(version),
            "X-Amz-Meta-Sha256": hashlib.sha256(body).hexdigest(),
            **({"If-None-Match": "*"} if replaces is None else {"If-Match": replaces}),
        }
        if headers.content_encoding:
            sent["Content-Encoding"] = headers.content_encoding
        with _translated(f"to put {key}", put_key=key):
            answer = self._puts.put(key, body, sent)
            if answer.status_code != HTTPStatus.OK:
                raise _error_of(answer)
        _check_whole(answer.headers, "ETag", operation=f"to put {key}")
        return str(answer.headers["ETag"])

    def head(self, key: str) -> StoredObject | None:
        """See ObjectStore.head."""
        check_key(key)
        with _translated(f"to tell of {key}"):
            try:
                answer = self._client.head_object(Bucket=self._bucket, Key=key)
            except ClientError as ex:
                # An answer to HEAD has no body: a bucket that is not there looks the same. The
                # put that follows will tell.
                if _status(ex) == 404:
                    return None
                raise
        _check_whole(answer, "ETag", "ContentLength", operation=f"to tell of {key}")
        return StoredObject(
            key=key,
            etag=answer["ETag"],
            size_bytes=answer["ContentLength"],
            version=_version(answer.get("Metadata", {}).get("version", "")),
            sha256=answer.get("Metadata", {}).get("sha256"),
            headers=ObjectHeaders(
                content_type=answer.get("ContentType", ""),
                cache_control=answer.get("CacheControl", ""),
                content_encoding=answer.get("ContentEncoding") or None,
            ),
        )

    def get(self, key: str) -> bytes | None:
        """See ObjectStore.get."""
        check_key(key)
        with _translated(f"to give {key}"):
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=key)
                _check_whole(answer, "ETag", "ContentLength", operation=f"to give {key}")
                return answer["Body"].read()
            except ClientError as ex:
                if _code(ex) == "NoSuchKey":
                    return None
                raise

    def delete(self, keys: Sequence[str]) -> None:
        """See ObjectStore.delete."""
        assert len(keys) <= DELETE_KEYS_MAX
        if not keys:
            return
        for key in keys:
            check_key(key)
        with _translated("to delete"):
            answer = self._client.delete_objects(
                Bucket=self._bucket,
                Delete={"Objects": [{"Key": key} for key in keys]},
            )
        # The status is 200 even if not one of them could be deleted; what the answer does not
        # name, since it was cut short, counts as kept.
        deleted = {row["Key"] for row in answer.get("Deleted", ())}
        codes = {row["Key"]: row.get("Code", "") for row in answer.get("Errors", ())}
        kept = {key: codes.get(key, "no answer") for key in keys if key not in deleted}
        refusals = _REFUSED_TO_DELETE & set(kept.values())
        if refusals:
            raise StoreRefused(operation="to delete", reason=min(refusals))
        if kept:
            raise NotDeleted(keys=list(kept), reason=", ".join(sorted(set(kept.values()))))

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """See ObjectStore.list."""
        after: dict[str, Any] = {}
        while True:
            with _translated("to list"):
                page = self._client.list_objects_v2(
                    Bucket=self._bucket, Prefix=prefix, MaxKeys=self._listing_page_size, **after
                )
            _check_whole(page, "IsTruncated", operation="to list")
            for row in page.get("Contents", ()):
                yield StoredObject(key=row["Key"], etag=row["ETag"], size_bytes=row["Size"])
            if not page["IsTruncated"]:
                return
            after = {"ContinuationToken": page["NextContinuationToken"]}


def _error_of(answer: AWSResponse) -> ClientError:
    """What boto3 would have raised."""
    told = {"status_code": answer.status_code, "headers": answer.headers, "body": answer.content}
    return ClientError(_ERRORS.parse(told, _TOLD), "PutObject")


@contextmanager
def _translated(operation: str, *, put_key: str | None = None) -> Iterator[None]:
    """What botocore raises, in our words. Bugs of ours pass unchanged."""
    try:
        yield
    except ClientError as ex:
        if put_key is not None and _says_superseded(ex):
            raise Superseded(key=put_key) from ex
        raise _failure(ex, operation) from ex
    except _UNREACHABLE as ex:
        # The class alone: their messages hold addresses and whole answers.
        raise StoreUnreachable(operation=operation, reason=type(ex).__name__) from ex


def _check_whole(answer: Mapping[str, Any], *names: str, operation: str) -> None:
    """An answer that was cut within its headers looks like a whole one without the rest.

    Raises:
        StoreUnreachable: one of these, which every good answer has, is missing.
    """
    if not all(name in answer for name in names):
        raise StoreUnreachable(operation=operation, reason="half an answer")


def _says_superseded(ex: ClientError) -> bool:
    """Whether a conditional put was not the next of its key.

    412: the condition does not hold. 409: two of them met. 404: S3's word for "nothing to
    match". (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html,
    read 2026-11-24; R2 and SeaweedFS know 412 only.)
    """
    return _status(ex) in (409, 412) or _code(ex) == "NoSuchKey"


def _failure(ex: ClientError, operation: str) -> ObjectStoreError:
    status, code = _status(ex), _code(ex)
    header = ex.response["ResponseMetadata"].get("HTTPHeaders", {}).get("retry-after")
    wait_s = retry_after.wait_s(header, datetime.now(UTC))
    if status == 429 or (status == 503 and (wait_s is not None or code == "SlowDown")):
        return TooFast(operation=operation, retry_after_s=wait_s or WAIT_S_DEFAULT)
    reason = f"{status} {code}" if code != str(status) else code
    if status == 408 or code in _TRANSFER_FAULTS or (status >= 500 and status != 501):
        return StoreUnreachable(operation=operation, reason=reason)
    return StoreRefused(operation=operation, reason=reason)


def _status(ex: ClientError) -> int:
    return ex.response["ResponseMetadata"]["HTTPStatusCode"]


def _code(ex: ClientError) -> str:
    return ex.response["Error"].get("Code", "")


def _version(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None
