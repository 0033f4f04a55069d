-- One file of a post can be removed, and its others stay. The version before removes all.

-- Removes the file of a post at `p_position` (NULL: all of them) and keeps the post; false when there is
-- nothing to remove.
CREATE FUNCTION remove_files(p_board text, p_no bigint, p_position integer) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_media text[];
    v_files bigint;
BEGIN
    PERFORM 1 FROM boards WHERE name = p_board FOR NO KEY UPDATE;
    WITH gone AS (
        UPDATE files SET removed_at = clock_timestamp()
        WHERE board = p_board AND post_no = p_no AND removed_at IS NULL
            AND (p_position IS NULL OR position = p_position)
        RETURNING files AS file
    )
    SELECT array_agg(name), count(DISTINCT (file).position) INTO v_media, v_files
    FROM gone, media_names(file) AS name;
    IF v_files = 0 THEN RETURN false; END IF;
    PERFORM post_changed(p_board, p_no, 'PostChanged', v_media, v_files);
    RETURN true;
END $$;

-- As the version before calls it; to be dropped when that no longer runs.
CREATE OR REPLACE FUNCTION remove_files(p_board text, p_no bigint) RETURNS boolean
LANGUAGE sql AS $$
    SELECT remove_files(p_board, p_no, NULL)
$$;
