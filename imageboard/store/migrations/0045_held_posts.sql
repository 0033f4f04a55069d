-- Posts that staff look at before anybody sees them.
ALTER TABLE removals
    -- Nobody has seen it yet: why staff are to look at it first. NULL: staff removed it.
    ADD COLUMN held_because text CHECK (char_length(held_because) BETWEEN 1 AND 200);
-- Posts that are held.
CREATE INDEX removals_held ON removals (id) WHERE held_because IS NOT NULL;

-- A post that staff are to look at first: checked and stored as any other, then laid aside before anybody saw
-- it, by a removal of its own. It keeps the number that it was given, and no page, fact, bump or count tells of
-- it. Answers as add_post_v2 does, 'added' with the removal; or 'held_full' when too many wait.
CREATE FUNCTION hold_post(
    p_new_post new_post_v2,
    p_because text,
    OUT outcome text,
    OUT no bigint,
    OUT thread_no bigint,
    OUT change_no bigint,
    OUT created_s bigint,
    OUT poster_id text,
    OUT retry_after_s integer,
    OUT media jsonb,
    OUT quotes jsonb,
    OUT ban_id bigint
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_post posts := p_new_post.post;
    v_terms post_terms := p_new_post.terms;
    v_change_no bigint;
    v_hours integer;
    v_thread all_threads;
    v_quoted jsonb;
    v_quotes jsonb;
    v_removal bigint;
    -- Of each board.
    c_held_max CONSTANT integer := 1000;
BEGIN
    PERFORM pg_advisory_xact_lock(7264003, hashtext(v_post.board));
    SELECT b.change_no, board_setting(b.settings, 'held_hours')::integer INTO v_change_no, v_hours
    FROM boards b WHERE b.name = v_post.board FOR NO KEY UPDATE;
    SELECT * INTO v_thread FROM all_threads t WHERE t.board = v_post.board AND t.no = v_terms.thread;
    IF (SELECT count(*) FROM laid_aside l JOIN removals r ON r.id = l.removal
        WHERE l.board = v_post.board AND r.held_because IS NOT NULL) >= c_held_max
    THEN
        outcome := 'held_full'; retry_after_s := 60; RETURN;
    END IF;
    -- Those that wait are no longer among the posts, where the next one would be held up by them.
    SELECT ceil(extract(epoch FROM max(r.made_at) + make_interval(secs => v_terms.wait_s) - clock_timestamp()))
    INTO retry_after_s
    FROM removals r JOIN laid_aside l ON l.removal = r.id
    WHERE r.held_because IS NOT NULL AND l.board = v_post.board
        AND l.what->'post'->>'address_hash' = v_post.address_hash::text;
    IF retry_after_s > 0 AND NOT EXISTS (SELECT FROM receipts s WHERE s.address_hash = v_post.address_hash
        AND s.nonce = coalesce(v_terms.nonce, v_terms.delivery))
    THEN
        outcome := 'too_fast'; RETURN;
    END IF;

    -- Without its quotes, so that no post that it quotes comes to look different.
    v_quoted := v_terms.quotes;
    v_terms.quotes := NULL;
    SELECT a.outcome, a.no, a.thread_no, a.created_s, a.poster_id, a.retry_after_s, a.ban_id
    INTO outcome, no, thread_no, created_s, poster_id, retry_after_s, ban_id
    FROM add_post_v2((v_post, v_terms)::new_post_v2) AS a;
    change_no := v_change_no;
    IF outcome <> 'added' THEN RETURN; END IF;

    SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_object('board', v_post.board, 'no', hold_post.no,
            'to_board', p.board, 'to_no', p.no)), '[]') INTO v_quotes
    FROM jsonb_array_elements(v_quoted) AS q
    JOIN posts p ON p.board = q->>0 AND p.no = (q->>1)::bigint
    WHERE (p.board, p.no) <> (v_post.board, hold_post.no);
    INSERT INTO removals (staff, kept_until, held_because)
    VALUES ('', clock_timestamp() + make_interval(hours => v_hours), p_because) RETURNING id INTO v_removal;
    IF v_terms.thread IS NULL THEN
        INSERT INTO laid_aside (removal, board, no, thread_no, kind, what)
        VALUES (v_removal, v_post.board, no, no, 'thread', '{}');
        UPDATE all_threads t SET aside_since = '-infinity' WHERE t.board = v_post.board AND t.no = hold_post.no;
        INSERT INTO quotes SELECT q.* FROM jsonb_populate_recordset(NULL::quotes, v_quotes) AS q;
    ELSE
        PERFORM lay_aside(v_post.board, ARRAY[no], v_removal);
        UPDATE laid_aside l SET what = jsonb_set(l.what, '{quotes}', v_quotes) WHERE l.removal = v_removal;
        DELETE FROM posts p WHERE p.board = v_post.board AND p.no = hold_post.no;
        UPDATE all_threads t SET
            reply_count = v_thread.reply_count, image_count = v_thread.image_count,
            bump_no = v_thread.bump_no, bumped_at = v_thread.bumped_at, modified_at = v_thread.modified_at,
            changed_no = v_thread.changed_no, page_weight = v_thread.page_weight,
            page_weight_no = v_thread.page_weight_no
        WHERE t.board = v_post.board AND t.no = v_terms.thread;
    END IF;
    -- Nothing happened that a page could show.
    DELETE FROM outbox o WHERE o.board = v_post.board AND o.change_no > v_change_no;
    UPDATE boards b SET change_no = v_change_no WHERE b.name = v_post.board;
END $$;

-- A post that was held appears, with its number; it bumps its thread now, unless a later reply has. 0: its
-- thread is gone, or somebody was quicker.
CREATE FUNCTION release_held(p_removal bigint) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_held laid_aside;
    v_change_no bigint;
BEGIN
    PERFORM 1 FROM removals WHERE id = p_removal AND held_because IS NOT NULL FOR UPDATE;
    IF NOT FOUND THEN RETURN 0; END IF;
    SELECT * INTO v_held FROM laid_aside WHERE removal = p_removal;
    SELECT change_no INTO v_change_no FROM boards WHERE name = v_held.board FOR NO KEY UPDATE;
    IF v_held.kind = 'thread' THEN
        UPDATE all_threads SET bump_no = v_change_no + 1, bumped_at = clock_timestamp()
        WHERE board = v_held.board AND no = v_held.no;
        UPDATE posts SET bump_no = v_change_no + 1, changed_no = v_change_no + 1
        WHERE board = v_held.board AND no = v_held.no;
    ELSIF (v_held.what->'post'->>'bump_no')::bigint > 0 THEN
        UPDATE laid_aside SET what = jsonb_set(what, '{post,bump_no}', to_jsonb(v_change_no + 1))
        WHERE removal = p_removal;
    END IF;
    RETURN undo_removal(p_removal);
END $$;
