-- A pass is used by several forms; an answer to a captcha, as ever, by one.
ALTER TABLE spent_answers ADD COLUMN uses integer NOT NULL DEFAULT 1 CHECK (uses > 0);
