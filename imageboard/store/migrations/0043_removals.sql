-- What staff remove can be brought back for a while.
-- What staff removed and can still bring back. Each is one act, of one post or of thousands.
CREATE TABLE removals (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    staff text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Then it is erased.
    kept_until timestamptz NOT NULL
);
-- Those that are to be erased.
CREATE INDEX removals_by_end ON removals (kept_until);

-- SECURITY: what a removal took, where nothing that is asked of posts or files finds it: posts and files are
-- gone from their tables, and a thread is marked as one of which nobody sees anything.
CREATE TABLE laid_aside (
    removal bigint NOT NULL REFERENCES removals ON DELETE CASCADE,
    board text NOT NULL REFERENCES boards,
    no bigint NOT NULL,
    thread_no bigint NOT NULL,
    -- A whole thread (its posts stay in their table), a reply, or files of a post that stays.
    kind text NOT NULL CHECK (kind IN ('thread', 'post', 'files')),
    -- {aside_since, archived_at, archive_page}; {post, files, quotes, reports, searchable}: rows;
    -- {positions}.
    what jsonb NOT NULL,
    -- Names in the upload store that must not be swept.
    uploads text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (removal, board, no, kind)
);
-- Whether a thread was removed in a way that can be undone; posts that a quote waits for.
CREATE INDEX laid_aside_by_post ON laid_aside (board, no);

