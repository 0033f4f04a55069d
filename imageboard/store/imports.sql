-- claim --
-- The right to bring boards, or to take them back, if nobody has it, until it is given up or the session ends.
SELECT pg_try_advisory_lock(7264006)

-- give_up --
-- Others may bring boards.
SELECT pg_advisory_unlock(7264006)

-- begin --
-- A board's posts begin to come, or go on coming: no number that one of them has is given to another post,
-- and the changes of those that come now are later than all that were.
WITH board AS (
    UPDATE boards SET last_no = greatest(last_no, %(last_no)s) WHERE name = %(board)s
    RETURNING name, change_no
)
INSERT INTO imports (board, change_base, without_digests)
SELECT name, greatest(change_no - 2 * %(first_no)s + 2, 0), false FROM board
ON CONFLICT (board) DO UPDATE SET finished_at = NULL, change_base = CASE
    WHEN imports.finished_at IS NULL THEN imports.change_base
    ELSE greatest(imports.change_base, excluded.change_base) END
RETURNING change_base

-- all --
-- Boards that came, and whether all of what came is shown.
SELECT board, finished_at IS NOT NULL FROM imports ORDER BY board

-- has_posts --
-- Whether the board has any post.
SELECT EXISTS (SELECT FROM posts WHERE board = %(board)s)

-- newest --
-- The highest number that has come.
SELECT coalesce(max(no), 0) FROM imported_posts WHERE board = %(board)s

-- known --
-- Of these posts those that have come, and as what.
SELECT no, digest FROM imported_posts WHERE board = %(board)s AND no = ANY (%(nos)s)

-- moments --
-- When these posts were written, in Unix seconds.
SELECT no, floor(extract(epoch FROM created_at))::bigint FROM posts WHERE board = %(board)s AND no = ANY (%(nos)s)

-- taken --
-- Numbers among these that a post has.
SELECT no FROM posts WHERE board = %(board)s AND no = ANY (%(nos)s)

-- taken_tims --
-- Names among these that a file of the board has.
SELECT tim FROM files WHERE board = %(board)s AND tim = ANY (%(tims)s)

-- threads_there --
-- Threads among these that have come or stand here, and when each was bumped as the last dump has it.
SELECT t.no, floor(extract(epoch FROM coalesce(i.bumped_at, t.bumped_at)))::bigint
FROM all_threads t LEFT JOIN imported_threads i ON i.board = t.board AND i.no = t.no
WHERE t.board = %(board)s AND t.no = ANY (%(nos)s)

-- add_threads --
-- Threads that nobody sees until all of their board has come.
INSERT INTO all_threads (board, no, is_sticky, sticky_rank, is_locked, is_bump_locked, is_cyclical, has_old_ids,
    bump_no, bumped_at, modified_at, changed_no, aside_since)
SELECT board, no, is_sticky, sticky_rank, is_locked, is_bump_locked, is_cyclical, has_old_ids,
    bump_no, bumped_at, bumped_at, changed_no, '-infinity'
FROM jsonb_populate_recordset(NULL::all_threads, %(threads)s)

-- note_threads --
-- Threads of the dump: when it has them bumped, and since when in the archive.
INSERT INTO imported_threads (board, no, bumped_at, archived_at)
SELECT i.board, i.no, i.bumped_at, i.archived_at
FROM jsonb_populate_recordset(NULL::imported_threads, %(threads)s) AS i
JOIN all_threads t ON t.board = i.board AND t.no = i.no
ON CONFLICT (board, no) DO UPDATE SET bumped_at = excluded.bumped_at, archived_at = excluded.archived_at, is_due = true
WHERE (imported_threads.bumped_at, imported_threads.archived_at)
    IS DISTINCT FROM (excluded.bumped_at, excluded.archived_at)

-- add_files --
-- Files of them.
INSERT INTO files SELECT * FROM jsonb_populate_recordset(NULL::files, %(files)s)

-- add_addresses --
-- Where files were found by their bytes.
INSERT INTO old_files SELECT * FROM jsonb_populate_recordset(NULL::old_files, %(addresses)s)
ON CONFLICT DO NOTHING

-- note_posts --
-- These have come, as this.
INSERT INTO imported_posts (board, no, digest)
SELECT board, no, digest FROM jsonb_populate_recordset(NULL::imported_posts, %(posts)s)
ON CONFLICT (board, no) DO UPDATE SET digest = excluded.digest

-- note_due --
-- These threads got posts.
UPDATE imported_threads SET is_due = true
WHERE board = %(board)s AND no = ANY (%(threads)s) AND NOT is_due

