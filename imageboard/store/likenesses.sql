-- of_post --
-- What the files of a post look like that are there, in their order.
SELECT likeness FROM files
WHERE board = %(board)s AND post_no = %(no)s AND likeness IS NOT NULL AND removed_at IS NULL
ORDER BY position

-- alike --
-- Of the newest files of each of these boards (NULL: of all) those that look like one of the asked, of posts
-- that staff can see: board, post, position, how many bits of 64 differ.
SELECT f.board, f.post_no, f.position, f.bits_apart
FROM boards b
CROSS JOIN LATERAL (
    SELECT newest.*, (
        SELECT min(bit_count((newest.likeness # asked)::bit(64)))
        FROM unnest(%(likenesses)s::bigint[]) AS asked) AS bits_apart
    FROM (
        SELECT board, post_no, position, likeness FROM files
        WHERE files.board = b.name AND likeness IS NOT NULL AND removed_at IS NULL
        ORDER BY post_no DESC, position DESC LIMIT %(files_max)s
    ) AS newest
) AS f
JOIN posts p ON p.board = f.board AND p.no = f.post_no
WHERE b.removed_at IS NULL AND (%(on)s::text[] IS NULL OR b.name = ANY (%(on)s)) AND f.bits_apart <= %(bits_max)s
    AND EXISTS (SELECT FROM all_threads t WHERE t.board = p.board AND t.no = p.thread_no
        AND t.aside_since IS DISTINCT FROM '-infinity' OFFSET 0)
ORDER BY p.created_at DESC, f.board, f.post_no DESC, f.position LIMIT %(limit)s

-- unreckoned --
-- Files with a thumbnail of which nobody knows what they look like, after one of them: board, post, position, name
-- in the upload store.
SELECT board, post_no, position, stored_as FROM files
WHERE likeness IS NULL AND thumb_extension IS NOT NULL AND stored_as IS NOT NULL
    AND removed_at IS NULL AND pending_since IS NULL
    AND (board, post_no, position) > (%(board)s, %(no)s, %(position)s)
ORDER BY board, post_no, position LIMIT %(limit)s

-- note --
-- What a file looks like, unless somebody was quicker.
UPDATE files SET likeness = %(likeness)s
WHERE board = %(board)s AND post_no = %(no)s AND position = %(position)s AND stored_as = %(stored_as)s
    AND likeness IS NULL
