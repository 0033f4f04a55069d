-- The colour of a thumbnail on average stands in its place until it comes.
-- 0xrrggbb. NULL: the page shines through it, or it came in before this was kept.
ALTER TABLE files ADD COLUMN colour integer CHECK (colour BETWEEN 0 AND 16777215);

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
        SELECT t.board, t.no, t.thread_no AS thread, q.typed_board, q.typed_no
        FROM quotes q JOIN posts t ON t.board = q.to_board AND t.no = q.to_no
        WHERE q.board = p.board AND q.no = p.no AND EXISTS (SELECT FROM shown_threads h
            WHERE h.board = t.board AND h.no = t.thread_no OFFSET 0)) AS target) AS quotes,
    (SELECT json_agg(source ORDER BY source.no) FROM (
        SELECT s.no, s.thread_no AS thread
        FROM quotes q JOIN posts s ON s.board = q.board AND s.no = q.no
        WHERE q.to_board = p.board AND q.to_no = p.no AND q.board = p.board AND EXISTS (SELECT FROM shown_threads h
            WHERE h.board = s.board AND h.no = s.thread_no OFFSET 0)
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
            f.pending_since IS NOT NULL AS is_pending,
            f.duration_ms,
            f.has_sound,
            f.codecs,
            f.alt,
            f.colour
        FROM files f WHERE f.board = p.board AND f.post_no = p.no ORDER BY f.position) AS file) AS files,
    p.dice,
    p.country,
    p.tag,
    p.flag,
    p.flag_name,
    p.ban_message,
    floor(extract(epoch FROM p.edited_at))::bigint AS edited_s
FROM posts p;
