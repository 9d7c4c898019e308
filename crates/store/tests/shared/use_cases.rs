//! Every use-case once, with values by which it does something: one text for all tests that go through all of
//! them. [`every_query`] and [`every_command`] hand each to a macro of the test's own, as `run!(Name, value)`.

#[path = "commands.rs"]
mod commands;
#[path = "furnished.rs"]
mod furnished;
#[path = "imported.rs"]
pub(crate) mod imported;
#[path = "queries.rs"]
mod queries;

pub(crate) use commands::every_command;
pub(crate) use furnished::{Known, furnish, hash_of, secrets_of};
pub(crate) use queries::every_query;

/// A filter of each kind of condition, in words that the company's tickets have.
pub(crate) fn filters(
    of: &Known,
) -> Vec<(flowbit_domain::ticket::Expression, flowbit_domain::ticket::TicketSort)> {
    use flowbit_domain::ticket::TicketSort;
    let (admin, colleague, slug, team) = (of.admin.user, of.colleague, &of.slug, of.team);
    let texts = [
        r#"{"all":[]}"#.to_owned(),
        r#"{"status":{"is":["open"]}}"#.to_owned(),
        r#"{"all":[{"status":{"isNot":["closed","resolved"]}},{"priority":{"is":["normal","high"]}}]}"#
            .to_owned(),
        format!(
            r#"{{"any":[{{"assignee":{{"is":["{colleague}"]}}}},{{"assignee":{{"is":["none","me"]}}}}]}}"#
        ),
        format!(
            r#"{{"all":[{{"assignee":{{"is":["{colleague}"]}}}},{{"requester":{{"is":["{admin}"]}}}}]}}"#
        ),
        format!(r#"{{"mentioned":{{"is":["me","{colleague}"]}}}}"#),
        format!(r#"{{"all":[{{"tag":{{"is":["tag-{slug}"]}}}},{{"tag":{{"isNot":["x"]}}}}]}}"#),
        format!(
            r#"{{"any":[{{"text":{{"contains":"secret {slug}"}}}},{{"priority":{{"is":["urgent"]}}}}]}}"#
        ),
        r#"{"any":[{"workflow":{"is":["overdue"]}},{"workflow":{"isNot":["done"]}}]}"#.to_owned(),
        r#"{"all":[{"createdAt":{"withinDays":3}},{"updatedAt":{"after":"2020-01-01T00:00:00.000Z"}}]}"#
            .to_owned(),
        r#"{"any":[{"resolvedAt":{"olderThanDays":3}},{"createdAt":{"before":"2099-01-01T00:00:00.000Z"}}]}"#
            .to_owned(),
        r#"{"all":[{"customField":{"key":"a","isNot":["b",1,true]}},{"any":[{"all":[]}]}]}"#.to_owned(),
        r#"{"customField":{"key":"a","is":["b",1.5,false]}}"#.to_owned(),
        format!(r#"{{"any":[{{"team":{{"is":["{team}","mine"]}}}},{{"team":{{"isNot":["none"]}}}}]}}"#),
        format!(r#"{{"team":{{"is":["{team}"]}}}}"#),
    ];
    let sorts = [TicketSort::UpdatedDesc, TicketSort::CreatedAsc, TicketSort::ResolvedDesc];
    let read = |(at, text): (usize, &String)| (serde_json::from_str(text).unwrap(), sorts[at % sorts.len()]);
    texts.iter().enumerate().map(read).collect()
}
