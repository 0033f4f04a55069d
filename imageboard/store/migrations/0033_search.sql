-- Posts are found by their words.

-- What posts are found by, as imageboard.search_words makes it: a row each, added by the keeper soon after
-- the post, and gone with it.
CREATE TABLE searchable (
    -- The order of posts in time, over all boards. Those that were there before it count down from 0.
    place bigint PRIMARY KEY,
    board text NOT NULL,
    no bigint NOT NULL,
    words tsvector NOT NULL,
    UNIQUE (board, no),
    FOREIGN KEY (board, no) REFERENCES posts (board, no) ON DELETE CASCADE
);
-- Posts by their words. Without a list of what is still to be sorted in: each search would read it whole.
CREATE INDEX searchable_by_words ON searchable USING gin (words) WITH (fastupdate = off);

-- Up to which number posts of a board can be found; those that were there before search was: see below.
CREATE TABLE search_progress (
    board text PRIMARY KEY REFERENCES boards ON DELETE CASCADE,
    no bigint NOT NULL
);
INSERT INTO search_progress (board, no) SELECT name, last_no FROM boards;

-- Before which moment posts are still to be gone through, backwards. NULL: all have been.
CREATE TABLE search_backlog (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    before timestamptz DEFAULT 'infinity'
);
INSERT INTO search_backlog DEFAULT VALUES;

-- Posts that are found by what they no longer say.
CREATE TABLE search_due (
    board text NOT NULL,
    no bigint NOT NULL,
    PRIMARY KEY (board, no),
    FOREIGN KEY (board, no) REFERENCES posts (board, no) ON DELETE CASCADE
);
-- A post says something else.
CREATE FUNCTION search_post_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO search_due (board, no) VALUES (NEW.board, NEW.no) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER is_searched_anew AFTER UPDATE OF subject, name, tripcode, body ON posts
    FOR EACH ROW EXECUTE FUNCTION search_post_anew();
-- A post has other files, or fewer.
CREATE FUNCTION search_file_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Where the post itself goes there is nothing left to find.
    INSERT INTO search_due (board, no) SELECT board, no FROM posts WHERE board = OLD.board AND no = OLD.post_no
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER is_searched_anew AFTER UPDATE OF removed_at ON files
    FOR EACH ROW EXECUTE FUNCTION search_file_anew();
-- One that waited becomes another file.
CREATE TRIGGER becomes_another AFTER DELETE ON files
    FOR EACH ROW WHEN (OLD.pending_since IS NOT NULL) EXECUTE FUNCTION search_file_anew();

-- What the files of a post are found by, as imageboard.search_words.FileWords; NULL: it has none.
CREATE FUNCTION file_words(p_post posts) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT json_agg(json_build_object(
        'name', f.original_name || f.extension,
        'hashes', ARRAY(SELECT encode(hash, 'hex') FROM unnest(ARRAY[f.md5, f.sha256, f.sent_sha256]) AS hash
            WHERE hash IS NOT NULL)) ORDER BY f.position)
    FROM files f WHERE f.board = p_post.board AND f.post_no = p_post.no AND f.removed_at IS NULL
$$;

-- The places of at most `p_limit` posts that have these words, in no order. By the index alone, whatever the
-- planner takes the words to be: it knows nothing of places.
CREATE FUNCTION places_of_words(p_words tsquery, p_until bigint, p_limit integer) RETURNS bigint[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SET enable_seqscan = off SET enable_indexscan = off SET jit = off AS $$
BEGIN
    RETURN ARRAY(
        SELECT found.place FROM (SELECT place FROM searchable WHERE words @@ p_words OFFSET 0) AS found
        WHERE found.place <= p_until LIMIT p_limit);
END $$;

-- The words that stand for places: those of blocks from `p_first` to `p_last`, which are 4,096 places each;
-- 32 that stand together have one word (imageboard/search_words.py).
CREATE FUNCTION words_of_places(p_first bigint, p_last bigint) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT string_agg(DISTINCT CASE WHEN block >> 5 << 5 >= p_first AND (block >> 5 << 5) + 31 <= p_last
        THEN '''@@' || (block >> 5) ELSE '''@' || block END || '''', '|')::tsquery
    FROM generate_series(p_first, p_last) AS block
$$;

-- The newest posts that have these words and that readers may see, the newest first, none newer than
-- `p_until`. One statement, so that the time that it may take is its session's statement_timeout.
--
-- The index knows no order, and words may be in every second post: so places are gone through backwards, block
-- by block, in larger and larger steps as long as little is found, and in smaller ones where there is
-- much. No step looks at more than 4,096 posts.
CREATE FUNCTION find_posts(
    p_words tsquery, p_from timestamptz, p_before timestamptz, p_until bigint, p_is_ranked boolean, p_limit integer
) RETURNS TABLE (place bigint, board text, no bigint, rank real)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET jit = off AS $$
#variable_conflict use_column
DECLARE
    c_places_max CONSTANT integer := 4096;
    v_first bigint := (SELECT min(place) FROM searchable);
    v_until bigint := least(p_until, (SELECT max(place) FROM searchable));
    v_blocks bigint := 1;
    v_from_block bigint;
    v_until_block bigint;
    v_places bigint[];
    v_left integer := p_limit;
    v_found integer;
BEGIN
    -- Places are in the order of time but for what came within a pass of the keeper.
    IF p_before IS NOT NULL THEN
        v_until := least(v_until, (
            SELECT s.place FROM posts p JOIN searchable s ON s.board = p.board AND s.no = p.no
            WHERE p.created_at < p_before + interval '10 seconds'
            ORDER BY p.created_at DESC LIMIT 1));
    END IF;
    IF p_from IS NOT NULL THEN
        v_first := greatest(v_first, (
            SELECT s.place FROM posts p JOIN searchable s ON s.board = p.board AND s.no = p.no
            WHERE p.created_at >= p_from - interval '10 seconds'
            ORDER BY p.created_at LIMIT 1));
    END IF;
    WHILE v_until >= v_first AND v_left > 0 LOOP
        v_until_block := v_until >> 12;
        v_from_block := greatest(v_first >> 12, v_until_block - v_blocks + 1);
        IF v_blocks >= 32 THEN v_from_block := v_from_block >> 5 << 5; END IF;
        v_places := places_of_words(
            p_words && words_of_places(v_from_block, v_until_block), v_until, c_places_max + 1);
        IF cardinality(v_places) > c_places_max THEN
            v_blocks := greatest(1, (v_until_block - v_from_block + 1) / 8);
            CONTINUE;
        END IF;
        RETURN QUERY
        SELECT s.place, p.board, p.no, CASE WHEN p_is_ranked THEN ts_rank(s.words, p_words) END
        FROM (SELECT place FROM unnest(v_places) AS each (place) ORDER BY place DESC) AS found
        JOIN searchable s ON s.place = found.place
        JOIN posts p ON p.board = s.board AND p.no = s.no
        WHERE EXISTS (SELECT FROM shown_threads t WHERE t.board = p.board AND t.no = p.thread_no OFFSET 0)
            AND (p_from IS NULL OR p.created_at >= p_from) AND (p_before IS NULL OR p.created_at < p_before)
        ORDER BY found.place DESC LIMIT v_left;
        GET DIAGNOSTICS v_found = ROW_COUNT;
        v_left := v_left - v_found;
        v_until := (v_from_block << 12) - 1;
        v_blocks := v_blocks * 4;
    END LOOP;
END $$;
