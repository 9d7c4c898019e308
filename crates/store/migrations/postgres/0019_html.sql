-- What a message and a draft have of formatting, as sanitised HTML; the text stays what it was.
ALTER TABLE flowbit.messages ADD COLUMN html text;
ALTER TABLE flowbit.drafts ADD COLUMN html text;
