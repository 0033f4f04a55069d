-- What was removed from a thread is noted as long as the thread is there, so that whoever follows it by
-- its changes is told.
CREATE TABLE removed_posts (
    board text NOT NULL,
    thread_no bigint NOT NULL,
    change_no bigint NOT NULL,
    -- NULL: whichever posts were removed before this was noted.
    no bigint,
    removed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (board, thread_no, change_no),
    FOREIGN KEY (board, thread_no) REFERENCES all_threads (board, no) ON DELETE CASCADE
);
INSERT INTO removed_posts (board, thread_no, change_no)
SELECT board, no, removal_no FROM all_threads WHERE removal_no > 0;

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
