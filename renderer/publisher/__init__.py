"""The second stage: bucket and CDN are brought to what the web root shows.

    jobs          the job of the publisher's queue, and the parts that it works with
    cloud_stage   files that are behind -> put, purged, written down; paced, and again when it fails
    rounds        what is put, deleted and told at the same time; what was removed joins it
    second_looks  what was removed: which files are told to the CDN once more, and looked at
    verify_cloud  the proof that the bucket holds what the web root shows

Run by `python -m renderer.worker publish`. It draws nothing: it reads the ledger and the web root.
"""
