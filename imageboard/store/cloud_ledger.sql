-- claim --
-- Takes files that are behind, for a while: nobody else works on them until the lease is over. Of urgent ones more are
-- taken at once, and of others fewer while any urgent one is behind, be it that it waits for its pace: the CDN is told
-- of it when all that were taken are put. Deletions are counted apart, since many of them are one request. What the CDN
-- alone is owed is not taken: it could not be put until the lease is over, whatever is removed from it meanwhile.
UPDATE publications SET
    not_before = clock_timestamp() + make_interval(secs => %(lease_s)s),
    may_be_in_cloud = may_be_in_cloud OR sha256 IS NOT NULL
WHERE path = ANY (ARRAY(
    SELECT path FROM publications
    WHERE is_behind AND not_before <= clock_timestamp()
        AND sha256 IS NOT NULL AND sha256 IS DISTINCT FROM cloud_sha256
    ORDER BY is_urgent DESC, service_order, not_before
    LIMIT CASE WHEN EXISTS (SELECT FROM publications WHERE is_behind AND is_urgent)
        THEN %(beside_urgent)s ELSE %(limit)s END
    FOR UPDATE SKIP LOCKED
)) OR path = ANY (ARRAY(
    SELECT path FROM publications
    WHERE is_behind AND not_before <= clock_timestamp() AND is_urgent
        AND sha256 IS NOT NULL AND sha256 IS DISTINCT FROM cloud_sha256
    ORDER BY service_order, not_before
    LIMIT %(urgent)s FOR UPDATE SKIP LOCKED
)) OR path = ANY (ARRAY(
    SELECT path FROM publications
    WHERE is_behind AND not_before <= clock_timestamp() AND sha256 IS NULL AND may_be_in_cloud
    ORDER BY is_urgent DESC, service_order, not_before
    LIMIT %(deletions)s FOR UPDATE SKIP LOCKED
))
RETURNING path, sha256, change_no, cloud_sha256, cloud_etag, may_be_in_cloud, is_urgent

-- stored --
-- The bucket holds these bytes at these paths now; the CDN has not been told.
UPDATE publications AS p SET
    cloud_sha256 = held.sha256, cloud_etag = held.etag, cloud_change_no = held.change_no,
    purge_due = %(purges)s,
    is_urgent = p.is_urgent AND %(purges)s,
    not_before = clock_timestamp() + make_interval(secs => %(pace_s)s)
FROM unnest(
    %(paths)s::text[], %(sha256s)s::bytea[], %(etags)s::text[], %(change_nos)s::bigint[]
) AS held (path, sha256, etag, change_no)
WHERE p.path = held.path
RETURNING extract(epoch FROM clock_timestamp() - p.published_at)::float8

-- deleted --
-- The bucket holds nothing at these paths; the CDN has not been told.
UPDATE publications SET
    cloud_sha256 = NULL, cloud_etag = NULL, cloud_change_no = NULL, may_be_in_cloud = false,
    purge_due = %(purges)s, not_before = clock_timestamp()
WHERE path = ANY (%(paths)s)

-- purged --
-- The CDN has been told of these versions; one that was stored since is told of again.
UPDATE publications AS p SET purge_due = false, is_urgent = false
FROM unnest(%(paths)s::text[], %(etags)s::text[]) AS told (path, etag)
WHERE p.path = told.path AND p.cloud_etag IS NOT DISTINCT FROM told.etag

-- forget_gone --
-- Rows of files that are gone everywhere.
DELETE FROM publications
WHERE path = ANY (%(paths)s) AND sha256 IS NULL AND NOT may_be_in_cloud AND NOT purge_due

-- purge_due --
-- Versions of which the CDN has not been told, the urgent first; at most %(limit)s.
SELECT path, cloud_etag AS etag, is_urgent FROM publications
WHERE purge_due AND is_behind ORDER BY is_urgent DESC, service_order LIMIT %(limit)s

-- put_off --
-- Not to be touched before a while.
UPDATE publications SET not_before = clock_timestamp() + make_interval(secs => %(wait_s)s)
WHERE path = ANY (%(paths)s)

-- free_leases --
-- Nobody works on these any more.
UPDATE publications SET not_before = clock_timestamp() + make_interval(secs => %(pace_s)s)
WHERE is_behind AND not_before > clock_timestamp() + make_interval(secs => %(pace_s)s)

-- forget_version --
-- The bucket does not hold what the ledger says of this path.
UPDATE publications SET
    cloud_sha256 = NULL, cloud_etag = NULL, cloud_change_no = NULL, may_be_in_cloud = true
WHERE path = %(path)s

-- next_due --
-- Seconds until the next file that is behind may be touched; NULL: none is behind.
SELECT extract(epoch FROM min(not_before) - clock_timestamp())::float8
FROM publications WHERE is_behind AND not_before > '-infinity'

-- backlog --
-- Files that the cloud is behind with, and the age of the oldest in seconds.
SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(published_at)), 0)::float8
FROM publications WHERE is_behind

-- all_stored --
-- Every file, what the bucket holds of it, and whether the second stage still has work with it.
SELECT path, sha256, change_no, cloud_etag, is_behind FROM publications
