-- Posts of a thread that was put into another are told by what they were told by there: also those that are laid
-- aside, which come back into the other.
-- The posts of a thread stand in an older one of its board from now on, by their numbers. The caller has
-- called hold_for_move() for both.
CREATE OR REPLACE FUNCTION merge_threads(p_board text, p_thread bigint, p_into bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_change_no bigint;
BEGIN
    PERFORM thread_goes(p_board, p_thread);
    v_change_no := next_change(p_board);
    UPDATE posts SET thread_no = p_into, changed_no = v_change_no,
        poster_tag = coalesce(poster_tag, poster_tag(address_hash, board, thread_no))
    WHERE board = p_board AND thread_no = p_thread;
    UPDATE laid_aside SET thread_no = p_into, what = jsonb_set(what, '{post}', what->'post' || jsonb_build_object(
        'thread_no', p_into, 'poster_tag', coalesce((what->'post'->>'poster_tag')::integer,
            poster_tag((what->'post'->>'address_hash')::bytea, board, thread_no))))
    WHERE board = p_board AND thread_no = p_thread AND kind = 'post';
    -- As if posts had been removed: what a renderer kept of it is out of date.
    UPDATE all_threads t SET
        reply_count = t.reply_count + s.reply_count + 1, image_count = t.image_count + s.image_count + (
            SELECT count(*) FROM files f
            WHERE f.board = p_board AND f.post_no = p_thread AND f.removed_at IS NULL),
        modified_at = clock_timestamp(), changed_no = v_change_no, removal_no = v_change_no, page_weight = NULL
    FROM all_threads s
    WHERE t.board = p_board AND t.no = p_into AND s.board = p_board AND s.no = p_thread;
    UPDATE all_threads SET (bump_no, bumped_at) = (SELECT * FROM last_bump(p_board, p_into))
    WHERE board = p_board AND no = p_into;
    DELETE FROM all_threads WHERE board = p_board AND no = p_thread;
    PERFORM lead_on(p_board, p_thread, p_board, p_into);
    PERFORM thread_came(p_board, p_into, v_change_no);
END $$;
