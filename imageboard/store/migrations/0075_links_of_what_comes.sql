-- Links to a board that was not asked for lead to a post that comes from there another day, and to no other.
ALTER TABLE imported_quotes ADD COLUMN of_what_comes boolean NOT NULL DEFAULT false;
