-- of --
-- Around each of these posts: board, number, where ('op', 'before', 'after'), and that post's number, subject and
-- beginning.
SELECT p.board, p.no, around.place, around.no, around.subject, left(around.body, %(chars_max)s)
FROM unnest(%(boards)s::text[], %(nos)s::bigint[]) AS asked (board, no)
JOIN posts p ON p.board = asked.board AND p.no = asked.no
CROSS JOIN LATERAL (
    (SELECT 'op' AS place, o.no, o.subject, o.body FROM posts o
        WHERE o.board = p.board AND o.no = p.thread_no AND o.no <> p.no)
    UNION ALL
    (SELECT 'before', b.no, b.subject, b.body FROM posts b
        WHERE b.board = p.board AND b.thread_no = p.thread_no AND b.no < p.no AND b.no <> p.thread_no
        ORDER BY b.no DESC LIMIT 1)
    UNION ALL
    (SELECT 'after', a.no, a.subject, a.body FROM posts a
        WHERE a.board = p.board AND a.thread_no = p.thread_no AND a.no > p.no
        ORDER BY a.no LIMIT 1)
) AS around
