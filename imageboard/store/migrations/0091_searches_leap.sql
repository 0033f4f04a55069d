-- The index leaps over posts that have the words or stand in the blocks alone, a step reaches no further than what was
-- looked at lets expect, and where many posts have the words they are looked at themselves: see schema.sql. A search
-- that is under way goes on with the function that it knows.
CREATE FUNCTION posts_of_words(p_words tsquery, p_blocks tsquery, p_until bigint, p_limit integer) RETURNS searchable[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SET enable_seqscan = off SET enable_indexscan = off SET jit = off AS $$
BEGIN
    RETURN ARRAY(
        SELECT (found.place, found.board, found.no, NULL, found.thread_no)::searchable
        FROM (SELECT * FROM searchable WHERE words @@ p_blocks AND words @@ p_words OFFSET 0) AS found
        WHERE found.place <= p_until LIMIT p_limit);
END $$;

CREATE OR REPLACE FUNCTION find_posts(
    p_words tsquery, p_from timestamptz, p_before timestamptz, p_until bigint, p_is_ranked boolean, p_limit integer
) RETURNS TABLE (place bigint, board text, no bigint, rank real)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET jit = off AS $$
#variable_conflict use_column
DECLARE
    c_posts_max CONSTANT integer := 4096;
    v_oldest bigint := (SELECT min(place) FROM searchable);
    v_newest bigint := (SELECT max(place) FROM searchable);
    v_first bigint := v_oldest;
    v_start bigint;
    v_until bigint := least(p_until, v_newest);
    v_reach bigint;
    v_reach_max bigint;
    v_from bigint;
    v_posts searchable[];
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
    v_start := v_until;
    WHILE v_until >= v_first AND v_left > 0 LOOP
        v_reach := greatest(64, least(
            v_reach_max, (v_start - v_until) * least(256, v_left / (p_limit - v_left + 1.0))));
        v_from := v_until - v_reach + 1;
        IF v_start - v_until <= 8 * (p_limit - v_left) THEN
            v_posts := ARRAY(
                SELECT (near.place, near.board, near.no, NULL, near.thread_no)::searchable
                FROM (SELECT * FROM searchable WHERE place BETWEEN v_from AND v_until OFFSET 0) AS near
                WHERE near.words @@ p_words);
        ELSE
            -- All that is left, where a quarter more would be: words do not lie evenly. Nobody knows how many have
            -- them above where it began.
            IF v_from - v_reach / 4 <= v_oldest AND v_start > v_newest - c_posts_max THEN
                v_from := v_oldest;
                v_posts := posts_of_words(p_words, v_until, c_posts_max + 1);
            ELSE
                v_from := greatest(v_from, v_first) >> 12 << 12;
                v_posts := posts_of_words(
                    p_words, words_of_places(v_from >> 12, v_until >> 12), v_until, c_posts_max + 1);
            END IF;
            IF cardinality(v_posts) > c_posts_max THEN
                v_reach_max := (v_until - v_from + 1) / 8;
                CONTINUE;
            END IF;
            v_reach_max := v_reach_max * 4;
        END IF;
        RETURN QUERY
        SELECT s.place, s.board, s.no, CASE WHEN p_is_ranked THEN
            ts_rank((SELECT r.words FROM searchable r WHERE r.place = s.place), p_words) END
        FROM (SELECT * FROM unnest(v_posts) ORDER BY place DESC OFFSET 0) AS s
        WHERE (EXISTS (SELECT FROM shown_threads t WHERE t.board = s.board AND t.no = s.thread_no OFFSET 0)
                OR EXISTS (SELECT FROM posts p JOIN shown_threads t ON t.board = p.board AND t.no = p.thread_no
                    WHERE p.board = s.board AND p.no = s.no OFFSET 0))
            AND ((p_from IS NULL AND p_before IS NULL) OR EXISTS (SELECT FROM posts p
                WHERE p.board = s.board AND p.no = s.no AND p.created_at >= coalesce(p_from, '-infinity')
                    AND p.created_at < coalesce(p_before, 'infinity') OFFSET 0))
        ORDER BY s.place DESC LIMIT v_left;
        GET DIAGNOSTICS v_found = ROW_COUNT;
        v_left := v_left - v_found;
        v_until := v_from - 1;
    END LOOP;
END $$;
