//! What is printed: a line a measurement, with its bound where there is one.

use std::{fmt::Write as _, path::Path};

use anyhow::{Context, Result, bail};

/// The lines so far.
pub(crate) struct Report {
    text: String,
    missed: Vec<String>,
}

impl Report {
    pub(crate) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let mut report = Self { text: String::new(), missed: Vec::new() };
        report.note(&format!("Load generator, server and everything else on the same {cores} cores."));
        report
    }

    /// A heading.
    pub(crate) fn head(&mut self, text: &str) {
        self.line(&format!("\n### {text}\n"));
    }

    /// A sentence.
    pub(crate) fn note(&mut self, text: &str) {
        self.line(text);
    }

    /// The head of a table.
    pub(crate) fn table(&mut self, columns: &[&str]) {
        self.line(&format!("\n| {} |", columns.join(" | ")));
        self.line(&format!("|{}", "---|".repeat(columns.len())));
    }

    /// A row of a table.
    pub(crate) fn row(&mut self, cells: &[String]) {
        self.line(&format!("| {} |", cells.join(" | ")));
    }

    /// A ratio or figure that has a bound.
    pub(crate) fn hold(
        &mut self,
        what: &str,
        found: f64,
        unit: &str,
        at_least: Option<f64>,
        at_most: Option<f64>,
    ) {
        let held = at_least.is_none_or(|b| found >= b) && at_most.is_none_or(|b| found <= b);
        let bound = match (at_least, at_most) {
            (Some(b), _) => format!("at least {b}{unit}"),
            (_, Some(b)) => format!("at most {b}{unit}"),
            _ => "no bound".to_owned(),
        };
        let verdict = if held { "held" } else { "**missed**" };
        self.line(&format!("\n**{what}: {found:.2}{unit}** ({bound}: {verdict})"));
        if !held {
            self.missed.push(format!("{what}: {found:.2}{unit}, {bound}"));
        }
    }

    fn line(&mut self, text: &str) {
        #[expect(clippy::print_stdout, reason = "printing is what it is for")]
        {
            println!("{text}");
        }
        let _ = writeln!(self.text, "{text}");
    }

    /// Writes the file and fails when a bound was missed.
    pub(crate) fn finish(self, out: Option<&Path>) -> Result<()> {
        if let Some(path) = out {
            std::fs::write(path, &self.text).with_context(|| format!("writing {}", path.display()))?;
        }
        if !self.missed.is_empty() {
            bail!("missed: {}", self.missed.join("; "));
        }
        Ok(())
    }
}
