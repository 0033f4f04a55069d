-- Whether a post's thread is on its board is asked by its key, whatever the planner thought of the tables
-- when it first saw the query.

-- Posts as staff see them, those of threads kept aside too. Columns are named as the fields of
-- imageboard.threads.Post, and below of QuoteTarget, Backlink and PostFile: a field more is a line here
-- and a line there. Of backlinks the first hundred are shown: else a post would grow by whoever quotes it.
--
-- PERF: whether a thread is on its board is asked by its key for each row (OFFSET 0 keeps it so). A join
-- would be planned for the few rows of a young board, and go through all threads and posts of it for each
-- when it has grown: 35 ms a file at 400 posts.
CREATE OR REPLACE VIEW every_post AS
SELECT p.board, p.no, p.thread_no AS thread,
    floor(extract(epoch FROM p.created_at))::bigint AS created_s,
    p.name,
    p.tripcode,
    p.capcode,
    p.email,
    p.subject,
    p.body,
    p.poster_id,
    p.changed_no,
    int4send(coalesce(p.poster_tag, poster_tag(p.address_hash, p.board, p.thread_no))) AS poster,
    (SELECT json_agg(target ORDER BY target.board, target.no) FROM (
        SELECT t.board, t.no, t.thread_no AS thread
        FROM quotes q JOIN posts t ON t.board = q.to_board AND t.no = q.to_no
        WHERE q.board = p.board AND q.no = p.no AND EXISTS (SELECT FROM threads
            WHERE threads.board = t.board AND threads.no = t.thread_no OFFSET 0)) AS target) AS quotes,
    (SELECT json_agg(source ORDER BY source.no) FROM (
        SELECT s.no, s.thread_no AS thread
        FROM quotes q JOIN posts s ON s.board = q.board AND s.no = q.no
        WHERE q.to_board = p.board AND q.to_no = p.no AND q.board = p.board AND EXISTS (SELECT FROM threads
            WHERE threads.board = s.board AND threads.no = s.thread_no OFFSET 0)
        ORDER BY s.no LIMIT 100) AS source) AS backlinks,
    (SELECT json_agg(file) FROM (
        SELECT f.tim,
            f.extension,
            f.thumb_extension,
            f.original_name,
            f.bytes,
            f.width,
            f.height,
            f.thumb_width,
            f.thumb_height,
            encode(f.md5, 'base64') AS md5,
            f.is_spoiler,
            f.removed_at IS NOT NULL AS is_removed,
            f.removed_because,
            f.pending_since IS NOT NULL AS is_pending
        FROM files f WHERE f.board = p.board AND f.post_no = p.no ORDER BY f.position) AS file) AS files
FROM posts p;

-- Posts as pages show them: of threads that stand on their board.
CREATE OR REPLACE VIEW shown_posts AS
SELECT e.* FROM every_post e WHERE EXISTS (SELECT FROM threads t
    WHERE t.board = e.board AND t.no = e.thread OFFSET 0);
