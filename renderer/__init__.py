"""From the outbox to public files.

    worker         entry point: takes wake-up calls from the queue, without forking
    catch_up       entry point: each second wakes boards left behind; forgets what has expired
    jobs           the job itself: one board
    render_loop    waiting changes -> stale files -> drawn -> published -> settled, until none waits
    drawings       stale file -> (path, bytes): which pages show what
    fragments      posts as HTML and JSON, kept in memory while they stay the same
    json_pages     the JSON that clients of vichan and 4chan read
    web_root       static files with their .gz and .br, put in place atomically
    verify         the proof: every page rendered again and compared byte for byte

It never imports the writer; what both need is in imageboard or templates.
"""
