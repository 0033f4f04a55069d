-- Threads that fall off go into the archive of their board, where readers find them.
ALTER TABLE all_threads
    ADD COLUMN archived_at timestamptz,
    ADD COLUMN archive_page text;
CREATE INDEX threads_kept_aside ON all_threads (board, aside_since DESC, no DESC)
    WHERE aside_since IS NOT NULL AND archived_at IS NULL;
CREATE INDEX threads_archived ON all_threads (board, archived_at, no) WHERE archived_at IS NOT NULL;
CREATE INDEX threads_on_archive_page ON all_threads (board, archive_page, archived_at, no)
    WHERE archived_at IS NOT NULL;
CREATE INDEX threads_archived_by_no ON all_threads (board, no) WHERE archived_at IS NOT NULL;
CREATE OR REPLACE VIEW threads AS SELECT * FROM all_threads WHERE aside_since IS NULL;

CREATE TABLE archive_pages (
    board text NOT NULL REFERENCES boards,
    name text NOT NULL CHECK (name ~ '^[0-9]{4}-[0-9]{2}(-[0-9]+)?$'),
    month text NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    threads integer NOT NULL CHECK (threads >= 0),
    changed_no bigint NOT NULL,
    PRIMARY KEY (board, month, number)
);
CREATE INDEX archive_pages_changed ON archive_pages (board, changed_no);
CREATE UNIQUE INDEX archive_pages_named ON archive_pages (board, name);
CREATE TABLE archive_drawn (
    board text PRIMARY KEY REFERENCES boards,
    settings_change_no bigint NOT NULL,
    up_to_no bigint NOT NULL
);
CREATE INDEX publications_of_lists ON publications (board) WHERE path !~ '/(res|src|thumb)/';

-- SECURITY: the threads that readers may see, archived ones too. What pages show is asked of these two views
-- and of shown_posts.
CREATE VIEW shown_threads AS SELECT * FROM all_threads WHERE aside_since IS NULL OR archived_at IS NOT NULL;

-- Posts as staff see them, those of threads kept aside too. Columns are named as the fields of
-- imageboard.threads.Post, and below of QuoteTarget, Backlink and PostFile: a field more is a line here
-- and a line there. Of backlinks the first hundred are shown: else a post would grow by whoever quotes it.
--
-- PERF: whether a thread is shown is asked by its key for each row (OFFSET 0 keeps it so). A join
-- would be planned for the few rows of a young board, and go through all threads and posts of it for each
-- when it has grown: 35 ms a file at 400 posts.
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
        SELECT t.board, t.no, t.thread_no AS thread
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
            f.pending_since IS NOT NULL AS is_pending
        FROM files f WHERE f.board = p.board AND f.post_no = p.no ORDER BY f.position) AS file) AS files
FROM posts p;

-- Posts as pages show them: of threads that stand on their board or in its archive.
CREATE OR REPLACE VIEW shown_posts AS
SELECT e.* FROM every_post e WHERE EXISTS (SELECT FROM shown_threads t
    WHERE t.board = e.board AND t.no = e.thread OFFSET 0);

