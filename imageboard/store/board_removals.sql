-- as_long_as_it_takes --
-- All posts and files of a board are counted.
SET LOCAL statement_timeout = 0

-- holdings --
-- What a board holds that is there or going; no row: it is neither.
SELECT b.removed_at IS NOT NULL AS is_going, t.threads, t.archived, t.aside, t.posts, f.files,
    f.bytes + (SELECT coalesce(sum(bytes), 0) FROM banners WHERE board = b.name)::bigint AS bytes,
    (SELECT count(*) FROM laid_aside WHERE board = b.name) AS laid_aside,
    (SELECT count(*) FROM banners WHERE board = b.name) AS banners,
    (SELECT count(*) FROM board_flags WHERE board = b.name) AS flags,
    (SELECT count(*) FROM written_pages WHERE board = b.name) AS pages,
    (SELECT count(*) FROM news WHERE board = b.name) AS news,
    (SELECT count(*) FROM bans WHERE board = b.name) AS bans,
    (SELECT count(*) FROM file_bans WHERE board = b.name) AS file_bans,
    (SELECT count(*) FROM spam_rules WHERE board = b.name) AS rules,
    (SELECT count(*) FROM board_roles WHERE board = b.name) AS roles
FROM boards b, LATERAL (
    SELECT count(*) FILTER (WHERE aside_since IS NULL) AS threads,
        count(*) FILTER (WHERE archived_at IS NOT NULL) AS archived,
        count(*) FILTER (WHERE aside_since IS NOT NULL AND archived_at IS NULL) AS aside,
        coalesce(sum(reply_count + 1), 0)::bigint AS posts
    FROM all_threads WHERE board = b.name
) AS t, LATERAL (
    SELECT count(*) AS files, coalesce(sum(bytes), 0)::bigint AS bytes FROM files
    WHERE board = b.name AND removed_at IS NULL
) AS f
WHERE b.name = %(name)s

-- begin --
-- A board is going from now on: who has waited for it to store a post finds none. Its pages go first.
WITH going AS (
    UPDATE boards SET removed_at = clock_timestamp(), change_no = change_no + 1, settings_change_no = change_no + 1
    WHERE name = %(name)s AND removed_at IS NULL RETURNING name, change_no
)
INSERT INTO outbox (board, change_no, kind, body)
SELECT name, change_no, %(kind)s, %(body)s FROM going

-- going --
-- Boards that are going, the one that has waited longest first, and whether their pages are gone.
SELECT name, NOT EXISTS (SELECT FROM outbox WHERE board = name) FROM boards
WHERE removed_at IS NOT NULL ORDER BY removed_at, name

-- is_going --
-- Whether a board is.
SELECT EXISTS (SELECT FROM boards WHERE name = %(name)s AND removed_at IS NOT NULL)

-- hold --
-- A board that is going, which nobody changes until the transaction ends; no row: it is gone.
SELECT name FROM boards WHERE name = %(name)s AND removed_at IS NOT NULL FOR UPDATE

-- forget_posts --
-- Drops some of its posts.
SELECT dropped, uploads FROM forget_posts_of_board(%(name)s, %(limit)s)

-- forget_laid_aside --
-- Drops what staff removed of it or have not looked at yet, and acts of which nothing is left by that.
WITH due AS (
    SELECT removal, board, no, kind FROM laid_aside WHERE board = %(name)s LIMIT %(limit)s
), gone AS (
    DELETE FROM laid_aside l USING due
    WHERE (l.removal, l.board, l.no, l.kind) = (due.removal, due.board, due.no, due.kind)
    RETURNING l.removal, l.no, l.kind, l.uploads
), emptied AS (
    DELETE FROM removals r WHERE r.id IN (SELECT removal FROM gone) AND NOT EXISTS (
        SELECT FROM laid_aside l WHERE l.removal = r.id
            AND (l.board <> %(name)s OR (l.removal, l.no, l.kind) NOT IN (SELECT removal, no, kind FROM gone)))
)
SELECT uploads FROM gone

-- forget_banners --
-- Takes down its banners.
DELETE FROM banners WHERE board = %(name)s RETURNING stored_as

-- lead_nowhere --
-- Where threads of other boards were that had moved to it, nothing stands from now on.
WITH gone AS (
    DELETE FROM moved_threads WHERE to_board = %(name)s AND board <> %(name)s AND (board, no) IN (
        SELECT board, no FROM moved_threads WHERE to_board = %(name)s AND board <> %(name)s
        ORDER BY board, no LIMIT %(limit)s)
    RETURNING board, no
)
INSERT INTO outbox (board, change_no, kind, body)
SELECT board, next_change(board), %(kind)s, jsonb_build_object('thread', no)
FROM (SELECT * FROM gone ORDER BY board, no) AS gone

-- forget_bans_of_posts --
-- Bans of other boards that were made for a post of it, and said so there, stay.
UPDATE bans SET post_board = NULL, post_no = NULL, message = NULL
WHERE post_board = %(name)s AND message IS NOT NULL

-- forget_others --
-- Bans, rules, news and pages that came from elsewhere for this board alone may come once more.
DELETE FROM imported_others o
WHERE o.ours <> '{}' AND NOT EXISTS (SELECT FROM unnest(o.ours) AS ours (called) WHERE NOT CASE o.kind
    WHEN 'ban' THEN EXISTS (SELECT FROM bans WHERE id = called::bigint AND board = %(name)s)
    WHEN 'fileban' THEN EXISTS (SELECT FROM file_bans WHERE id = called::bigint AND board = %(name)s)
    WHEN 'rule' THEN EXISTS (SELECT FROM spam_rules WHERE id = called::bigint AND board = %(name)s)
    WHEN 'news' THEN EXISTS (SELECT FROM news WHERE id = called::bigint AND board = %(name)s)
    ELSE o.kind IN ('page', 'flag', 'banner') AND starts_with(called, %(name)s || '/') END)

-- forget_rows --
-- Some rows of a table that are of the board.
DELETE FROM {table} WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM {table} WHERE board = %(name)s LIMIT %(limit)s))

-- has_pages --
-- Whether a page of it stands in the web root, as far as is known, or a change of it waits.
SELECT EXISTS (SELECT FROM outbox WHERE board = %(name)s)
    OR EXISTS (SELECT FROM publications WHERE board = %(name)s AND sha256 IS NOT NULL)

-- end --
-- Nothing is left of it but what a new one of its name goes on counting from.
WITH gone AS (DELETE FROM boards WHERE name = %(name)s RETURNING *)
INSERT INTO gone_boards (name, last_no, change_no, settings_change_no, last_tim)
SELECT name, last_no, change_no, settings_change_no, last_tim FROM gone

-- gone --
-- Boards that are gone, and the last change of each.
SELECT name, change_no FROM gone_boards ORDER BY name
