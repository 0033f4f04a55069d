-- Tries to work on a file that waits are counted, so that one which ends them all is given up.

ALTER TABLE files
    -- How often somebody has begun to work on it while it waited. NULL: never.
    ADD COLUMN pending_tries smallint CHECK (pending_tries >= 0);

-- A file that waited is fit to be shown: p_made holds what was made of it, by name. False when it
-- waits no longer: removed, with its post or alone, or done by somebody else.
CREATE OR REPLACE FUNCTION media_ready(p_board text, p_no bigint, p_position integer, p_made jsonb)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_file files;
BEGIN
    PERFORM 1 FROM boards WHERE name = p_board FOR NO KEY UPDATE;
    DELETE FROM files WHERE board = p_board AND post_no = p_no AND position = p_position
        AND pending_since IS NOT NULL AND removed_at IS NULL
    RETURNING * INTO v_file;
    IF NOT FOUND THEN RETURN false; END IF;
    -- Its place, and what its poster said of it, stay. What was made is all that there is.
    v_file := jsonb_populate_record(v_file, p_made || jsonb_build_object(
        'board', p_board, 'post_no', p_no, 'position', p_position, 'tim', v_file.tim,
        'original_name', v_file.original_name, 'is_spoiler', v_file.is_spoiler,
        'sent_sha256', v_file.sent_sha256, 'pending_since', NULL, 'pending_tries', NULL));
    INSERT INTO files VALUES (v_file.*);
    PERFORM post_changed(p_board, p_no, 'MediaReady', ARRAY(SELECT media_names(v_file)), 0);
    RETURN true;
END $$;
