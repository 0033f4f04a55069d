"""The cloud twins: where the public files stand a second time, and who is told to fetch them anew.

    object_store         what a bucket is to the board: ObjectStore, StoredObject, its errors
    s3_object_store      the real one: R2, or any other S3
    signed_puts          what it is asked for most, without most of boto3
    folder_object_store  its twin: the same promises, kept by files and a lock
    no_object_store      for a CDN in front of nginx: there is no bucket
    newest_wins          a put that never replaces a newer object
    cache_policy         path -> Content-Type and Cache-Control, the same story as nginx tells
    worker_tables        the board's tables as the Worker has them
    purger               tells the CDN which addresses are stale
    edge_probe           looks as a reader does: is what was removed really gone?
    edge/                what runs at the CDN itself

Called by the renderer's publishing stages and by the commands. Imports imageboard alone, and
never decides when something is tried again: whoever calls owns retrying.
"""
