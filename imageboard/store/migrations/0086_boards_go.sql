-- A board can go, with all that it holds; and one that is made anew under its name goes on counting.
ALTER TABLE boards ADD COLUMN removed_at timestamptz;

-- Boards that are gone: what a new one of that name goes on counting from. So no number, no change and no name of
-- a file ever means something else than it did, wherever an old copy of it is kept.
CREATE TABLE gone_boards (
    name text PRIMARY KEY,
    last_no bigint NOT NULL,
    change_no bigint NOT NULL,
    settings_change_no bigint NOT NULL,
    last_tim bigint NOT NULL
);

-- NULL: the whole board, of which each step has a row.
ALTER TABLE takedowns ALTER COLUMN post_no DROP NOT NULL;

-- Drops at most `p_posts_max` posts of a board that is going, the newest first, and what then is left of threads;
-- how many, 0: there are none, and the names of their files in the upload store. Links to them go as those to any
-- removed post do; its own pages are gone, so of those none changes.
CREATE FUNCTION forget_posts_of_board(p_board text, p_posts_max integer, OUT dropped integer, OUT uploads text[])
LANGUAGE plpgsql AS $$
DECLARE
    v_nos bigint[];
BEGIN
    -- Of a board that is there nothing is forgotten so, whoever asks.
    v_nos := ARRAY(SELECT no FROM posts p WHERE p.board = p_board
        AND EXISTS (SELECT FROM boards b WHERE b.name = p_board AND b.removed_at IS NOT NULL)
        ORDER BY no DESC LIMIT p_posts_max);
    PERFORM hold_boards(p_board, v_nos);
    -- Locked first: whoever adds a quote of them waits, and is then seen here or finds them gone.
    PERFORM 1 FROM posts p WHERE p.board = p_board AND p.no = ANY (v_nos) ORDER BY p.no FOR UPDATE;
    PERFORM tell_other_boards(p_board, v_nos);
    uploads := ARRAY(SELECT f.stored_as FROM files f
        WHERE f.board = p_board AND f.post_no = ANY (v_nos) AND f.removed_at IS NULL);
    WITH gone AS (
        DELETE FROM posts p WHERE p.board = p_board AND p.no = ANY (v_nos) RETURNING p.no, p.thread_no
    )
    SELECT count(*), array_agg(gone.no) FILTER (WHERE gone.no = gone.thread_no) INTO dropped, v_nos FROM gone;
    DELETE FROM all_threads t WHERE t.board = p_board AND t.no = ANY (v_nos)
        AND NOT EXISTS (SELECT FROM posts p WHERE p.board = t.board AND p.thread_no = t.no);
END $$;

-- No post comes to a board that is going.
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
        SELECT concat(file->>'original_name', file->>'original_name', file->>'alt')
        FROM jsonb_array_elements(v_terms.files) AS file));
    v_tim bigint;
    v_media text[] := '{}';
    v_old_id text;
    v_bumps boolean;
    v_pages integer[];
    v_is_alike boolean;
    v_quoted_nos bigint[];
    v_quoted_threads bigint[] := '{}';
    -- A delivery is called by its nonce if it has one: that is kept for longer.
    v_key text := coalesce(v_terms.nonce, v_terms.delivery);
    v_receipt_owner bytea := receipt_owner(v_post.address_hash, v_terms.nonce);
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
    INTO b FROM boards WHERE name = v_post.board AND removed_at IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN outcome := 'no_board'; RETURN; END IF;
    v_now := coalesce(v_post.created_at, clock_timestamp());

    IF v_key IS NOT NULL THEN
        SELECT r.no, r.thread_no, r.change_no INTO no, thread_no, change_no
        FROM receipts r WHERE r.address_hash IN (v_post.address_hash, v_receipt_owner) AND r.nonce = v_key;
        IF FOUND THEN outcome := 'repeated'; RETURN; END IF;
    END IF;

    IF v_terms.wait_s > 0 OR v_terms.same_text_wait_s > 0 THEN
        SELECT ceil(extract(epoch FROM greatest(
            make_interval(secs => v_terms.wait_s) + max(p.created_at) FILTER (
                WHERE v_terms.wait_s > 0 AND (v_terms.thread IS NOT NULL OR p.no = p.thread_no)),
            make_interval(secs => v_terms.same_text_wait_s) + max(p.created_at) FILTER (
                WHERE v_terms.same_text_wait_s > 0 AND v_post.body <> '' AND p.body = v_post.body)) - v_now)),
            bool_or(p.body = v_post.body)
        INTO retry_after_s, v_is_alike FROM said_by_poster(v_post.address_hash) AS p
        WHERE p.created_at > v_now - make_interval(secs => greatest(v_terms.wait_s, v_terms.same_text_wait_s))
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
            has_old_ids,
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
        IF t.has_old_ids THEN v_old_id := v_post.poster_id; END IF;
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
        poster_id := coalesce(v_old_id, poster_id(v_post.address_hash, v_post.board, thread_no));
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
        VALUES (v_receipt_owner, v_key, v_post.board, thread_no, no, change_no,
            now() + CASE WHEN v_terms.nonce IS NULL THEN interval '10 minutes' ELSE interval '1 day' END);
    END IF;
    UPDATE boards SET last_no = add_post_v2.no, change_no = add_post_v2.change_no, last_tim = v_tim
    WHERE name = v_post.board;
END $$;
