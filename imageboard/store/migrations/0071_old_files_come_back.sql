-- Addresses of another engine wait with the files of a reply that is laid aside, and come back with it.
-- Replies are about to be removed: all that hangs on them is laid aside with them.
CREATE OR REPLACE FUNCTION lay_aside(p_board text, p_nos bigint[], p_removal bigint) RETURNS void LANGUAGE sql AS $$
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
            'searchable', (SELECT to_jsonb(s) FROM searchable s WHERE s.board = p.board AND s.no = p.no),
            'old_files', coalesce((SELECT jsonb_agg(to_jsonb(o)) FROM old_files o
                WHERE o.board = p.board AND o.post_no = p.no), '[]')),
        ARRAY(SELECT stored_as FROM files f
            WHERE f.board = p.board AND f.post_no = p.no AND f.removed_at IS NULL)
    FROM posts p WHERE p.board = p_board AND p.no = ANY (p_nos)
$$;

-- Replies that a removal took from a board stand again where they stood, those whose threads are there;
-- how many. The caller holds the boards.
CREATE OR REPLACE FUNCTION posts_come_back(p_board text, p_removal bigint) RETURNS integer LANGUAGE plpgsql AS $$
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
    INSERT INTO old_files SELECT o.* FROM laid_aside l, jsonb_populate_recordset(NULL::old_files, l.what->'old_files') AS o
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
    -- An OP that quotes one of them has its link again: lists of openings show that too. Of a thread in the
    -- archive they count replies and files.
    PERFORM post_changed(p_board, op.no, 'PostChanged', '{}', 0) FROM (
        SELECT p.no FROM quotes q
        JOIN posts p ON p.board = q.board AND p.no = q.no AND p.no = p.thread_no
        JOIN shown_threads t ON t.board = p.board AND t.no = p.no
        WHERE q.to_board = p_board AND q.to_no = ANY (v_nos) AND q.board = p_board
        UNION
        SELECT no FROM all_threads
        WHERE board = p_board AND no = ANY (v_threads) AND archived_at IS NOT NULL ORDER BY no
    ) AS op;
    DELETE FROM laid_aside l
    WHERE l.removal = p_removal AND l.board = p_board AND l.kind = 'post' AND l.no = ANY (v_nos);
    RETURN cardinality(v_nos);
END $$;
