//! Paths and queries made wrong by the OpenAPI document.

use serde_json::{Value as Json, json};

use super::Desk;
use crate::harness::client::Request;

/// Values that a parameter of this schema cannot have.
fn wrong_values(desk: &Desk, schema: &Json) -> Vec<String> {
    let mut values = vec!["a%00b".to_owned()];
    let resolved = desk.document.resolve(schema);
    let is = |name: &str| resolved["type"] == name;
    if is("integer") {
        let outside = |edge: &str, by: i64| resolved[edge].as_i64().map(|n| (n + by).to_string());
        values.extend(["", "x", "1.5", "-1", "1e3", "0x10", "99999999999999999999"].map(str::to_owned));
        values.extend(outside("minimum", -1));
        values.extend(outside("maximum", 1));
    } else if resolved["enum"].is_array() || resolved["format"] == "uuid" || resolved["format"] == "date-time"
    {
        values
            .extend(["", "nonsense", "%F0%9F%9A%9A", "null", "'; DROP TABLE tickets; --"].map(str::to_owned));
    }
    values
}

#[tokio::test]
async fn every_wrong_parameter_is_refused_with_its_name() {
    let desk = Desk::open().await;
    let mut tried = 0;
    for (operation, row) in desk.operations() {
        let parameters = desk.document.query_parameters(&operation);
        if parameters.is_empty() {
            continue;
        }
        let path = operation.path.replace("{id}", &desk.id_for(&row));
        for (name, schema) in &parameters {
            for value in wrong_values(&desk, schema) {
                tried += 1;
                let answer = desk.admin.get(&format!("{path}?{name}={value}")).await;
                answer.expect_problem(422, "validation_failed");
                assert_eq!(answer.wrong_paths(), [name.as_str()], "{} {name}={value}", operation.id);
            }
            let good = if desk.document.resolve(schema)["type"] == "integer" { "1" } else { "open" };
            let twice = desk.admin.get(&format!("{path}?{name}={good}&{name}={good}")).await;
            twice.expect_problem(422, "validation_failed");
        }
        let unknown = desk.admin.get(&format!("{path}?bogus=1")).await;
        unknown.expect_problem(422, "validation_failed");
        assert_eq!(unknown.wrong_paths(), ["bogus"], "{}", operation.id);
    }
    assert!(tried > 80, "{tried} values");
}

/// A cursor is somebody's text like any other: whatever it says, it is refused or it leads somewhere.
#[tokio::test]
async fn cursors_of_ones_own_making_break_nothing() {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let desk = Desk::open().await;
    let made = [
        json!(null),
        json!(1),
        json!(-1),
        json!("x"),
        json!([]),
        json!([1]),
        json!([1, 2]),
        json!([1, 2, 3]),
        json!([i64::MAX, i64::MIN]),
        json!(["a", "b"]),
        json!([1, "0198c0de-1234-7abc-8def-0123456789ab"]),
        json!(["x", "0198c0de-1234-7abc-8def-0123456789ab"]),
        json!({ "a": { "b": [1, 2, 3] } }),
        json!([1e300, 2]),
    ];
    let mut cursors: Vec<String> = made.iter().map(|json| URL_SAFE_NO_PAD.encode(json.to_string())).collect();
    cursors.extend(["nonsense", "%FF", "====", "W10", "bnVsbA"].map(str::to_owned));
    cursors.push("A".repeat(8_000));
    for (operation, row) in desk.operations() {
        let takes = desk.document.query_parameters(&operation);
        if !takes.iter().any(|(name, _)| name == "cursor") {
            continue;
        }
        let path = operation.path.replace("{id}", &desk.id_for(&row));
        for cursor in &cursors {
            let answer = desk.admin.get(&format!("{path}?cursor={cursor}")).await;
            match answer.status {
                200 => assert!(answer.json()["items"].is_array()),
                _ => {
                    answer.expect_problem(422, "validation_failed");
                    assert_eq!(answer.wrong_paths(), ["cursor"], "{} {cursor}", operation.id);
                }
            }
        }
    }
}

#[tokio::test]
async fn what_cannot_be_an_id_is_nothing_that_exists() {
    let desk = Desk::open().await;
    let before = desk.state().await;
    let long = "0".repeat(2_000);
    let ids =
        ["x", "0", "-1", "%00", "%20", "..%2f..%2fhealthz", "%F0%9F%9A%9A", "0198c0de-1234", "null", &long];
    for (operation, row) in desk.operations() {
        if !operation.path.contains("{id}") {
            continue;
        }
        for id in ids {
            let path = operation.path.replace("{id}", id);
            let mut request = Request::new(operation.method.clone(), &path).bearer(&desk.admin.token);
            if let Some(body) = &row.body {
                request = request.json(body);
            }
            let answer = desk.web().send(&request).await;
            answer.expect_problem(404, "not_found");
        }
    }
    assert!(before == desk.state().await);
}
