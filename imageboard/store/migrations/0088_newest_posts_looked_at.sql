-- Words that most posts have are looked for in the newest posts themselves, before the index is asked.
CREATE OR REPLACE FUNCTION find_posts(
    p_words tsquery, p_from timestamptz, p_before timestamptz, p_until bigint, p_is_ranked boolean, p_limit integer
) RETURNS TABLE (place bigint, board text, no bigint, rank real)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET jit = off AS $$
#variable_conflict use_column
DECLARE
    c_places_max CONSTANT integer := 4096;
    v_first bigint := (SELECT min(place) FROM searchable);
    v_until bigint := least(p_until, (SELECT max(place) FROM searchable));
    v_near integer := 64;
    v_blocks bigint := 1;
    v_from_block bigint;
    v_until_block bigint;
    v_from bigint;
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
        IF v_near > 0 THEN
            v_from := v_until - v_near + 1;
            v_places := ARRAY(
                SELECT near.place
                FROM (SELECT place, words FROM searchable WHERE place BETWEEN v_from AND v_until OFFSET 0) AS near
                WHERE near.words @@ p_words);
            v_near := CASE WHEN v_near = 64 AND cardinality(v_places) >= 32 THEN 1024 ELSE 0 END;
        ELSE
            v_until_block := v_until >> 12;
            v_from_block := greatest(v_first >> 12, v_until_block - v_blocks + 1);
            IF v_blocks >= 32 THEN v_from_block := v_from_block >> 5 << 5; END IF;
            v_places := places_of_words(
                p_words && words_of_places(v_from_block, v_until_block), v_until, c_places_max + 1);
            IF cardinality(v_places) > c_places_max THEN
                v_blocks := greatest(1, (v_until_block - v_from_block + 1) / 8);
                CONTINUE;
            END IF;
            v_from := v_from_block << 12;
            v_blocks := v_blocks * 4;
        END IF;
        RETURN QUERY
        SELECT s.place, p.board, p.no, CASE WHEN p_is_ranked THEN ts_rank(s.words, p_words) END
        FROM (SELECT * FROM searchable WHERE place = ANY (v_places) ORDER BY place DESC OFFSET 0) AS s
        JOIN posts p ON p.board = s.board AND p.no = s.no
        WHERE EXISTS (SELECT FROM shown_threads t WHERE t.board = p.board AND t.no = p.thread_no OFFSET 0)
            AND (p_from IS NULL OR p.created_at >= p_from) AND (p_before IS NULL OR p.created_at < p_before)
        ORDER BY s.place DESC LIMIT v_left;
        GET DIAGNOSTICS v_found = ROW_COUNT;
        v_left := v_left - v_found;
        v_until := v_from - 1;
    END LOOP;
END $$;
