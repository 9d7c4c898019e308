//! How far it is, on a terminal; elsewhere nothing.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar for so many documents, or for nobody knows how many.
pub(super) fn bar(documents: Option<u64>, doing: &'static str) -> ProgressBar {
    let (bar, template) = match documents {
        Some(documents) => (
            ProgressBar::new(documents),
            "{msg} {wide_bar} {human_pos} of {human_len}, {per_sec:.0}, {eta} left",
        ),
        None => (ProgressBar::new_spinner(), "{spinner} {msg} {human_pos}, {per_sec:.0}"),
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_message(doing);
    bar
}
