-- Boards of other engines come with their posts: what came is noted, so that a second dump of the same
-- board brings what is new, and a first one that was interrupted goes on.

CREATE TABLE imports (
    board text PRIMARY KEY REFERENCES boards ON DELETE CASCADE,
    -- Of a post that came, twice its number above this is its change.
    change_base bigint NOT NULL,
    -- NULL: what came is not shown yet.
    finished_at timestamptz
);

CREATE TABLE imported_posts (
    board text NOT NULL REFERENCES boards,
    no bigint NOT NULL,
    -- Of all that may be another in a later dump.
    digest bytea NOT NULL CHECK (octet_length(digest) = 16),
    PRIMARY KEY (board, no)
);

CREATE TABLE imported_threads (
    board text NOT NULL,
    no bigint NOT NULL,
    bumped_at timestamptz NOT NULL,
    -- False: it is still coming, and nobody sees it.
    is_shown boolean NOT NULL DEFAULT false,
    -- Something of it came that its counts and its place do not show yet.
    is_due boolean NOT NULL DEFAULT true,
    PRIMARY KEY (board, no),
    FOREIGN KEY (board, no) REFERENCES all_threads (board, no) ON DELETE CASCADE
);

-- Links in texts that came, to posts that were not there (yet).
CREATE TABLE imported_quotes (
    board text NOT NULL,
    no bigint NOT NULL,
    to_board text NOT NULL,
    to_no bigint NOT NULL,
    PRIMARY KEY (board, no, to_board, to_no),
    FOREIGN KEY (board, no) REFERENCES posts (board, no) ON DELETE CASCADE
);

-- Bans, reports, accounts, news and pages that came, by what they were called there.
CREATE TABLE imported_others (
    kind text NOT NULL CHECK (kind ~ '^[a-z]{1,20}$'),
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    -- What they are called here: a ban of several ranges is several.
    ours text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (kind, name)
);

-- Recreated: a thread that is still coming is no thread that was set aside.
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
                -- It is still coming from another engine.
                AND NOT EXISTS (SELECT FROM imported_threads i
                    WHERE i.board = aside.board AND i.no = aside.no AND NOT i.is_shown)
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
