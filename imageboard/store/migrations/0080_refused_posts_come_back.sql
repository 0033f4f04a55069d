-- What staff refuse of posts that are held can be undone, as what they remove.
-- Posts that are held and that staff refuse: laid aside by `p_removal` from then on, as what they remove, with the
-- reason for which they were held. Without one they are erased. Which of them, those that were still held.
CREATE FUNCTION refuse_held(p_held bigint[], p_removal bigint) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    v_refused bigint[];
BEGIN
    v_refused := ARRAY(SELECT id FROM removals WHERE id = ANY (p_held) AND held_because IS NOT NULL
        ORDER BY id FOR UPDATE);
    IF p_removal IS NOT NULL THEN
        UPDATE laid_aside l SET removal = p_removal,
            what = l.what || jsonb_build_object('held_because', r.held_because)
        FROM removals r WHERE r.id = l.removal AND r.id = ANY (v_refused);
    END IF;
    DELETE FROM removals WHERE id = ANY (v_refused);
    RETURN v_refused;
END $$;

-- What a removal refused is held again, each post by itself, for as long as one that comes now; how many.
CREATE FUNCTION held_again(p_removal bigint) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_aside record;
    v_held bigint;
    v_done integer := 0;
BEGIN
    FOR v_aside IN
        SELECT l.board, l.no, l.kind, l.what->>'held_because' AS because,
            board_setting(b.settings, 'held_hours')::integer AS hours
        FROM laid_aside l JOIN boards b ON b.name = l.board
        WHERE l.removal = p_removal AND l.what ? 'held_because' ORDER BY l.board, l.no
    LOOP
        INSERT INTO removals (staff, kept_until, held_because)
        VALUES ('', clock_timestamp() + make_interval(hours => v_aside.hours), v_aside.because)
        RETURNING id INTO v_held;
        UPDATE laid_aside SET removal = v_held, what = what - 'held_because'
        WHERE removal = p_removal AND board = v_aside.board AND no = v_aside.no AND kind = v_aside.kind;
        v_done := v_done + 1;
    END LOOP;
    RETURN v_done;
END $$;

DO $$ BEGIN
    EXECUTE replace(pg_get_functiondef('undo_removal'::regproc),
$old$    PERFORM 1 FROM removals WHERE id = p_removal FOR UPDATE;
    -- In the order$old$,
$new$    PERFORM 1 FROM removals WHERE id = p_removal FOR UPDATE;
    v_done := held_again(p_removal);
    -- In the order$new$);
END $$;