-- next_quotes --
-- How many links come next of a board, at most so many, and the post with the last of them.
SELECT count(*), max(no) FROM (
    SELECT no FROM imported_quotes WHERE board = %(board)s AND no > %(after)s ORDER BY no LIMIT %(limit)s
) AS next

-- join_quotes --
-- Links of some posts of a board of which both ends are there become quotes.
WITH there AS (
    DELETE FROM imported_quotes q USING posts p
    WHERE q.board = %(board)s AND q.no > %(after)s AND q.no <= %(up_to)s
        AND p.board = q.to_board AND p.no = q.to_no
        AND (NOT q.of_what_comes
            OR EXISTS (SELECT FROM imported_posts i WHERE i.board = p.board AND i.no = p.no))
    RETURNING q.board, q.no, q.to_board, q.to_no
)
INSERT INTO quotes (board, no, to_board, to_no) SELECT * FROM there
ON CONFLICT DO NOTHING

-- boards_with_quotes --
-- Boards with links of which both ends are there by now.
SELECT DISTINCT q.board FROM imported_quotes q JOIN posts p ON p.board = q.to_board AND p.no = q.to_no
WHERE NOT q.of_what_comes OR EXISTS (SELECT FROM imported_posts i WHERE i.board = p.board AND i.no = p.no)

-- loose_quotes --
-- Links of a board that lead nowhere: how many, and some of them.
SELECT count(*) OVER (), no, to_board, to_no FROM imported_quotes
WHERE board = %(board)s ORDER BY no LIMIT %(limit)s

-- count_threads --
-- What threads that got something count, when they were modified, and where they stand: as the dump has it.
-- Two that were bumped within one second stand in the order of their numbers.
UPDATE all_threads t SET
    reply_count = counted.posts - 1,
    image_count = counted.files,
    modified_at = counted.newest_at,
    changed_no = b.change_no,
    page_weight = NULL,
    bump_no = CASE WHEN i.is_shown AND i.bumped_at <= t.bumped_at THEN t.bump_no ELSE placed.bump_no END,
    bumped_at = greatest(i.bumped_at, t.bumped_at),
    aside_since = CASE WHEN i.is_shown THEN t.aside_since END
FROM imported_threads i, boards b, imports m, LATERAL (
    SELECT count(*) AS posts, max(p.created_at) AS newest_at,
        coalesce(sum((SELECT count(*) FROM files f
            WHERE f.board = p.board AND f.post_no = p.no AND f.removed_at IS NULL))
            FILTER (WHERE p.no <> i.no), 0) AS files
    FROM posts p WHERE p.board = i.board AND p.thread_no = i.no
) AS counted, LATERAL (
    SELECT m.change_base + 2 * coalesce((
        SELECT max(p.no) FROM posts p JOIN imported_posts o ON o.board = p.board AND o.no = p.no
        WHERE p.board = i.board AND p.created_at = (
            SELECT max(e.created_at) FROM posts e WHERE e.board = i.board AND e.created_at <= i.bumped_at)
    ), i.no) + 1 AS bump_no
) AS placed
WHERE i.board = %(board)s AND i.is_due AND b.name = i.board AND m.board = i.board
    AND t.board = i.board AND t.no = i.no

-- know_sizes --
-- PERF: until PostgreSQL has counted what came, it plans as if these tables were empty: a step that takes a
-- second took longer than any may. It counts by itself too, but a quick machine is there before.
ANALYZE posts, threads, files, quotes, imported_posts, imported_threads, imported_quotes

-- mark_bumping_posts --
-- The post that bumped a thread last has the bump of its thread: who removes it takes that back.
UPDATE posts p SET bump_no = t.bump_no
FROM imported_threads i JOIN all_threads t ON t.board = i.board AND t.no = i.no
WHERE i.board = %(board)s AND i.is_due AND p.board = i.board AND p.no = (
    SELECT max(e.no) FROM posts e
    WHERE e.board = i.board AND e.thread_no = i.no AND e.created_at = t.bumped_at AND e.bump_no > 0)

