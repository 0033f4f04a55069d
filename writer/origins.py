"""Which country a post is sent from: told by the CDN, or looked up in a database of addresses."""

from __future__ import annotations

from dataclasses import dataclass

import falcon
import maxminddb

from imageboard import countries
from imageboard.cloaks import Address
from imageboard.errors import BadSetting
from imageboard.settings import Settings
from imageboard.words import N_

#: nginx sets it from the header that STILLBOARD_COUNTRY_HEADER names, where a trusted proxy sent
#: it, and drops what a client sent.
COUNTRY_HEADER = "X-Client-Country"
_NO_DATABASE = N_("there is no database of addresses at {path}")


@dataclass(frozen=True, slots=True)
class Origins:
    """Where posts come from; what is not known is not shown."""

    is_told: bool = False
    database: maxminddb.Reader | None = None

    @classmethod
    def from_settings(cls, settings: Settings) -> Origins:
        """Raises BadSetting: the database is not there, or none."""
        path = settings.country_database
        if not path:
            return cls(bool(settings.country_header))
        try:
            database = maxminddb.open_database(path, maxminddb.MODE_MMAP)
        except (OSError, maxminddb.InvalidDatabaseError) as ex:
            raise BadSetting(
                name="STILLBOARD_COUNTRY_DATABASE",
                fault=_NO_DATABASE.filled(path=path),
                example="/usr/share/GeoIP/GeoLite2-Country.mmdb",
            ) from ex
        return cls(bool(settings.country_header), database)

    def country(self, req: falcon.Request, address: Address) -> str | None:
        """'DE'; None: nobody knows.

        SECURITY: the header is read only where a setting says that nginx sets it.
        """
        told = req.get_header(COUNTRY_HEADER) if self.is_told else None
        if told:
            return countries.known(told)
        if self.database is None:
            return None
        try:
            return _country_of(self.database.get(address))
        except (ValueError, maxminddb.InvalidDatabaseError):
            # Of the other kind of addresses it knows none, or it is damaged there.
            return None


def _country_of(record: object) -> str | None:
    """As MaxMind's databases and those of their kind have it."""
    if isinstance(record, dict):
        for name in ("country", "registered_country"):
            country = record.get(name)
            if isinstance(country, dict) and isinstance(code := country.get("iso_code"), str):
                return countries.known(code)
    return None
