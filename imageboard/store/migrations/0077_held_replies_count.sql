-- A reply that is held counts for the waits of its poster as one that is shown. The function is changed where it
-- stands, whatever else came into it meanwhile.
CREATE INDEX laid_aside_by_poster ON laid_aside ((what->'post'->>'address_hash')) WHERE kind = 'post';

CREATE FUNCTION said_by_poster(p_address_hash bytea)
RETURNS TABLE (no bigint, thread_no bigint, created_at timestamptz, body text) LANGUAGE sql STABLE AS $$
    SELECT p.no, p.thread_no, p.created_at, p.body FROM posts p WHERE p.address_hash = p_address_hash
    UNION ALL
    SELECT l.no, l.thread_no, (l.what->'post'->>'created_at')::timestamptz, l.what->'post'->>'body'
    FROM laid_aside l JOIN removals r ON r.id = l.removal
    WHERE l.kind = 'post' AND l.what->'post'->>'address_hash' = p_address_hash::text AND r.held_because IS NOT NULL
$$;

DO $$ BEGIN
    EXECUTE replace(pg_get_functiondef('add_post_v2'::regproc),
$old$        INTO retry_after_s, v_is_alike FROM posts p
        WHERE p.address_hash = v_post.address_hash
            AND p.created_at > v_now$old$,
$new$        INTO retry_after_s, v_is_alike FROM said_by_poster(v_post.address_hash) AS p
        WHERE p.created_at > v_now$new$);
    EXECUTE replace(pg_get_functiondef('hold_post'::regproc),
$old$    -- Those that wait are no longer among the posts, where the next one would be held up by them.
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
$old$, '');
END $$;
