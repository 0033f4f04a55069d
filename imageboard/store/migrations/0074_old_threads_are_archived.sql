-- Threads that come from another engine may have been archived there.
-- Since when it was archived there. NULL: it stood on its board.
ALTER TABLE imported_threads ADD COLUMN archived_at timestamptz;
