"""What readers see: Jinja2 templates, and the functions that fill them.

- `assets`: style sheet and pictures under names that hold their hash.
- `fragments`: one post, the same bytes wherever it is shown.
- `pages`: the static pages. `kept_parts`: what they have in common, drawn once.
- `post_json`: one post as the JSON shows it. `feeds`: Atom, RSS, maps of the site.
- `openapi`: what may be sent, for programs.
- `writer_pages`: the answers of the write API. `desk/`: the desk.
- `wording`: how times, sizes and counts are written. `engine`: Jinja2, set up.
  `kept_code`: what Jinja2 has compiled, for the next process.
- `languages`: the catalogs of the interface's words; `locale/`: the catalogs themselves.
- `pages/`, `fragments/`, `feeds/`, `writer/`: the templates themselves.

renderer and writer call it; it knows `imageboard` and nothing else of the house. Everything here
is a pure function of its arguments and the files in the repository: no clock, no settings, no
reader; what is kept is kept under all that it shows. Text is escaped by Jinja2; only arguments
named `…_html`, and what was drawn here, are taken to be safe HTML.
"""

from templates.engine import Site, environment, fingerprint

__all__ = ["Site", "environment", "fingerprint"]
