//! Archives that were written before: the first ones of version 2, line by line. They are read for ever.

use flowbit_domain::archive::{TABLES, table::camel_case};

/// A line of each table as the first archives of version 2 have it. Nothing is ever changed here: what is added to a
/// table since says what it is for these (`or`), a table that is added since that they have none of it (`later`).
const FIRST: [(&str, &str); 12] = [
    (
        "users",
        r#"{"id":"01934b1e-0000-7000-8000-000000000001","email":"ada@acme.example","name":"Ada","folded":"ada ada@acme.example","role":"admin","active":true,"passwordHash":null,"invitationId":null,"invitedUntil":null,"lastLoginAt":"2026-01-31T08:15:00.000Z","createdAt":"2026-01-31T08:15:00.000Z","updatedAt":"2026-01-31T08:15:00.000Z"}"#,
    ),
    (
        "tickets",
        r#"{"number":1,"id":"01934b1e-0000-7000-8000-000000000002","title":"A pallet","description":"","status":"open","priority":1,"tags":["x"],"customFields":{"a":1},"requesterId":"01934b1e-0000-7000-8000-000000000001","assigneeId":null,"workflowState":null,"workflowAt":null,"workflowDeliveryId":null,"messageCount":0,"publicCount":0,"version":1,"createdAt":"2026-01-31T08:15:00.000Z","updatedAt":"2026-01-31T08:15:00.000Z","resolvedAt":null}"#,
    ),
    ("ticketTags", r#"{"tag":"x","ticketId":"01934b1e-0000-7000-8000-000000000002"}"#),
    (
        "messages",
        r#"{"ticketId":"01934b1e-0000-7000-8000-000000000002","ordinal":1,"id":"01934b1e-0000-7000-8000-000000000003","authorKind":"user","authorId":"01934b1e-0000-7000-8000-000000000001","authorName":"Ada","body":"hello","internal":false,"createdAt":"2026-01-31T08:15:00.000Z"}"#,
    ),
    (
        "endpoints",
        r#"{"id":"01934b1e-0000-7000-8000-000000000004","url":"https://x.example","description":"","events":["ticket.created"],"active":true,"deadlineSeconds":null,"secret":"whsec_x","sharedSecret":"s","oldSecret":null,"oldSharedSecret":null,"oldSecretsUntil":null,"consecutiveFailures":0,"breakerUntil":null,"probeAt":null,"lastSuccessAt":null,"createdAt":"2026-01-31T08:15:00.000Z","updatedAt":"2026-01-31T08:15:00.000Z","deletedAt":null}"#,
    ),
    ("endpointEvents", r#"{"action":"ticket.created","endpointId":"01934b1e-0000-7000-8000-000000000004"}"#),
    (
        "deliveries",
        r#"{"id":"01934b1e-0000-7000-8000-000000000005","endpointId":"01934b1e-0000-7000-8000-000000000004","eventId":"01934b1e-0000-7000-8000-000000000006","eventType":"ticket.created","ticketId":null,"state":"pending","attemptCount":0,"cycleAttempts":0,"dueAt":null,"leaseUntil":null,"lastStatus":null,"lastError":null,"expectedStatus":null,"deadlineAt":null,"overdueAt":null,"callbackAt":null,"createdAt":"2026-01-31T08:15:00.000Z","updatedAt":"2026-01-31T08:15:00.000Z","traceParent":null}"#,
    ),
    (
        "deliveryAttempts",
        r#"{"deliveryId":"01934b1e-0000-7000-8000-000000000005","number":1,"at":"2026-01-31T08:15:00.000Z","durationMs":12,"status":200,"error":null,"responseBody":null}"#,
    ),
    (
        "callbacks",
        r#"{"deliveryId":"01934b1e-0000-7000-8000-000000000005","digest":"00ff","appliedAt":"2026-01-31T08:15:00.000Z"}"#,
    ),
    (
        "idempotency",
        r#"{"userId":"01934b1e-0000-7000-8000-000000000001","operation":"createTicket","key":"k","fingerprint":"00ff","response":"{}","createdAt":"2026-01-31T08:15:00.000Z"}"#,
    ),
    ("screenSettings", r#"{"screenId":"support-tickets","position":0,"enabled":true,"roles":null}"#),
    (
        "imported",
        r#"{"source":"mongodump","kind":"ticket","sourceId":"6553f1000000000000000068","id":"01934b1e-0000-7000-8000-000000000002"}"#,
    ),
];

#[test]
fn the_first_archives_can_be_read() {
    for table in TABLES {
        let line = FIRST.iter().find(|(name, _)| *name == camel_case(table.name));
        let Some((name, line)) = line else {
            assert!(
                table.is_later,
                "{}: the first archives have no such table; declare it `later`",
                table.name
            );
            continue;
        };
        let values = table.values_of(line.as_bytes());
        let values =
            values.unwrap_or_else(|fault| panic!("{name}: {fault}; say what it is for them with `or`"));
        assert_eq!(values.len(), table.columns.len(), "{name}");
    }
    for (name, _) in FIRST {
        let is_there = TABLES.iter().any(|table| camel_case(table.name) == name);
        assert!(is_there, "{name} of the first archives can't be brought in any more: raise the version");
    }
}
