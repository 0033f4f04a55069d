-- A thread's page has a bound, whatever the settings of its board say.

-- Whoever adds a post names the table first, so none is on its way while the terms get more.
ALTER TABLE threads
    -- What its page weighs, in bytes at most: with all that was added, and without what was removed up to
    -- that change. NULL: not reckoned yet.
    ADD COLUMN page_weight integer,
    ADD COLUMN page_weight_no bigint;

ALTER TYPE post_terms
    ADD ATTRIBUTE page_weight_max integer,  -- of its thread's page, with it; NULL: any
    ADD ATTRIBUTE ignores_limits boolean;  -- the board's own on replies

-- How many bytes of its thread's page a post takes at most: what was typed, with what escaping, line ends,
-- marks and links add to it, and what stands around. A test draws the worst of each.
CREATE FUNCTION page_weight(p_post posts, p_file_names text[]) RETURNS integer
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    v_typed text := coalesce(p_post.name, '') || coalesce(p_post.email, '')
        || coalesce(p_post.subject, '') || p_post.body;
    v_chars integer := length(v_typed);
BEGIN
    RETURN 800
        -- Each file has its name in four places.
        + 700 * cardinality(p_file_names) + 20 * octet_length(array_to_string(p_file_names, ''))
        -- A link has its address twice.
        + octet_length(v_typed) * CASE WHEN position('://' IN v_typed) > 0 THEN 2 ELSE 1 END
        + 8 * (v_chars - length(translate(v_typed, '&<"', '')))
        + 10 * (v_chars - length(translate(v_typed, E'*=[\n''', '')))
        + 40 * (v_chars - length(translate(v_typed, ':', '')))
        -- Two of them quote, which also shows below the quoted post.
        + 53 * (v_chars - length(translate(v_typed, '>', '')));
END $$;

-- Whether the page of a thread has room for a post of that weight. What was removed is reckoned only when
-- it may give room, once after each removal; the caller holds the board.
CREATE FUNCTION has_room_on_page(p_board text, p_thread bigint, p_weight integer, p_weight_max integer)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_weight integer;
BEGIN
    UPDATE threads SET page_weight_no = changed_no, page_weight = (
        SELECT sum(page_weight(p, ARRAY(
            SELECT original_name FROM files f WHERE f.board = p.board AND f.post_no = p.no)))
        FROM posts p WHERE p.board = p_board AND p.thread_no = p_thread)
    WHERE board = p_board AND no = p_thread AND (page_weight IS NULL OR removal_no > page_weight_no);
    SELECT page_weight INTO v_weight FROM threads WHERE board = p_board AND no = p_thread;
    RETURN v_weight + p_weight <= p_weight_max;
END $$;
