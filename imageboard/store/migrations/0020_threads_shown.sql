-- Up to which change a board's threads and media show all, though its lists do not yet: written by
-- whoever leaves a board before they have followed. Without a row none does.
CREATE TABLE threads_shown (
    board text PRIMARY KEY REFERENCES boards ON DELETE CASCADE,
    change_no bigint NOT NULL
);
