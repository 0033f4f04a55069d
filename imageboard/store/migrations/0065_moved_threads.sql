-- Threads go to other boards, and into each other.
ALTER TABLE quotes
    -- What its text says, where the quoted post has gone elsewhere since. NULL, both: where that is.
    ADD COLUMN typed_board text,
    ADD COLUMN typed_no bigint;

-- Threads that are elsewhere now: at their old addresses a page leads there.
CREATE TABLE moved_threads (
    board text NOT NULL REFERENCES boards,
    no bigint NOT NULL,
    to_board text NOT NULL REFERENCES boards,
    to_no bigint NOT NULL,
    PRIMARY KEY (board, no)
);
-- Those that lead to a thread which moves on.
CREATE INDEX moved_threads_by_place ON moved_threads (to_board, to_no);

CREATE OR REPLACE VIEW every_post AS
SELECT p.board, p.no, p.thread_no AS thread,
    floor(extract(epoch FROM p.created_at))::bigint AS created_s,
    p.name,
    p.tripcode,
    p.capcode,
    p.email,
    p.subject,
    p.body,
    p.poster_id,
    p.changed_no,
    int4send(coalesce(p.poster_tag, poster_tag(p.address_hash, p.board, p.thread_no))) AS poster,
    (SELECT json_agg(target ORDER BY target.board, target.no) FROM (
        SELECT t.board, t.no, t.thread_no AS thread, q.typed_board, q.typed_no
        FROM quotes q JOIN posts t ON t.board = q.to_board AND t.no = q.to_no
        WHERE q.board = p.board AND q.no = p.no AND EXISTS (SELECT FROM shown_threads h
            WHERE h.board = t.board AND h.no = t.thread_no OFFSET 0)) AS target) AS quotes,
    (SELECT json_agg(source ORDER BY source.no) FROM (
        SELECT s.no, s.thread_no AS thread
        FROM quotes q JOIN posts s ON s.board = q.board AND s.no = q.no
        WHERE q.to_board = p.board AND q.to_no = p.no AND q.board = p.board AND EXISTS (SELECT FROM shown_threads h
            WHERE h.board = s.board AND h.no = s.thread_no OFFSET 0)
        ORDER BY s.no LIMIT 100) AS source) AS backlinks,
    (SELECT json_agg(file) FROM (
        SELECT f.tim,
            f.extension,
            f.thumb_extension,
            f.original_name,
            f.bytes,
            f.width,
            f.height,
            f.thumb_width,
            f.thumb_height,
            encode(f.md5, 'base64') AS md5,
            f.is_spoiler,
            f.removed_at IS NOT NULL AS is_removed,
            f.removed_because,
            f.pending_since IS NOT NULL AS is_pending,
            f.duration_ms,
            f.has_sound,
            f.codecs,
            f.alt
        FROM files f WHERE f.board = p.board AND f.post_no = p.no ORDER BY f.position) AS file) AS files,
    p.dice,
    p.country,
    p.tag,
    p.flag,
    p.flag_name,
    p.ban_message,
    floor(extract(epoch FROM p.edited_at))::bigint AS edited_s
FROM posts p;

CREATE OR REPLACE VIEW shown_posts AS
SELECT e.* FROM every_post e WHERE EXISTS (SELECT FROM shown_threads t
    WHERE t.board = e.board AND t.no = e.thread OFFSET 0);

