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
