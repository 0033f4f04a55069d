"""From the outbox to public files.

    worker         entry point: takes wake-up calls from the queue, without forking
    catch_up       entry point: each second wakes boards left behind; forgets what has expired
    figures        what catch-up shows of the board as a whole: lag, queues, disks, backups
    jobs           the job itself: one board
    render_loop    waiting changes -> stale files -> drawn -> published -> settled, until none waits
    agenda         which files are drawn next, and which changes are settled by it: pure
    publishing     drawn -> put in place, and written down in the ledger
    crew           several processes that draw one board's pages together
    appearance     what shapes a page besides posts: its fingerprint tells of an upgrade
    drawings       stale file -> (path, bytes): which pages show what
    fragments      one post as HTML and JSON
    kept_threads   threads whose fragments are kept in memory while they look the same
    packs          their older replies, compressed
    bodies         a page's bytes, in blocks where it is long, and the same compressed
    json_pages     the JSON that clients of vichan and 4chan read
    spare_memory   what malloc holds on to, given back
    lean_start     what a worker does not load
    web_root       the folder of static files: linked, removed, listed, locked
    placing        pages with their .gz and .br, put in place atomically
    verify         the proof: every page rendered again and compared byte for byte

It never imports the writer; what both need is in imageboard or templates.
"""
