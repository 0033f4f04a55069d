-- With which templates a board was last drawn as a whole, so that another version is noticed.

ALTER TABLE boards
    -- The fingerprint of all that shapes a page besides posts. NULL: never drawn since it is kept.
    ADD COLUMN drawn_as text CHECK (char_length(drawn_as) <= 64);
