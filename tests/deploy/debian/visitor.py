"""A visitor of a machine's site: in its network, over TLS, with its authority's certificate.

`python -m tests.deploy.debian.visitor AUTHORITY ADDRESS <orders.json`, as Machine.visit starts it:
nobody can go into another network and come back.
"""

from __future__ import annotations

import json
import ssl
import sys
from typing import Any

import httpx

from tests.writer.media.hostile import a_png

SITE = "example.org"


def main() -> None:
    context = ssl.create_default_context(cafile=sys.argv[1])
    transport = httpx.HTTPTransport(verify=context, local_address=sys.argv[2])
    with httpx.Client(
        base_url="https://127.0.0.1",
        headers={"Host": SITE},
        transport=transport,
        timeout=60,
    ) as http:
        print(json.dumps([_do(http, order) for order in json.load(sys.stdin)]))


def _do(http: httpx.Client, order: dict[str, Any]) -> dict[str, Any]:
    """{'get': address}, {'plain': address}, or {'post': {field: value}, 'picture': True}."""
    if "plain" in order:
        return _told(http.get(f"http://127.0.0.1{order['plain']}"))
    address = order.get("get", "/post")
    fields = {name: (None, str(value)) for name, value in order.get("post", {}).items()}
    if order.get("picture"):
        fields["file"] = ("picture.png", a_png())  # type: ignore[assignment]
    request = http.build_request(
        "GET" if "get" in order else "POST",
        address,
        files=fields or None,
        extensions={"sni_hostname": SITE},
    )
    return _told(http.send(request))


def _told(answer: httpx.Response) -> dict[str, Any]:
    return {
        "status": answer.status_code,
        "location": answer.headers.get("Location"),
        "kind": answer.headers.get("Content-Type"),
        "hsts": answer.headers.get("Strict-Transport-Security"),
        "text": answer.content.decode(errors="replace"),
    }


if __name__ == "__main__":
    main()
