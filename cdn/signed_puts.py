"""Puts for S3, without what boto3 does around them.

PERF: a put is what a bucket is asked for most. boto3 takes 1.5 ms of a processor for each, since it
works parameters, endpoint and headers out anew; botocore's signer and its HTTP client alone take
0.8 (a socket that answers at once). All else is asked seldom, and goes through boto3.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from urllib.parse import quote

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session
from botocore.session import get_session
from botocore.utils import get_environ_proxies
from urllib3.connection import HTTPConnection

#: R2's only region; other stores don't mind.
REGION = "auto"
#: A connection that nobody has used for long shows whether it is still one.
_KEEP_ALIVE = (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


class SignedPuts:
    """Keeps up to `connections_max` connections to one bucket, for all threads of a process."""

    def __init__(
        self,
        bucket_url: str,
        access_key: str,
        secret_key: str,
        timeouts_s: tuple[float, float],
        connections_max: int,
    ) -> None:
        """`bucket_url` is 'https://host/bucket'; `timeouts_s`: to connect, and to read."""
        self._bucket_url = bucket_url
        self._signer = S3SigV4Auth(Credentials(access_key, secret_key), "s3", REGION)
        # Proxies and authorities as boto3 has them: by the environment of whoever runs us.
        self._http = URLLib3Session(
            verify=get_session().get_config_variable("ca_bundle") or True,
            proxies=get_environ_proxies(bucket_url),
            timeout=timeouts_s,  # type: ignore[arg-type]
            max_pool_connections=connections_max,
            socket_options=[*HTTPConnection.default_socket_options, _KEEP_ALIVE],  # type: ignore[list-item]
        )

    def put(self, key: str, body: bytes, headers: Mapping[str, str]) -> AWSResponse:
        """The answer, read to its end, whatever it says.

        The signature covers a SHA-256 of the body: bytes that were torn on the way are refused.

        Raises:
            botocore.exceptions.HTTPClientError: there is none.
        """
        url = f"{self._bucket_url}/{quote(key)}"
        request = AWSRequest("PUT", url, headers=dict(headers), data=body)
        self._signer.add_auth(request)
        return self._http.send(request.prepare())
