-- known --
-- Hashes and sizes of these files as they were last published.
SELECT path, sha256, change_no, bytes FROM publications
WHERE path = ANY (%(paths)s) AND sha256 IS NOT NULL

-- of_board --
-- Every file of one board.
SELECT path, sha256, change_no, bytes FROM publications
WHERE board = %(board)s AND sha256 IS NOT NULL

-- lists_of_board --
-- Files of one board that are neither a thread's nor media.
SELECT path FROM publications
WHERE board = %(board)s AND path !~ '/(res|src|thumb)/' AND sha256 IS NOT NULL

-- paths_of_board --
-- Paths of one board's files, what leads to threads first.
SELECT path FROM publications WHERE board = %(board)s AND sha256 IS NOT NULL ORDER BY service_order DESC, path

-- of_site --
-- Every file that belongs to no single board.
SELECT path, sha256, change_no, bytes FROM publications
WHERE board IS NULL AND sha256 IS NOT NULL

-- hold --
-- These rows are about to be written: in the order of their paths, by all who write several.
SELECT FROM publications WHERE path = ANY (%(paths)s) ORDER BY path FOR NO KEY UPDATE

-- record --
-- These files stand in the web root now.
INSERT INTO publications (path, board, change_no, sha256, bytes, service_order, is_urgent, is_hasty)
SELECT path, %(board)s, %(change_no)s, sha256, bytes, service_order, is_urgent, is_hasty
FROM unnest(
    %(paths)s::text[], %(sha256s)s::bytea[], %(sizes)s::bigint[], %(service_orders)s::smallint[],
    %(are_urgent)s::boolean[], %(are_hasty)s::boolean[]
) AS f (path, sha256, bytes, service_order, is_urgent, is_hasty)
ORDER BY path
ON CONFLICT (path) DO UPDATE SET
    change_no = excluded.change_no, sha256 = excluded.sha256, bytes = excluded.bytes,
    published_at = excluded.published_at, service_order = excluded.service_order,
    is_urgent = publications.is_urgent OR excluded.is_urgent, is_hasty = excluded.is_hasty

-- hurry --
-- The cloud is to follow with these ahead of all other work, whoever has put them in place.
UPDATE publications SET is_urgent = true WHERE path = ANY (%(paths)s) AND is_behind AND NOT is_urgent

-- gone --
-- These files are gone from the web root; the cloud is to follow, ahead of all other work.
UPDATE publications SET
    sha256 = NULL, is_urgent = true, change_no = %(change_no)s, published_at = clock_timestamp(),
    is_hasty = false
WHERE path = ANY (%(paths)s)

-- forget --
-- Those of them that no cloud has ever held are done with.
DELETE FROM publications WHERE path = ANY (%(paths)s) AND sha256 IS NULL AND NOT may_be_in_cloud

-- shows_change --
-- Whether the file at this path shows the board's changes up to this one.
SELECT EXISTS (
    SELECT FROM publications
    WHERE path = %(path)s AND change_no >= %(change_no)s AND sha256 IS NOT NULL
)

-- rested --
-- Files whose siblings were compressed in haste and that have rested since, by path. What leads to
-- threads changes with each post to any of them, so it has to rest for longer.
SELECT path, board, sha256 FROM publications
WHERE is_hasty AND path > %(after)s
    AND published_at < clock_timestamp() - make_interval(
        secs => %(rest_s)s * CASE WHEN service_order <= 1 THEN 1 ELSE %(listing_rest_factor)s END)
ORDER BY path LIMIT %(limit)s

-- compressed --
-- These versions have thorough siblings now.
UPDATE publications SET is_hasty = false
FROM unnest(%(paths)s::text[], %(sha256s)s::bytea[]) AS f (path, sha256)
WHERE publications.path = f.path AND publications.sha256 = f.sha256
