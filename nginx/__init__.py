"""The web server in front of the board: every read a static file, every write handed on.

    site.py       NginxSite, what one machine decides, and render(), which makes nginx.conf of it
    tls.py        Tls, what one machine decides about TLS, and Mozilla's advice for the rest
    rates.py      Rates, how often one address may post and log in
    binary.py     Abilities, what an nginx was built with
    cloudflare.py Cloudflare's networks, from cloudflare_ranges.txt
    checks.py     what may go into an nginx.conf, value by value
    refusals.py   the sentences nginx itself says when it refuses a request, as HTML and as JSON
    templates/    the configuration, one file per concern; nginx.conf.jinja is the whole at a glance

`./stillboard up` and production run what `render` returns; they differ in the values of
`NginxSite` only, and `stillboard nginx` prints one for operators. The configuration needs nothing
beyond the modules of a stock nginx (1.19.4 or newer, 1.25.1 with TLS), so the wheel, a
distribution's package and the official image all run it.

Three ideas hold it together:

1. **Addresses are allowed, not denied.** A location names the endings it serves; what matches none,
   a dotfile or a `.br` sibling for instance, is 404 by falling through.
2. **Headers are set in one place**, templates/headers.jinja, by what an answer is (page, data,
   asset, media, refusal, ...). A location gets a whole set or none: nginx drops every inherited
   add_header as soon as a location has one of its own.
3. **The writer's word wins.** Where its answer already carries a header, nginx adds none.

To look at the result: `python -c "from nginx.site import *; print(render(NginxSite(...)))"`.

Called by deploy. Of the board it imports what is served (imageboard.served_kinds) and what pages
may load (imageboard.page_policy), and it starts nothing.
"""
