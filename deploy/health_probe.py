"""Whether a program of the board answers: `python -m deploy.health_probe URL`.

For the health checks of containers and the start-up waits of scripts. Exit status 0: a 2xx came
within the time; 1: it did not, with one line that says what came instead.
"""

from __future__ import annotations

import argparse
import http.client
import sys
from urllib.parse import urlsplit

#: Less than the time-out of the health checks that call this, which begins with Python's start.
ANSWER_WITHIN_S = 2.0


def complaint(url: str, within_s: float = ANSWER_WITHIN_S) -> str:
    """'' when `url` is answered with 2xx; else what happened: '503', 'Connection refused'.

    With http.client rather than urllib: it loads in a third of the time, and this runs often.
    """
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=within_s)
    try:
        connection.request("GET", parts.path or "/")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as ex:
        return str(ex) or type(ex).__name__
    finally:
        connection.close()
    return "" if http.client.OK <= status < http.client.MULTIPLE_CHOICES else str(status)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Ask one address whether it is well.")
    parser.add_argument("url", help="http://127.0.0.1:8000/healthz")
    url = parser.parse_args(argv).url
    fault = complaint(url)
    if fault:
        print(f"{url}: {fault}", file=sys.stderr)
    return 1 if fault else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
