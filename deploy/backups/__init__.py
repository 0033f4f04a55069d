"""Backups: copies of everything that can't be made again, encrypted, somewhere else.

    sealing          age: what is sealed for a recipient can't be read by the server
    vault            where backups are kept: an object store that is asked again when it fails
    sets             what was taken in one go: artefacts in parts, signed off once read back
    segments         names of WAL segments: their order, and what is missing among them
    retention        which sets, segments and pictures are no longer needed: pure
    postgres_tools   pg_dump, pg_basebackup, pg_verifybackup, pg_restore
    source           the board that is backed up: its database, uploads and keys
    media            uploads, each copied once, under its own name
    configuration    the settings without secrets, and the keys that a restore needs
    queue_snapshot   Valkey's own snapshot
    record           last.json: when a backup of each kind last went well, and whether
    taking           the story of one backup
    wal_stream       the story of the WAL: from the server to the vault within seconds
    verifying        the story of a look at everything in the vault
    restoring        the story of a restore: a new data folder, as the board was at a moment
    rendering        the pages of a restored board
    returning        the story of a return: what was restored, into the servers that a board has
    drilling         the story of a drill: back up, restore, render, compare, measure

Called by the commands `backup`, `restore` and `drill`. Imports deploy, cdn's object store and
imageboard; only `rendering` imports the renderer.
"""
