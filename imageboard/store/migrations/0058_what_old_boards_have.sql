-- Boards, posts, files, bans and accounts as other engines have them: all that was stored before still fits.

CREATE TABLE old_boards (
    board text PRIMARY KEY REFERENCES boards ON DELETE CASCADE,
    -- 'vichan'
    engine text NOT NULL CHECK (engine ~ '^[a-z0-9]{1,20}$'),
    -- What it hashed passwords, tripcodes and IDs with, as JSON. Sealed with STILLBOARD_ADDRESS_KEY, for this
    -- board alone.
    secrets_sealed bytea NOT NULL CHECK (octet_length(secrets_sealed) BETWEEN 29 AND 4096),
    -- Of the IDs in its threads, which go on in these. NULL: it had none, or they can't go on.
    poster_id_chars smallint CHECK (poster_id_chars BETWEEN 1 AND 16)
);

-- No rule is checked while its table is held: each is wider than the one before, and validated apart.
ALTER TABLE boards
    DROP CONSTRAINT boards_name_check,
    ADD CONSTRAINT boards_name_check CHECK (name ~ '^[0-9A-Za-z$_\u0080-\uFFFF]{1,58}$') NOT VALID;
ALTER TABLE all_threads
    -- It came with its board, and IDs in it go on as they were there.
    ADD COLUMN has_old_ids boolean NOT NULL DEFAULT false;
ALTER TABLE posts
    -- What its password was made of before it was hashed, as imageboard.old_passwords calls it. NULL: nothing.
    ADD COLUMN password_scheme text CHECK (password_scheme ~ '^[a-z0-9_]{1,20}$'),
    DROP CONSTRAINT posts_tripcode_check,
    ADD CONSTRAINT posts_tripcode_check CHECK (char_length(tripcode) <= 40) NOT VALID,
    DROP CONSTRAINT posts_capcode_check,
    ADD CONSTRAINT posts_capcode_check CHECK (char_length(capcode) <= 60) NOT VALID,
    DROP CONSTRAINT posts_body_check,
    ADD CONSTRAINT posts_body_check CHECK (char_length(body) <= 65536) NOT VALID,
    DROP CONSTRAINT posts_poster_id_check,
    ADD CONSTRAINT posts_poster_id_check CHECK (char_length(poster_id) BETWEEN 1 AND 16) NOT VALID;
ALTER TABLE files
    DROP CONSTRAINT files_position_check,
    ADD CONSTRAINT files_position_check CHECK (position BETWEEN 0 AND 99) NOT VALID,
    DROP CONSTRAINT files_tim_check,
    -- Files of one post that came from another engine may share a number, and have a part of it each: '…-1'.
    ADD CONSTRAINT files_tim_check CHECK (tim ~ '^[0-9]{10,20}(-[0-9]{1,3})?$') NOT VALID,
    DROP CONSTRAINT files_extension_check,
    ADD CONSTRAINT files_extension_check CHECK (extension ~ '^\.[a-z0-9]{1,10}$') NOT VALID,
    DROP CONSTRAINT files_original_name_check,
    ADD CONSTRAINT files_original_name_check CHECK (char_length(original_name) <= 500) NOT VALID,
    ALTER COLUMN stored_as DROP NOT NULL,
    ALTER COLUMN bytes DROP NOT NULL,
    ALTER COLUMN md5 DROP NOT NULL,
    ALTER COLUMN sha256 DROP NOT NULL,
    -- Of one that was removed before its board came here hardly anything is known.
    ADD CONSTRAINT files_kept_is_whole
        CHECK (removed_at IS NOT NULL OR num_nulls(stored_as, bytes, md5, sha256) = 0) NOT VALID;
ALTER TABLE staff
    DROP CONSTRAINT staff_name_check,
    ADD CONSTRAINT staff_name_check
        CHECK (name ~ '^[^[:cntrl:][:space:]]([^[:cntrl:]]{0,38}[^[:cntrl:][:space:]])?$') NOT VALID;
ALTER TABLE bans
    DROP CONSTRAINT bans_reason_check,
    ADD CONSTRAINT bans_reason_check CHECK (char_length(reason) <= 5000) NOT VALID;
ALTER TABLE reports
    DROP CONSTRAINT reports_reason_check,
    ADD CONSTRAINT reports_reason_check CHECK (char_length(reason) BETWEEN 1 AND 2000) NOT VALID;

ALTER TABLE boards VALIDATE CONSTRAINT boards_name_check;
ALTER TABLE posts
    VALIDATE CONSTRAINT posts_tripcode_check,
    VALIDATE CONSTRAINT posts_capcode_check,
    VALIDATE CONSTRAINT posts_body_check,
    VALIDATE CONSTRAINT posts_poster_id_check;
ALTER TABLE files
    VALIDATE CONSTRAINT files_position_check,
    VALIDATE CONSTRAINT files_tim_check,
    VALIDATE CONSTRAINT files_extension_check,
    VALIDATE CONSTRAINT files_original_name_check,
    VALIDATE CONSTRAINT files_kept_is_whole;
ALTER TABLE staff VALIDATE CONSTRAINT staff_name_check;
ALTER TABLE bans VALIDATE CONSTRAINT bans_reason_check;
ALTER TABLE reports VALIDATE CONSTRAINT reports_reason_check;

CREATE OR REPLACE VIEW threads AS SELECT * FROM all_threads WHERE aside_since IS NULL;
CREATE OR REPLACE VIEW shown_threads AS
    SELECT * FROM all_threads WHERE aside_since IS NULL OR archived_at IS NOT NULL;
