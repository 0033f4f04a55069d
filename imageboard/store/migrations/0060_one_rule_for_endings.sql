-- An ending is the same wherever a file has one: 0058 widened the rule of uploads alone.

ALTER TABLE files
    DROP CONSTRAINT files_thumb_extension_check,
    ADD CONSTRAINT files_thumb_extension_check CHECK (thumb_extension ~ '^\.[a-z0-9]{1,10}$') NOT VALID;
ALTER TABLE banners
    DROP CONSTRAINT banners_extension_check,
    ADD CONSTRAINT banners_extension_check CHECK (extension ~ '^\.[a-z0-9]{1,10}$') NOT VALID;

ALTER TABLE files VALIDATE CONSTRAINT files_thumb_extension_check;
ALTER TABLE banners VALIDATE CONSTRAINT banners_extension_check;