-- Adds one post, or says why not: outcome is 'added', 'repeated' (it had been sent before: the
-- numbers are those of the first time), 'banned' (ban_id), 'no_board', 'no_thread', 'thread_locked',
-- 'thread_full', 'page_full', 'too_fast' or 'board_full' (retry_after_s), or 'spent …' (an allowance of
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
        SELECT is_sticky, is_locked, reply_count, bump_no, page_weight,
            is_below_bump_limit(reply_count, b.bump_limit) AS may_bump
        INTO t FROM threads
        WHERE threads.board = v_post.board AND threads.no = v_terms.thread;
        IF NOT FOUND THEN
            outcome := CASE WHEN EXISTS (SELECT FROM shown_threads s
                WHERE s.board = v_post.board AND s.no = v_terms.thread)
                THEN 'thread_locked' ELSE 'no_thread' END;
            RETURN;
        END IF;
        IF t.is_locked AND NOT v_terms.ignores_lock THEN outcome := 'thread_locked'; RETURN; END IF;
        IF b.reply_limit > 0 AND t.reply_count >= b.reply_limit AND v_terms.ignores_limits IS NOT TRUE THEN
            outcome := 'thread_full'; RETURN;
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
        -- From where it comes to stand, below the sticky ones unless it is one, to where it stands.
        SELECT ARRAY[
            CASE WHEN v_bumps THEN count(*) FILTER (WHERE is_sticky AND NOT t.is_sticky) ELSE count(*) END
                / b.threads_per_page + 1,
            count(*) / b.threads_per_page + 1]
        INTO v_pages FROM threads
        WHERE threads.board = v_post.board AND (is_sticky, bump_no, threads.no)
            > (t.is_sticky, t.bump_no, v_terms.thread);
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

-- Posts of one board that quote any of `p_nos`, all of one thread, come to look different at
-- `p_change_no`, and so do their threads; returns those that readers see. Call it before the quoted posts are
-- deleted. When a whole thread goes or comes, its own posts are left alone.
CREATE OR REPLACE FUNCTION touch_quoting_posts(p_board text, p_nos bigint[], p_change_no bigint)
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    v_whole bigint := whole_thread(p_board, p_nos);
    v_threads bigint[];
BEGIN
    WITH touched AS (
        UPDATE posts SET changed_no = p_change_no
        FROM quotes q
        WHERE q.to_board = p_board AND q.to_no = ANY (p_nos) AND q.board = p_board
            AND posts.board = q.board AND posts.no = q.no
            AND posts.thread_no IS DISTINCT FROM v_whole
        RETURNING posts.thread_no
    )
    SELECT coalesce(array_agg(DISTINCT thread_no), '{}') INTO v_threads FROM touched
    JOIN shown_threads t ON t.board = p_board AND t.no = touched.thread_no;
    UPDATE all_threads SET changed_no = p_change_no WHERE board = p_board AND no = ANY (v_threads);
    RETURN v_threads;
END $$;

-- The same of posts that are quoted by any of `p_nos`: their backlinks change. Call it before the quoting
-- posts are deleted.
CREATE OR REPLACE FUNCTION touch_quoted_posts(p_board text, p_nos bigint[], p_change_no bigint)
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    v_whole bigint := whole_thread(p_board, p_nos);
    v_threads bigint[];
BEGIN
    WITH touched AS (
        UPDATE posts SET changed_no = p_change_no
        FROM quotes q
        WHERE q.board = p_board AND q.no = ANY (p_nos) AND q.to_board = p_board
            AND posts.board = q.to_board AND posts.no = q.to_no
            AND posts.thread_no IS DISTINCT FROM v_whole
        RETURNING posts.thread_no
    )
    SELECT coalesce(array_agg(DISTINCT thread_no), '{}') INTO v_threads FROM touched
    JOIN shown_threads t ON t.board = p_board AND t.no = touched.thread_no;
    UPDATE all_threads SET changed_no = p_change_no WHERE board = p_board AND no = ANY (v_threads);
    RETURN v_threads;
END $$;

-- The page on which an archived thread stands comes to look different at that change.
CREATE FUNCTION touch_archive(p_board text, p_thread bigint, p_change_no bigint) RETURNS void
LANGUAGE sql AS $$
    UPDATE archive_pages a SET changed_no = p_change_no FROM all_threads t
    WHERE t.board = p_board AND t.no = p_thread AND t.archived_at IS NOT NULL
        AND a.board = t.board AND a.name = t.archive_page
$$;

-- A thread is no longer in the archive, if it was there. The caller holds the board.
CREATE FUNCTION leave_archive(p_board text, p_thread bigint, p_change_no bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE archive_pages a SET threads = a.threads - 1, changed_no = p_change_no FROM all_threads t
    WHERE t.board = p_board AND t.no = p_thread AND t.archived_at IS NOT NULL
        AND a.board = t.board AND a.name = t.archive_page;
    UPDATE all_threads SET archived_at = NULL, archive_page = NULL
    WHERE board = p_board AND no = p_thread AND archived_at IS NOT NULL;
END $$;

-- A thread is about to go from its board, removed or set aside: gives the change its number and writes the
-- fact. False when it is not there. The caller holds the boards.
CREATE OR REPLACE FUNCTION thread_goes(p_board text, p_thread bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_change_no bigint := next_change(p_board);
    v_per_page integer;
    v_pages integer[];
    v_around record;
    v_threads integer;
BEGIN
    v_around := touch_around_thread(p_board, p_thread, v_change_no);
    IF v_around.nos IS NULL THEN RETURN false; END IF;
    PERFORM leave_archive(p_board, p_thread, v_change_no);
    v_per_page := (SELECT board_setting(settings, 'threads_per_page')::integer FROM boards WHERE name = p_board);
    v_pages := pages_of_threads(p_board, p_thread || v_around.linked_threads, v_per_page);
    -- The whole order below it moves up by one; when the last page goes, all pages lose its link.
    SELECT count(*) INTO v_threads FROM threads WHERE board = p_board;
    v_pages[2] := greatest(v_pages[2], (v_threads - 1) / v_per_page + 1);
    IF v_threads % v_per_page = 1 OR v_per_page = 1 THEN v_pages[1] := 1; END IF;
    INSERT INTO outbox (board, change_no, kind, body)
    VALUES (p_board, v_change_no, 'ThreadRemoved', jsonb_build_object(
        'thread', p_thread, 'pages', v_pages, 'media', media_names_of_posts(p_board, v_around.nos),
        'quoting_threads', v_around.linked_threads));
    RETURN true;
END $$;

-- A thread goes from its board into the archive: readers find it where it was, with all its links and files.
-- The caller holds the board.
CREATE FUNCTION archive_thread(p_board text, p_thread bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    c_threads_max CONSTANT integer := 500;  -- of one page of the archive
    v_change_no bigint := next_change(p_board);
    v_now timestamptz := clock_timestamp();
    v_month text := to_char(v_now AT TIME ZONE 'UTC', 'YYYY-MM');
    v_per_page integer;
    v_pages integer[];
    v_threads integer;
    v_number integer;
    v_on_page integer;
    v_page text;
BEGIN
    v_per_page := (SELECT board_setting(settings, 'threads_per_page')::integer FROM boards WHERE name = p_board);
    v_pages := pages_of_threads(p_board, ARRAY[p_thread], v_per_page);
    -- The whole order below it moves up by one; when the last page goes, all pages lose its link.
    SELECT count(*) INTO v_threads FROM threads WHERE board = p_board;
    v_pages[2] := greatest(v_pages[2], (v_threads - 1) / v_per_page + 1);
    IF v_threads % v_per_page = 1 OR v_per_page = 1 THEN v_pages[1] := 1; END IF;
    SELECT number, threads INTO v_number, v_on_page FROM archive_pages
    WHERE board = p_board AND month = v_month ORDER BY number DESC LIMIT 1;
    v_number := coalesce(v_number, 1);
    IF v_on_page >= c_threads_max THEN v_number := v_number + 1; END IF;
    v_page := v_month || CASE WHEN v_number > 1 THEN '-' || v_number ELSE '' END;
    INSERT INTO archive_pages AS a (board, name, month, number, threads, changed_no)
    VALUES (p_board, v_page, v_month, v_number, 1, v_change_no)
    ON CONFLICT (board, month, number) DO UPDATE SET
        threads = a.threads + 1, changed_no = excluded.changed_no;
    UPDATE all_threads SET
        aside_since = v_now, archived_at = v_now, archive_page = v_page,
        modified_at = v_now, changed_no = v_change_no
    WHERE board = p_board AND no = p_thread;
    INSERT INTO outbox (board, change_no, kind, body)
    VALUES (p_board, v_change_no, 'ThreadChanged', jsonb_build_object('thread', p_thread, 'pages', v_pages));
END $$;

-- The same as prune(), but where the board has an archive the thread goes there.
CREATE FUNCTION prune_v2(p_board text, p_waits boolean) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_has_archive boolean;
    v_thread bigint;
BEGIN
    SELECT board_setting(settings, 'archive_days')::integer > 0 INTO v_has_archive
    FROM boards WHERE name = p_board;
    IF v_has_archive IS NOT TRUE THEN RETURN prune(p_board, p_waits); END IF;
    IF thread_without_room(p_board, p_waits) IS NULL THEN RETURN NULL; END IF;
    PERFORM 1 FROM boards WHERE name = p_board FOR NO KEY UPDATE;
    -- Again, now that nobody else can change it.
    v_thread := thread_without_room(p_board, p_waits);
    IF v_thread IS NOT NULL THEN PERFORM archive_thread(p_board, v_thread); END IF;
    RETURN v_thread;
END $$;

-- Removes a thread whose time in the archive of its board is over; false: none is due.
CREATE FUNCTION expire_archived() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_due record;
BEGIN
    SELECT t.board, t.no INTO v_due FROM boards b, LATERAL (
        SELECT board, no, archived_at FROM all_threads
        WHERE board = b.name AND archived_at IS NOT NULL ORDER BY archived_at, no LIMIT 1
    ) AS t
    WHERE t.archived_at <= now() - make_interval(days => board_setting(b.settings, 'archive_days')::integer)
    LIMIT 1;
    IF NOT FOUND THEN RETURN false; END IF;
    PERFORM hold_boards(v_due.board, ARRAY(
        SELECT no FROM posts WHERE board = v_due.board AND thread_no = v_due.no));
    -- Somebody may just have brought it back, or removed it.
    PERFORM 1 FROM all_threads
    WHERE board = v_due.board AND no = v_due.no AND archived_at IS NOT NULL FOR UPDATE;
    IF FOUND THEN PERFORM remove_thread(v_due.board, v_due.no); END IF;
    RETURN true;
END $$;

-- Puts a thread that was kept aside or archived at the head of its board, with all that it had; false when
-- it is neither (any more).
CREATE OR REPLACE FUNCTION bring_back(p_board text, p_thread bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_change_no bigint;
    v_now timestamptz;
    v_around record;
BEGIN
    PERFORM hold_boards(p_board, ARRAY(SELECT no FROM posts WHERE board = p_board AND thread_no = p_thread));
    PERFORM 1 FROM all_threads
    WHERE board = p_board AND no = p_thread AND aside_since > '-infinity' FOR UPDATE;
    IF NOT FOUND THEN RETURN false; END IF;
    v_change_no := next_change(p_board);
    v_now := clock_timestamp();
    PERFORM leave_archive(p_board, p_thread, v_change_no);
    -- As if posts had been removed from it: what a renderer kept of it is out of date.
    UPDATE all_threads SET
        aside_since = NULL, bump_no = v_change_no, bumped_at = v_now,
        brought_back_no = v_change_no, brought_back_at = v_now,
        modified_at = v_now, changed_no = v_change_no, removal_no = v_change_no
    WHERE board = p_board AND no = p_thread;
    v_around := touch_around_thread(p_board, p_thread, v_change_no);
    -- The whole order moves down by one.
    INSERT INTO outbox (board, change_no, kind, body)
    SELECT p_board, v_change_no, 'PostAdded', jsonb_build_object(
        'thread', p_thread, 'no', p_thread, 'quoted_threads', v_around.linked_threads,
        'media', media_names_of_posts(p_board, v_around.nos), 'pages', ARRAY[1, (
            SELECT (count(*) - 1) / board_setting(b.settings, 'threads_per_page')::integer + 1
            FROM threads WHERE board = p_board)])
    FROM boards b WHERE b.name = p_board;
    RETURN true;
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

-- Removes one post, and takes its bump back; an OP takes its thread along. False when it is not there.
CREATE OR REPLACE FUNCTION remove_post(p_board text, p_no bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_thread bigint;
    v_change_no bigint;
    v_quoting bigint[];
    v_media text[];
    v_files integer;
    v_per_page integer;
    v_before integer[];
    v_after integer[];
    v_is_last_bump boolean;
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
    FROM files, media_names(files) AS name WHERE board = p_board AND post_no = p_no;
    v_per_page := (SELECT board_setting(settings, 'threads_per_page')::integer FROM boards WHERE name = p_board);
    v_before := pages_of_threads(p_board, v_thread || v_quoting, v_per_page);
    SELECT coalesce(p.bump_no = t.bump_no, p.created_at = t.bumped_at) INTO v_is_last_bump
    FROM posts p JOIN all_threads t ON t.board = p.board AND t.no = p.thread_no
    WHERE p.board = p_board AND p.no = p_no;
    DELETE FROM posts WHERE board = p_board AND no = p_no;
    INSERT INTO removed_posts (board, thread_no, change_no, no) VALUES (p_board, v_thread, v_change_no, p_no);
    UPDATE all_threads SET
        reply_count = reply_count - 1, image_count = image_count - v_files,
        modified_at = clock_timestamp(), changed_no = v_change_no, removal_no = v_change_no
    WHERE board = p_board AND no = v_thread;
    PERFORM touch_archive(p_board, v_thread, v_change_no);
    IF v_is_last_bump THEN
        UPDATE all_threads SET (bump_no, bumped_at) = (SELECT * FROM last_bump(p_board, v_thread))
        WHERE board = p_board AND no = v_thread;
    END IF;
    v_after := pages_of_threads(p_board, ARRAY[v_thread], v_per_page);
    INSERT INTO outbox (board, change_no, kind, body)
    VALUES (p_board, v_change_no, 'PostRemoved', jsonb_build_object(
        'thread', v_thread, 'no', p_no, 'media', v_media, 'quoting_threads', v_quoting,
        'pages', ARRAY[least(v_before[1], v_after[1]), greatest(v_before[2], v_after[2])]));
    RETURN true;
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
            SELECT no, (row_number() OVER (ORDER BY is_sticky DESC, bump_no DESC, no DESC) - 1)
                / v_per_page + 1 AS page
            FROM threads WHERE board = v_board
        ) AS standing ON standing.no = told.thread;
        UPDATE boards SET change_no = change_no + cardinality(v_threads) WHERE name = v_board;
    END LOOP;
END $$;

-- A post of a board looks different: gives the change its number, and writes the fact. `p_files_less`
-- of its files are gone. The caller holds the board.
CREATE OR REPLACE FUNCTION post_changed(p_board text, p_no bigint, p_kind text, p_media text[], p_files_less bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_change_no bigint := next_change(p_board);
    v_thread bigint;
BEGIN
    UPDATE posts SET changed_no = v_change_no WHERE board = p_board AND no = p_no
    RETURNING thread_no INTO v_thread;
    UPDATE all_threads SET
        image_count = image_count - CASE WHEN v_thread = p_no THEN 0 ELSE p_files_less END,
        modified_at = clock_timestamp(), changed_no = v_change_no
    WHERE board = p_board AND no = v_thread;
    PERFORM touch_archive(p_board, v_thread, v_change_no);
    INSERT INTO outbox (board, change_no, kind, body)
    SELECT p_board, v_change_no, p_kind, jsonb_build_object(
        'thread', v_thread, 'no', p_no, 'media', p_media, 'pages', pages_of_threads(
            p_board, ARRAY[v_thread], board_setting(settings, 'threads_per_page')::integer))
    FROM boards WHERE name = p_board;
END $$;
