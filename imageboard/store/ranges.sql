-- posters --
-- Of each poster among the newest posts, and of held replies, whose address is kept its hash, and the address as it is sealed.
SELECT DISTINCT ON (address_hash) address_hash, address_sealed FROM (
    (SELECT address_hash, address_sealed FROM posts
    WHERE address_sealed IS NOT NULL AND address_hash IS NOT NULL
    ORDER BY created_at DESC LIMIT %(posts_max)s)
    UNION ALL
    SELECT (l.what->'post'->>'address_hash')::bytea, (l.what->'post'->>'address_sealed')::bytea
    FROM laid_aside l JOIN removals r ON r.id = l.removal
    WHERE l.kind = 'post' AND r.held_because IS NOT NULL AND l.what->'post'->>'address_hash' IS NOT NULL
        AND l.what->'post'->>'address_sealed' IS NOT NULL
) AS newest

-- counted --
-- Of each of these posters the newest post on these boards (NULL: on all) that staff can see, how many there are,
-- and how many bans hit that address alone.
SELECT (array_agg(p.board ORDER BY p.created_at DESC, p.no DESC))[1] AS board,
    (array_agg(p.no ORDER BY p.created_at DESC, p.no DESC))[1] AS no, count(*) AS posts,
    (SELECT count(*) FROM bans b WHERE b.address_hash = p.address_hash) AS bans
FROM posts p JOIN all_threads t ON t.board = p.board AND t.no = p.thread_no
WHERE p.address_hash = ANY (%(posters)s) AND t.aside_since IS DISTINCT FROM '-infinity'
    AND (%(on)s::text[] IS NULL OR p.board = ANY (%(on)s))
GROUP BY p.address_hash ORDER BY count(*) DESC, board, no LIMIT %(limit)s
