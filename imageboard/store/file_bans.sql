-- file_of_post --
-- What a ban is made from: a file of a post, also one that was removed.
SELECT array_remove(ARRAY[sha256, nullif(sent_sha256, sha256)], NULL) AS hashes, likeness FROM files
WHERE board = %(board)s AND post_no = %(no)s AND position = %(position)s

-- add --
-- From now on.
INSERT INTO file_bans (board, reason, hashes, likeness, bits_apart_max, bans_poster, ban_s, created_by)
VALUES (%(board)s, %(reason)s, %(hashes)s, %(likeness)s, %(bits_apart_max)s, %(bans_poster)s, %(ban_s)s,
    %(created_by)s)
RETURNING id

-- one --
-- A ban of a file.
SELECT id, board, reason, bits_apart_max, bans_poster, ban_s, created_by,
    floor(extract(epoch FROM created_at))::bigint AS created_s
FROM file_bans WHERE id = %(id)s

-- newest --
-- Those of these boards (NULL: all, and those of all boards), the newest first.
SELECT id, board, reason, bits_apart_max, bans_poster, ban_s, created_by,
    floor(extract(epoch FROM created_at))::bigint AS created_s
FROM file_bans WHERE %(on)s::text[] IS NULL OR board = ANY (%(on)s)
ORDER BY id DESC LIMIT %(limit)s OFFSET %(after)s

-- all_of --
-- Every ban of a file, with what it is known by.
SELECT id, board, reason, bits_apart_max, bans_poster, ban_s, created_by,
    floor(extract(epoch FROM created_at))::bigint AS created_s, hashes, likeness
FROM file_bans ORDER BY id

-- hits --
-- Of the newest files of each of these boards (NULL: of all) those that a ban would hit, of posts that staff
-- can see: board, post.
SELECT DISTINCT p.board, p.no, p.created_at
FROM boards b
CROSS JOIN LATERAL (
    SELECT board, post_no, sha256, sent_sha256, likeness FROM files
    WHERE files.board = b.name AND removed_at IS NULL ORDER BY post_no DESC, position DESC LIMIT %(files_max)s
) AS f
JOIN posts p ON p.board = f.board AND p.no = f.post_no
WHERE (%(on)s::text[] IS NULL OR b.name = ANY (%(on)s))
    AND (f.sha256 = ANY (%(hashes)s) OR f.sent_sha256 = ANY (%(hashes)s)
        OR bit_count((f.likeness # %(likeness)s::bigint)::bit(64)) <= %(bits_apart_max)s::integer)
    AND EXISTS (SELECT FROM all_threads t WHERE t.board = p.board AND t.no = p.thread_no
        AND t.aside_since IS DISTINCT FROM '-infinity' OFFSET 0)
ORDER BY p.created_at DESC, p.board, p.no DESC LIMIT %(limit)s

-- lift --
-- The file may be posted again.
DELETE FROM file_bans WHERE id = %(id)s
