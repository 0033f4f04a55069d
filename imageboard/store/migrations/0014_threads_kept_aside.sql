-- Threads that fall off their board are kept aside, and no longer inside somebody's post; what goes or
-- comes with a thread takes one statement, and one fact a board and thread, however many quote it.

-- The table has another name, so that whoever asks for threads, the version before too, gets those alone
-- that stand on their boards.
ALTER TABLE threads RENAME TO all_threads;
DO $$
DECLARE
    v_name text;
BEGIN
    FOR v_name IN SELECT conname FROM pg_constraint WHERE conrelid = 'all_threads'::regclass LOOP
        EXECUTE format('ALTER TABLE all_threads RENAME CONSTRAINT %I TO %I', v_name, 'all_' || v_name);
    END LOOP;
END $$;
ALTER TABLE all_threads
    -- When it fell off its board and was set aside, where nobody but staff sees it. NULL: it is on
    -- its board; -infinity: it was removed or its time is over, and what is left of it goes.
    ADD COLUMN aside_since timestamptz,
    -- Change at which staff brought it back, and when: a bump that no reply has. NULL: never.
    ADD COLUMN brought_back_no bigint,
    ADD COLUMN brought_back_at timestamptz;

-- Order of threads: board pages, catalog, the thread that falls off the last page.
CREATE INDEX threads_on_board ON all_threads (board, is_sticky DESC, bump_no DESC, no DESC)
    WHERE aside_since IS NULL;
-- The same of all threads.
DROP INDEX threads_by_bump;
-- Threads kept aside, the newest first; those whose time is over.
CREATE INDEX threads_aside ON all_threads (board, aside_since DESC, no DESC)
    WHERE aside_since IS NOT NULL;

-- SECURITY: the threads that readers may see. What pages show is asked of this view and of shown_posts.
CREATE VIEW threads AS SELECT * FROM all_threads WHERE aside_since IS NULL;

