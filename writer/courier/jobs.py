"""The job of the queue `push`: tell all whose turn it is.

RQ calls it by name; `prepare` gives this process the courier that it works with, once, when the
worker starts.
"""

from __future__ import annotations

from imageboard.cloaks import Cloak
from imageboard.push_keys import PushKey
from imageboard.queue.worker import Worker
from imageboard.settings import Settings
from imageboard.store.database import Database
from writer.courier.delivering import Courier
from writer.courier.services import Services

_courier: Courier | None = None


def build_courier(settings: Settings) -> Courier:
    """The courier that the settings describe. Raises BadSetting when one is missing."""
    settings.require("database_url", "redis_url", "address_key", "push_key", "site_url")
    database = Database(settings.database_url, connections_max=2, name="courier")
    database.open()
    return Courier(
        database=database,
        cloak=Cloak(settings.address_key, settings.former_address_keys),
        allowed=settings.push_services,
        services=Services(PushKey(settings.push_key), subject=settings.site_url),
        is_told_to_stop=lambda: Worker.told_to_stop,
    )


def prepare(courier: Courier) -> None:
    global _courier  # RQ hands a job nothing but its arguments
    _courier = courier


def deliver() -> int:
    """Tell whoever is to be told; how many messages services took."""
    assert _courier is not None, "the worker calls prepare() first"
    return _courier.deliver()
