//! The alerts, the scrape configuration and the dashboard, checked by Prometheus' own tool.

use crate::stop::Stop;
use crate::{debian, places, process};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// Where Prometheus' files are.
const FOLDER: &str = "deploy/prometheus";
const DASHBOARD: &str = "deploy/grafana/flowbit.json";

pub(super) fn run(stop: &Stop) -> Result<()> {
    let promtool = debian::ensure("promtool", "prometheus", stop)?;
    let folder = places::root().join(FOLDER);
    let ask = |args: &[&str]| process::run(Command::new(&promtool).args(args).current_dir(&folder), stop);
    ask(&["check", "config", "prometheus.yml"])?;
    ask(&["test", "rules", "alerts.test.yml"])?;
    every_alert_is_tried(&folder)?;
    // What a dashboard asks is checked as if it were rules, which are the same language.
    let rules = rules_of_dashboard(&std::fs::read(places::root().join(DASHBOARD))?)?;
    let draft = places::target()?.join("xtask/dashboard.rules.json");
    if let Some(folder) = draft.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    std::fs::write(&draft, rules)?;
    ask(&["check", "rules", &draft.display().to_string()]).context("the dashboard asks what can't be asked")
}

/// Each alert has a test in which it fires and one in which it does not.
fn every_alert_is_tried(folder: &Path) -> Result<()> {
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).with_context(|| format!("no {name}"));
    let (rules, tests) = (read("alerts.yml")?, read("alerts.test.yml")?);
    let alerts: Vec<&str> =
        rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).map(str::trim).collect();
    ensure!(!alerts.is_empty(), "there are no alerts");
    for alert in alerts {
        for wanted in [format!("'{alert} fires'"), format!("'{alert} does not fire'")] {
            ensure!(tests.contains(&wanted), "alerts.test.yml has no test named {wanted}");
        }
    }
    Ok(())
}

/// The dashboard's questions as a file of rules (JSON is YAML), its variables replaced.
fn rules_of_dashboard(dashboard: &[u8]) -> Result<String> {
    let dashboard: Value =
        serde_json::from_slice(dashboard).with_context(|| format!("{DASHBOARD}: no JSON"))?;
    let panels = dashboard["panels"].as_array().context("a dashboard has panels")?;
    let questions = panels.iter().flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    let mut rules = Vec::new();
    for question in questions {
        let asked = question["expr"].as_str().context("a question without words")?;
        let asked = asked.replace("$__rate_interval", "5m").replace("$instance", ".*");
        ensure!(!asked.contains('$'), "a variable that nobody knows: {asked}");
        // Two of one name would be a mistake in a file of rules.
        rules.push(json!({ "record": format!("dashboard:{}", rules.len()), "expr": asked }));
    }
    ensure!(!rules.is_empty(), "the dashboard asks nothing");
    Ok(json!({ "groups": [{ "name": "dashboard", "rules": rules }] }).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dashboard_asks_in_the_language_of_rules() {
        let panel = |expr: &str| {
            json!({ "panels": [{ "title": "a row" }, { "targets": [{ "expr": expr }] }] })
                .to_string()
                .into_bytes()
        };
        let rules =
            rules_of_dashboard(&panel("rate(up{instance=~\"$instance\"}[$__rate_interval])")).unwrap();
        assert!(rules.contains(r#"rate(up{instance=~\".*\"}[5m])"#), "{rules}");
        assert!(rules_of_dashboard(&panel("up{job=\"$job\"}")).is_err());
        assert!(rules_of_dashboard(b"{\"panels\":[]}").is_err());
    }
}
