"""Files of slow kinds, made ready after their posters were answered.

    __main__    entry point, `python -m writer.developer`: listens to the queue `media`
    jobs        what RQ calls by name: work on the file that has waited longest
    developing  the story of one such file, from the claim to the fact that pages show it

A queue of its own: no post and no page waits for a film. The files that wait are rows in
PostgreSQL (`imageboard/store/pending_files.py`); a call that is lost is made again by catch-up.
Like the writer it reads hostile bytes in the darkroom alone. Only a board with a slow kind runs it.
"""
