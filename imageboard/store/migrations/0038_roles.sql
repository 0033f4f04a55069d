-- Roles that staff made, beside those that come with the board: sets of powers.
CREATE TABLE made_roles (
    name text PRIMARY KEY CHECK (name ~ '^[a-z0-9_-]{1,32}$'),
    powers text[] NOT NULL CHECK (cardinality(powers) <= 100)
);

-- Roles on one board.
CREATE TABLE board_roles (
    staff text NOT NULL REFERENCES staff ON DELETE CASCADE,
    board text NOT NULL REFERENCES boards,
    role text NOT NULL,
    PRIMARY KEY (staff, board)
);

-- The version before knows three roles. Who is given another one, or one on a board alone, is refused by it.
ALTER TABLE staff DROP CONSTRAINT staff_role_check, ALTER COLUMN role DROP NOT NULL;
