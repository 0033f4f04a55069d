-- Films and sounds: how long they are, whether they sound, and what plays them. Pictures: what they look like.

ALTER TABLE files
    -- Of what is played. NULL, all three: it is not.
    ADD COLUMN duration_ms integer CHECK (duration_ms > 0),
    ADD COLUMN has_sound boolean,
    -- 'vp9, opus': what a browser must know to play it.
    ADD COLUMN codecs text CHECK (char_length(codecs) BETWEEN 1 AND 40),
    -- What a picture or a film's still looks like, in 64 bits: two that look alike differ in few of them.
    -- NULL: it shows nothing, or came in before this was kept.
    ADD COLUMN likeness bigint,
    ADD CONSTRAINT files_played_is_whole
        CHECK (num_nulls(duration_ms, has_sound, codecs) IN (0, 3)) NOT VALID;
-- Apart from it: the table is read while others write.
ALTER TABLE files VALIDATE CONSTRAINT files_played_is_whole;

-- Whether a board has a file already. Of a large table it is made before, CONCURRENTLY.
CREATE INDEX IF NOT EXISTS files_alike ON files (board, sha256) WHERE removed_at IS NULL;