-- archive_threads --
-- Threads that had been archived there come into the archive of their month, from their board, behind those
-- that stand there: 500 on a page, as archive_thread() has it.
WITH due AS (
    SELECT i.no, i.archived_at, to_char(i.archived_at AT TIME ZONE 'UTC', 'YYYY-MM') AS month
    FROM imported_threads i JOIN all_threads t ON t.board = i.board AND t.no = i.no
    WHERE i.board = %(board)s AND i.is_due AND i.archived_at IS NOT NULL AND t.aside_since IS NULL
), last_pages AS (
    SELECT DISTINCT ON (month) month, number, threads FROM archive_pages
    WHERE board = %(board)s ORDER BY month, number DESC
), placed AS (
    SELECT d.no, d.archived_at, d.month, coalesce(l.number, 1) + (coalesce(l.threads, 0) - 1
        + row_number() OVER (PARTITION BY d.month ORDER BY d.archived_at, d.no)) / 500 AS number
    FROM due d LEFT JOIN last_pages l ON l.month = d.month
), named AS (
    SELECT no, archived_at, month, number,
        month || CASE WHEN number > 1 THEN '-' || number ELSE '' END AS page
    FROM placed
), pages AS (
    INSERT INTO archive_pages AS a (board, name, month, number, threads, changed_no)
    SELECT b.name, n.page, n.month, n.number, count(*), b.change_no
    FROM named n, boards b WHERE b.name = %(board)s GROUP BY b.name, n.page, n.month, n.number
    ON CONFLICT (board, month, number) DO UPDATE SET
        threads = a.threads + excluded.threads, changed_no = excluded.changed_no
)
UPDATE all_threads t SET aside_since = n.archived_at, archived_at = n.archived_at, archive_page = n.page
FROM named n WHERE t.board = %(board)s AND t.no = n.no

-- show_threads --
-- All threads of the board that came are there.
UPDATE imported_threads SET is_shown = true, is_due = false WHERE board = %(board)s AND (is_due OR NOT is_shown)

-- finish --
-- All that the dump has of the board is there, and all of its pages are to be drawn.
WITH finished AS (
    UPDATE imports SET finished_at = now() WHERE board = %(board)s RETURNING change_base
)
UPDATE boards SET
    change_no = greatest(change_no, change_base + 2 * last_no + 1),
    last_tim = greatest(last_tim, %(last_tim)s)
FROM finished WHERE name = %(board)s

-- search_from --
-- Posts up to this number are found as those that were there before search was, if none of the board was
-- shown before.
INSERT INTO search_progress (board, no)
SELECT %(board)s, %(no)s
WHERE NOT EXISTS (SELECT FROM imported_threads WHERE board = %(board)s AND is_shown)
ON CONFLICT (board) DO UPDATE SET no = greatest(search_progress.no, excluded.no)

-- search_again --
-- Of a board that was shown before, those that came since are new posts, though their numbers were reserved and
-- search may have gone past them.
UPDATE search_progress SET no = least(search_progress.no, (
    SELECT min(p.no) - 1 FROM posts p
    JOIN imported_posts o ON o.board = p.board AND o.no = p.no
    JOIN imports m ON m.board = p.board
    WHERE p.board = %(board)s AND p.changed_no = m.change_base + 2 * p.no))
WHERE board = %(board)s

-- search_backwards --
-- Those are gone through once more.
UPDATE search_backlog SET before = 'infinity'

-- come --
-- Numbers of posts that have come, in order, after one.
SELECT no FROM imported_posts WHERE board = %(board)s AND no > %(after)s ORDER BY no LIMIT %(limit)s

-- forget_posts --
-- These have not come, as far as a later dump is told.
DELETE FROM imported_posts WHERE board = %(board)s AND no = ANY (%(nos)s)

-- forget_board --
-- Nothing of the board has come, and nothing of another engine goes on there.
WITH forgotten AS (DELETE FROM old_boards WHERE board = %(board)s)
DELETE FROM imports WHERE board = %(board)s

-- change_post --
-- A post says something else in the dump than it did. What staff here say below it stays, where the dump says nothing.
UPDATE posts SET name = %(name)s, tripcode = %(tripcode)s, email = %(email)s, subject = %(subject)s, body = %(body)s,
    ban_message = coalesce(%(ban_message)s, ban_message), edited_at = coalesce(%(edited_at)s, edited_at)
WHERE board = %(board)s AND no = %(no)s

-- drop_quotes --
-- Links that a post no longer has in the dump.
WITH told AS (
    SELECT to_board, to_no FROM jsonb_populate_recordset(NULL::imported_quotes, %(quotes)s)
), loose AS (
    DELETE FROM imported_quotes
    WHERE board = %(board)s AND no = %(no)s AND (to_board, to_no) NOT IN (SELECT * FROM told)
)
DELETE FROM quotes
WHERE board = %(board)s AND no = %(no)s
    AND (coalesce(typed_board, to_board), coalesce(typed_no, to_no)) NOT IN (SELECT * FROM told)

-- add_quotes --
-- Links that it has there, and neither has here nor waits for.
INSERT INTO imported_quotes
SELECT q.* FROM jsonb_populate_recordset(NULL::imported_quotes, %(quotes)s) AS q
JOIN posts p ON p.board = q.board AND p.no = q.no
WHERE NOT EXISTS (SELECT FROM quotes l WHERE l.board = q.board AND l.no = q.no
    AND coalesce(l.typed_board, l.to_board) = q.to_board AND coalesce(l.typed_no, l.to_no) = q.to_no)
