-- Addresses by which another engine knew a file by its bytes, for all posts that have it: LynxChan, jschan.
CREATE TABLE old_files (
    -- '.media/0a1b….png', without the first slash.
    address text NOT NULL CHECK (address ~ '^[0-9A-Za-z._/-]{1,200}$'),
    board text NOT NULL,
    post_no bigint NOT NULL,
    position smallint NOT NULL,
    -- Of its thumbnail.
    is_thumbnail boolean NOT NULL DEFAULT false,
    PRIMARY KEY (address, board, post_no, position),
    FOREIGN KEY (board, post_no, position) REFERENCES files (board, post_no, position) ON DELETE CASCADE
);
-- The addresses of a file that goes.
CREATE INDEX old_files_of_file ON old_files (board, post_no, position);
