-- Of the posts that wait for staff on a board no network has all.
ALTER TYPE post_terms
    ADD ATTRIBUTE held_shares jsonb;  -- [{key, most}, …]: of each network at most so many may be held; NULL: any number

DO $$ BEGIN
    EXECUTE replace(replace(pg_get_functiondef('hold_post'::regproc),
$old$    IF (SELECT count(*) FROM laid_aside l JOIN removals r ON r.id = l.removal
        WHERE l.board = v_post.board AND r.held_because IS NOT NULL) >= c_held_max
    THEN
        outcome := 'held_full'; retry_after_s := 60; RETURN;
    END IF;
$old$,
$new$    -- A form that comes again is answered as its post is by now.
    IF NOT EXISTS (SELECT FROM receipts s
        WHERE s.address_hash IN (v_post.address_hash, receipt_owner(v_post.address_hash, v_terms.nonce))
            AND s.nonce = coalesce(v_terms.nonce, v_terms.delivery))
    THEN
        IF (SELECT count(*) FROM laid_aside l JOIN removals r ON r.id = l.removal
            WHERE l.board = v_post.board AND r.held_because IS NOT NULL) >= c_held_max
        THEN
            outcome := 'held_full'; retry_after_s := 60; RETURN;
        END IF;
        -- Nobody takes all places of a board: what waits of a network is counted by what was laid aside for it.
        IF EXISTS (SELECT FROM jsonb_to_recordset(v_terms.held_shares) AS share (key text, most integer)
            WHERE most <= (SELECT count(*) FROM laid_aside l JOIN removals r ON r.id = l.removal
                WHERE l.board = v_post.board AND r.held_because IS NOT NULL AND l.what->'held_of' ? key))
        THEN
            outcome := 'held_full_of_network'; retry_after_s := 60; RETURN;
        END IF;
    END IF;
$new$),
$old$    -- Nothing happened that a page could show.
    DELETE FROM outbox o WHERE o.board = v_post.board AND o.change_no > v_change_no;
$old$,
$new$    UPDATE laid_aside l SET what = l.what || jsonb_build_object('held_of', (
        SELECT jsonb_agg(key) FROM jsonb_to_recordset(v_terms.held_shares) AS share (key text)))
    WHERE l.removal = v_removal AND v_terms.held_shares IS NOT NULL;
    -- Nothing happened that a page could show.
    DELETE FROM outbox o WHERE o.board = v_post.board AND o.change_no > v_change_no;
$new$);
END $$;