CREATE OR REPLACE FUNCTION rewrite_post(
    p_board text, p_no bigint, p_name text, p_subject text, p_body text, p_quotes jsonb, p_versions jsonb,
    p_edited_at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_quoted_before bigint[];
    v_quoted_no bigint;
BEGIN
    v_quoted_before := ARRAY(
        SELECT to_no FROM quotes WHERE board = p_board AND no = p_no AND to_board = p_board);
    -- A quote of what has gone elsewhere stays, as long as it is said.
    DELETE FROM quotes WHERE board = p_board AND no = p_no AND NOT p_quotes @> jsonb_build_array(
        jsonb_build_array(coalesce(typed_board, to_board), coalesce(typed_no, to_no)));
    -- As add_post_v2() does.
    INSERT INTO quotes (board, no, to_board, to_no)
    SELECT p_board, p_no, p.board, p.no
    FROM jsonb_array_elements(p_quotes) AS q, LATERAL (
        SELECT board, no FROM posts
        WHERE board = q->>0 AND no = (q->>1)::bigint AND NOT (board = p_board AND no = p_no)
        FOR KEY SHARE
    ) AS p
    WHERE (SELECT true FROM quotes linked WHERE linked.to_board = p.board AND linked.to_no = p.no
        OFFSET 4999 LIMIT 1) IS NULL
    ON CONFLICT DO NOTHING;
    FOR v_quoted_no IN
        SELECT quoted.no FROM (
            SELECT unnest(v_quoted_before) AS no
            UNION ALL
            SELECT to_no FROM quotes WHERE board = p_board AND no = p_no AND to_board = p_board
        ) AS quoted GROUP BY quoted.no HAVING count(*) = 1 ORDER BY quoted.no
    LOOP
        PERFORM post_changed(p_board, v_quoted_no, 'PostChanged', '{}', 0);
    END LOOP;
    UPDATE posts SET name = p_name, subject = p_subject, body = p_body, versions = p_versions,
        edited_at = p_edited_at
    WHERE board = p_board AND no = p_no;
    PERFORM post_changed(p_board, p_no, 'PostChanged', '{}', 0);
    -- Its page is weighed anew.
    UPDATE all_threads t SET page_weight = NULL FROM posts p
    WHERE p.board = p_board AND p.no = p_no AND t.board = p.board AND t.no = p.thread_no;
END $$;

-- Threads that go elsewhere ------------------------------------------------------------------

-- Holds every board that changes when a thread goes to another board, or (the same board) into another thread:
-- those of posts that quote its posts, and of threads that once led here. False: it does not stand on its board.
CREATE FUNCTION hold_for_move(p_board text, p_thread bigint, p_to text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    -- In the order of their names, as hold_boards().
    PERFORM 1 FROM boards
    WHERE name IN (p_board, p_to)
        OR name IN (SELECT q.board FROM posts p JOIN quotes q ON q.to_board = p.board AND q.to_no = p.no
            WHERE p.board = p_board AND p.thread_no = p_thread)
        OR name IN (SELECT m.board FROM moved_threads m WHERE m.to_board = p_board AND m.to_no = p_thread)
    ORDER BY name FOR NO KEY UPDATE;
    RETURN EXISTS (SELECT FROM threads WHERE board = p_board AND no = p_thread);
END $$;

-- From where a thread was, and from where it had been before, pages lead to where it is now. The caller holds
-- the boards.
CREATE FUNCTION lead_on(p_board text, p_thread bigint, p_to text, p_to_thread bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_before record;
BEGIN
    FOR v_before IN
        UPDATE moved_threads SET to_board = p_to, to_no = p_to_thread
        WHERE to_board = p_board AND to_no = p_thread RETURNING board, no
    LOOP
        INSERT INTO outbox (board, change_no, kind, body)
        VALUES (v_before.board, next_change(v_before.board), 'ThreadRerendered',
            jsonb_build_object('thread', v_before.no));
    END LOOP;
    INSERT INTO moved_threads (board, no, to_board, to_no) VALUES (p_board, p_thread, p_to, p_to_thread);
END $$;

-- A thread came to a board, or others came into it: all that leads to it or from it looks different. The
-- caller holds the boards.
CREATE FUNCTION thread_came(p_board text, p_thread bigint, p_change_no bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_around record := touch_around_thread(p_board, p_thread, p_change_no);
BEGIN
    INSERT INTO outbox (board, change_no, kind, body)
    SELECT p_board, p_change_no, 'PostAdded', jsonb_build_object(
        'thread', p_thread, 'no', p_thread, 'quoted_threads', v_around.linked_threads,
        'media', media_names_of_posts(p_board, v_around.nos), 'pages', ARRAY[1, (
            SELECT (count(*) - 1) / board_setting(b.settings, 'threads_per_page')::integer + 1
            FROM threads WHERE board = p_board)])
    FROM boards b WHERE b.name = p_board;
END $$;

-- A thread stands at the head of another board from now on: its posts `p_nos` are `p_new_nos` there, and say
-- `p_bodies`. What hangs on them goes along; what was removed from it before can't come back. The caller
-- has called hold_for_move().
CREATE FUNCTION move_thread(
    p_board text, p_thread bigint, p_to text, p_nos bigint[], p_new_nos bigint[], p_bodies text[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_thread bigint := p_new_nos[array_position(p_nos, p_thread)];
    v_now timestamptz := clock_timestamp();
    v_change_no bigint;
    v_tim bigint;
BEGIN
    PERFORM thread_goes(p_board, p_thread);
    v_change_no := next_change(p_to);
    INSERT INTO all_threads SELECT moved.* FROM all_threads t, jsonb_populate_record(t, jsonb_build_object(
        'board', p_to, 'no', v_thread, 'is_sticky', false, 'sticky_rank', 0,
        'bump_no', v_change_no, 'bumped_at', v_now, 'modified_at', v_now,
        'changed_no', v_change_no, 'removal_no', 0, 'page_weight', NULL, 'page_weight_no', NULL,
        'brought_back_no', NULL, 'brought_back_at', NULL)) AS moved
    WHERE t.board = p_board AND t.no = p_thread;
    -- Changes of one board are numbered apart from another's: whatever bumped it counts as of now.
    INSERT INTO posts SELECT moved.*
    FROM unnest(p_nos, p_new_nos, p_bodies) AS renumbered (no, new_no, body)
    JOIN posts p ON p.board = p_board AND p.no = renumbered.no,
        jsonb_populate_record(p, jsonb_build_object(
            'board', p_to, 'no', renumbered.new_no, 'thread_no', v_thread, 'body', renumbered.body,
            'changed_no', v_change_no, 'bump_no', CASE WHEN p.bump_no = 0 THEN 0 ELSE v_change_no END,
            'poster_tag', coalesce(p.poster_tag, poster_tag(p.address_hash, p.board, p.thread_no)),
            'flag', (SELECT name FROM board_flags WHERE board = p_to AND name = p.flag),
            'flag_name', (SELECT p.flag_name FROM board_flags WHERE board = p_to AND name = p.flag))) AS moved;
    -- A name that a file of the other board has already becomes another one.
    v_tim := (SELECT greatest(last_tim, floor(extract(epoch FROM v_now) * 1000)::bigint) FROM boards WHERE name = p_to);
    UPDATE files f SET board = p_to, post_no = named.new_no, tim = named.tim
    FROM (
        SELECT f.post_no, f.position, renumbered.new_no,
            CASE WHEN EXISTS (SELECT FROM files x WHERE x.board = p_to AND x.tim = f.tim)
                OR EXISTS (SELECT FROM banners x WHERE x.board = p_to AND x.tim = f.tim)
                THEN (v_tim + row_number() OVER (ORDER BY f.post_no, f.position))::text ELSE f.tim END AS tim
        FROM unnest(p_nos, p_new_nos) AS renumbered (no, new_no)
        JOIN files f ON f.board = p_board AND f.post_no = renumbered.no
    ) AS named
    WHERE f.board = p_board AND f.post_no = named.post_no AND f.position = named.position;
    UPDATE boards SET last_no = p_new_nos[cardinality(p_new_nos)], last_tim = v_tim + 5 * cardinality(p_nos)
    WHERE name = p_to;
    -- What quotes it from elsewhere goes on to say what it says.
    UPDATE quotes q SET to_board = p_to, to_no = renumbered.new_no,
        typed_board = CASE WHEN q.board = p_board AND q.no = ANY (p_nos) THEN q.typed_board
            ELSE coalesce(q.typed_board, q.to_board) END,
        typed_no = CASE WHEN q.board = p_board AND q.no = ANY (p_nos) THEN q.typed_no
            ELSE coalesce(q.typed_no, q.to_no) END
    FROM unnest(p_nos, p_new_nos) AS renumbered (no, new_no)
    WHERE q.to_board = p_board AND q.to_no = renumbered.no;
    UPDATE quotes q SET board = p_to, no = renumbered.new_no
    FROM unnest(p_nos, p_new_nos) AS renumbered (no, new_no)
    WHERE q.board = p_board AND q.no = renumbered.no;
    UPDATE reports r SET board = p_to, post_no = renumbered.new_no
    FROM unnest(p_nos, p_new_nos) AS renumbered (no, new_no)
    WHERE r.board = p_board AND r.post_no = renumbered.no;
    UPDATE bans b SET post_board = p_to, post_no = renumbered.new_no
    FROM unnest(p_nos, p_new_nos) AS renumbered (no, new_no)
    WHERE b.post_board = p_board AND b.post_no = renumbered.no AND b.message IS NOT NULL;
    -- It is found as new by search.
    DELETE FROM all_threads WHERE board = p_board AND no = p_thread;
    PERFORM lead_on(p_board, p_thread, p_to, v_thread);
    PERFORM thread_came(p_to, v_thread, v_change_no);
END $$;

-- The posts of a thread stand in an older one of its board from now on, by their numbers. The caller has
-- called hold_for_move() for both.
CREATE FUNCTION merge_threads(p_board text, p_thread bigint, p_into bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_change_no bigint;
BEGIN
    PERFORM thread_goes(p_board, p_thread);
    v_change_no := next_change(p_board);
    UPDATE posts SET thread_no = p_into, changed_no = v_change_no,
        poster_tag = coalesce(poster_tag, poster_tag(address_hash, board, thread_no))
    WHERE board = p_board AND thread_no = p_thread;
    UPDATE laid_aside SET thread_no = p_into, what = jsonb_set(what, '{post,thread_no}', to_jsonb(p_into))
    WHERE board = p_board AND thread_no = p_thread AND kind = 'post';
    -- As if posts had been removed: what a renderer kept of it is out of date.
    UPDATE all_threads t SET
        reply_count = t.reply_count + s.reply_count + 1, image_count = t.image_count + s.image_count + (
            SELECT count(*) FROM files f
            WHERE f.board = p_board AND f.post_no = p_thread AND f.removed_at IS NULL),
        modified_at = clock_timestamp(), changed_no = v_change_no, removal_no = v_change_no, page_weight = NULL
    FROM all_threads s
    WHERE t.board = p_board AND t.no = p_into AND s.board = p_board AND s.no = p_thread;
    UPDATE all_threads SET (bump_no, bumped_at) = (SELECT * FROM last_bump(p_board, p_into))
    WHERE board = p_board AND no = p_into;
    DELETE FROM all_threads WHERE board = p_board AND no = p_thread;
    PERFORM lead_on(p_board, p_thread, p_board, p_into);
    PERFORM thread_came(p_board, p_into, v_change_no);
END $$;