-- Replies are about to be removed: all that hangs on them is laid aside with them.
CREATE FUNCTION lay_aside(p_board text, p_nos bigint[], p_removal bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO laid_aside (removal, board, no, thread_no, kind, what, uploads)
    SELECT p_removal, p.board, p.no, p.thread_no, 'post', jsonb_build_object(
            'post', to_jsonb(p),
            'files', coalesce((SELECT jsonb_agg(to_jsonb(f)) FROM files f
                WHERE f.board = p.board AND f.post_no = p.no), '[]'),
            'quotes', coalesce((SELECT jsonb_agg(to_jsonb(q)) FROM (
                SELECT * FROM quotes WHERE board = p.board AND no = p.no
                UNION SELECT * FROM quotes WHERE to_board = p.board AND to_no = p.no) AS q), '[]'),
            'reports', coalesce((SELECT jsonb_agg(to_jsonb(r) - 'address_hash') FROM reports r
                WHERE r.board = p.board AND r.post_no = p.no), '[]'),
            'searchable', (SELECT to_jsonb(s) FROM searchable s WHERE s.board = p.board AND s.no = p.no)),
        ARRAY(SELECT stored_as FROM files f
            WHERE f.board = p.board AND f.post_no = p.no AND f.removed_at IS NULL)
    FROM posts p WHERE p.board = p_board AND p.no = ANY (p_nos)
$$;

-- Removes these posts of a board at once, and takes their bumps back; an OP takes its thread along. With
-- `p_removal` they are laid aside, until that is undone or erased. Which are gone, each with its change.
CREATE FUNCTION remove_posts(p_board text, p_nos bigint[], p_removal bigint)
RETURNS TABLE (gone_no bigint, gone_at bigint) LANGUAGE plpgsql AS $$
DECLARE
    v_threads bigint[];
    v_nos bigint[];
    v_of_threads bigint[];
    v_bumped bigint[];
    v_quoting bigint[];
    v_before bigint;
    v_last bigint;
    v_per_page integer;
    v_pages integer[];
    v_pages_then integer[];
    v_media jsonb;
BEGIN
    PERFORM hold_boards(p_board, ARRAY(
        SELECT no FROM posts WHERE board = p_board AND (no = ANY (p_nos) OR thread_no = ANY (p_nos))));
    -- Locked first: whoever adds a quote of them waits, and is then seen here or finds them gone.
    WITH held AS (
        SELECT p.no, p.thread_no FROM posts p
        WHERE p.board = p_board AND p.no = ANY (p_nos) AND EXISTS (SELECT FROM all_threads t
            WHERE t.board = p.board AND t.no = p.thread_no AND t.aside_since IS DISTINCT FROM '-infinity')
        ORDER BY p.no FOR UPDATE
    )
    SELECT array_agg(no) FILTER (WHERE no = thread_no),
        array_agg(no ORDER BY no) FILTER (WHERE thread_no <> ALL (p_nos)),
        array_agg(DISTINCT thread_no) FILTER (WHERE thread_no <> ALL (p_nos))
    INTO v_threads, v_nos, v_of_threads FROM held;

    FOREACH gone_no IN ARRAY coalesce(v_threads, '{}') LOOP
        IF p_removal IS NULL THEN
            PERFORM remove_thread(p_board, gone_no);
        ELSE
            INSERT INTO laid_aside (removal, board, no, thread_no, kind, what)
            SELECT p_removal, p_board, no, no, 'thread', jsonb_build_object('aside_since', aside_since,
                'archived_at', archived_at, 'archive_page', archive_page)
            FROM all_threads WHERE board = p_board AND no = gone_no;
            PERFORM thread_goes(p_board, gone_no);
            UPDATE all_threads SET aside_since = '-infinity' WHERE board = p_board AND no = gone_no;
        END IF;
        gone_at := (SELECT change_no FROM boards WHERE name = p_board);
        RETURN NEXT;
    END LOOP;
    IF v_nos IS NULL THEN RETURN; END IF;

    SELECT change_no, board_setting(settings, 'threads_per_page')::integer INTO v_before, v_per_page
    FROM boards WHERE name = p_board;
    v_last := v_before + cardinality(v_nos);
    UPDATE boards SET change_no = v_last WHERE name = p_board;
    PERFORM tell_other_boards(p_board, v_nos);
    v_quoting := ARRAY(
        SELECT DISTINCT no FROM unnest(
            touch_quoting_posts(p_board, v_nos, v_last) || touch_quoted_posts(p_board, v_nos, v_last)
        ) AS no WHERE no <> ALL (v_of_threads) ORDER BY no);
    v_media := (
        SELECT coalesce(jsonb_object_agg(post_no, names), '{}') FROM (
            SELECT post_no, jsonb_agg(name) AS names FROM files, media_names(files) AS name
            WHERE board = p_board AND post_no = ANY (v_nos) GROUP BY post_no) AS named);
    v_pages := pages_of_threads(p_board, v_of_threads || v_quoting, v_per_page);
    v_bumped := ARRAY(
        SELECT DISTINCT t.no FROM posts p JOIN all_threads t ON t.board = p.board AND t.no = p.thread_no
        WHERE p.board = p_board AND p.no = ANY (v_nos)
            AND coalesce(p.bump_no = t.bump_no, p.created_at = t.bumped_at));
    UPDATE all_threads t SET
        reply_count = reply_count - less.posts, image_count = image_count - less.files,
        modified_at = clock_timestamp(), changed_no = v_last, removal_no = v_last
    FROM (
        SELECT p.thread_no, count(*) AS posts, sum((SELECT count(*) FROM files f
            WHERE f.board = p.board AND f.post_no = p.no AND f.removed_at IS NULL)) AS files
        FROM posts p WHERE p.board = p_board AND p.no = ANY (v_nos) GROUP BY p.thread_no
    ) AS less
    WHERE t.board = p_board AND t.no = less.thread_no;
    INSERT INTO removed_posts (board, thread_no, change_no, no)
    SELECT p_board, p.thread_no, v_before + gone.place, p.no
    FROM unnest(v_nos) WITH ORDINALITY AS gone (no, place)
    JOIN posts p ON p.board = p_board AND p.no = gone.no;
    INSERT INTO outbox (board, change_no, kind, body)
    SELECT p_board, v_before + gone.place, 'PostRemoved', jsonb_build_object(
        'thread', p.thread_no, 'no', p.no, 'media', coalesce(v_media->p.no::text, '[]'), 'pages', v_pages,
        'quoting_threads', CASE WHEN v_before + gone.place = v_last THEN v_quoting ELSE '{}' END)
    FROM unnest(v_nos) WITH ORDINALITY AS gone (no, place)
    JOIN posts p ON p.board = p_board AND p.no = gone.no;
    IF p_removal IS NOT NULL THEN PERFORM lay_aside(p_board, v_nos, p_removal); END IF;
    DELETE FROM posts WHERE board = p_board AND no = ANY (v_nos);
    PERFORM touch_archive(p_board, no, v_last) FROM unnest(v_of_threads) AS no;
    UPDATE all_threads t SET (bump_no, bumped_at) = (SELECT * FROM last_bump(p_board, t.no))
    WHERE t.board = p_board AND t.no = ANY (v_bumped);
    -- A thread that lost its bump moved down: to there pages changed too.
    v_pages_then := pages_of_threads(p_board, v_of_threads, v_per_page);
    IF v_pages_then <> v_pages THEN
        UPDATE outbox SET body = jsonb_set(body, '{pages}', to_jsonb(ARRAY[
            least(v_pages[1], v_pages_then[1]), greatest(v_pages[2], v_pages_then[2])]))
        WHERE board = p_board AND change_no > v_before AND change_no <= v_last;
    END IF;
    RETURN QUERY SELECT gone.no, v_before + gone.place
    FROM unnest(v_nos) WITH ORDINALITY AS gone (no, place);
END $$;

-- Removes one post, and takes its bump back; an OP takes its thread along. False when it is not there.
CREATE OR REPLACE FUNCTION remove_post(p_board text, p_no bigint) RETURNS boolean
LANGUAGE sql AS $$
    SELECT EXISTS (SELECT FROM remove_posts(p_board, ARRAY[p_no], NULL))
$$;

-- The takedown of what is brought back is over: nobody is to look for it any more.
CREATE FUNCTION end_takedowns(p_board text, p_nos bigint[]) RETURNS void LANGUAGE sql AS $$
    UPDATE takedowns SET paths = coalesce(paths, '{}'),
        origin_gone_at = coalesce(origin_gone_at, clock_timestamp()), edge_gone_at = clock_timestamp()
    WHERE board = p_board AND post_no = ANY (p_nos) AND edge_gone_at IS NULL
$$;

-- A thread that a removal took stands again where it stood. The caller holds the boards.
CREATE FUNCTION thread_comes_back(p_board text, p_thread bigint, p_was jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_change_no bigint := next_change(p_board);
    v_around record;
BEGIN
    UPDATE all_threads SET
        aside_since = (p_was->>'aside_since')::timestamptz,
        archived_at = (p_was->>'archived_at')::timestamptz, archive_page = p_was->>'archive_page',
        modified_at = clock_timestamp(), changed_no = v_change_no, removal_no = v_change_no
    WHERE board = p_board AND no = p_thread;
    UPDATE archive_pages SET threads = threads + 1, changed_no = v_change_no
    WHERE board = p_board AND name = p_was->>'archive_page';
    v_around := touch_around_thread(p_board, p_thread, v_change_no);
    -- The order below it moves down by one.
    INSERT INTO outbox (board, change_no, kind, body)
    SELECT p_board, v_change_no, 'PostAdded', jsonb_build_object(
        'thread', p_thread, 'no', p_thread, 'quoted_threads', v_around.linked_threads,
        'media', media_names_of_posts(p_board, v_around.nos), 'pages', ARRAY[1, (
            SELECT greatest(count(*) - 1, 0) / board_setting(b.settings, 'threads_per_page')::integer + 1
            FROM threads WHERE board = p_board)])
    FROM boards b WHERE b.name = p_board;
    PERFORM end_takedowns(p_board, ARRAY[p_thread]);
END $$;

-- Replies that a removal took from a board stand again where they stood, those whose threads are there;
-- how many. The caller holds the boards.
CREATE FUNCTION posts_come_back(p_board text, p_removal bigint) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_nos bigint[];
    v_threads bigint[];
    v_linked bigint[];
    v_before bigint;
    v_last bigint;
    v_per_page integer;
    v_pages integer[];
    v_pages_then integer[];
BEGIN
    SELECT array_agg(l.no ORDER BY l.no), array_agg(DISTINCT l.thread_no) INTO v_nos, v_threads
    FROM laid_aside l JOIN all_threads t ON t.board = l.board AND t.no = l.thread_no
    WHERE l.removal = p_removal AND l.board = p_board AND l.kind = 'post';
    IF v_nos IS NULL THEN RETURN 0; END IF;
    SELECT change_no, board_setting(settings, 'threads_per_page')::integer INTO v_before, v_per_page
    FROM boards WHERE name = p_board;
    v_last := v_before + cardinality(v_nos);
    UPDATE boards SET change_no = v_last WHERE name = p_board;
    v_pages := pages_of_threads(p_board, v_threads, v_per_page);

    INSERT INTO posts SELECT p.* FROM laid_aside l, jsonb_populate_record(
        NULL::posts, l.what->'post' || jsonb_build_object('changed_no', v_last)) AS p
    WHERE l.removal = p_removal AND l.board = p_board AND l.kind = 'post' AND l.no = ANY (v_nos);
    INSERT INTO files SELECT f.* FROM laid_aside l, jsonb_populate_recordset(NULL::files, l.what->'files') AS f
    WHERE l.removal = p_removal AND l.board = p_board AND l.kind = 'post' AND l.no = ANY (v_nos);
    INSERT INTO reports OVERRIDING SYSTEM VALUE
    SELECT r.* FROM laid_aside l, jsonb_populate_recordset(NULL::reports, l.what->'reports') AS r
    WHERE l.removal = p_removal AND l.board = p_board AND l.kind = 'post' AND l.no = ANY (v_nos)
    ON CONFLICT DO NOTHING;
    INSERT INTO searchable SELECT s.* FROM laid_aside l, jsonb_populate_record(
        NULL::searchable, l.what->'searchable') AS s
    WHERE l.removal = p_removal AND l.board = p_board AND l.kind = 'post' AND l.no = ANY (v_nos)
        AND l.what->'searchable' <> 'null'
    ON CONFLICT DO NOTHING;
    -- Those that went before they could be found are gone through once more.
    UPDATE search_progress SET no = least(no, (
        SELECT min(l.no) - 1 FROM laid_aside l
        WHERE l.removal = p_removal AND l.board = p_board AND l.kind = 'post' AND l.no = ANY (v_nos)
            AND l.what->'searchable' = 'null'))
    WHERE board = p_board;
    INSERT INTO quotes SELECT q.* FROM laid_aside l,
        jsonb_populate_recordset(NULL::quotes, l.what->'quotes') AS q
    WHERE l.removal = p_removal AND l.board = p_board AND l.kind = 'post' AND l.no = ANY (v_nos)
        AND EXISTS (SELECT FROM posts p WHERE p.board = q.board AND p.no = q.no)
        AND EXISTS (SELECT FROM posts p WHERE p.board = q.to_board AND p.no = q.to_no)
    ON CONFLICT DO NOTHING;
    -- A quote whose other end another removal took comes back with that.
    UPDATE laid_aside other SET what = jsonb_set(other.what, '{quotes}', other.what->'quotes' || waiting.quotes)
    FROM (
        SELECT x.removal, x.board, x.no, jsonb_agg(q) AS quotes
        FROM laid_aside l, jsonb_array_elements(l.what->'quotes') AS q, laid_aside x
        WHERE l.removal = p_removal AND l.board = p_board AND l.kind = 'post' AND l.no = ANY (v_nos)
            AND x.kind = 'post' AND x.removal <> p_removal
            AND (x.board, x.no) IN ((q->>'board', (q->>'no')::bigint), (q->>'to_board', (q->>'to_no')::bigint))
        GROUP BY x.removal, x.board, x.no
    ) AS waiting
    WHERE other.removal = waiting.removal AND other.board = waiting.board AND other.no = waiting.no
        AND other.kind = 'post';

    PERFORM tell_other_boards(p_board, v_nos);
    v_linked := ARRAY(
        SELECT DISTINCT no FROM unnest(
            touch_quoting_posts(p_board, v_nos, v_last) || touch_quoted_posts(p_board, v_nos, v_last)
        ) AS no WHERE no <> ALL (v_threads) ORDER BY no);
    -- As if posts had been removed: what a renderer kept of these threads is out of date.
    UPDATE all_threads t SET
        reply_count = reply_count + more.posts, image_count = image_count + more.files,
        modified_at = clock_timestamp(), changed_no = v_last, removal_no = v_last, page_weight = NULL
    FROM (
        SELECT p.thread_no, count(*) AS posts, sum((SELECT count(*) FROM files f
            WHERE f.board = p.board AND f.post_no = p.no AND f.removed_at IS NULL)) AS files
        FROM posts p WHERE p.board = p_board AND p.no = ANY (v_nos) GROUP BY p.thread_no
    ) AS more
    WHERE t.board = p_board AND t.no = more.thread_no;
    UPDATE all_threads t SET (bump_no, bumped_at) = (SELECT * FROM last_bump(p_board, t.no))
    WHERE t.board = p_board AND t.no IN (
        SELECT p.thread_no FROM posts p JOIN all_threads h ON h.board = p.board AND h.no = p.thread_no
        WHERE p.board = p_board AND p.no = ANY (v_nos)
            AND coalesce(p.bump_no > h.bump_no, p.created_at > h.bumped_at));
    PERFORM touch_archive(p_board, no, v_last) FROM unnest(v_threads) AS no;
    DELETE FROM removed_posts WHERE board = p_board AND thread_no = ANY (v_threads) AND no = ANY (v_nos);
    v_pages_then := pages_of_threads(p_board, v_threads || v_linked, v_per_page);
    INSERT INTO outbox (board, change_no, kind, body)
    SELECT p_board, v_before + back.place, 'PostAdded', jsonb_build_object(
        'thread', p.thread_no, 'no', p.no, 'media', media_names_of_posts(p_board, ARRAY[p.no]),
        'pages', ARRAY[least(v_pages[1], v_pages_then[1]), greatest(v_pages[2], v_pages_then[2])],
        'quoted_threads', CASE WHEN v_before + back.place = v_last THEN v_linked ELSE '{}' END)
    FROM unnest(v_nos) WITH ORDINALITY AS back (no, place)
    JOIN posts p ON p.board = p_board AND p.no = back.no;
    PERFORM end_takedowns(p_board, v_nos);
    DELETE FROM laid_aside l
    WHERE l.removal = p_removal AND l.board = p_board AND l.kind = 'post' AND l.no = ANY (v_nos);
    RETURN cardinality(v_nos);
END $$;

-- Brings back all that a removal took and that has a place to come back to: how many threads, replies and
-- posts with files. What another removal still holds the thread or the post of waits for that.
CREATE FUNCTION undo_removal(p_removal bigint) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_board text;
    v_done integer := 0;
    v_aside record;
    v_media text[];
    v_files bigint;
BEGIN
    PERFORM 1 FROM removals WHERE id = p_removal FOR UPDATE;
    -- In the order of their names, as hold_boards().
    PERFORM 1 FROM boards WHERE name IN (
        SELECT board FROM laid_aside WHERE removal = p_removal
        UNION ALL
        SELECT q->>'board' FROM laid_aside, jsonb_array_elements(what->'quotes') AS q
        WHERE removal = p_removal AND kind = 'post'
        UNION ALL
        SELECT q.board FROM laid_aside l
        JOIN posts p ON p.board = l.board AND p.thread_no = l.no
        JOIN quotes q ON q.to_board = p.board AND q.to_no = p.no
        WHERE l.removal = p_removal AND l.kind = 'thread')
    ORDER BY name FOR NO KEY UPDATE;
    FOR v_board IN SELECT DISTINCT board FROM laid_aside WHERE removal = p_removal ORDER BY board LOOP
        FOR v_aside IN DELETE FROM laid_aside
            WHERE removal = p_removal AND board = v_board AND kind = 'thread' RETURNING no, what
        LOOP
            PERFORM thread_comes_back(v_board, v_aside.no, v_aside.what);
            v_done := v_done + 1;
        END LOOP;
        v_done := v_done + posts_come_back(v_board, p_removal);
        FOR v_aside IN DELETE FROM laid_aside l
            WHERE removal = p_removal AND board = v_board AND kind = 'files'
                AND EXISTS (SELECT FROM posts p WHERE p.board = l.board AND p.no = l.no)
            RETURNING no, what
        LOOP
            WITH back AS (
                UPDATE files SET removed_at = NULL
                WHERE board = v_board AND post_no = v_aside.no AND removed_at IS NOT NULL
                    AND v_aside.what->'positions' @> to_jsonb(position)
                RETURNING files AS file
            )
            SELECT array_agg(name), count(DISTINCT (file).position) INTO v_media, v_files
            FROM back, media_names(file) AS name;
            PERFORM post_changed(v_board, v_aside.no, 'MediaReady', v_media, -v_files);
            PERFORM end_takedowns(v_board, ARRAY[v_aside.no]);
            v_done := v_done + 1;
        END LOOP;
    END LOOP;
    DELETE FROM removals r WHERE r.id = p_removal
        AND NOT EXISTS (SELECT FROM laid_aside l WHERE l.removal = r.id);
    RETURN v_done;
END $$;

-- Drops at most `p_posts_max` posts of a thread that was kept aside for long enough, or is one too many of
-- those that its board keeps; how many, 0: none is due. No page shows them, so none changes.
CREATE OR REPLACE FUNCTION forget_aside(p_posts_max integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_due record;
    v_posts integer;
BEGIN
    SELECT t.board, t.no INTO v_due
    FROM boards b, LATERAL (
        SELECT a.board, a.no FROM (
            SELECT aside.board, aside.no, aside.aside_since,
                row_number() OVER (ORDER BY aside.aside_since DESC, aside.no DESC) AS place
            FROM all_threads aside
            WHERE aside.board = b.name AND aside.aside_since IS NOT NULL AND aside.archived_at IS NULL
                -- A removal that can be undone holds it.
                AND NOT EXISTS (SELECT FROM laid_aside l
                    WHERE l.board = aside.board AND l.no = aside.no AND l.kind = 'thread')
        ) AS a
        WHERE a.place > board_setting(b.settings, 'aside_threads_max')::integer
            OR a.aside_since
                < now() - make_interval(days => board_setting(b.settings, 'aside_days')::integer)
        ORDER BY a.place DESC LIMIT 1
    ) AS t
    LIMIT 1;
    IF NOT FOUND THEN RETURN 0; END IF;
    -- From now on it can't be brought back, unless somebody just does that.
    UPDATE all_threads SET aside_since = '-infinity'
    WHERE board = v_due.board AND no = v_due.no AND aside_since IS NOT NULL AND archived_at IS NULL;
    IF NOT FOUND THEN RETURN 0; END IF;
    -- The OP last: without it the thread would be none.
    DELETE FROM posts WHERE board = v_due.board AND no IN (
        SELECT no FROM posts WHERE board = v_due.board AND thread_no = v_due.no
        ORDER BY no DESC LIMIT p_posts_max);
    GET DIAGNOSTICS v_posts = ROW_COUNT;
    DELETE FROM all_threads t WHERE t.board = v_due.board AND t.no = v_due.no
        AND NOT EXISTS (SELECT FROM posts p WHERE p.board = t.board AND p.thread_no = t.no);
    RETURN greatest(1, v_posts);
END $$;
