-- A second thumbnail, for dense screens.
-- Its ending. NULL: the file has none.
ALTER TABLE files ADD COLUMN dense_extension text CHECK (dense_extension ~ '^\.[a-z0-9]{1,10}$');
ALTER TABLE files ADD CONSTRAINT files_dense_stands_beside_thumb
    CHECK (dense_extension IS NULL OR (thumb_extension IS NOT NULL AND tim !~ '-'));

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
            f.colour,
            f.dense_extension
        FROM files f WHERE f.board = p.board AND f.post_no = p.no ORDER BY f.position) AS file) AS files,
    p.dice,
    p.country,
    p.tag,
    p.flag,
    p.flag_name,
    p.ban_message,
    floor(extract(epoch FROM p.edited_at))::bigint AS edited_s
FROM posts p;

CREATE OR REPLACE FUNCTION media_names(p_file files) RETURNS SETOF text LANGUAGE sql IMMUTABLE AS $$
    SELECT name FROM (VALUES ('src/' || p_file.tim || p_file.extension),
        ('thumb/' || p_file.tim || p_file.thumb_extension),
        ('thumb/' || p_file.tim || '-0002' || p_file.dense_extension),
        -- Nothing ever stands there: the version before takes a thumbnail's name for one only beside a file's.
        -- To be dropped when that no longer runs.
        ('src/' || p_file.tim || '-0002' || p_file.dense_extension)) AS named (name)
    WHERE name IS NOT NULL
$$;

-- A renderer of the version before puts no second thumbnail in place, so a file whose fact it settles has none
-- from then on: no page is to name what is not there. One that is there already keeps it. To be dropped when
-- that version no longer runs.
CREATE FUNCTION give_up_dense(p_board text, p_fact jsonb) RETURNS void LANGUAGE sql AS $$
    UPDATE files f SET dense_extension = NULL
    FROM jsonb_array_elements_text(p_fact->'media') AS name
    WHERE name LIKE 'thumb/%-0002.%' AND f.board = p_board AND f.tim = substring(name FROM '[0-9]+')
        AND NOT EXISTS (SELECT FROM publications p WHERE p.path = p_board || '/' || name AND p.sha256 IS NOT NULL)
$$;
-- Of each fact that is settled so.
CREATE FUNCTION settled_without_dense() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM give_up_dense(OLD.board, OLD.body);
    ELSE
        PERFORM give_up_dense(o.board, o.body) FROM outbox o WHERE o.board = NEW.board AND o.change_no <= NEW.change_no;
    END IF;
    RETURN NULL;
END $$;
-- A fact that goes in the transaction in which it came was of a post that is held.
CREATE TRIGGER settled_without_dense AFTER DELETE ON outbox FOR EACH ROW
    WHEN (current_setting('stillboard.shows_dense', true) IS DISTINCT FROM 'yes' AND OLD.added_at < now())
    EXECUTE FUNCTION settled_without_dense();
CREATE TRIGGER shown_without_dense AFTER INSERT OR UPDATE ON threads_shown FOR EACH ROW
    WHEN (current_setting('stillboard.shows_dense', true) IS DISTINCT FROM 'yes')
    EXECUTE FUNCTION settled_without_dense();
