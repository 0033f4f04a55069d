"""From the outbox to public files.

    worker         entry point: takes wake-up calls from a queue, without forking
    jobs           the jobs themselves: one board, or the site's own pages
    painter        what everybody who draws pages works with
    board_painter  and with one board: its view, and the right to write its files
    render_loop    waiting changes -> stale pages -> drawn -> published -> settled, until none waits
    steps          one step of it
    drawing        which pages a board has; some of them drawn one after the other
    making_room    what falls off a board, and off a cyclical thread
    clearing       boards taken away that are going
    redrawing      pages drawn anew, whether or not anything changed
    site_pages     pages that show several boards, at a pace of their own
    lingering      how long a render worker stays at a board, and what wakes it there
    visits         the same for all others, who go when it is drawn
    pace           how often what lists threads is drawn
    agenda         which pages are drawn next, and which changes are settled by it: pure
    pages/         every kind of page, one file each; nothing else knows a kind by its name
    publishing     drawn -> put in place, and written down in the ledger
    known_files    what the ledger says of a board's files, known to its holder already
    crew           several processes that draw one board's pages together
    appearance     what shapes a page besides posts: its fingerprint tells of an upgrade
    fragments      one post as HTML and JSON
    kept_threads   threads whose fragments are kept in memory while they look the same
    packs          their older replies, compressed
    segments       parts of a page that its compressed siblings are joined of
    bodies         a page's bytes, in blocks where it is long, and the same compressed
    spare_memory   what malloc holds on to, given back
    web_root       the folder of static files: linked, removed, listed, locked
    placing        pages with their .gz and .br, put in place atomically
    former_siblings  what these were before smaller ones took their places
    verify         the proof: every page rendered again and compared byte for byte
    publisher/     another program: bucket and CDN follow the web root
    keeper/        another program: what the clock does; entry point

It never imports the writer; what both need is in imageboard or templates.
"""
