-- A page is compressed in haste while it is hot, and thoroughly once it rests.

-- What stands there already is left as it is: it was compressed in between, and is replaced in time.
ALTER TABLE publications ADD COLUMN is_hasty boolean NOT NULL DEFAULT false;
-- Files that wait to be compressed thoroughly.
CREATE INDEX publications_hasty ON publications (path) WHERE is_hasty;