ON CONFLICT DO NOTHING

-- files_there --
-- Positions of a post's files that were not removed, and by which address each was found there.
SELECT f.position, (SELECT min(o.address) FROM old_files o
    WHERE o.board = f.board AND o.post_no = f.post_no AND o.position = f.position AND NOT o.is_thumbnail)
FROM files f WHERE f.board = %(board)s AND f.post_no = %(no)s AND f.removed_at IS NULL ORDER BY f.position

-- without_digests --
-- Whether one of these boards came when what is no post was noted by its name alone.
SELECT EXISTS (SELECT FROM imports WHERE board = ANY (%(boards)s) AND without_digests)

-- came_without_digest --
-- Whether something of this kind that is called so came then.
SELECT EXISTS (SELECT FROM imported_others WHERE kind = %(kind)s AND name = %(name)s AND digest = '')

-- stands_here --
-- Whether what came so, and is called so, is here and of this moment.
SELECT EXISTS (SELECT FROM imported_others o, unnest(o.ours) AS ours (id)
    WHERE o.kind = %(kind)s AND o.name = %(name)s AND o.digest = '' AND to_timestamp(%(created_s)s) = CASE o.kind
        WHEN 'ban' THEN (SELECT created_at FROM bans WHERE id = ours.id::bigint)
        WHEN 'news' THEN (SELECT created_at FROM news WHERE id = ours.id::bigint)
        WHEN 'note' THEN (SELECT written_at FROM poster_notes WHERE id = ours.id::bigint)
    END)

-- note_other --
-- A ban, a report or whatever else is no post comes, unless it has come before.
INSERT INTO imported_others (kind, name, digest) VALUES (%(kind)s, %(name)s, %(digest)s) ON CONFLICT DO NOTHING

-- note_ours --
-- What it is called here.
UPDATE imported_others SET ours = %(ours)s WHERE kind = %(kind)s AND name = %(name)s AND digest = %(digest)s

-- names_of --
-- As what those of a kind came that say this.
SELECT name FROM imported_others WHERE kind = %(kind)s AND digest = %(digest)s

-- others --
-- What those of a kind that came are called here.
SELECT unnest(ours) FROM imported_others WHERE kind = %(kind)s

-- ours_of --
-- What one of them is called here.
SELECT ours FROM imported_others WHERE kind = %(kind)s AND name = %(name)s AND digest = %(digest)s

-- forget_others --
-- None has come.
DELETE FROM imported_others

-- drop_ban --
-- A ban that came is gone.
DELETE FROM bans WHERE id = %(id)s

-- drop_unseen --
-- Threads that were still coming are gone, with all of their posts.
DELETE FROM all_threads t USING imported_threads i
WHERE i.board = %(board)s AND NOT i.is_shown AND t.board = i.board AND t.no = i.no

-- add_ban --
-- A ban that was made elsewhere.
INSERT INTO bans (address_hash, range, board, reason, created_by, created_at, expires_at, seen_at)
VALUES (%(address_hash)s, %(range)s::cidr, %(board)s, %(reason)s, %(created_by)s,
    to_timestamp(%(created_s)s), to_timestamp(%(expires_s)s), to_timestamp(%(seen_s)s))
RETURNING id

-- add_note --
-- A note that was made elsewhere, unless there are too many on this poster.
INSERT INTO poster_notes (address_hash, staff, note, written_at)
SELECT %(address_hash)s, %(staff)s, %(note)s, to_timestamp(%(written_s)s)
WHERE (SELECT count(*) FROM poster_notes WHERE address_hash = %(address_hash)s) < %(notes_max)s
RETURNING id

-- drop_note --
-- A note that came is gone.
DELETE FROM poster_notes WHERE id = %(id)s

-- add_appeal --
-- An appeal that was made elsewhere, unless the same poster has made one here.
INSERT INTO appeals (ban, address_hash, body, made_at, answered_at, answer)
SELECT id, coalesce(address_hash, %(otherwise)s), %(body)s, to_timestamp(%(made_s)s),
    CASE WHEN %(answer)s::text IS NOT NULL THEN to_timestamp(%(made_s)s) END, %(answer)s
FROM bans WHERE id = %(ban)s
ON CONFLICT DO NOTHING

-- add_report --
-- A report that was made elsewhere, unless the same address has reported the post already.
INSERT INTO reports (board, post_no, reason, address_hash, created_at)
VALUES (%(board)s, %(no)s, %(reason)s, %(address_hash)s, to_timestamp(%(created_s)s))
ON CONFLICT DO NOTHING