-- Posts as staff see them, those of threads kept aside too. Columns are named as the fields of
-- imageboard.threads.Post, and below of QuoteTarget, Backlink and PostFile: a field more is a line here
-- and a line there. Of backlinks the first hundred are shown: else a post would grow by whoever quotes it.
--
-- PERF: whether a thread is on its board is asked by its key for each row (OFFSET 0 keeps it so). A join
-- would be planned for the few rows of a young board, and go through all threads and posts of it for each
-- when it has grown: 35 ms a file at 400 posts.
CREATE VIEW every_post AS
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
    p.address_hash AS poster,
    (SELECT json_agg(target ORDER BY target.board, target.no) FROM (
        SELECT t.board, t.no, t.thread_no AS thread
        FROM quotes q JOIN posts t ON t.board = q.to_board AND t.no = q.to_no
        WHERE q.board = p.board AND q.no = p.no AND EXISTS (SELECT FROM threads
            WHERE threads.board = t.board AND threads.no = t.thread_no OFFSET 0)) AS target) AS quotes,
    (SELECT json_agg(source ORDER BY source.no) FROM (
        SELECT s.no, s.thread_no AS thread
        FROM quotes q JOIN posts s ON s.board = q.board AND s.no = q.no
        WHERE q.to_board = p.board AND q.to_no = p.no AND q.board = p.board AND EXISTS (SELECT FROM threads
            WHERE threads.board = s.board AND threads.no = s.thread_no OFFSET 0)
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

-- Posts as pages show them: of threads that stand on their board.
CREATE OR REPLACE VIEW shown_posts AS
SELECT e.* FROM every_post e WHERE EXISTS (SELECT FROM threads t
    WHERE t.board = e.board AND t.no = e.thread OFFSET 0);

ALTER TYPE post_terms ADD ATTRIBUTE waits_for_room boolean;

-- How many threads that are not sticky have room on a board.
CREATE FUNCTION room_on_board(p_board text) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT greatest(1, board_setting(settings, 'threads_per_page')::integer
        * board_setting(settings, 'pages_max')::integer
        - (SELECT count(*) FROM threads WHERE board = p_board AND is_sticky))
    FROM boards WHERE name = p_board
$$;

-- For how long a thread stays on a board after each bump, whatever comes.
CREATE FUNCTION stays_after_bump(p_board text) RETURNS interval LANGUAGE sql STABLE AS $$
    SELECT make_interval(mins => board_setting(settings, 'quiet_minutes_min')::integer)
    FROM boards WHERE name = p_board
$$;

-- The thread of `p_nos`, which are of one thread, if its OP is among them; else NULL.
CREATE FUNCTION whole_thread(p_board text, p_nos bigint[]) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT thread_no FROM posts WHERE board = p_board AND no = p_nos[1] AND thread_no = ANY (p_nos)
$$;

-- Posts of one board that quote any of `p_nos`, all of one thread, come to look different at
-- `p_change_no`, and so do their threads; returns those on the board. Call it before the quoted posts are
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
    JOIN threads ON threads.board = p_board AND threads.no = touched.thread_no;
    UPDATE threads SET changed_no = p_change_no
    WHERE threads.board = p_board AND threads.no = ANY (v_threads);
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
    JOIN threads ON threads.board = p_board AND threads.no = touched.thread_no;
    UPDATE threads SET changed_no = p_change_no
    WHERE threads.board = p_board AND threads.no = ANY (v_threads);
    RETURN v_threads;
END $$;

-- A thread goes from its board or comes back to it: links to it and from it change on all boards.
-- Returns the numbers of its posts, NULL: it is not there; and of other threads here that look different.
-- The caller holds the boards.
CREATE FUNCTION touch_around_thread(
    p_board text, p_thread bigint, p_change_no bigint, OUT nos bigint[], OUT linked_threads bigint[]
) LANGUAGE plpgsql AS $$
BEGIN
    -- Locked first: whoever adds a quote of them waits, and is then seen here or finds them gone.
    WITH held AS (
        SELECT no FROM posts WHERE board = p_board AND thread_no = p_thread FOR UPDATE
    )
    SELECT array_agg(no) INTO nos FROM held;
    IF nos IS NULL THEN RETURN; END IF;
    PERFORM tell_other_boards(p_board, nos);
    linked_threads := ARRAY(
        SELECT DISTINCT no FROM unnest(
            touch_quoting_posts(p_board, nos, p_change_no) || touch_quoted_posts(p_board, nos, p_change_no)
        ) AS no WHERE no <> p_thread ORDER BY no);
END $$;

-- Names of all media of these posts, as facts hold them.
CREATE FUNCTION media_names_of_posts(p_board text, p_nos bigint[]) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(name), '{}')
    FROM files, media_names(files) AS name WHERE board = p_board AND post_no = ANY (p_nos)
$$;

-- A thread is about to go from its board, removed or set aside: gives the change its number and writes the
-- fact. False when it is not there. The caller holds the boards.
CREATE FUNCTION thread_goes(p_board text, p_thread bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_change_no bigint := next_change(p_board);
    v_per_page integer;
    v_pages integer[];
    v_around record;
    v_threads integer;
BEGIN
    v_around := touch_around_thread(p_board, p_thread, v_change_no);
    IF v_around.nos IS NULL THEN RETURN false; END IF;
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

-- Removes a whole thread; false when it is not there. Posts, files, quotes and reports go with it: those of
-- a long one after a while, in batches (forget_aside), since its board is held meanwhile. PERF: 20,000
-- posts take 2.4 s, and so 0.3.
CREATE OR REPLACE FUNCTION remove_thread(p_board text, p_thread bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT thread_goes(p_board, p_thread) THEN RETURN false; END IF;
    UPDATE all_threads SET aside_since = '-infinity'
    WHERE board = p_board AND no = p_thread AND reply_count > 1000;
    IF NOT FOUND THEN DELETE FROM all_threads WHERE board = p_board AND no = p_thread; END IF;
    RETURN true;
END $$;

-- The thread that has to go from a board next, since it no longer has room on it; NULL: none has to. One
-- that was bumped a while ago (`p_waits`: as the board has it) stays.
CREATE FUNCTION thread_without_room(p_board text, p_waits boolean) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT no FROM (
        SELECT no, bump_no, bumped_at FROM threads WHERE board = p_board AND NOT is_sticky
        ORDER BY bump_no DESC, no DESC OFFSET room_on_board(p_board)
    ) AS without
    WHERE NOT p_waits OR bumped_at <= clock_timestamp() - stays_after_bump(p_board)
    ORDER BY bump_no, no LIMIT 1
$$;

-- Sets aside the thread that has to go next; its number, NULL: none has to. Nothing of it is lost: pages
-- show it no longer. One a transaction, so that posts wait for no more than that.
CREATE FUNCTION prune(p_board text, p_waits boolean) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_thread bigint := thread_without_room(p_board, p_waits);
BEGIN
    IF v_thread IS NULL THEN RETURN NULL; END IF;
    PERFORM hold_boards(p_board, ARRAY(SELECT no FROM posts WHERE board = p_board AND thread_no = v_thread));
    -- Again, now that nobody else can change it.
    IF v_thread IS DISTINCT FROM thread_without_room(p_board, p_waits) THEN RETURN NULL; END IF;
    PERFORM thread_goes(p_board, v_thread);
    UPDATE all_threads SET aside_since = clock_timestamp() WHERE board = p_board AND no = v_thread;
    RETURN v_thread;
END $$;

-- Puts a thread that was kept aside at the head of its board, with all that it had; false when it is not
-- kept aside (any more).
CREATE FUNCTION bring_back(p_board text, p_thread bigint) RETURNS boolean LANGUAGE plpgsql AS $$
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
CREATE FUNCTION forget_aside(p_posts_max integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_due record;
    v_posts integer;
BEGIN
    SELECT t.board, t.no INTO v_due
    FROM boards b, LATERAL (
        SELECT a.board, a.no FROM (
            SELECT aside.board, aside.no, aside.aside_since,
                row_number() OVER (ORDER BY aside.aside_since DESC, aside.no DESC) AS place
            FROM all_threads aside WHERE aside.board = b.name AND aside.aside_since IS NOT NULL
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
    WHERE board = v_due.board AND no = v_due.no AND aside_since IS NOT NULL;
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

-- The bump of a thread as its posts have it: that of the last one that bumps, or else of the OP; or that
-- by which staff brought it back, when that was later.
--
-- Of a post that is older than the column it is reckoned whether it bumped; and at which change: the
-- last at which it changed, if that lies where its moment does among the bumps of all threads.
CREATE OR REPLACE FUNCTION last_bump(p_board text, p_thread bigint, OUT bump_no bigint, OUT bumped_at timestamptz)
LANGUAGE sql STABLE AS $$
    WITH post AS (
        SELECT p.no, p.created_at, p.bump_no, p.changed_no, p.email,
            row_number() OVER (ORDER BY p.no) - 2 AS replies_before
        FROM posts p WHERE p.board = p_board AND p.thread_no = p_thread
    ), bump AS (
        SELECT post.created_at, post.bump_no, post.changed_no
        FROM post JOIN boards ON boards.name = p_board
        WHERE CASE WHEN post.bump_no IS NOT NULL THEN post.bump_no > 0 ELSE post.no = p_thread
            OR (coalesce(post.email, '') !~* '(^|\s)sage(\s|$)' AND is_below_bump_limit(
                post.replies_before, board_setting(boards.settings, 'bump_limit')::integer)) END
        ORDER BY post.no DESC LIMIT 1
    ), reckoned AS (
        SELECT coalesce(bump.bump_no, (
                SELECT least(min(t.bump_no) FILTER (WHERE t.bumped_at > bump.created_at) - 1, greatest(
                    max(t.bump_no) FILTER (WHERE t.bumped_at < bump.created_at) + 1, bump.changed_no))
                FROM threads t WHERE t.board = p_board
            )) AS bump_no, bump.created_at AS bumped_at
        FROM bump
        UNION ALL
        SELECT t.brought_back_no, t.brought_back_at FROM all_threads t
        WHERE t.board = p_board AND t.no = p_thread AND t.brought_back_no IS NOT NULL
    )
    SELECT bump_no, bumped_at FROM reckoned ORDER BY bump_no DESC LIMIT 1
$$;

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
    UPDATE all_threads SET
        reply_count = reply_count - 1, image_count = image_count - v_files,
        modified_at = clock_timestamp(), changed_no = v_change_no, removal_no = v_change_no
    WHERE board = p_board AND no = v_thread;
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
            JOIN threads t ON t.board = p.board AND t.no = p.thread_no
            WHERE q.to_board = p_board AND q.to_no = ANY (p_nos) AND q.board = v_board
            GROUP BY p.thread_no
        ) AS quoting;
        CONTINUE WHEN v_threads IS NULL;
        UPDATE posts SET changed_no = v_before + told.place
        FROM quotes q, unnest(v_threads) WITH ORDINALITY AS told (thread, place)
        WHERE q.to_board = p_board AND q.to_no = ANY (p_nos) AND q.board = v_board
            AND posts.board = q.board AND posts.no = q.no AND posts.thread_no = told.thread;
        UPDATE threads SET changed_no = v_before + told.place
        FROM unnest(v_threads) WITH ORDINALITY AS told (thread, place)
        WHERE threads.board = v_board AND threads.no = told.thread;
        INSERT INTO outbox (board, change_no, kind, body)
        SELECT v_board, v_before + told.place, 'PostChanged', jsonb_build_object(
            'thread', told.thread, 'no', told.no, 'pages', ARRAY[standing.page, standing.page])
        FROM unnest(v_threads, v_nos) WITH ORDINALITY AS told (thread, no, place)
        JOIN (
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
    INSERT INTO outbox (board, change_no, kind, body)
    SELECT p_board, v_change_no, p_kind, jsonb_build_object(
        'thread', v_thread, 'no', p_no, 'media', p_media, 'pages', pages_of_threads(
            p_board, ARRAY[v_thread], board_setting(settings, 'threads_per_page')::integer))
    FROM boards WHERE name = p_board;
END $$;
