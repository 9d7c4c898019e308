//! What the repository says of metrics: the table of OPERATIONS, the dashboard, the alerts.

use std::{collections::BTreeSet, path::PathBuf};

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(file: &str) -> String {
    let path = root().join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The metrics in the first column of a table of OPERATIONS.
pub(crate) fn documented() -> BTreeSet<String> {
    let text = read("docs/OPERATIONS.md");
    let rows = text.lines().filter(|line| line.starts_with("| `flowbit_"));
    let names = rows.flat_map(|row| row.split('|').nth(1).unwrap_or_default().split('`'));
    names.filter(|name| name.starts_with("flowbit_")).map(|name| name.to_owned()).collect()
}

/// Every word of a file that is the name of one of our metrics or of the process's.
pub(crate) fn named_in(file: &str) -> BTreeSet<String> {
    let text = read(file);
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words
        .filter(|word| word.starts_with("flowbit_") || word.starts_with("process_"))
        .map(str::to_owned)
        .collect()
}
