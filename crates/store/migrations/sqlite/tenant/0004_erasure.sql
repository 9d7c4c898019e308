-- Append-only, as before, but of an event what is personal may be taken out. The chain covers the hash of that,
-- and the event that is named says that it was done.
DROP TRIGGER events_no_update;
CREATE TRIGGER events_no_update BEFORE UPDATE ON events
  WHEN NOT (
    new.ip IS NULL AND new.actor_name = '(erased)'
    AND new.data GLOB '{"erasedBy":"????????-????-????-????-????????????"}'
    AND new.seq IS old.seq AND new.id IS old.id AND new.at IS old.at AND new.action IS old.action
    AND new.actor_kind IS old.actor_kind AND new.actor_id IS old.actor_id AND new.ticket_id IS old.ticket_id
    AND new.requester_id IS old.requester_id AND new.audience IS old.audience AND new.request_id IS old.request_id
    AND new.data_hash IS old.data_hash AND new.prev_hash IS old.prev_hash AND new.hash IS old.hash
  )
  BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
