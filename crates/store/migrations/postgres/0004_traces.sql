-- Which trace a delivery belongs to, as W3C Trace Context says it (`traceparent`); NULL when nobody follows it.
ALTER TABLE flowbit.deliveries ADD COLUMN trace_parent text;
