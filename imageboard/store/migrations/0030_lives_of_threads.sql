-- What threads can be besides sticky and locked, and how boards rule them.
ALTER TABLE all_threads
    ADD COLUMN sticky_rank smallint NOT NULL DEFAULT 0,
    ADD COLUMN is_bump_locked boolean NOT NULL DEFAULT false,
    ADD COLUMN is_cyclical boolean NOT NULL DEFAULT false;
CREATE INDEX threads_by_rank ON all_threads (board, is_sticky DESC, sticky_rank DESC, bump_no DESC, no DESC)
    WHERE aside_since IS NULL;
CREATE INDEX threads_cyclical ON all_threads (board) WHERE is_cyclical AND aside_since IS NULL;
CREATE OR REPLACE VIEW threads AS SELECT * FROM all_threads WHERE aside_since IS NULL;
CREATE OR REPLACE VIEW shown_threads AS SELECT * FROM all_threads WHERE aside_since IS NULL OR archived_at IS NOT NULL;

-- The page (from 1) on which a thread stands; NULL when it is not there.
CREATE OR REPLACE FUNCTION page_of_thread(p_board text, p_thread bigint, p_per_page integer) RETURNS integer
LANGUAGE sql STABLE AS $$
    SELECT (count(above.no) / p_per_page)::integer + 1
    FROM threads t
    LEFT JOIN threads above ON above.board = t.board
        AND (above.is_sticky, above.sticky_rank, above.bump_no, above.no)
            > (t.is_sticky, t.sticky_rank, t.bump_no, t.no)
    WHERE t.board = p_board AND t.no = p_thread
    GROUP BY t.no
$$;

