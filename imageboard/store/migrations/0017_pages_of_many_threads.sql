-- A removal counts no longer where each of the threads stands that quote.

-- Pages on which these threads stand, and all that lie between: [first, last], or [1, 1]. Only of the first
-- and the last of them it is counted where they stand: there may be thousands.
CREATE OR REPLACE FUNCTION pages_of_threads(p_board text, p_threads bigint[], p_per_page integer)
RETURNS integer[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY[
        coalesce(page_of_thread(p_board, nos[1], p_per_page), 1),
        coalesce(page_of_thread(p_board, nos[cardinality(nos)], p_per_page), 1)]
    FROM (
        SELECT array_agg(no ORDER BY is_sticky DESC, bump_no DESC, no DESC) AS nos
        FROM threads WHERE board = p_board AND no = ANY (p_threads)
    ) AS standing
$$;
