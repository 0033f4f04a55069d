-- Staff edit posts, of which it is kept what they said before, and hide files behind a spoiler.
ALTER TABLE posts
    -- When staff last changed its words; what it said before each change, the oldest first, with who and when.
    -- NULL, both: as it was written. It goes wherever the post does.
    ADD COLUMN edited_at timestamptz,
    ADD COLUMN versions jsonb;

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
            f.pending_since IS NOT NULL AS is_pending,
            f.duration_ms,
            f.has_sound,
            f.codecs,
            f.alt
        FROM files f WHERE f.board = p.board AND f.post_no = p.no ORDER BY f.position) AS file) AS files,
    p.dice,
    p.country,
    p.tag,
    p.flag,
    p.flag_name,
    p.ban_message,
    floor(extract(epoch FROM p.edited_at))::bigint AS edited_s
FROM posts p;

CREATE OR REPLACE VIEW shown_posts AS
SELECT e.* FROM every_post e WHERE EXISTS (SELECT FROM shown_threads t
    WHERE t.board = e.board AND t.no = e.thread OFFSET 0);

CREATE OR REPLACE FUNCTION page_weight(p_post posts, p_file_names text[]) RETURNS integer
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    v_typed text := coalesce(p_post.name, '') || coalesce(p_post.email, '')
        || coalesce(p_post.subject, '') || p_post.body;
    v_chars integer := length(v_typed);
BEGIN
    RETURN 800
        -- Marks beside the text: each with an element of its own.
        + coalesce(6 * octet_length(p_post.dice) + 60, 0)
        + CASE WHEN p_post.country IS NULL THEN 0 ELSE 160 END
        + coalesce(8 * octet_length(p_post.tag) + 60, 0)
        + coalesce(12 * octet_length(p_post.flag_name) + 260, 0)
        + coalesce(6 * octet_length(p_post.ban_message) + 80, 0)
        + CASE WHEN p_post.edited_at IS NULL THEN 0 ELSE 160 END
        -- What is said of each file: its name, which stands there twice, and what it shows.
        + 700 * cardinality(p_file_names) + 5 * octet_length(array_to_string(p_file_names, ''))
        -- The name says whose the post is, too.
        + 6 * coalesce(octet_length(p_post.name), 0)
        -- A link has its address twice.
        + octet_length(v_typed) * CASE WHEN position('://' IN v_typed) > 0 THEN 2 ELSE 1 END
        + 8 * (v_chars - length(translate(v_typed, '&"', '')))
        + 2 * (v_chars - length(translate(v_typed, '_~', '')))
        + 10 * (v_chars - length(translate(v_typed, E'=`\n''', '')))
        -- Two, or a tag, begin or end a spoiler, which the keyboard has to reach.
        + 19 * (v_chars - length(translate(v_typed, '*|', '')))
        + 30 * (v_chars - length(translate(v_typed, '[', '')))
        -- It may begin a line of its own colour.
        + 34 * (v_chars - length(translate(v_typed, '<', '')))
        -- Each line of a spoiler is one.
        + CASE WHEN v_typed ~* '\[spoiler]|\|\|'
            THEN 75 * (v_chars - length(translate(v_typed, E'\n', ''))) ELSE 0 END
        + 40 * (v_chars - length(translate(v_typed, ':', '')))
        -- Two of them quote, which also shows below the quoted post.
        + 64 * (v_chars - length(translate(v_typed, '>', '')));
END $$;

CREATE FUNCTION rewrite_post(
    p_board text, p_no bigint, p_name text, p_subject text, p_body text, p_quotes jsonb, p_versions jsonb,
    p_edited_at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_quoted_before bigint[];
    v_quoted_no bigint;
BEGIN
    v_quoted_before := ARRAY(
        SELECT to_no FROM quotes WHERE board = p_board AND no = p_no AND to_board = p_board);
    DELETE FROM quotes WHERE board = p_board AND no = p_no;
    -- As add_post_v2() does.
    INSERT INTO quotes (board, no, to_board, to_no)
    SELECT p_board, p_no, p.board, p.no
    FROM jsonb_array_elements(p_quotes) AS q, LATERAL (
        SELECT board, no FROM posts
        WHERE board = q->>0 AND no = (q->>1)::bigint AND NOT (board = p_board AND no = p_no)
        FOR KEY SHARE
    ) AS p
    WHERE (SELECT true FROM quotes linked WHERE linked.to_board = p.board AND linked.to_no = p.no
        OFFSET 4999 LIMIT 1) IS NULL;
    FOR v_quoted_no IN
        SELECT quoted.no FROM (
            SELECT unnest(v_quoted_before) AS no
            UNION ALL
            SELECT to_no FROM quotes WHERE board = p_board AND no = p_no AND to_board = p_board
        ) AS quoted GROUP BY quoted.no HAVING count(*) = 1 ORDER BY quoted.no
    LOOP
        PERFORM post_changed(p_board, v_quoted_no, 'PostChanged', '{}', 0);
    END LOOP;
    UPDATE posts SET name = p_name, subject = p_subject, body = p_body, versions = p_versions,
        edited_at = p_edited_at
    WHERE board = p_board AND no = p_no;
    PERFORM post_changed(p_board, p_no, 'PostChanged', '{}', 0);
    -- Its page is weighed anew.
    UPDATE all_threads t SET page_weight = NULL FROM posts p
    WHERE p.board = p_board AND p.no = p_no AND t.board = p.board AND t.no = p.thread_no;
END $$;

CREATE FUNCTION hide_files(p_board text, p_no bigint, p_is_hidden boolean) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM boards WHERE name = p_board FOR NO KEY UPDATE;
    UPDATE files SET is_spoiler = p_is_hidden
    WHERE board = p_board AND post_no = p_no AND removed_at IS NULL AND is_spoiler <> p_is_hidden;
    IF NOT FOUND THEN RETURN false; END IF;
    PERFORM post_changed(p_board, p_no, 'PostChanged', '{}', 0);
    RETURN true;
END $$;
