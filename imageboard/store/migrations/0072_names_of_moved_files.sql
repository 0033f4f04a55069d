-- A file that moves takes no name of one that is laid aside on the other board, and could not come back then.
-- A thread stands at the head of another board from now on: its posts `p_nos` are `p_new_nos` there, and say
-- `p_bodies`. What hangs on them goes along; what was removed from it before can't come back. The caller
-- has called hold_for_move().
CREATE OR REPLACE FUNCTION move_thread(
    p_board text, p_thread bigint, p_to text, p_nos bigint[], p_new_nos bigint[], p_bodies text[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_thread bigint := p_new_nos[array_position(p_nos, p_thread)];
    v_now timestamptz := clock_timestamp();
    v_change_no bigint;
    v_tim bigint;
BEGIN
    PERFORM thread_goes(p_board, p_thread);
    v_change_no := next_change(p_to);
    INSERT INTO all_threads SELECT moved.* FROM all_threads t, jsonb_populate_record(t, jsonb_build_object(
        'board', p_to, 'no', v_thread, 'is_sticky', false, 'sticky_rank', 0,
        'bump_no', v_change_no, 'bumped_at', v_now, 'modified_at', v_now,
        'changed_no', v_change_no, 'removal_no', 0, 'page_weight', NULL, 'page_weight_no', NULL,
        'brought_back_no', NULL, 'brought_back_at', NULL)) AS moved
    WHERE t.board = p_board AND t.no = p_thread;
    -- Changes of one board are numbered apart from another's: whatever bumped it counts as of now.
    INSERT INTO posts SELECT moved.*
    FROM unnest(p_nos, p_new_nos, p_bodies) AS renumbered (no, new_no, body)
    JOIN posts p ON p.board = p_board AND p.no = renumbered.no,
        jsonb_populate_record(p, jsonb_build_object(
            'board', p_to, 'no', renumbered.new_no, 'thread_no', v_thread, 'body', renumbered.body,
            'changed_no', v_change_no, 'bump_no', CASE WHEN p.bump_no = 0 THEN 0 ELSE v_change_no END,
            'poster_tag', coalesce(p.poster_tag, poster_tag(p.address_hash, p.board, p.thread_no)),
            'flag', (SELECT name FROM board_flags WHERE board = p_to AND name = p.flag),
            'flag_name', (SELECT p.flag_name FROM board_flags WHERE board = p_to AND name = p.flag))) AS moved;
    -- A name that a file of the other board has already becomes another one.
    v_tim := (SELECT greatest(last_tim, floor(extract(epoch FROM v_now) * 1000)::bigint) FROM boards WHERE name = p_to);
    UPDATE files f SET board = p_to, post_no = named.new_no, tim = named.tim
    FROM (
        SELECT f.post_no, f.position, renumbered.new_no,
            CASE WHEN EXISTS (SELECT FROM files x WHERE x.board = p_to AND x.tim = f.tim)
                OR EXISTS (SELECT FROM banners x WHERE x.board = p_to AND x.tim = f.tim)
                -- Of one that may come back.
                OR f.tim IN (SELECT x->>'tim' FROM laid_aside l, jsonb_array_elements(l.what->'files') AS x
                    WHERE l.board = p_to AND l.kind = 'post')
                THEN (v_tim + row_number() OVER (ORDER BY f.post_no, f.position))::text ELSE f.tim END AS tim
        FROM unnest(p_nos, p_new_nos) AS renumbered (no, new_no)
        JOIN files f ON f.board = p_board AND f.post_no = renumbered.no
    ) AS named
    WHERE f.board = p_board AND f.post_no = named.post_no AND f.position = named.position;
    UPDATE boards SET last_no = p_new_nos[cardinality(p_new_nos)], last_tim = v_tim + 5 * cardinality(p_nos)
    WHERE name = p_to;
    -- What quotes it from elsewhere goes on to say what it says.
    UPDATE quotes q SET to_board = p_to, to_no = renumbered.new_no,
        typed_board = CASE WHEN q.board = p_board AND q.no = ANY (p_nos) THEN q.typed_board
            ELSE coalesce(q.typed_board, q.to_board) END,
        typed_no = CASE WHEN q.board = p_board AND q.no = ANY (p_nos) THEN q.typed_no
            ELSE coalesce(q.typed_no, q.to_no) END
    FROM unnest(p_nos, p_new_nos) AS renumbered (no, new_no)
    WHERE q.to_board = p_board AND q.to_no = renumbered.no;
    UPDATE quotes q SET board = p_to, no = renumbered.new_no
    FROM unnest(p_nos, p_new_nos) AS renumbered (no, new_no)
    WHERE q.board = p_board AND q.no = renumbered.no;
    UPDATE reports r SET board = p_to, post_no = renumbered.new_no
    FROM unnest(p_nos, p_new_nos) AS renumbered (no, new_no)
    WHERE r.board = p_board AND r.post_no = renumbered.no;
    UPDATE bans b SET post_board = p_to, post_no = renumbered.new_no
    FROM unnest(p_nos, p_new_nos) AS renumbered (no, new_no)
    WHERE b.post_board = p_board AND b.post_no = renumbered.no AND b.message IS NOT NULL;
    -- It is found as new by search.
    DELETE FROM all_threads WHERE board = p_board AND no = p_thread;
    PERFORM lead_on(p_board, p_thread, p_to, v_thread);
    PERFORM thread_came(p_to, v_thread, v_change_no);
END $$;
