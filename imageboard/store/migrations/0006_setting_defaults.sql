-- A setting that a stored board lacks has its default in SQL too, as it has in Python.

-- What a setting is where a board was stored before there was one of that name: of all settings
-- that the functions below read. Each version brings its own with its steps.
CREATE TABLE setting_defaults (
    is_the_only_row boolean PRIMARY KEY DEFAULT true CHECK (is_the_only_row),
    settings jsonb NOT NULL
);

-- The default of a setting that a board lacks. An unknown name is an error: NULL would be 0 or false
-- somewhere, and a board with no page left loses its threads.
CREATE FUNCTION setting_default(p_name text) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    v_default text := (SELECT settings->>p_name FROM setting_defaults);
BEGIN
    IF v_default IS NULL THEN RAISE EXCEPTION 'there is no setting % of a board', p_name; END IF;
    RETURN v_default;
END $$;

-- What a board has set, or else the default. PERF: PostgreSQL puts its text in the caller's place, so
-- nothing is called for a board that has the setting (in PL/pgSQL five of them cost a post 4 %).
CREATE FUNCTION board_setting(p_settings jsonb, p_name text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(p_settings->>p_name, setting_default(p_name))
$$;

-- Adds one post, or says why not: outcome is 'added', 'repeated' (the nonce was used: the numbers
-- are those of the first time), 'banned' (ban_id), 'no_board', 'no_thread', 'thread_locked',
-- 'thread_full' or 'too_fast' (retry_after_s).
--
-- One function, since everything in it happens under the board's lock: each round trip to the
-- client in between would be paid by all who wait for the same board.
--
-- PERF: planned once a connection, whatever the numbers: a plan made for them alone costs more
-- than it saves (0.05 of 0.26 ms; tests/store/bench_add_post.py).
CREATE OR REPLACE FUNCTION add_post(
    p_board text,
    p_thread bigint,  -- NULL: a new thread
    p_name text,
    p_tripcode text,
    p_capcode text,
    p_email text,
    p_is_sage boolean,
    p_subject text,
    p_body text,
    p_address_hash bytea,
    p_address_sealed bytea,
    p_password_hash bytea,
    p_files jsonb,  -- NULL: none
    p_quotes jsonb,  -- [[board, no], …]; NULL: none
    p_nonce text,
    p_wait_s integer,  -- since the last post (or thread) of this address; 0: none
    p_same_text_wait_s integer,
    p_ignores_lock boolean,
    p_created_at timestamptz,  -- NULL: now
    p_address inet,  -- NULL: nobody who could be banned
    OUT outcome text,
    OUT no bigint,
    OUT thread_no bigint,
    OUT change_no bigint,
    OUT created_s bigint,
    OUT poster_id text,
    OUT retry_after_s integer,
    OUT media jsonb,  -- ['src/…', 'thumb/…', …], two for each file; NULL: none
    OUT links jsonb,  -- [[board, no, thread], …] of the quoted posts that are there; NULL: none
    OUT ban_id bigint
) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    b record;
    t record;
    v_now timestamptz;
    v_file_count integer := coalesce(jsonb_array_length(p_files), 0);
    v_tim bigint;
    v_bumps boolean;
    v_pages integer[];
    v_quoted_nos bigint[];
    v_quoted_threads bigint[] := '{}';
    v_pruned bigint;
BEGIN
    IF p_address IS NOT NULL THEN
        SELECT f.id INTO ban_id FROM find_ban(p_board, p_address_hash, p_address) AS f;
        IF FOUND THEN outcome := 'banned'; RETURN; END IF;
    END IF;

    -- PERF: those who post to one board queue here. Queueing for its row, all of them are woken by
    -- each that commits, to follow the row to its next version and wait again (24 context switches
    -- a post with 12 at once; this way 6). The row itself is what removals and marks wait for.
    PERFORM pg_advisory_xact_lock(7264003, hashtext(p_board));
    SELECT last_no, change_no, last_tim,
        board_setting(settings, 'threads_per_page')::integer AS threads_per_page,
        board_setting(settings, 'pages_max')::integer AS pages_max,
        board_setting(settings, 'bump_limit')::integer AS bump_limit,
        board_setting(settings, 'reply_limit')::integer AS reply_limit,
        board_setting(settings, 'poster_ids')::boolean AS has_poster_ids
    INTO b FROM boards WHERE name = p_board FOR NO KEY UPDATE;
    IF NOT FOUND THEN outcome := 'no_board'; RETURN; END IF;
    v_now := coalesce(p_created_at, clock_timestamp());

    IF p_nonce IS NOT NULL THEN
        SELECT r.no, r.thread_no, r.change_no INTO no, thread_no, change_no
        FROM receipts r WHERE r.address_hash = p_address_hash AND r.nonce = p_nonce;
        IF FOUND THEN outcome := 'repeated'; RETURN; END IF;
    END IF;

    IF p_wait_s > 0 OR p_same_text_wait_s > 0 THEN
        SELECT ceil(extract(epoch FROM greatest(
            make_interval(secs => p_wait_s) + max(p.created_at) FILTER (
                WHERE p_wait_s > 0 AND (p_thread IS NOT NULL OR p.no = p.thread_no)),
            make_interval(secs => p_same_text_wait_s) + max(p.created_at) FILTER (
                WHERE p_same_text_wait_s > 0 AND p_body <> '' AND p.body = p_body)) - v_now))
        INTO retry_after_s FROM posts p
        WHERE p.address_hash = p_address_hash
            AND p.created_at > v_now - make_interval(secs => greatest(p_wait_s, p_same_text_wait_s));
        IF retry_after_s > 0 THEN outcome := 'too_fast'; RETURN; END IF;
    END IF;

    IF p_thread IS NOT NULL THEN
        SELECT is_sticky, is_locked, bump_no, reply_count
        INTO t FROM threads WHERE threads.board = p_board AND threads.no = p_thread;
        IF NOT FOUND THEN outcome := 'no_thread'; RETURN; END IF;
        IF t.is_locked AND NOT p_ignores_lock THEN outcome := 'thread_locked'; RETURN; END IF;
        IF b.reply_limit > 0 AND t.reply_count >= b.reply_limit THEN
            outcome := 'thread_full'; RETURN;
        END IF;
    END IF;

    -- Nothing can be refused from here on.
    no := b.last_no + 1;
    change_no := b.change_no + 1;
    thread_no := coalesce(p_thread, no);
    created_s := floor(extract(epoch FROM v_now));
    outcome := 'added';

    IF p_thread IS NULL THEN
        INSERT INTO threads (board, no, bump_no, bumped_at, modified_at, changed_no)
        VALUES (p_board, no, change_no, v_now, v_now, change_no);
        -- The whole order moves down by one.
        SELECT ARRAY[1, (greatest(count(*), 1) - 1) / b.threads_per_page + 1] INTO v_pages
        FROM threads WHERE threads.board = p_board;
    ELSE
        v_bumps := NOT p_is_sage AND (b.bump_limit = 0 OR t.reply_count < b.bump_limit);
        -- From where it comes to stand, below the sticky ones unless it is one, to where it stands.
        SELECT ARRAY[
            CASE WHEN v_bumps THEN count(*) FILTER (WHERE is_sticky AND NOT t.is_sticky) ELSE count(*) END
                / b.threads_per_page + 1,
            count(*) / b.threads_per_page + 1]
        INTO v_pages FROM threads
        WHERE threads.board = p_board AND (is_sticky, bump_no) > (t.is_sticky, t.bump_no);
        UPDATE threads SET
            reply_count = reply_count + 1,
            image_count = image_count + v_file_count,
            modified_at = v_now,
            changed_no = add_post.change_no,
            bump_no = CASE WHEN v_bumps THEN add_post.change_no ELSE bump_no END,
            bumped_at = CASE WHEN v_bumps THEN v_now ELSE bumped_at END
        WHERE threads.board = p_board AND threads.no = p_thread;
    END IF;

    IF b.has_poster_ids THEN
        poster_id := poster_id(p_address_hash, p_board, thread_no);
    END IF;
    INSERT INTO posts (board, no, thread_no, created_at, name, tripcode, capcode, email, subject,
        body, poster_id, address_hash, address_sealed, password_hash, changed_no)
    VALUES (p_board, no, thread_no, v_now, p_name, p_tripcode, p_capcode, p_email, p_subject,
        p_body, poster_id, p_address_hash, p_address_sealed, p_password_hash, change_no);

    v_tim := b.last_tim;
    IF v_file_count > 0 THEN
        v_tim := greatest(floor(extract(epoch FROM v_now) * 1000)::bigint, b.last_tim + 1);
        WITH stored AS (
            INSERT INTO files (board, post_no, position, tim, extension, thumb_extension,
                original_name, stored_as, bytes, width, height, thumb_width, thumb_height, md5,
                sha256, is_spoiler)
            SELECT p_board, add_post.no, f.position - 1, (v_tim + f.position - 1)::text,
                f.file->>'extension', f.file->>'thumb_extension', f.file->>'original_name',
                f.file->>'stored_as', (f.file->>'bytes')::integer, (f.file->>'width')::integer,
                (f.file->>'height')::integer, (f.file->>'thumb_width')::integer,
                (f.file->>'thumb_height')::integer, decode(f.file->>'md5', 'hex'),
                decode(f.file->>'sha256', 'hex'), (f.file->>'is_spoiler')::boolean
            FROM jsonb_array_elements(p_files) WITH ORDINALITY AS f (file, position)
            RETURNING position, tim, extension, thumb_extension
        )
        SELECT jsonb_agg(name ORDER BY position, name) INTO media
        FROM stored, LATERAL (VALUES ('src/' || tim || extension), ('thumb/' || tim || thumb_extension))
            AS named (name);
        v_tim := v_tim + v_file_count - 1;
    END IF;

    IF p_quotes <> '[]' THEN
        -- The share lock makes a deletion of a quoted post wait, and see this quote.
        WITH target AS (
            SELECT p.board, p.no, p.thread_no
            FROM jsonb_array_elements(p_quotes) AS q, LATERAL (
                -- By its key, each: a join would be planned for the posts of this moment, and read
                -- them all when the board has grown.
                SELECT board, no, thread_no FROM posts
                WHERE board = q->>0 AND no = (q->>1)::bigint
                    AND NOT (board = p_board AND no = add_post.no)
                FOR KEY SHARE
            ) AS p
        ), quoted AS (
            INSERT INTO quotes (board, no, to_board, to_no)
            SELECT p_board, add_post.no, target.board, target.no FROM target
        )
        SELECT jsonb_agg(jsonb_build_array(board, no, thread_no) ORDER BY board, no),
            array_agg(no) FILTER (WHERE board = p_board),
            coalesce(array_agg(DISTINCT thread_no) FILTER (
                WHERE board = p_board AND thread_no <> add_post.thread_no), '{}')
        INTO links, v_quoted_nos, v_quoted_threads FROM target;
        -- Backlinks change the quoted posts of this board, and their threads.
        IF v_quoted_nos IS NOT NULL THEN
            UPDATE posts SET changed_no = add_post.change_no
            WHERE posts.board = p_board AND posts.no = ANY (v_quoted_nos);
        END IF;
        IF v_quoted_threads <> '{}' THEN
            UPDATE threads SET changed_no = add_post.change_no
            WHERE threads.board = p_board AND threads.no = ANY (v_quoted_threads);
            -- A thread is on the pages where it stands now, and where the quoted ones do.
            SELECT ARRAY[least(v_pages[1], quoted[1]), greatest(v_pages[2], quoted[2])] INTO v_pages
            FROM pages_of_threads(p_board, v_quoted_threads, b.threads_per_page) AS quoted;
        END IF;
    END IF;

    INSERT INTO outbox (board, change_no, kind, body)
    VALUES (p_board, change_no, 'PostAdded', jsonb_build_object(
        'thread', thread_no, 'no', no, 'pages', v_pages,
        'quoted_threads', v_quoted_threads, 'media', coalesce(media, '[]')));
    IF p_nonce IS NOT NULL THEN
        INSERT INTO receipts (address_hash, nonce, board, thread_no, no, change_no)
        VALUES (p_address_hash, p_nonce, p_board, thread_no, no, change_no);
    END IF;
    UPDATE boards SET last_no = add_post.no, change_no = add_post.change_no, last_tim = v_tim
    WHERE name = p_board;

    IF p_thread IS NULL THEN
        -- Threads that fell off the last page; never this one, never a sticky one.
        FOR v_pruned IN
            SELECT threads.no FROM threads
            WHERE threads.board = p_board AND NOT is_sticky AND threads.no <> add_post.no
            ORDER BY bump_no DESC
            OFFSET greatest(0, b.threads_per_page * b.pages_max - 1
                - (SELECT count(*) FROM threads s WHERE s.board = p_board AND s.is_sticky))
        LOOP
            PERFORM remove_thread(p_board, v_pruned);
        END LOOP;
    END IF;
END $$;

-- Removes a whole thread; false when it is not there. Posts, files, quotes and reports go with it.
CREATE OR REPLACE FUNCTION remove_thread(p_board text, p_thread bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_change_no bigint := next_change(p_board);
    v_per_page integer;
    v_pages integer[];
    v_nos bigint[];
    v_quoting bigint[];
    v_media text[];
    v_threads integer;
BEGIN
    -- Locked first: whoever adds a quote of them waits, and then finds them gone.
    WITH held AS (
        SELECT no FROM posts WHERE board = p_board AND thread_no = p_thread FOR UPDATE
    )
    SELECT array_agg(no) INTO v_nos FROM held;
    IF v_nos IS NULL THEN RETURN false; END IF;
    PERFORM tell_other_boards(p_board, v_nos);
    v_quoting := array_remove(
        touch_quoting_posts(p_board, v_nos, v_change_no)
        || touch_quoted_posts(p_board, v_nos, v_change_no), p_thread);
    v_per_page := (SELECT board_setting(settings, 'threads_per_page')::integer FROM boards WHERE name = p_board);
    v_pages := pages_of_threads(p_board, p_thread || v_quoting, v_per_page);
    -- The whole order below it moves up by one; when the last page goes, all pages lose its link.
    SELECT count(*) INTO v_threads FROM threads WHERE board = p_board;
    v_pages[2] := greatest(v_pages[2], (v_threads - 1) / v_per_page + 1);
    IF v_threads % v_per_page = 1 OR v_per_page = 1 THEN v_pages[1] := 1; END IF;
    SELECT coalesce(array_agg(name), '{}') INTO v_media
    FROM files, LATERAL (VALUES ('src/' || tim || extension), ('thumb/' || tim || thumb_extension)) AS named (name)
    WHERE board = p_board AND post_no = ANY (v_nos);
    DELETE FROM threads WHERE board = p_board AND no = p_thread;
    INSERT INTO outbox (board, change_no, kind, body)
    VALUES (p_board, v_change_no, 'ThreadRemoved', jsonb_build_object(
        'thread', p_thread, 'pages', v_pages, 'media', v_media, 'quoting_threads', v_quoting));
    RETURN true;
END $$;

-- Removes one post; an OP takes its thread along. False when it is not there.
CREATE OR REPLACE FUNCTION remove_post(p_board text, p_no bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_thread bigint;
    v_change_no bigint;
    v_quoting bigint[];
    v_media text[];
    v_files integer;
    v_per_page integer;
BEGIN
    PERFORM hold_boards(p_board, ARRAY(
        SELECT no FROM posts WHERE board = p_board AND (no = p_no OR thread_no = p_no)));
    SELECT thread_no INTO v_thread FROM posts WHERE board = p_board AND no = p_no FOR UPDATE;
    IF NOT FOUND THEN RETURN false; END IF;
    IF v_thread = p_no THEN RETURN remove_thread(p_board, p_no); END IF;
    v_change_no := next_change(p_board);
    PERFORM tell_other_boards(p_board, ARRAY[p_no]);
    v_quoting := array_remove(
        touch_quoting_posts(p_board, ARRAY[p_no], v_change_no)
        || touch_quoted_posts(p_board, ARRAY[p_no], v_change_no), v_thread);
    SELECT coalesce(array_agg(name), '{}'), count(DISTINCT position) FILTER (WHERE removed_at IS NULL)
    INTO v_media, v_files
    FROM files, LATERAL (VALUES ('src/' || tim || extension), ('thumb/' || tim || thumb_extension)) AS named (name)
    WHERE board = p_board AND post_no = p_no;
    DELETE FROM posts WHERE board = p_board AND no = p_no;
    UPDATE threads SET
        reply_count = reply_count - 1, image_count = image_count - v_files,
        modified_at = clock_timestamp(), changed_no = v_change_no, removal_no = v_change_no
    WHERE board = p_board AND no = v_thread;
    v_per_page := (SELECT board_setting(settings, 'threads_per_page')::integer FROM boards WHERE name = p_board);
    INSERT INTO outbox (board, change_no, kind, body)
    VALUES (p_board, v_change_no, 'PostRemoved', jsonb_build_object(
        'thread', v_thread, 'no', p_no, 'media', v_media, 'quoting_threads', v_quoting,
        'pages', pages_of_threads(p_board, v_thread || v_quoting, v_per_page)));
    RETURN true;
END $$;

-- Posts of other boards that quote posts about to go lose their link: each of those boards gets
-- a change of its own. Their rows are locked in the order of their names.
CREATE OR REPLACE FUNCTION tell_other_boards(p_board text, p_nos bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    quoting record;
    v_change_no bigint;
    v_per_page integer;
BEGIN
    FOR quoting IN
        SELECT p.board, p.no, p.thread_no FROM quotes q JOIN posts p ON p.board = q.board AND p.no = q.no
        WHERE q.to_board = p_board AND q.to_no = ANY (p_nos) AND q.board <> p_board
        GROUP BY p.board, p.no, p.thread_no ORDER BY p.board, p.no
    LOOP
        v_change_no := next_change(quoting.board);
        UPDATE posts SET changed_no = v_change_no WHERE board = quoting.board AND no = quoting.no;
        UPDATE threads SET changed_no = v_change_no WHERE board = quoting.board AND no = quoting.thread_no;
        v_per_page := (SELECT board_setting(settings, 'threads_per_page')::integer FROM boards WHERE name = quoting.board);
        INSERT INTO outbox (board, change_no, kind, body)
        VALUES (quoting.board, v_change_no, 'PostChanged', jsonb_build_object(
            'thread', quoting.thread_no, 'no', quoting.no,
            'pages', pages_of_threads(quoting.board, ARRAY[quoting.thread_no], v_per_page)));
    END LOOP;
END $$;

-- Removes the files of a post and keeps the post; false when there is nothing to remove.
CREATE OR REPLACE FUNCTION remove_files(p_board text, p_no bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_change_no bigint;
    v_thread bigint;
    v_media text[];
    v_files integer;
    v_per_page integer;
BEGIN
    PERFORM 1 FROM boards WHERE name = p_board FOR NO KEY UPDATE;
    WITH gone AS (
        UPDATE files SET removed_at = clock_timestamp()
        WHERE board = p_board AND post_no = p_no AND removed_at IS NULL
        RETURNING tim, extension, thumb_extension
    )
    SELECT array_agg(name), count(DISTINCT tim) INTO v_media, v_files
    FROM gone, LATERAL (VALUES ('src/' || tim || extension), ('thumb/' || tim || thumb_extension)) AS named (name);
    IF v_files = 0 THEN RETURN false; END IF;
    v_change_no := next_change(p_board);
    UPDATE posts SET changed_no = v_change_no WHERE board = p_board AND no = p_no
    RETURNING thread_no INTO v_thread;
    UPDATE threads SET
        image_count = image_count - CASE WHEN v_thread = p_no THEN 0 ELSE v_files END,
        modified_at = clock_timestamp(), changed_no = v_change_no
    WHERE board = p_board AND no = v_thread;
    v_per_page := (SELECT board_setting(settings, 'threads_per_page')::integer FROM boards WHERE name = p_board);
    INSERT INTO outbox (board, change_no, kind, body)
    VALUES (p_board, v_change_no, 'PostChanged', jsonb_build_object(
        'thread', v_thread, 'no', p_no, 'media', v_media,
        'pages', pages_of_threads(p_board, ARRAY[v_thread], v_per_page)));
    RETURN true;
END $$;

-- Makes a thread sticky or locked, or no longer; false when it is not there or is so already.
CREATE OR REPLACE FUNCTION mark_thread(p_board text, p_thread bigint, p_is_sticky boolean, p_is_locked boolean)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_change_no bigint;
    v_before integer[];
    v_after integer[];
    v_per_page integer;
BEGIN
    SELECT board_setting(settings, 'threads_per_page')::integer INTO v_per_page
    FROM boards WHERE name = p_board FOR NO KEY UPDATE;
    PERFORM 1 FROM threads WHERE board = p_board AND no = p_thread
        AND (is_sticky, is_locked) <> (coalesce(p_is_sticky, is_sticky), coalesce(p_is_locked, is_locked));
    IF NOT FOUND THEN RETURN false; END IF;
    v_before := pages_of_threads(p_board, ARRAY[p_thread], v_per_page);
    v_change_no := next_change(p_board);
    UPDATE threads SET
        is_sticky = coalesce(p_is_sticky, is_sticky), is_locked = coalesce(p_is_locked, is_locked),
        modified_at = clock_timestamp(), changed_no = v_change_no
    WHERE board = p_board AND no = p_thread;
    v_after := pages_of_threads(p_board, ARRAY[p_thread], v_per_page);
    INSERT INTO outbox (board, change_no, kind, body)
    VALUES (p_board, v_change_no, 'ThreadChanged', jsonb_build_object(
        'thread', p_thread,
        'pages', ARRAY[least(v_before[1], v_after[1]), greatest(v_before[2], v_after[2])]));
    RETURN true;
END $$;