-- Pages on which these threads stand, and all that lie between: [first, last], or [1, 1]. Only of the first
-- and the last of them it is counted where they stand: there may be thousands.
CREATE OR REPLACE FUNCTION pages_of_threads(p_board text, p_threads bigint[], p_per_page integer)
RETURNS integer[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY[
        coalesce(page_of_thread(p_board, nos[1], p_per_page), 1),
        coalesce(page_of_thread(p_board, nos[cardinality(nos)], p_per_page), 1)]
    FROM (
        SELECT array_agg(no ORDER BY is_sticky DESC, sticky_rank DESC, bump_no DESC, no DESC) AS nos
        FROM threads WHERE board = p_board AND no = ANY (p_threads)
    ) AS standing
$$;

-- Adds one post, or says why not: outcome is 'added', 'repeated' (it had been sent before: the
-- numbers are those of the first time), 'banned' (ban_id), 'no_board', 'no_thread', 'thread_locked',
-- 'thread_full', 'thread_files_full', 'page_full', 'too_fast' or 'board_full' (retry_after_s), or 'spent …' (an allowance of
-- that name; retry_after_s).
--
-- One function, since everything in it happens under the board's lock: each round trip to the
-- client in between would be paid by all who wait for the same board.
--
-- PERF: planned once a connection, whatever the numbers: a plan made for them alone costs more
-- than it saves (0.05 of 0.26 ms; tests/store/bench_add_post.py).
CREATE OR REPLACE FUNCTION add_post_v2(
    p_new_post new_post_v2,
    OUT outcome text,
    OUT no bigint,
    OUT thread_no bigint,
    OUT change_no bigint,
    OUT created_s bigint,
    OUT poster_id text,
    OUT retry_after_s integer,
    OUT media jsonb,  -- [{tim, extension, thumb_extension}, …] of its files, in order; NULL: none
    OUT quotes jsonb,  -- [{board, no, thread}, …] of the quoted posts that are there; NULL: none
    OUT ban_id bigint
) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    v_post posts := p_new_post.post;
    v_terms post_terms := p_new_post.terms;
    b record;
    t record;
    v_now timestamptz;
    v_file_count integer := coalesce(jsonb_array_length(v_terms.files), 0);
    v_weight integer := page_weight(v_post, ARRAY(
        SELECT file->>'original_name' FROM jsonb_array_elements(v_terms.files) AS file));
    v_tim bigint;
    v_media text[] := '{}';
    v_bumps boolean;
    v_pages integer[];
    v_is_alike boolean;
    v_quoted_nos bigint[];
    v_quoted_threads bigint[] := '{}';
    -- A delivery is called by its nonce if it has one: that is kept for longer.
    v_key text := coalesce(v_terms.nonce, v_terms.delivery);
    -- A clock that was set back by an hour leaves posts an hour ahead. They are no reason to wait: each
    -- wait is as long as its rule says at most, and this much, of clocks and snapshots of one moment.
    c_skew_max CONSTANT interval := '1 second';
BEGIN
    IF v_terms.address IS NOT NULL THEN
        SELECT f.id INTO ban_id FROM find_ban(v_post.board, v_post.address_hash, v_terms.address) AS f;
        IF FOUND THEN outcome := 'banned'; RETURN; END IF;
    END IF;

    -- PERF: those who post to one board queue here. Queueing for its row, all of them are woken by
    -- each that commits, to follow the row to its next version and wait again (24 context switches
    -- a post with 12 at once; this way 6). The row itself is what removals and marks wait for.
    PERFORM pg_advisory_xact_lock(7264003, hashtext(v_post.board));
    SELECT last_no, change_no, last_tim,
        board_setting(settings, 'threads_per_page')::integer AS threads_per_page,
        board_setting(settings, 'bump_limit')::integer AS bump_limit,
        board_setting(settings, 'reply_limit')::integer AS reply_limit,
        board_setting(settings, 'image_limit')::integer AS image_limit,
        board_setting(settings, 'bump_days_max')::integer AS bump_days_max,
        board_setting(settings, 'poster_ids')::boolean AS has_poster_ids
    INTO b FROM boards WHERE name = v_post.board FOR NO KEY UPDATE;
    IF NOT FOUND THEN outcome := 'no_board'; RETURN; END IF;
    v_now := coalesce(v_post.created_at, clock_timestamp());

    IF v_key IS NOT NULL THEN
        SELECT r.no, r.thread_no, r.change_no INTO no, thread_no, change_no
        FROM receipts r WHERE r.address_hash = v_post.address_hash AND r.nonce = v_key;
        IF FOUND THEN outcome := 'repeated'; RETURN; END IF;
    END IF;

    IF v_terms.wait_s > 0 OR v_terms.same_text_wait_s > 0 THEN
        SELECT ceil(extract(epoch FROM greatest(
            make_interval(secs => v_terms.wait_s) + max(p.created_at) FILTER (
                WHERE v_terms.wait_s > 0 AND (v_terms.thread IS NOT NULL OR p.no = p.thread_no)),
            make_interval(secs => v_terms.same_text_wait_s) + max(p.created_at) FILTER (
                WHERE v_terms.same_text_wait_s > 0 AND v_post.body <> '' AND p.body = v_post.body)) - v_now)),
            bool_or(p.body = v_post.body)
        INTO retry_after_s, v_is_alike FROM posts p
        WHERE p.address_hash = v_post.address_hash
            AND p.created_at > v_now - make_interval(secs => greatest(v_terms.wait_s, v_terms.same_text_wait_s))
            AND p.created_at <= v_now + c_skew_max;
        -- A form without a nonce (the browser runs no script) may be sent by a second press of the
        -- button. Whoever sends a nonce says so by itself.
        IF v_is_alike AND v_terms.nonce IS NULL THEN
            SELECT p.no, p.thread_no, p.changed_no INTO no, thread_no, change_no
            FROM posts p
            WHERE p.address_hash = v_post.address_hash
                AND p.created_at > v_now - make_interval(secs => greatest(v_terms.wait_s, v_terms.same_text_wait_s))
                AND p.board = v_post.board AND p.body = v_post.body
                AND CASE WHEN p.no = p.thread_no THEN v_terms.thread IS NULL
                    ELSE p.thread_no = v_terms.thread END
                AND (p.name, p.tripcode, p.capcode, p.subject) IS NOT DISTINCT FROM
                    (v_post.name, v_post.tripcode, v_post.capcode, v_post.subject)
                AND ARRAY(SELECT coalesce(f.sent_sha256, f.sha256) FROM files f
                    WHERE f.board = p.board AND f.post_no = p.no ORDER BY f.position)
                    = ARRAY(SELECT coalesce(f->>'sent_sha256', f->>'sha256')::bytea
                    FROM jsonb_array_elements(v_terms.files) WITH ORDINALITY AS sent (f, place)
                    ORDER BY place)
            ORDER BY p.no DESC LIMIT 1;
            IF FOUND THEN outcome := 'repeated'; retry_after_s := NULL; RETURN; END IF;
        END IF;
        IF retry_after_s > 0 THEN outcome := 'too_fast'; RETURN; END IF;
    END IF;

    IF v_terms.thread IS NOT NULL THEN
        SELECT is_sticky, sticky_rank, is_locked, is_cyclical, reply_count, image_count, bump_no, page_weight,
            NOT is_bump_locked AND (is_cyclical OR is_below_bump_limit(reply_count, b.bump_limit)) AS may_bump
        INTO t FROM threads
        WHERE threads.board = v_post.board AND threads.no = v_terms.thread;
        IF NOT FOUND THEN
            outcome := CASE WHEN EXISTS (SELECT FROM shown_threads s
                WHERE s.board = v_post.board AND s.no = v_terms.thread)
                THEN 'thread_locked' ELSE 'no_thread' END;
            RETURN;
        END IF;
        IF t.is_locked AND NOT v_terms.ignores_lock THEN outcome := 'thread_locked'; RETURN; END IF;
        IF b.reply_limit > 0 AND t.reply_count >= b.reply_limit AND NOT t.is_cyclical
            AND v_terms.ignores_limits IS NOT TRUE
        THEN
            outcome := 'thread_full'; RETURN;
        END IF;
        IF b.image_limit > 0 AND v_file_count > 0 AND t.image_count + v_file_count > b.image_limit
            AND NOT t.is_cyclical AND v_terms.ignores_limits IS NOT TRUE
        THEN
            outcome := 'thread_files_full'; RETURN;
        END IF;
        IF coalesce(t.page_weight + v_weight > v_terms.page_weight_max, v_terms.page_weight_max IS NOT NULL)
            AND NOT has_room_on_page(v_post.board, v_terms.thread, v_weight, v_terms.page_weight_max)
        THEN
            outcome := 'page_full'; RETURN;
        END IF;
    ELSIF v_terms.waits_for_room THEN
        retry_after_s := wait_for_room_s(v_post.board, v_now);
        IF retry_after_s > 0 THEN outcome := 'board_full'; RETURN; END IF;
    END IF;

    IF v_terms.allowances IS NOT NULL THEN
        -- Last, so that what is refused for another reason takes nothing.
        SELECT 'spent ' || spent, wait_s INTO outcome, retry_after_s
        FROM take_allowances(v_terms.allowances, v_now);
        IF outcome IS NOT NULL THEN RETURN; END IF;
    END IF;

    -- Nothing can be refused from here on.
    no := b.last_no + 1;
    change_no := b.change_no + 1;
    thread_no := coalesce(v_terms.thread, no);
    created_s := floor(extract(epoch FROM v_now));
    outcome := 'added';

    IF v_terms.thread IS NULL THEN
        v_bumps := true;
        INSERT INTO threads (board, no, bump_no, bumped_at, modified_at, changed_no, page_weight, page_weight_no)
        VALUES (v_post.board, no, change_no, v_now, v_now, change_no, v_weight, change_no);
        -- The whole order moves down by one.
        SELECT ARRAY[1, (greatest(count(*), 1) - 1) / b.threads_per_page + 1] INTO v_pages
        FROM threads WHERE threads.board = v_post.board;
    ELSE
        v_bumps := t.may_bump AND NOT v_terms.is_sage;
        IF v_bumps AND b.bump_days_max > 0 THEN
            v_bumps := v_now < make_interval(days => b.bump_days_max) + (
                SELECT p.created_at FROM posts p WHERE p.board = v_post.board AND p.no = v_terms.thread);
        END IF;
        -- From where it comes to stand, below the sticky ones unless it is one, to where it stands.
        SELECT ARRAY[
            CASE WHEN v_bumps THEN count(*) FILTER (
                WHERE (is_sticky, sticky_rank) > (t.is_sticky, t.sticky_rank)) ELSE count(*) END
                / b.threads_per_page + 1,
            count(*) / b.threads_per_page + 1]
        INTO v_pages FROM threads
        WHERE threads.board = v_post.board AND (is_sticky, sticky_rank, bump_no, threads.no)
            > (t.is_sticky, t.sticky_rank, t.bump_no, v_terms.thread);
        UPDATE threads SET
            reply_count = reply_count + 1,
            image_count = image_count + v_file_count,
            modified_at = v_now,
            changed_no = add_post_v2.change_no,
            page_weight = page_weight + v_weight,
            bump_no = CASE WHEN v_bumps THEN add_post_v2.change_no ELSE bump_no END,
            bumped_at = CASE WHEN v_bumps THEN v_now ELSE bumped_at END
        WHERE threads.board = v_post.board AND threads.no = v_terms.thread;
    END IF;

    IF b.has_poster_ids THEN
        poster_id := poster_id(v_post.address_hash, v_post.board, thread_no);
    END IF;
    v_post.no := no;
    v_post.thread_no := thread_no;
    v_post.created_at := v_now;
    v_post.poster_id := poster_id;
    v_post.changed_no := change_no;
    v_post.bump_no := CASE WHEN v_bumps THEN change_no ELSE 0 END;
    INSERT INTO posts VALUES (v_post.*);

    v_tim := b.last_tim;
    IF v_file_count > 0 THEN
        v_tim := greatest(floor(extract(epoch FROM v_now) * 1000)::bigint, b.last_tim + 1);
        WITH stored AS (
            INSERT INTO files
            SELECT file.* FROM jsonb_array_elements(v_terms.files) WITH ORDINALITY AS f (fields, place),
                jsonb_populate_record(NULL::files, f.fields || jsonb_build_object(
                    'board', v_post.board, 'post_no', v_post.no, 'position', f.place - 1,
                    'tim', (v_tim + f.place - 1)::text,
                    'pending_since', CASE WHEN (f.fields->>'is_pending')::boolean THEN v_now END)) AS file
            RETURNING files AS file
        )
        SELECT jsonb_agg(jsonb_build_object('tim', (file).tim, 'extension', (file).extension,
                'thumb_extension', (file).thumb_extension) ORDER BY (file).position),
            ARRAY(SELECT name FROM stored, media_names(file) AS name
                WHERE (file).pending_since IS NULL ORDER BY (file).position, name)
        INTO media, v_media FROM stored;
        v_tim := v_tim + v_file_count - 1;
    END IF;

    IF v_terms.quotes <> '[]' THEN
        -- The share lock makes a deletion of a quoted post wait, and see this quote.
        WITH target AS (
            SELECT p.board, p.no, p.thread_no, (
                SELECT t.no FROM shown_threads t WHERE t.board = p.board AND t.no = p.thread_no
            ) IS NOT NULL AS is_shown
            FROM jsonb_array_elements(v_terms.quotes) AS q, LATERAL (
                -- By its key, each: a join would be planned for the posts of this moment, and read
                -- them all when the board has grown.
                SELECT board, no, thread_no FROM posts
                WHERE board = q->>0 AND no = (q->>1)::bigint
                    AND NOT (board = v_post.board AND no = add_post_v2.no)
                FOR KEY SHARE
            ) AS p
            -- So that a removal has a bound: a quote beyond it is plain text.
            WHERE (SELECT true FROM quotes linked WHERE linked.to_board = p.board AND linked.to_no = p.no
                OFFSET 4999 LIMIT 1) IS NULL
        ), quoted AS (
            INSERT INTO quotes (board, no, to_board, to_no)
            SELECT v_post.board, add_post_v2.no, target.board, target.no FROM target
        )
        SELECT jsonb_agg(jsonb_build_object('board', board, 'no', no, 'thread', thread_no)
                ORDER BY board, no) FILTER (WHERE is_shown),
            array_agg(no) FILTER (WHERE is_shown AND board = v_post.board),
            coalesce(array_agg(DISTINCT thread_no) FILTER (
                WHERE is_shown AND board = v_post.board AND thread_no <> add_post_v2.thread_no), '{}')
        INTO quotes, v_quoted_nos, v_quoted_threads FROM target;
        -- Backlinks change the quoted posts of this board, and their threads.
        IF v_quoted_nos IS NOT NULL THEN
            UPDATE posts SET changed_no = add_post_v2.change_no
            WHERE posts.board = v_post.board AND posts.no = ANY (v_quoted_nos);
        END IF;
        IF v_quoted_threads <> '{}' THEN
            UPDATE all_threads SET changed_no = add_post_v2.change_no
            WHERE all_threads.board = v_post.board AND all_threads.no = ANY (v_quoted_threads);
            -- A thread is on the pages where it stands now, and where the quoted ones do.
            SELECT ARRAY[least(v_pages[1], quoted[1]), greatest(v_pages[2], quoted[2])] INTO v_pages
            FROM pages_of_threads(v_post.board, v_quoted_threads, b.threads_per_page) AS quoted;
        END IF;
    END IF;

    INSERT INTO outbox (board, change_no, kind, body)
    VALUES (v_post.board, change_no, 'PostAdded', jsonb_build_object(
        'thread', thread_no, 'no', no, 'pages', v_pages,
        'quoted_threads', v_quoted_threads, 'media', v_media));
    IF v_key IS NOT NULL THEN
        INSERT INTO receipts (address_hash, nonce, board, thread_no, no, change_no, expires_at)
        VALUES (v_post.address_hash, v_key, v_post.board, thread_no, no, change_no,
            now() + CASE WHEN v_terms.nonce IS NULL THEN interval '10 minutes' ELSE interval '1 day' END);
    END IF;
    UPDATE boards SET last_no = add_post_v2.no, change_no = add_post_v2.change_no, last_tim = v_tim
    WHERE name = v_post.board;
END $$;

-- The thread that is to go next before it has to, NULL: none: far down, and hardly anybody replied.
CREATE FUNCTION dead_thread(p_board text, p_waits boolean) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT no FROM (
        SELECT no, bump_no, bumped_at, reply_count FROM threads WHERE board = p_board AND NOT is_sticky
        ORDER BY bump_no DESC, no DESC
        OFFSET (
            SELECT nullif(board_setting(settings, 'dead_after_pages')::bigint, 0)
                * board_setting(settings, 'threads_per_page')::integer
            FROM boards WHERE name = p_board)
    ) AS low
    WHERE reply_count < (SELECT board_setting(settings, 'dead_replies_max')::integer
        FROM boards WHERE name = p_board AND board_setting(settings, 'dead_after_pages')::integer > 0)
        AND (NOT p_waits OR bumped_at <= clock_timestamp() - stays_after_bump(p_board))
    ORDER BY bump_no, no LIMIT 1
$$;

-- Takes from a board the thread that has to go next; its number, NULL: none has to. Dead ones go first, and
-- are set aside: pages show them no longer, and nothing of them is lost. Others go into the archive, if the
-- board has one. One a transaction, so that posts wait for no more than that.
CREATE OR REPLACE FUNCTION prune_v2(p_board text, p_waits boolean) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_has_archive boolean;
    v_dead bigint := dead_thread(p_board, p_waits);
    v_thread bigint := coalesce(v_dead, thread_without_room(p_board, p_waits));
BEGIN
    IF v_thread IS NULL THEN RETURN NULL; END IF;
    SELECT board_setting(settings, 'archive_days')::integer > 0 AND v_dead IS NULL INTO v_has_archive
    FROM boards WHERE name = p_board;
    -- An archived thread keeps its links: no other board changes.
    PERFORM hold_boards(p_board, CASE WHEN v_has_archive THEN '{}' ELSE ARRAY(
        SELECT no FROM posts WHERE board = p_board AND thread_no = v_thread) END);
    -- Again, now that nobody else can change it.
    IF v_thread IS DISTINCT FROM coalesce(dead_thread(p_board, p_waits), thread_without_room(p_board, p_waits))
    THEN RETURN NULL; END IF;
    IF v_has_archive THEN
        PERFORM archive_thread(p_board, v_thread);
    ELSE
        PERFORM thread_goes(p_board, v_thread);
        UPDATE all_threads SET aside_since = clock_timestamp() WHERE board = p_board AND no = v_thread;
    END IF;
    RETURN v_thread;
END $$;

-- Removes the oldest reply of a cyclical thread that has more of them than its board keeps; its number,
-- NULL: none has. One a transaction, as prune_v2().
CREATE FUNCTION cycle(p_board text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_no bigint;
BEGIN
    SELECT p.no INTO v_no FROM boards b
    JOIN threads t ON t.board = b.name AND t.is_cyclical
        AND t.reply_count > board_setting(b.settings, 'cyclical_replies')::integer
    CROSS JOIN LATERAL (
        SELECT no FROM posts WHERE board = t.board AND thread_no = t.no AND no <> t.no ORDER BY no LIMIT 1
    ) AS p
    WHERE b.name = p_board ORDER BY p.no LIMIT 1;
    IF v_no IS NOT NULL THEN PERFORM remove_post(p_board, v_no); END IF;
    RETURN v_no;
END $$;

-- Posts of other boards that quote these, all of one thread, gain or lose their link: each thread that
-- shows it gets a change of its board, and one fact, however many quote. Boards are locked in the order of
-- their names.
CREATE OR REPLACE FUNCTION tell_other_boards(p_board text, p_nos bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_board text;
    v_per_page integer;
    v_before bigint;
    v_threads bigint[];
    v_nos bigint[];
BEGIN
    FOR v_board IN
        SELECT DISTINCT q.board FROM quotes q
        WHERE q.to_board = p_board AND q.to_no = ANY (p_nos) AND q.board <> p_board ORDER BY q.board
    LOOP
        SELECT change_no, board_setting(settings, 'threads_per_page')::integer INTO v_before, v_per_page
        FROM boards WHERE name = v_board FOR NO KEY UPDATE;
        SELECT array_agg(thread_no ORDER BY thread_no), array_agg(no ORDER BY thread_no)
        INTO v_threads, v_nos FROM (
            SELECT p.thread_no, max(p.no) AS no FROM quotes q
            JOIN posts p ON p.board = q.board AND p.no = q.no
            JOIN shown_threads t ON t.board = p.board AND t.no = p.thread_no
            WHERE q.to_board = p_board AND q.to_no = ANY (p_nos) AND q.board = v_board
            GROUP BY p.thread_no
        ) AS quoting;
        CONTINUE WHEN v_threads IS NULL;
        UPDATE posts SET changed_no = v_before + told.place
        FROM quotes q, unnest(v_threads) WITH ORDINALITY AS told (thread, place)
        WHERE q.to_board = p_board AND q.to_no = ANY (p_nos) AND q.board = v_board
            AND posts.board = q.board AND posts.no = q.no AND posts.thread_no = told.thread;
        UPDATE all_threads SET changed_no = v_before + told.place
        FROM unnest(v_threads) WITH ORDINALITY AS told (thread, place)
        WHERE all_threads.board = v_board AND all_threads.no = told.thread;
        INSERT INTO outbox (board, change_no, kind, body)
        SELECT v_board, v_before + told.place, 'PostChanged', jsonb_build_object(
            'thread', told.thread, 'no', told.no,
            'pages', ARRAY[coalesce(standing.page, 1), coalesce(standing.page, 1)])
        FROM unnest(v_threads, v_nos) WITH ORDINALITY AS told (thread, no, place)
        -- One in the archive stands on no page.
        LEFT JOIN (
            SELECT no, (row_number() OVER (
                ORDER BY is_sticky DESC, sticky_rank DESC, bump_no DESC, no DESC) - 1) / v_per_page + 1 AS page
            FROM threads WHERE board = v_board
        ) AS standing ON standing.no = told.thread;
        UPDATE boards SET change_no = change_no + cardinality(v_threads) WHERE name = v_board;
    END LOOP;
END $$;

-- Gives a thread marks, by the names of its columns: {"is_sticky": true, "sticky_rank": 2}. False when it is
-- not there or is so already.
CREATE FUNCTION mark_thread_v2(p_board text, p_thread bigint, p_marks jsonb) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_change_no bigint;
    v_before integer[];
    v_after integer[];
    v_per_page integer;
    v_was all_threads;
    v_is all_threads;
BEGIN
    SELECT board_setting(settings, 'threads_per_page')::integer INTO v_per_page
    FROM boards WHERE name = p_board FOR NO KEY UPDATE;
    SELECT * INTO v_was FROM all_threads WHERE board = p_board AND no = p_thread AND aside_since IS NULL;
    v_is := jsonb_populate_record(v_was, p_marks);
    IF NOT v_is.is_sticky THEN v_is.sticky_rank := 0; END IF;
    IF NOT FOUND OR v_was IS NOT DISTINCT FROM v_is THEN RETURN false; END IF;
    v_before := pages_of_threads(p_board, ARRAY[p_thread], v_per_page);
    v_change_no := next_change(p_board);
    UPDATE all_threads SET
        is_sticky = v_is.is_sticky, sticky_rank = v_is.sticky_rank, is_locked = v_is.is_locked,
        is_bump_locked = v_is.is_bump_locked, is_cyclical = v_is.is_cyclical,
        modified_at = clock_timestamp(), changed_no = v_change_no
    WHERE board = p_board AND no = p_thread;
    v_after := pages_of_threads(p_board, ARRAY[p_thread], v_per_page);
    INSERT INTO outbox (board, change_no, kind, body)
    VALUES (p_board, v_change_no, 'ThreadChanged', jsonb_build_object(
        'thread', p_thread,
        'pages', ARRAY[least(v_before[1], v_after[1]), greatest(v_before[2], v_after[2])]));
    RETURN true;
END $$;

-- As the version before calls it; to be dropped when that no longer runs.
CREATE OR REPLACE FUNCTION mark_thread(p_board text, p_thread bigint, p_is_sticky boolean, p_is_locked boolean)
RETURNS boolean LANGUAGE sql AS $$
    SELECT mark_thread_v2(p_board, p_thread, jsonb_strip_nulls(
        jsonb_build_object('is_sticky', p_is_sticky, 'is_locked', p_is_locked)))
$$;
