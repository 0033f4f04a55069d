-- What is removed on someone's word is gone from the upload store as soon as no page shows it, not when
-- the store is next swept. The version before names none, and leaves them to that.
ALTER TABLE takedowns ADD COLUMN uploads text[] NOT NULL DEFAULT '{}';
