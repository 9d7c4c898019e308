//! What an agent's eye sees of the desk, in a real browser: how soon a ticket is there and a letter is, how much
//! program that takes, whether anything jumps.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use tokio::process::Command;

use crate::{
    lists,
    report::Report,
    server::{ADMIN, PASSWORD, Server, Site},
};

/// What the program in the browser tells.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seen {
    /// From the key to the ticket that had to be asked for, in milliseconds.
    anew: Vec<f64>,
    /// The same, of a ticket that had been there before.
    again: Vec<f64>,
    /// From a letter's key to its paint, in milliseconds; those within a frame count as one.
    keys: Vec<f64>,
    /// Programs of the first load as they came over the wire, in bytes.
    first_load: f64,
    /// How many there were.
    scripts: usize,
    /// The sum of layout shifts (https://web.dev/cls) of a load.
    shift: f64,
}

/// That of which only a part is above.
fn at(times: &[f64], part: f64) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "there are tens"
    )]
    let place = ((sorted.len() as f64 * part).ceil() as usize).clamp(1, sorted.len());
    sorted[place - 1]
}

pub(crate) async fn measure(
    report: &mut Report,
    flowbit: &Path,
    script: Option<&Path>,
    tickets: usize,
) -> Result<()> {
    report.head(&format!("For the eye: Chromium, its processor slowed down four times, {tickets} tickets"));
    let Some(script) = script else {
        report.note("It was not measured: the program for the browser was not given.");
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let site = Site::folder(folder.path().join("data"));
    lists::fill(flowbit, &site, tickets).await?;
    let server = Server::flowbit(flowbit, &site, false).await?;
    let mut command = Command::new("node");
    command.arg(script).args([&format!("http://{}", server.address), ADMIN, PASSWORD]).kill_on_drop(true);
    let done = command.output().await.context("node does not start")?;
    server.stop().await?;
    ensure!(done.status.success(), "the browser: {}", String::from_utf8_lossy(&done.stderr));
    let seen: Seen = serde_json::from_slice(&done.stdout).context("what the browser told")?;
    ensure!(!seen.anew.is_empty() && !seen.again.is_empty() && !seen.keys.is_empty(), "nothing was measured");
    report.table(&["what", "times", "median ms", "95 of 100 within, ms"]);
    for (what, times) in [
        ("from list to ticket, asked for", &seen.anew),
        ("from list to ticket, seen before", &seen.again),
        ("from key to paint, in the editor", &seen.keys),
    ] {
        let cells = [what.to_owned(), times.len().to_string()];
        report.row(&[cells.as_slice(), &[0.5, 0.95].map(|part| format!("{:.0}", at(times, part)))].concat());
    }
    report.note(&format!("\nThe first load asks for {} programs.", seen.scripts));
    report.hold("List to ticket, asked for", at(&seen.anew, 0.95), " ms", None, Some(300.0));
    report.hold("List to ticket, seen before", at(&seen.again, 0.95), " ms", None, Some(100.0));
    report.hold("Key to paint in the editor", at(&seen.keys, 0.95), " ms", None, Some(50.0));
    report.hold("First load, programs compressed", seen.first_load / 1e3, " kB", None, Some(250.0));
    report.hold("Layout shift of a load", seen.shift, "", None, Some(0.0));
    Ok(())
}
