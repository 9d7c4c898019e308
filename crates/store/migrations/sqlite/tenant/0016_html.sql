-- What a message and a draft have of formatting, as sanitised HTML; the text stays what it was.
ALTER TABLE messages ADD COLUMN html TEXT;
ALTER TABLE drafts ADD COLUMN html TEXT;
