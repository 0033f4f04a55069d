"""nginx.conf of a site whose readers are told what nginx itself refuses in the site's language."""

from __future__ import annotations

from functools import partial

from imageboard.words import ENGLISH, Language
from nginx.site import NginxSite, render


def nginx_configuration(site: NginxSite, language: Language) -> str:
    if language == ENGLISH:
        return render(site)
    # Imported here: loading the templates would delay the start of a board.
    from templates.languages import say

    return render(site, say=partial(say, language=language), language=language)
