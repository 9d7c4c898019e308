//! The registry of screens while they are developed: that of the checkout, but the programs come from their
//! development servers.

use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::BTreeMap;

/// The text of a registry with each screen's program at its origin, by the folder that it has under `/remotes/`.
pub(super) fn render(text: &str, origins: &BTreeMap<String, String>) -> Result<String> {
    let mut registry: Value = serde_json::from_str(text).context("registry.json is no JSON")?;
    point(&mut registry, origins);
    serde_json::to_string_pretty(&registry).context("the registry cannot be written")
}

fn point(value: &mut Value, origins: &BTreeMap<String, String>) {
    match value {
        Value::Object(fields) => {
            let found = fields.get("entry").and_then(Value::as_str).and_then(|entry| {
                let (folder, file) = entry.strip_prefix("/remotes/")?.split_once('/')?;
                Some(format!("{}/{file}", origins.get(folder)?))
            });
            if let Some(entry) = found {
                fields.insert("entry".to_owned(), entry.into());
                // It changes with each build.
                fields.remove("integrity");
            }
            fields.values_mut().for_each(|inner| point(inner, origins));
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| point(inner, origins)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_that_are_developed_come_from_their_own_servers() {
        let origins = BTreeMap::from([("tickets".to_owned(), "http://127.0.0.1:3002".to_owned())]);
        let text = r#"{"default": {"screens": [
            {"remote": {"entry": "/remotes/tickets/mf-manifest.json", "integrity": "sha256-x"}},
            {"remote": {"entry": "/remotes/other/mf-manifest.json"}},
            {"remote": {"entry": "https://elsewhere.example/mf-manifest.json", "integrity": "sha256-y"}}]}}"#;
        let made: Value = serde_json::from_str(&render(text, &origins).unwrap()).unwrap();
        let remote = |n: usize| &made["default"]["screens"][n]["remote"];
        assert_eq!(remote(0)["entry"], "http://127.0.0.1:3002/mf-manifest.json");
        assert!(remote(0).get("integrity").is_none());
        assert_eq!(remote(1)["entry"], "/remotes/other/mf-manifest.json");
        assert_eq!(remote(2)["integrity"], "sha256-y");
    }
}
